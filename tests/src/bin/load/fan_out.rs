//! Pushes to everybody in a village: the program against encrypting alone.

use crate::encryption::{Floor, devices};
use crate::machine;
use crate::process::{Part, Server};
use crate::publishing::{Draft, wait_until_none};
use crate::report::{Goal, Report, median};
use crate::rows::Rows;
use crate::wire::Wire;
use crate::{Plan, encryption};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Browsers' key pairs; which one a push is for makes no difference to what it costs.
const DEVICES: usize = 64;

/// What is in front of the payload and behind it, once encrypted (RFC 8188, RFC 8291).
const OVERHEAD: usize = 86 + 1 + 16;

/// What one fan-out came to, with the floor beside it.
struct FanOut {
    elapsed: Duration,
    first: Duration,
    cpu: Duration,
    receiver_cpu: Duration,
    idle_kib: u64,
    peak_kib: u64,
    floor: Floor,
}

/// Holds fan-outs against encrypting alone.
pub fn measure(plan: &Plan, report: &mut Report) {
    let folder = tempfile::tempdir().expect("a folder");
    let certificate = folder.path().join("receiver.pem").display().to_string();
    let (count, protocol) = (plan.subscriptions.to_string(), if plan.http1 { "http/1.1" } else { "h2" });
    let receiver = Part::start(&["receiver", &certificate, &count, protocol], &[]);
    let origin = format!("https://{}", receiver.hear("receives on ").1);
    let devices = devices(DEVICES);
    let mut rows = Rows::begin(folder.path(), 1);
    rows.subscriptions(0, plan.subscriptions, &origin, &devices);
    rows.finish();
    let environment = [("DORF_PUSH__ALLOWED_HOSTS", origin), ("SSL_CERT_FILE", certificate)];
    let server = Server::program(plan, folder.path(), &environment);

    let fan_outs: Vec<FanOut> =
        (0..plan.rounds).map(|_| fan_out(plan, folder.path(), &server, &receiver, &devices)).collect();
    tell(plan, &fan_outs, report);
}

fn fan_out(plan: &Plan, folder: &Path, server: &Server, receiver: &Part, devices: &[Vec<u8>]) -> FanOut {
    let mut wire = Wire::open(&server.address);
    let draft = Draft::write(&mut wire, 0, "news");

    let idle_kib = machine::resident_kib(server.part.pid);
    let (stop, sampler) = sample(server.part.pid);
    let (cpu, receiver_cpu) = (machine::cpu(server.part.pid), machine::cpu(receiver.pid));
    let begin = Instant::now();
    draft.publish(&mut wire);
    let (first, length) = receiver.hear("first ");
    let (all, _) = receiver.hear("all");
    wait_until_none(folder, "SELECT COUNT(*) FROM notification WHERE finished_at IS NULL");
    let (cpu, receiver_cpu) = (machine::cpu(server.part.pid) - cpu, machine::cpu(receiver.pid) - receiver_cpu);
    drop(stop);
    let peak_kib = sampler.join().expect("the sampler ends");

    // Everything that was counted at the receiver must also be on the books, once.
    let report = draft.report(&mut Wire::open(&server.address));
    let counts = report["notifications"][0]["counts"].as_array().cloned().unwrap_or_default();
    assert!(
        counts.len() == 1 && counts[0]["deliveries"] == plan.subscriptions && counts[0]["state"] == "sent",
        "{report}"
    );
    let length: usize = length.parse().expect("a length");
    let floor = encryption::measure(devices, plan.subscriptions, length - OVERHEAD);
    FanOut { elapsed: all - begin, first: first - begin, cpu, receiver_cpu, idle_kib, peak_kib, floor }
}

/// Looks at the resident memory of a process until the other end is dropped; gives the most there was.
pub fn sample(pid: u32) -> (Sender<()>, JoinHandle<u64>) {
    let (stop, stopped) = channel();
    let sampler = std::thread::spawn(move || {
        let mut most = 0;
        while stopped.recv_timeout(Duration::from_millis(20)) == Err(RecvTimeoutError::Timeout) {
            most = most.max(machine::resident_kib(pid));
        }
        most
    });
    (stop, sampler)
}

fn tell(plan: &Plan, fan_outs: &[FanOut], report: &mut Report) {
    let count = f64::from(plan.subscriptions);
    let each = |what: fn(&FanOut) -> Duration| median(fan_outs.iter().map(|one| what(one).as_secs_f64() * 1e6 / count));
    let ratio = |what: fn(&FanOut) -> f64| median(fan_outs.iter().map(what));
    let cpu = ratio(|one| one.cpu.as_secs_f64() / one.floor.cpu.as_secs_f64());
    let rate = ratio(|one| one.floor.elapsed.as_secs_f64() / one.elapsed.as_secs_f64());
    report.compare("push: processor µs/push", each(|one| one.cpu), each(|one| one.floor.cpu), cpu, Goal::AtMost(1.7));
    let (pushes, encryptions) = (1e6 / each(|one| one.elapsed), 1e6 / each(|one| one.floor.elapsed));
    report.compare("push: pushes/s", pushes, encryptions, rate, Goal::AtLeast(0.5));
    let first = median(fan_outs.iter().map(|one| one.first.as_secs_f64() * 1e3));
    report.alone("push: publish to first push, ms", first, Goal::AtMost(100.0));
    let mib = |kib: u64| kib as f64 / 1024.0;
    // The first fan-out starts from a process that has not sent anything yet.
    let idle = mib(fan_outs[0].idle_kib);
    let peak = mib(fan_outs.iter().map(|one| one.peak_kib).max().unwrap_or_default());
    report.alone("push: resident memory idle, MiB", idle, Goal::None);
    report.alone("push: more at the peak, MiB", peak - idle, Goal::AtMost(64.0));
    report.note(
        "push",
        json!({
            "subscriptions": plan.subscriptions, "protocol": if plan.http1 { "http/1.1" } else { "h2" },
            "receiver_cpu_us": each(|one| one.receiver_cpu), "fan_outs": fan_outs.iter().map(told).collect::<Vec<_>>(),
        }),
    );
}

fn told(one: &FanOut) -> Value {
    let seconds = |duration: Duration| (duration.as_secs_f64() * 1e4).round() / 1e4;
    json!({
        "elapsed_s": seconds(one.elapsed), "first_s": seconds(one.first), "cpu_s": seconds(one.cpu),
        "floor_elapsed_s": seconds(one.floor.elapsed), "floor_cpu_s": seconds(one.floor.cpu),
        "receiver_cpu_s": seconds(one.receiver_cpu), "idle_kib": one.idle_kib, "peak_kib": one.peak_kib,
    })
}
