//! Reading the feed, warm: the program against its own accept loop and edge that give the same bytes from memory.

use crate::Plan;
use crate::client::{CONNECTIONS, Load, load};
use crate::floor;
use crate::machine;
use crate::process::Server;
use crate::report::{Goal, Report, median};
use crate::rows::{Rows, slug};
use crate::wire::{Wire, get};
use serde_json::{Value, json};
use std::path::Path;
use tempfile::TempDir;

/// A server with an installation of its own.
pub struct Installation {
    /// The server.
    pub server: Server,
    folder: TempDir,
}

impl Installation {
    /// Where its data are.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

/// What a round of load came to, and what each answer cost the server, in µs of its processor time.
struct Round {
    load: Load,
    cpu_us: f64,
}

/// Requests are not logged: the log line costs the same on both sides, so that leaving it out makes the ratio stricter.
fn quietly() -> [(&'static str, String); 1] {
    [("DORF_LOG__FILTER", "warn".to_owned())]
}

/// Starts the program on a new database that `fill` has written to.
pub fn install(plan: &Plan, villages: u32, fill: impl FnOnce(&mut Rows)) -> Installation {
    let folder = tempfile::tempdir().expect("a folder");
    let mut rows = Rows::begin(folder.path(), villages);
    fill(&mut rows);
    rows.finish();
    Installation { server: Server::program(plan, folder.path(), &quietly()), folder }
}

/// The program on many villages.
pub fn wide(plan: &Plan) -> Installation {
    install(plan, plan.villages, |rows| (0..plan.villages).for_each(|village| rows.posts(village, plan.posts)))
}

/// Holds the feed against the floor.
pub fn measure(plan: &Plan, wide: &Installation, report: &mut Report) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = format!("/v1/villages/{}/feed", slug(0));
    let page = Wire::open(&wide.server.address).ask(&get(&path, "gzip, br"));
    floor::keep(folder.path(), &page.head, &page.body);
    let floor = Server::floor(plan, folder.path(), &quietly());
    let from_memory = Wire::open(&floor.address).ask(&get(&path, "gzip, br"));
    assert!(from_memory.body == page.body, "the floor gives the same bytes");

    // Warm both up before anything counts.
    for server in [&floor, &wide.server] {
        load(&server.address, plan.villages, 1);
    }
    let rounds: Vec<(Round, Round)> =
        (0..plan.rounds).map(|_| (round(plan, &floor), round(plan, &wide.server))).collect();
    let floor = |what: fn(&Round) -> f64| median(rounds.iter().map(|(floor, _)| what(floor)));
    let feed = |what: fn(&Round) -> f64| median(rounds.iter().map(|(_, feed)| what(feed)));
    let ratio = |what: fn(&Round) -> f64| median(rounds.iter().map(|(floor, feed)| what(feed) / what(floor)));
    let per_second: fn(&Round) -> f64 = |round| round.load.per_second;
    let p50: fn(&Round) -> f64 = |round| round.load.p50_us;
    let p99: fn(&Round) -> f64 = |round| round.load.p99_us;
    let cpu: fn(&Round) -> f64 = |round| round.cpu_us;

    report.compare("feed: requests/s", feed(per_second), floor(per_second), ratio(per_second), Goal::AtLeast(0.8));
    report.compare("feed: p50 µs", feed(p50), floor(p50), ratio(p50), Goal::None);
    report.compare("feed: p99 µs", feed(p99), floor(p99), ratio(p99), Goal::AtMost(2.0));
    report.compare("feed: processor µs/request", feed(cpu), floor(cpu), ratio(cpu), Goal::None);
    let side = |pick: fn(&(Round, Round)) -> &Round| rounds.iter().map(|both| told(pick(both))).collect::<Vec<_>>();
    report.note(
        "feed",
        json!({
            "connections": CONNECTIONS, "villages": plan.villages, "posts_per_village": plan.posts, "page": 20,
            "body_bytes": page.body.len(), "seconds_per_round": plan.seconds,
            "floor": side(|both| &both.0), "program": side(|both| &both.1),
        }),
    );
}

fn round(plan: &Plan, server: &Server) -> Round {
    let before = machine::cpu(server.part.pid);
    let load = load(&server.address, plan.villages, plan.seconds);
    let cpu = machine::cpu(server.part.pid) - before;
    Round { load, cpu_us: cpu.as_secs_f64() * 1e6 / load.requests }
}

fn told(round: &Round) -> Value {
    let Load { per_second, p50_us, p99_us, .. } = round.load;
    json!({"per_second": per_second.round(), "p50_us": p50_us, "p99_us": p99_us, "cpu_us": round.cpu_us})
}
