//! How long an alert takes to leave while another village's pushes are queued, at the same push service.

use crate::Plan;
use crate::encryption::devices;
use crate::process::{Part, Server};
use crate::publishing::{Draft, how_many, wait_until_none};
use crate::report::{Goal, Report, median};
use crate::rows::Rows;
use crate::wire::Wire;
use serde_json::json;
use std::path::Path;
use std::time::Instant;

/// Browsers in the village that is warned.
const WARNED: u32 = 10;

/// Asks for an alert's way out, so many times.
pub fn measure(plan: &Plan, report: &mut Report) {
    let folder = tempfile::tempdir().expect("a folder");
    let certificate = folder.path().join("receiver.pem").display().to_string();
    let receiver = Part::start(&["receiver", &certificate, &plan.queued.to_string(), "h2"], &[]);
    let origin = format!("https://{}", receiver.hear("receives on ").1);
    let devices = devices(64);
    let mut rows = Rows::begin(folder.path(), 2);
    // Some go out while the rest is planned.
    rows.subscriptions(0, plan.queued + plan.queued / 2, &origin, &devices);
    rows.subscriptions(1, WARNED, &origin, &devices);
    rows.finish();
    let environment = [("DORF_PUSH__ALLOWED_HOSTS", origin), ("SSL_CERT_FILE", certificate)];
    let server = Server::program(plan, folder.path(), &environment);

    let rounds: Vec<(f64, i64)> = (0..plan.rounds).map(|_| round(folder.path(), &server, &receiver)).collect();
    let took = median(rounds.iter().map(|(took, _)| *took));
    report.alone("queued: alert to its first push, ms", took, Goal::AtMost(100.0));
    report.alone("queued: others' pushes meanwhile", median(rounds.iter().map(|(_, n)| *n as f64)), Goal::None);
    report.note("queued", json!(rounds));
}

/// How long it took, in ms, and how many were queued.
fn round(folder: &Path, server: &Server, receiver: &Part) -> (f64, i64) {
    let mut wire = Wire::open(&server.address);
    let (news, alert) = (Draft::write(&mut wire, 0, "news"), Draft::write(&mut wire, 1, "alert"));
    news.publish(&mut wire);
    wait_until_none(folder, "SELECT COUNT(*) FROM due_work WHERE kind = 0");
    let queued = how_many(folder, "SELECT COUNT(*) FROM delivery WHERE state = 0");
    let begin = Instant::now();
    alert.publish(&mut wire);
    let (first, _) = receiver.hear("urgent");
    wait_until_none(folder, "SELECT COUNT(*) FROM notification WHERE finished_at IS NULL");
    // The others of the alert, so that they are not taken for the next round's first.
    (1..WARNED).for_each(|_| drop(receiver.hear("urgent")));
    ((first - begin).as_secs_f64() * 1e3, queued)
}
