//! What is slow, huge, too much or too often is ended by the server, and never at the expense of the others.

use serde_json::json;
use std::time::Duration;
use tests::kit::{Backend, Dorf, PASSWORD, Reply, news};
use tests::stories;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// Nothing here takes longer than this; only what hangs does.
const CEILING: Duration = Duration::from_secs(10);

/// A bare connection to the server.
struct Wire(TcpStream);

impl Wire {
    async fn to(dorf: &Dorf) -> Self {
        let address = dorf.running.address.expect("the server listens");
        Self(TcpStream::connect(address).await.expect("a connection"))
    }

    /// A connection on which this has been said.
    async fn saying(dorf: &Dorf, text: &str) -> Self {
        let mut wire = Self::to(dorf).await;
        wire.say(text).await;
        wire
    }

    async fn say(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.expect("the server listens on");
    }

    /// Everything until the server closes the connection, one way or another.
    async fn until_closed(mut self) -> String {
        let mut heard = Vec::new();
        let closed = tokio::time::timeout(CEILING, self.0.read_to_end(&mut heard)).await;
        assert!(closed.is_ok(), "the connection is still open, after {:?}", String::from_utf8_lossy(&heard));
        String::from_utf8_lossy(&heard).into_owned()
    }

    /// The next answer, which has a `Content-Length` or no body. The connection stays open.
    async fn answer(&mut self) -> String {
        let mut heard = Vec::new();
        let whole = |heard: &[u8]| {
            let text = String::from_utf8_lossy(heard).to_ascii_lowercase();
            let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
            body.len() >= length.parse::<usize>().unwrap_or(0)
        };
        let read = async {
            while !whole(&heard) {
                if self.0.read_buf(&mut heard).await.expect("an answer") == 0 {
                    break;
                }
            }
        };
        tokio::time::timeout(CEILING, read).await.expect("an answer in time");
        String::from_utf8_lossy(&heard).into_owned()
    }
}

/// The head of a request to log in, with further headers.
fn login_head(headers: &str) -> String {
    format!("POST /v1/admin/login HTTP/1.1\r\nHost: dorf\r\nContent-Type: application/json\r\n{headers}\r\n")
}

/// The status of an answer on the wire.
fn status(answer: &str) -> u16 {
    answer.get(9..12).and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("no answer: {answer:?}"))
}

/// Logs in with a wrong password, for a client behind a proxy.
async fn knock(dorf: &Dorf, email: &str, client: &str) -> Reply {
    let body = json!({"email": email, "password": "geraten"});
    dorf.ask("POST", "/v1/admin/login").header("x-forwarded-for", client).json(&body).send().await
}

/// A refusal for today, which says until when.
#[track_caller]
fn assert_too_many(reply: &Reply, limit: u32) {
    reply.problem(429, "too-many-requests");
    let seconds: u64 = reply.header("retry-after").parse().expect("Retry-After in seconds");
    assert!((1..=3600).contains(&seconds), "{seconds}");
    assert_eq!(reply.header("ratelimit"), format!("limit={limit}, remaining=0, reset={seconds}"));
}

