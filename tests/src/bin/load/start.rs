//! From nothing to ready: keys, schema and all, on an empty SQLite.

use crate::Plan;
use crate::process::Server;
use crate::report::{Goal, Report, median};
use std::time::Instant;

/// Starts the program in empty folders.
pub fn measure(plan: &Plan, report: &mut Report) {
    let starts: Vec<f64> = (0..plan.rounds)
        .map(|_| {
            let folder = tempfile::tempdir().expect("a folder");
            let begin = Instant::now();
            let _server = Server::program(plan, folder.path(), &[]);
            begin.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    report.alone("start: cold to ready, ms", median(starts.iter().copied()), Goal::AtMost(300.0));
    report.note("start_ms", starts.into());
}
