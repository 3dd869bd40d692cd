//! Makes load on a server: so many connections, each with one request at a time, through the feeds of all villages in turn.

use crate::process::Part;
use crate::rows::slug;
use crate::wire::{LONGEST, extent, get};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// How many connections.
pub const CONNECTIONS: usize = 64;

/// What a run of load came to.
#[derive(Clone, Copy)]
pub struct Load {
    /// Requests answered.
    pub requests: f64,
    /// Requests answered per second.
    pub per_second: f64,
    /// Half of the answers took no longer, in µs.
    pub p50_us: f64,
    /// 99 of 100 answers took no longer, in µs.
    pub p99_us: f64,
}

/// Lets a client of its own make load on `address` for so many seconds.
pub fn load(address: &str, villages: u32, seconds: u32) -> Load {
    let part = Part::start(&["client", address, &villages.to_string(), &seconds.to_string()], &[]);
    let said: Value = serde_json::from_str(&part.hear("load ").1).expect("JSON");
    let number = |name| said[name].as_f64().expect("a number");
    Load {
        requests: number("requests"),
        per_second: number("per_second"),
        p50_us: number("p50_us"),
        p99_us: number("p99_us"),
    }
}

/// The client: address, villages, seconds.
pub fn run(arguments: &[String]) {
    let number = |n: usize| arguments[n].parse().expect("a number");
    let (villages, seconds): (u32, u32) = (number(1), number(2));
    let requests: Vec<Vec<u8>> =
        (0..villages).map(|n| get(&format!("/v1/villages/{}/feed", slug(n)), "gzip, br")).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(make_load(&arguments[0], requests, Duration::from_secs(seconds.into())));
}

async fn make_load(address: &str, requests: Vec<Vec<u8>>, length: Duration) {
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        let stream = TcpStream::connect(address).await.expect("the server listens");
        stream.set_nodelay(true).expect("Nagle's algorithm can be turned off");
        connections.push(stream);
    }
    let requests = std::sync::Arc::new(requests);
    let begin = Instant::now();
    let mut asking = JoinSet::new();
    for (n, stream) in connections.into_iter().enumerate() {
        asking.spawn(ask_on(stream, requests.clone(), n, begin + length));
    }
    let mut took: Vec<u32> = asking.join_all().await.concat();
    let elapsed = begin.elapsed().as_secs_f64();
    took.sort_unstable();
    let at = |share: f64| took[((took.len() - 1) as f64 * share) as usize];
    let said = json!({
        "requests": took.len(), "per_second": took.len() as f64 / elapsed, "p50_us": at(0.5), "p99_us": at(0.99),
    });
    println!("load {said}");
}

/// Asks one after the other until `end`; how long each answer took, in µs.
async fn ask_on(mut stream: TcpStream, requests: std::sync::Arc<Vec<Vec<u8>>>, first: usize, end: Instant) -> Vec<u32> {
    let mut buffer = vec![0; LONGEST];
    let mut took = Vec::new();
    let mut next = first;
    while Instant::now() < end {
        let begin = Instant::now();
        stream.write_all(&requests[next % requests.len()]).await.expect("the server reads");
        answer(&mut stream, &mut buffer).await;
        took.push(begin.elapsed().as_micros() as u32);
        next += 1;
    }
    took
}

async fn answer(stream: &mut TcpStream, buffer: &mut [u8]) {
    let (mut filled, mut end) = (0, None);
    while end.is_none_or(|(_, end)| filled < end) {
        let read = stream.read(&mut buffer[filled..]).await.expect("the server answers");
        assert!(read > 0, "the server hung up");
        filled += read;
        end = end.or_else(|| extent(&buffer[..filled]));
    }
    assert!(buffer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&buffer[..filled]));
}
