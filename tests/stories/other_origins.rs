//! Pages of other web origins: everybody's may read what is public, errors and all; those that a setting names may do everything.

use tests::kit::{Backend, Dorf, Program, Reply, news};
use tests::stories;

/// What a browser asks before a page of this origin sends such a request.
async fn preflight(dorf: &Dorf, origin: &str, method: &str, path: &str) -> Reply {
    let ask = dorf.ask("OPTIONS", path).header("origin", origin);
    let ask = ask.header("access-control-request-method", method);
    ask.header("access-control-request-headers", "if-none-match,last-event-id").send().await
}

/// Which origins may read an answer.
fn readers(reply: &Reply) -> String {
    reply.header("access-control-allow-origin")
}

const STRANGE: &str = "https://anders.example";

stories! {
    async fn a_page_of_any_origin_reads_what_is_public_and_why_it_cannot(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let post = village.editor().publishes(news("Neu")).await;
        let feed = "/v1/villages/luedenhausen/feed";
        let answer = preflight(&dorf, STRANGE, "GET", feed).await.expect(204);
        assert_eq!(readers(&answer), "*");
        assert_eq!(answer.header("access-control-allow-methods"), "GET");
        let headers = answer.header("access-control-allow-headers").to_lowercase();
        assert!(headers.contains("if-none-match") && headers.contains("last-event-id"), "{headers}");
        assert!(!headers.contains("authorization"), "{headers}");

        let read = async |path: &str| dorf.ask("GET", path).header("origin", STRANGE).send().await;
        let page = read(feed).await.expect(200);
        let known = dorf.ask("GET", feed).header("origin", STRANGE).header("if-none-match", &page.header("etag"));
        let known = known.send().await.expect(304);
        village.editor().step(&post, "withdraw").await.expect(200);
        let gone = read(&format!("/v1/villages/luedenhausen/posts/{}", post.id)).await;
        assert!(gone.status >= 400, "{}", gone.text());
        let wrong = read(&format!("{feed}?limit=0")).await.expect(400);
        let nowhere = read("/v1/villages/nirgends/feed").await.expect(404);
        for reply in [page, known, gone, wrong, nowhere] {
            assert_eq!(readers(&reply), "*", "{}", reply.text());
            let exposed = reply.header("access-control-expose-headers");
            for header in ["ETag", "Link", "Retry-After", "X-Request-Id"] {
                assert!(exposed.contains(header), "{header} in {exposed}");
            }
        }
    }

    async fn a_page_of_any_origin_reads_and_does_nothing_else(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let staff = "/v1/admin/villages/luedenhausen/posts";
        for (method, path) in [
            ("POST", "/v1/villages/luedenhausen/subscriptions"),
            ("POST", "/v1/admin/login"),
            ("GET", staff),
            ("DELETE", "/v1/villages/luedenhausen/feed"),
        ] {
            let answer = preflight(&dorf, STRANGE, method, path).await;
            assert_eq!((answer.status, readers(&answer)), (405, String::new()), "{method} {path}");
        }
        let read = village.editor().ask("GET", "/posts").header("origin", STRANGE).send().await.expect(200);
        assert_eq!(readers(&read), "");
        let refused = dorf.ask("GET", staff).header("origin", STRANGE).send().await.expect(401);
        assert_eq!(readers(&refused), "");
    }

    async fn an_origin_that_is_listed_does_everything(on: Backend) {
        let origins = ["https://app.example", "capacitor://localhost", "http://127.0.0.1:8801"];
        let dorf = Dorf::start_with(on, |settings| {
            settings.http.allowed_origins = origins.map(str::to_owned).to_vec();
        }).await;
        let village = dorf.village("luedenhausen").await;
        for origin in origins {
            let answer = preflight(&dorf, origin, "PATCH", "/v1/admin/villages/luedenhausen/posts/x").await.expect(204);
            assert_eq!((readers(&answer), answer.header("vary")), (origin.to_owned(), "Origin".to_owned()));
            assert!(answer.header("access-control-allow-methods").contains("PATCH"));
            let headers = answer.header("access-control-allow-headers");
            for header in ["Authorization", "If-Match", "Idempotency-Key", "Last-Event-ID"] {
                assert!(headers.contains(header), "{header} in {headers}");
            }
            let read = village.editor().ask("GET", "/posts").header("origin", origin).send().await.expect(200);
            assert_eq!(readers(&read), origin);
            let refused = dorf.ask("POST", "/v1/admin/login").header("origin", origin).bytes("kein JSON").send().await;
            assert_eq!((refused.status, readers(&refused)), (415, origin.to_owned()));
        }
        let answer = preflight(&dorf, "https://app.example.evil.example", "PATCH", "/v1/admin/villages/luedenhausen/posts/x").await;
        assert_eq!((answer.status, readers(&answer)), (405, String::new()));
    }
}

#[tokio::test]
async fn an_origin_that_no_browser_sends_stops_the_start_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    for origin in [
        "*",
        "https://*.example.org",
        "https://app.example/",
        "https://app.example/pfad",
        "https://App.example",
        "https://app.example:443",
        "https://nutzer@app.example",
        "app.example",
        "null",
        "file:///",
        "https://",
        "unsinn",
        "https://app.example,https://zwei.example/",
    ] {
        let settings = [("DORF_HTTP__ALLOWED_ORIGINS", origin.to_owned())];
        let output = Program::run(folder.path(), &["serve"], &settings, "").await;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "{origin} was accepted");
        let named = origin.rsplit(',').next().unwrap_or_default();
        assert!(said.contains("http.allowed_origins") && said.contains(named), "{origin}: {said}");
    }
}