stories! {
    async fn a_client_that_reads_nothing_loses_its_connection(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.http.header_timeout_s = 1).await;
        let village = dorf.village("luedenhausen").await;
        village.editor().publishes(tests::kit::news("Lang").saying(&"Wort ".repeat(4000))).await;
        let address = dorf.base.strip_prefix("http://").expect("an address");
        let mut stream = tokio::net::TcpStream::connect(address).await.expect("a connection");
        let request = b"GET /v1/villages/luedenhausen/feed HTTP/1.1\r\nhost: dorf\r\n\r\n";
        // Asks on and on and never listens, until the server has had enough.
        let asking = async { while tokio::io::AsyncWriteExt::write_all(&mut stream, request).await.is_ok() {} };
        tokio::time::timeout(std::time::Duration::from_secs(20), asking).await.expect("the server closes the connection");
        village.feed().await;
    }

    async fn who_does_not_say_what_he_wants_is_shown_out(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.http.header_timeout_s = 1).await;
        let mut silent = JoinSet::new();
        for said in ["", "GET", "GET /health/live HTTP/1.1\r\n", "GET /health/live HTTP/1.1\r\nHost: dorf\r\nX-A: ", "\r\n\r\n\r\n"] {
            let wire = Wire::saying(&dorf, said).await;
            silent.spawn(wire.until_closed());
        }
        // One that has had its answer and then says nothing is idle, and not kept either.
        let mut idle = Wire::saying(&dorf, "GET /health/live HTTP/1.1\r\nHost: dorf\r\n\r\n").await;
        assert_eq!(status(&idle.answer().await), 200);
        silent.spawn(idle.until_closed());
        for heard in silent.join_all().await {
            assert!(heard.is_empty() || (400..500).contains(&status(&heard)), "{heard}");
        }
        dorf.ask("GET", "/health/ready").send().await.expect(200);
    }

    async fn a_slow_body_is_not_waited_for(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.http.body_timeout_s = 1).await;
        for (head, part) in [("Content-Length: 100\r\n", ""), ("Content-Length: 100\r\n", "{\"email\":"), ("Transfer-Encoding: chunked\r\n", "5\r\n{\"ema"), ("Transfer-Encoding: chunked\r\n", "")] {
            let mut wire = Wire::saying(&dorf, &login_head(head)).await;
            wire.say(part).await;
            let answer = wire.answer().await;
            assert_eq!(status(&answer), 408, "{answer}");
            assert!(answer.contains("application/problem+json") && answer.contains("urn:dorf:problem:request-timeout"), "{answer}");
        }
        dorf.ask("GET", "/health/ready").send().await.expect(200);
    }

    async fn a_body_without_end_is_not_read_to_its_end(on: Backend) {
        let dorf = Dorf::start(on).await;
        let wire = Wire::saying(&dorf, &login_head("Transfer-Encoding: chunked\r\n")).await;
        let (mut hear, mut say) = wire.0.into_split();
        let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x1_0000));
        let flood = tokio::spawn(async move {
            let mut sent = 0usize;
            while sent < 64 << 20 && say.write_all(chunk.as_bytes()).await.is_ok() {
                sent += 0x1_0000;
            }
            sent
        });
        let mut heard = Vec::new();
        let until_closed = async { while hear.read_buf(&mut heard).await.unwrap_or(0) > 0 {} };
        tokio::time::timeout(CEILING, until_closed).await.expect("the server closes the connection");
        let answer = String::from_utf8_lossy(&heard);
        assert_eq!(status(&answer), 413, "{answer}");
        let sent = tokio::time::timeout(CEILING, flood).await.expect("nobody listens").expect("the flood ends");
        assert!(sent < 64 << 20, "{sent} bytes were taken");
        dorf.ask("GET", "/health/ready").send().await.expect(200);
    }

    async fn a_client_hears_its_refusal_and_goes_on(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let megabyte = json!({"kind": "news", "title": "A", "body_markdown": "x".repeat(1 << 20)});
        // On kept connections: none may end in the middle of an answer, nor take a request that nobody reads.
        for _ in 0..25 {
            village.editor().ask("POST", "/posts").json(&megabyte).send().await.problem(413, "payload-too-large");
            let reply = village.staff("POST", "/posts").bearer("x").json(&megabyte).send().await;
            reply.problem(401, "unauthenticated");
            assert_eq!(reply.header("connection"), "close");
            village.editor().ask("POST", "/posts").json(&news("A").0).send().await.expect(201);
        }
    }

    async fn an_announced_flood_is_refused_before_it_comes(on: Backend) {
        let dorf = Dorf::start(on).await;
        for length in [64 << 20, 256 * 1024 + 1] {
            let mut wire = Wire::saying(&dorf, &login_head(&format!("Content-Length: {length}\r\n"))).await;
            let answer = wire.answer().await;
            assert_eq!(status(&answer), 413, "{answer}");
        }
        for lie in ["Content-Length: -1\r\n", "Content-Length: 99999999999999999999999\r\n", "Content-Length: 1\r\nContent-Length: 2\r\n", "Transfer-Encoding: gzip\r\n", "Content-Length: abc\r\n"] {
            let answer = Wire::saying(&dorf, &login_head(lie)).await.answer().await;
            assert!((400..500).contains(&status(&answer)), "{lie}: {answer}");
        }
        // Both at once is how requests are smuggled: the length must not be believed.
        let smuggled = login_head("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\nGET /health/live HTTP/1.1\r\nHost: dorf\r\n\r\n";
        let answer = Wire::saying(&dorf, &smuggled).await.answer().await;
        assert!((400..500).contains(&status(&answer)), "{answer}");
    }

    async fn a_broken_request_is_refused_or_cut_off(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.http.header_timeout_s = 1).await;
        let many: String = (0..120).map(|n| format!("X-{n}: y\r\n")).collect();
        let broken = [
            format!("GET /health/live HTTP/1.1\r\nHost: dorf\r\n{many}\r\n"), "GET /health/live\r\n\r\n".to_owned(), "GET  / HTTP/1.1\r\n\r\n".to_owned(),
            "\u{0}\u{1}\u{2}\r\n\r\n".to_owned(), "GET /health/live HTTP/9.9\r\nHost: dorf\r\n\r\n".to_owned(), "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(),
            "GET /health\u{0}live HTTP/1.1\r\nHost: dorf\r\n\r\n".to_owned(), "GET /health/live HTTP/1.1\r\nHost: dorf\r\nX y: z\r\n\r\n".to_owned(),
            "GET /health/live HTTP/1.1\r\nHost: dorf\r\nX: a\u{0}b\r\n\r\n".to_owned(), format!("GET /{} HTTP/1.1\r\nHost: dorf\r\n\r\n", "x".repeat(70_000)),
            format!("GET /health/live HTTP/1.1\r\nHost: dorf\r\nX: {}\r\n\r\n", "y".repeat(600_000)), "GET example.org HTTP/1.1\r\nHost: dorf\r\n\r\n".to_owned(),
            "CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n".to_owned(), "OPTIONS * HTTP/1.1\r\nHost: dorf\r\n\r\n".to_owned(),
            "GET http://169.254.169.254/latest HTTP/1.1\r\nHost: dorf\r\n\r\n".to_owned(), "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}\u{fc}\u{3}\u{3}".to_owned(),
        ];
        for request in broken {
            let mut wire = Wire::to(&dorf).await;
            // The server may have hung up before the end of it.
            let _ = wire.0.write_all(request.as_bytes()).await;
            let mut heard = Vec::new();
            let until_closed = async { while wire.0.read_buf(&mut heard).await.unwrap_or(0) > 0 {} };
            tokio::time::timeout(CEILING, until_closed).await.expect("the server closes the connection");
            let (heard, shown) = (String::from_utf8_lossy(&heard), request.get(..60).unwrap_or(&request));
            assert!(heard.is_empty() || (400..500).contains(&status(&heard)), "{shown:?}: {heard}");
            assert!(!heard.to_ascii_lowercase().contains("panicked"));
        }
        dorf.ask("GET", "/health/ready").send().await.expect(200);
    }

    async fn more_connections_than_seats_wait_their_turn(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.http.max_connections = 4).await;
        let question = "GET /health/live HTTP/1.1\r\nHost: dorf\r\n\r\n";
        let mut seated = Vec::new();
        for _ in 0..4 {
            let mut wire = Wire::saying(&dorf, question).await;
            assert_eq!(status(&wire.answer().await), 200);
            seated.push(wire);
        }
        let mut waiting = Vec::new();
        for _ in 0..8 {
            waiting.push(Wire::saying(&dorf, &question.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")).await);
        }
        for wire in &mut seated {
            wire.say(question).await;
            assert_eq!(status(&wire.answer().await), 200);
        }
        for wire in &waiting {
            let unanswered = wire.0.try_read(&mut [0; 1]).err().map(|error| error.kind());
            assert_eq!(unanswered, Some(std::io::ErrorKind::WouldBlock), "there is no seat");
        }
        seated.pop();
        for wire in waiting {
            assert_eq!(status(&wire.until_closed().await), 200);
        }
    }

    async fn guessing_passwords_is_slowed_down_for_the_guesser_alone(on: Backend) {
        let strict = Dorf::start_with(on, |settings| {
            settings.limits.logins_per_account = 3;
            settings.http.trusted_proxies = vec![[127, 0, 0, 1].into()];
        });
        let strict = strict.await;
        for _ in 0..3 {
            knock(&strict, "editor@luedenhausen.example", "192.0.2.1").await.problem(401, "wrong-credentials");
        }
        for spelling in ["editor@luedenhausen.example", "EDITOR@luedenhausen.example ", "Editor@Luedenhausen.Example"] {
            assert_too_many(&knock(&strict, spelling, "192.0.2.1").await, 3);
        }
        knock(&strict, "admin@luedenhausen.example", "192.0.2.1").await.problem(401, "wrong-credentials");
        knock(&strict, "editor@luedenhausen.example", "192.0.2.2").await.problem(401, "wrong-credentials");
        // What a client writes itself stands before what the proxy adds, and is not believed.
        assert_too_many(&knock(&strict, "editor@luedenhausen.example", "203.0.113.9, 192.0.2.1").await, 3);
        assert_too_many(&knock(&strict, "editor@luedenhausen.example", "kein Rechner, 192.0.2.1, 127.0.0.1").await, 3);
        strict.wait(chrono::TimeDelta::minutes(2));
        knock(&strict, "editor@luedenhausen.example", "192.0.2.1").await.problem(401, "wrong-credentials");
    }

    async fn a_client_that_logs_in_all_the_time_is_told_when_to_come_back(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| {
            settings.limits.logins_per_client = 5;
            settings.http.trusted_proxies = vec![[127, 0, 0, 1].into()];
        });
        let dorf = dorf.await;
        for n in 0..5 {
            knock(&dorf, &format!("e{n}@example.org"), "192.0.2.1").await.problem(401, "wrong-credentials");
        }
        assert_too_many(&knock(&dorf, "e9@example.org", "192.0.2.1").await, 5);
        knock(&dorf, "e9@example.org", "192.0.2.2").await.problem(401, "wrong-credentials");
        // A household has one /64, whatever addresses it makes up in it.
        for n in 0..5 {
            knock(&dorf, "e9@example.org", &format!("2001:db8:0:1::{n}")).await.problem(401, "wrong-credentials");
        }
        assert_too_many(&knock(&dorf, "e9@example.org", "2001:db8:0:1:ffff::1").await, 5);
        knock(&dorf, "e8@example.org", "2001:db8:0:2::1").await.problem(401, "wrong-credentials");
        assert_too_many(&knock(&dorf, "e9@example.org", "::ffff:192.0.2.1").await, 5);
    }

    async fn without_a_trusted_proxy_its_header_means_nothing(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.limits.logins_per_client = 3).await;
        for n in 0..3 {
            knock(&dorf, "e@example.org", &format!("192.0.2.{n}")).await.problem(401, "wrong-credentials");
        }
        assert_too_many(&knock(&dorf, "e@example.org", "192.0.2.9").await, 3);
        let body = json!({"email": "e@example.org", "password": PASSWORD});
        let reply = dorf.ask("POST", "/v1/admin/login").header("forwarded", "for=192.0.2.10").json(&body).send().await;
        assert_too_many(&reply, 3);
        dorf.ask("GET", "/health/ready").send().await.expect(200);
    }

    async fn subscribing_is_limited_for_each_client(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| {
            settings.limits.subscriptions_per_client = 4;
            settings.http.trusted_proxies = vec![[127, 0, 0, 1].into()];
        });
        let dorf = dorf.await;
        let village = dorf.village("luedenhausen").await;
        let stemmen = dorf.village("stemmen").await;
        let subscribe = |village: &tests::kit::VillageKit<'_>, n: i32, client: &str| {
            let body = json!({"channel": "email", "email": format!("anna{n}@example.org")});
            village.ask("POST", "/subscriptions").header("x-forwarded-for", client).json(&body).send()
        };
        for n in 0..4 {
            subscribe(&village, n, "192.0.2.1").await.expect(201);
        }
        assert_too_many(&subscribe(&village, 5, "192.0.2.1").await, 4);
        assert_too_many(&subscribe(&stemmen, 5, "192.0.2.1").await, 4);
        subscribe(&village, 6, "192.0.2.2").await.expect(201);
        village.ask("GET", "/feed").header("x-forwarded-for", "192.0.2.1").send().await.expect(200);
    }

    async fn reading_goes_on_while_many_log_in(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| {
            settings.accounts.argon2_memory_kib = 19_456;
            settings.accounts.argon2_passes = 4;
        });
        let dorf = dorf.await;
        let village = dorf.village("luedenhausen").await;
        village.editor().publishes(news("Brücke gesperrt")).await;
        let mut logins = JoinSet::new();
        for _ in 0..50 {
            let body = json!({"email": "editor@luedenhausen.example", "password": PASSWORD});
            logins.spawn(dorf.ask("POST", "/v1/admin/login").json(&body).send());
        }
        logins.join_next().await.expect("a log-in").expect("an answer").expect(200);
        let mut read = 0;
        while logins.try_join_next().is_none() && read < 10 {
            village.feed().await;
            village.ask("GET", "").send().await.expect(200);
            read += 1;
        }
        assert!(!logins.is_empty(), "all log-ins were over before {read} pages were read");
        for reply in logins.join_all().await {
            reply.expect(200);
        }
    }

    async fn asking_for_the_head_gives_no_body(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let post = village.editor().publishes(news("Brücke gesperrt").on("verkehr")).await;
        for path in ["/v1/villages".to_owned(), "/v1/villages/luedenhausen".to_owned(), "/v1/villages/luedenhausen/feed".to_owned(), format!("/v1/villages/luedenhausen/posts/{}", post.id), "/v1/villages/luedenhausen/topics".to_owned()] {
            let whole = dorf.ask("GET", &path).send().await.expect(200);
            let head = dorf.ask("HEAD", &path).send().await.expect(200);
            assert!(head.body.is_empty() && !whole.body.is_empty());
            for name in ["etag", "content-type", "cache-control", "vary"] {
                assert_eq!(head.header(name), whole.header(name), "{name} of {path}");
            }
            let mut wire = Wire::saying(&dorf, &format!("HEAD {path} HTTP/1.1\r\nHost: dorf\r\nConnection: close\r\n\r\n")).await;
            let mut heard = String::new();
            tokio::time::timeout(CEILING, wire.0.read_to_string(&mut heard)).await.expect("an answer in time").expect("text");
            assert!(heard.ends_with("\r\n\r\n"), "{heard}");
        }
        assert!(dorf.ask("HEAD", "/v1/villages/nirgends").send().await.expect(404).body.is_empty());
    }

    async fn a_web_page_of_ours_may_do_what_a_foreign_one_may_not(on: Backend) {
        let ours = "https://www.kalletal.example";
        let dorf = Dorf::start_with(on, |settings| settings.http.allowed_origins = vec![ours.to_owned()]).await;
        let village = dorf.village("luedenhausen").await;
        let allowed = |reply: &Reply| reply.header("access-control-allow-origin");
        assert_eq!(allowed(&village.feed().await), "*");
        for foreign in ["https://evil.example", "null", "https://www.kalletal.example.evil.example", "http://www.kalletal.example", "https://WWW.kalletal.example", "https://www.kalletal.example:8443"] {
            assert_eq!(allowed(&village.ask("GET", "/feed").header("origin", foreign).send().await.expect(200)), "*");
            let preflight = village.ask("OPTIONS", "/subscriptions").header("origin", foreign).header("access-control-request-method", "POST").send().await;
            assert_eq!(allowed(&preflight), "", "{foreign}");
            assert_eq!(preflight.header("access-control-allow-methods"), "");
            let answer = village.editor().ask("GET", "/posts").header("origin", foreign).send().await.expect(200);
            assert_eq!(allowed(&answer), "", "{foreign}");
            assert_eq!(allowed(&dorf.ask("GET", "/v1/admin/me").header("origin", foreign).send().await.expect(401)), "");
        }
        let preflight = village.ask("OPTIONS", "/subscriptions").header("origin", ours).header("access-control-request-method", "POST");
        let preflight = preflight.header("access-control-request-headers", "content-type").send().await.expect(204);
        assert_eq!(allowed(&preflight), ours);
        assert_eq!(preflight.header("access-control-allow-methods"), "GET, POST, PUT, PATCH, DELETE");
        for needed in ["Authorization", "Content-Type", "If-Match", "If-None-Match", "Idempotency-Key"] {
            assert!(preflight.header("access-control-allow-headers").contains(needed));
        }
        assert_eq!(preflight.header("access-control-allow-credentials"), "", "tokens are sent as headers, never as cookies");
        for (method, path, status) in [("GET", "/feed", 200), ("GET", "/posts/x", 404), ("POST", "/subscriptions", 415)] {
            let reply = village.ask(method, path).header("origin", ours).send().await.expect(status);
            assert_eq!(allowed(&reply), ours);
            let vary: Vec<_> = reply.headers.get_all("vary").iter().filter_map(|value| value.to_str().ok()).collect();
            assert!(vary.join(",").contains("Origin"), "{vary:?}");
            assert_eq!(reply.headers.get_all("access-control-allow-origin").iter().count(), 1);
        }
    }
}
