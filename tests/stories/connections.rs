//! Connections as they are on the wire: what is not read is said, whom a request asks is said once, and nobody takes all of them.

use std::time::Duration;
use tests::kit::{Backend, Dorf};
use tests::stories;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Nothing here takes longer than this; only what hangs does.
const CEILING: Duration = Duration::from_secs(10);

const HEALTH: &str = "GET /health/live HTTP/1.1\r\nHost: dorf\r\n\r\n";

async fn wire(dorf: &Dorf) -> TcpStream {
    let stream = TcpStream::connect(dorf.running.address.expect("the server listens")).await.expect("a connection");
    stream.set_nodelay(true).expect("a socket");
    stream
}

async fn say(wire: &mut TcpStream, text: &str) {
    wire.write_all(text.as_bytes()).await.expect("the server listens on");
}

/// The next answer, in small letters; nothing when the connection ended instead.
async fn hear(wire: &mut TcpStream) -> String {
    let mut heard = Vec::new();
    let is_whole = |heard: &[u8]| {
        let text = String::from_utf8_lossy(heard).to_ascii_lowercase();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
        body.len() >= length.parse::<usize>().unwrap_or(0)
    };
    let read = async { while !is_whole(&heard) && wire.read_buf(&mut heard).await.is_ok_and(|read| read > 0) {} };
    tokio::time::timeout(CEILING, read).await.expect("an answer in time");
    String::from_utf8_lossy(&heard).to_ascii_lowercase()
}

/// The answer to this on a connection of its own.
async fn answer(dorf: &Dorf, text: &str) -> String {
    let mut wire = wire(dorf).await;
    say(&mut wire, text).await;
    hear(&mut wire).await
}

#[track_caller]
fn assert_status(answer: &str, status: u16) {
    assert!(
        answer.starts_with(&format!("http/1.1 {status} ")) || answer.starts_with(&format!("http/1.0 {status} ")),
        "{answer:?}"
    );
}

stories! {
    async fn a_refused_request_whose_body_comes_late_costs_the_next_one_nothing(on: Backend) {
        let dorf = Dorf::start(on).await;
        dorf.village("luedenhausen").await;
        for path in ["/v1/admin/villages/x/topics", "/v1/admin/villages/luedenhausen/topics", "/nirgends"] {
            let mut wire = wire(&dorf).await;
            for _ in 0..10 {
                let head = format!("POST {path} HTTP/1.1\r\nHost: dorf\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n");
                say(&mut wire, &head).await;
                // Until others were answered, the head was long read.
                for _ in 0..3 {
                    dorf.ask("GET", "/health/live").send().await.expect(200);
                }
                say(&mut wire, "{}").await;
                let refused = hear(&mut wire).await;
                assert!(refused.starts_with("http/1.1 40"), "{refused:?}");
                assert!(!refused.contains("connection: close"), "{refused:?}");
                say(&mut wire, HEALTH).await;
                assert_status(&hear(&mut wire).await, 200);
            }
        }
    }

    async fn a_body_that_is_not_read_ends_the_connection_and_the_answer_says_so(on: Backend) {
        let dorf = Dorf::start(on).await;
        let unread = [
            ("POST /nirgends", "Content-Length: 100000\r\n", 404),
            ("POST /v1/admin/villages/x/topics", "Content-Length: 17000\r\nContent-Type: application/json\r\n", 401),
            ("POST /v1/admin/villages/x/topics", "Content-Length: 2\r\nExpect: 100-continue\r\nContent-Type: application/json\r\n", 401),
            // What is not refused may leave a body unread, too.
            ("GET /health/live", "Content-Length: 100000\r\n", 200),
        ];
        for (request, headers, status) in unread {
            let answer = answer(&dorf, &format!("{request} HTTP/1.1\r\nHost: dorf\r\n{headers}\r\n")).await;
            assert_status(&answer, status);
            assert!(answer.contains("\r\nconnection: close\r\n"), "{answer:?}");
        }
        let read = answer(&dorf, "GET /health/live HTTP/1.1\r\nHost: dorf\r\nContent-Length: 2\r\n\r\n{}").await;
        assert_status(&read, 200);
        assert!(!read.contains("connection: close"), "{read:?}");
    }

    async fn a_request_says_once_whom_it_asks(on: Backend) {
        let dorf = Dorf::start(on).await;
        for hosts in ["", "Host: dorf\r\nHost: dorf\r\n", "Host: dorf\r\nHost: other\r\n", "Host:\r\n", "Host: a b\r\n", "Host: anna@dorf\r\n"] {
            let answer = answer(&dorf, &format!("GET /health/live HTTP/1.1\r\n{hosts}\r\n")).await;
            assert_status(&answer, 400);
            assert!(answer.contains("urn:dorf:problem:bad-request"), "{answer:?}");
        }
        for host in ["dorf", "dorf:8080", "192.0.2.1", "[2001:db8::1]:8080", "dorf_app_1:8080"] {
            assert_status(&answer(&dorf, &format!("GET /health/live HTTP/1.1\r\nHost: {host}\r\n\r\n")).await, 200);
        }
        // HTTP/1.0 knows no Host.
        assert_status(&answer(&dorf, "GET /health/live HTTP/1.0\r\n\r\n").await, 200);
    }

    async fn one_client_has_only_so_many_connections(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.http.max_connections_per_client = 3).await;
        let mut open = Vec::new();
        for _ in 0..3 {
            let mut wire = wire(&dorf).await;
            say(&mut wire, HEALTH).await;
            assert_status(&hear(&mut wire).await, 200);
            open.push(wire);
        }
        let turned_away = hear(&mut wire(&dorf).await).await;
        assert_status(&turned_away, 429);
        assert!(turned_away.contains("\r\nconnection: close\r\n") && turned_away.contains("\r\nretry-after: 30\r\n"), "{turned_away}");
        assert!(turned_away.contains("urn:dorf:problem:too-many-requests"), "{turned_away}");
        for wire in &mut open {
            say(wire, HEALTH).await;
            assert_status(&hear(wire).await, 200);
        }
        // One goes, and another may come as soon as the server has seen it go.
        open.pop();
        let comes_in = async {
            loop {
                let mut wire = wire(&dorf).await;
                if wire.write_all(HEALTH.as_bytes()).await.is_ok() && hear(&mut wire).await.starts_with("http/1.1 200 ") {
                    return;
                }
            }
        };
        tokio::time::timeout(CEILING, comes_in).await.expect("there is a place again");
    }

    async fn connections_of_a_proxy_are_those_of_many(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| {
            settings.http.max_connections_per_client = 3;
            settings.http.trusted_proxies = vec![[127, 0, 0, 1].into()];
        })
        .await;
        let mut open = Vec::new();
        for _ in 0..8 {
            let mut wire = wire(&dorf).await;
            say(&mut wire, HEALTH).await;
            assert_status(&hear(&mut wire).await, 200);
            open.push(wire);
        }
    }
}
