//! What /proc says of this machine and of a process.

use serde_json::{Value, json};
use std::fs::read_to_string;
use std::time::Duration;

/// Ticks per second of the times in /proc/PID/stat: USER_HZ, which is 100 on every Linux architecture in use.
const TICKS: u64 = 100;

/// The machine, to be written beside the figures.
pub fn describe() -> Value {
    let line = |path, name| field(path, name).unwrap_or_default();
    json!({
        "cores": std::thread::available_parallelism().map_or(0, |cores| cores.get()),
        "memory_mib": first_number(&line("/proc/meminfo", "MemTotal")) / 1024,
        "processor": line("/proc/cpuinfo", "model name"),
        "system": read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default().trim(),
    })
}

/// The processor time that a process has used so far, its kernel's share included.
pub fn cpu(pid: u32) -> Duration {
    let stat = read_to_string(format!("/proc/{pid}/stat")).expect("the process runs, on Linux");
    // The second field, the name in parentheses, may contain anything.
    let (_, rest) = stat.rsplit_once(')').expect("a name in parentheses");
    let ticks: u64 = rest.split_whitespace().skip(11).take(2).map(first_number).sum();
    Duration::from_millis(ticks * 1000 / TICKS)
}

/// The resident memory of a process, in KiB.
pub fn resident_kib(pid: u32) -> u64 {
    field(&format!("/proc/{pid}/status"), "VmRSS").map_or(0, |line| first_number(&line))
}

fn field(path: &str, name: &str) -> Option<String> {
    let text = read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn first_number(text: &str) -> u64 {
    text.split_whitespace().next().and_then(|word| word.parse().ok()).unwrap_or_default()
}
