//! What stands in the address of a request, and in its header fields.

use super::{draft, draft_of_bytes, posts};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use serde_json::json;
use tests::kit::{Backend, Dorf, Reply, event, news};
use tests::stories;

stories! {
    async fn a_cursor_is_good_for_its_own_list_only(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let other = dorf.village("stemmen").await;
        for place in [&village, &other] {
            for title in ["A", "B", "C"] {
                place.editor().publishes(news(title).on("verkehr")).await;
            }
        }
        let cursor = village.ask("GET", "/feed?limit=1").send().await.expect(200).str("next_cursor");
        let foreign = other.ask("GET", "/feed?limit=1").send().await.expect(200).str("next_cursor");
        let of_topic = village.ask("GET", "/feed?limit=1&topic=verkehr").send().await.expect(200).str("next_cursor");
        let of_kind = village.ask("GET", "/feed?limit=1&kind=news").send().await.expect(200).str("next_cursor");
        let of_staff = village.editor().ask("GET", "/posts?limit=1").send().await.expect(200).str("next_cursor");
        let of_villages = dorf.ask("GET", "/v1/villages?limit=1").send().await.expect(200).str("next_cursor");
        let mut wrong = vec![foreign, of_topic, of_kind, of_staff.clone(), of_villages, cursor[1..].to_owned(), format!("{cursor}A"), format!("{cursor}=")];
        wrong.extend(["", "x", "%F0%9F%8E%BA", "AAAA", "../..", "null", "%27%20OR%201=1--"].map(str::to_owned));
        wrong.push("A".repeat(2000));
        let bytes = URL_SAFE_NO_PAD.decode(&cursor).expect("base64url");
        for at in 0..bytes.len() {
            let mut tampered = bytes.clone();
            tampered[at] ^= 1;
            wrong.push(URL_SAFE_NO_PAD.encode(tampered));
        }
        for wrong in &wrong {
            let reply = village.ask("GET", &format!("/feed?cursor={wrong}")).send().await;
            assert_eq!(reply.problem(400, "invalid-cursor"), ["cursor"], "{wrong}");
        }
        let path = format!("/posts?cursor={cursor}");
        assert_eq!(village.editor().ask("GET", &path).send().await.problem(400, "invalid-cursor"), ["cursor"]);
        let path = format!("/v1/villages?cursor={cursor}");
        assert_eq!(dorf.ask("GET", &path).send().await.problem(400, "invalid-cursor"), ["cursor"]);
        let ask = dorf.ask("GET", &format!("/v1/operator/municipalities?cursor={cursor}")).bearer(dorf.operator().await);
        assert_eq!(ask.send().await.problem(400, "invalid-cursor"), ["cursor"]);
        let path = format!("/posts?state=draft&cursor={of_staff}");
        assert_eq!(village.editor().ask("GET", &path).send().await.problem(400, "invalid-cursor"), ["cursor"]);
        village.ask("GET", &format!("/feed?limit=1&cursor={cursor}")).send().await.expect(200);
    }

    async fn parameters_are_checked_and_named(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        for limit in ["0", "101", "abc", "-1", "1.5", "4294967296", "99999999999999999999", "1e2", "%20", ""] {
            let query = format!("?limit={limit}");
            let path = format!("/feed{query}");
            assert_eq!(village.ask("GET", &path).send().await.problem(400, "invalid-parameter"), ["limit"], "{limit}");
            let path = format!("/v1/villages{query}");
            assert_eq!(dorf.ask("GET", &path).send().await.problem(400, "invalid-parameter"), ["limit"], "{limit}");
            let path = format!("/posts{query}");
            assert_eq!(village.editor().ask("GET", &path).send().await.problem(400, "invalid-parameter"), ["limit"], "{limit}");
        }
        for near in ["x", "52.07", "91,0", "0,181", "NaN,NaN", "inf,0", "52.07;8.99", "1,2,3", ""] {
            let reply = dorf.ask("GET", &format!("/v1/villages?near={near}")).send().await;
            assert_eq!(reply.problem(400, "invalid-parameter"), ["near"], "{near}");
        }
        let reply = village.editor().ask("GET", "/posts?state=gone").send().await;
        assert_eq!(reply.problem(400, "invalid-parameter"), ["state"]);
        for key in ["", &"k".repeat(256)] {
            let ask = draft(&village, &news("A").0).header("idempotency-key", key);
            assert_eq!(ask.send().await.problem(400, "invalid-parameter"), ["Idempotency-Key"]);
        }
        let post = village.editor().drafts(news("A")).await;
        let publish = async |condition: &str| {
            let ask = village.editor().ask("POST", &format!("/posts/{}/publish", post.id));
            ask.header("if-match", condition).send().await
        };
        for wrong in ["1", "\"1", "1\"", "W/", "kaputt", "", "W/1", "\"1\" \"2\"", "\"1\", 2", "\"1\",", "*, \"1\"", "\"1\"W/", "w/\"1\""] {
            let reply = publish(wrong).await;
            assert_eq!(reply.problem(400, "invalid-parameter"), ["If-Match"], "{wrong}");
        }
        for other in ["\"7\"", "\"\"", "W/\"7\"", "\"7\", \"8\"", "\"a,b\" , W/\"8\""] {
            publish(other).await.problem(412, "precondition-failed");
        }
        publish("\"7\", \"1\"").await.expect(200);
        // What nginx makes of our tag when it packs the answer.
        let withdraw = village.editor().ask("POST", &format!("/posts/{}/withdraw", post.id)).header("if-match", "W/\"2\"");
        withdraw.send().await.expect(200);
        for q in ["%", "_", "!", "%25", "%25%27%3B--", "%F0%9F%8E%BA", "%ff%fe", "a+b", "\\"] {
            let reply = dorf.ask("GET", &format!("/v1/villages?q={q}")).send().await;
            assert!([200, 400].contains(&reply.status), "{q}: {}", reply.text());
        }
    }

    async fn what_is_longer_or_less_than_the_contract_says_is_named(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let operator = dorf.operator().await;
        let long = |most: usize| "x".repeat(most + 1);
        for (parameter, value) in [("q", long(100)), ("near", format!("52.07,8.{}", "9".repeat(58)))] {
            let reply = dorf.ask("GET", "/v1/villages").query(parameter, &value).send().await;
            assert_eq!(reply.problem(400, "invalid-parameter"), [parameter]);
            assert!(reply.text().contains("Zeichen"), "{}", reply.text());
        }
        let accounts = dorf.ask("GET", "/v1/operator/accounts").bearer(operator);
        let reply = accounts.query("email", &format!("{}@krz.example", long(242))).send().await;
        assert_eq!(reply.problem(400, "invalid-parameter"), ["email"]);
        let action = village.staff("GET", "/audit").bearer(&village.admin).query("action", &long(64)).send().await;
        assert_eq!(action.problem(400, "invalid-parameter"), ["action"]);
        for slug in ["topic", "club"] {
            village.ask("GET", "/feed").query(slug, &long(64)).send().await.problem(404, "not-found");
        }
        let image = || village.editor().ask("POST", "/media").header("content-type", "image/png").bytes("kein Bild");
        for (said, most) in [("alt", 500), ("credit", 200), ("licence", 200)] {
            assert_eq!(image().query(said, &long(most)).send().await.problem(422, "unprocessable"), [said]);
        }
        assert_eq!(image().query("file_name", &long(3072)).send().await.problem(400, "invalid-parameter"), ["file_name"]);
        let post = village.editor().drafts(news("Brücke")).await;
        for (old, new, wrong) in [("0", "1", "old"), ("1", "-1", "new"), ("1", "2147483648", "new")] {
            let reply = village.editor().ask("GET", &format!("/posts/{}/difference?old={old}&new={new}", post.id)).send().await;
            assert_eq!(reply.problem(400, "invalid-parameter"), [wrong]);
        }
        for date in [long(19), "2026-12-13T15:00:00.0".to_owned(), "--05-011".to_owned()] {
            let series = json!({"starts_local": "2026-12-06T15:00", "rrule": "FREQ=WEEKLY;COUNT=3", "except_dates": [date]});
            let reply = draft(&village, &event("Chor", "").with("event", series).0).send().await;
            assert_eq!(reply.problem(422, "unprocessable"), ["/event/except_dates/0"], "{date}");
        }
    }

    async fn what_is_no_identifier_is_not_found(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let wrong = ["1", "x", "00000000-0000-0000-0000-000000000000", "0198c0de", "null", "..", "%2e%2e", "%F0%9F%8E%BA", "%ff", "a%2Fb", "%5c", "'%20OR%201=1--", "%3Cscript%3E"];
        for id in wrong {
            for reply in [
                village.ask("GET", &format!("/posts/{id}")).send().await,
                editor.ask("GET", &format!("/posts/{id}/deliveries")).send().await,
                editor.ask("POST", &format!("/posts/{id}/publish")).header("if-match", "\"1\"").send().await,
                village.ask("GET", &format!("/subscriptions/{id}")).bearer("x").send().await,
                village.ask("GET", &format!("/unsubscribe/{id}")).send().await,
                dorf.ask("GET", &format!("/v1/villages/{id}/feed")).send().await,
                village.staff("PATCH", &format!("/topics/{id}")).bearer(&village.admin).json(&json!({"name": "A"})).send().await,
            ] {
                assert!([400, 404, 405].contains(&reply.status), "{id}: {} {}", reply.status, reply.text());
                assert_eq!(reply.header("content-type"), "application/problem+json");
            }
        }
        for bad in ["%00", "%0d%0aX-Evil:%201", "a%0Ab"] {
            for path in [format!("/posts/{bad}"), format!("/feed?topic={bad}"), format!("/unsubscribe/{bad}"), format!("/feed?cursor={bad}")] {
                let reply = village.ask("GET", &path).send().await;
                reply.problem(400, "bad-request");
                assert!(reply.headers.get("x-evil").is_none());
            }
        }
        let reply = village.ask("GET", &format!("/feed?topic={}", "x".repeat(8000))).send().await;
        reply.problem(400, "bad-request");
    }

    async fn only_the_formats_methods_and_addresses_of_the_contract_are_served(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let body = news("A").0.to_string();
        for media_type in ["text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonx", ""] {
            let ask = village.editor().ask("POST", "/posts").header("content-type", media_type).bytes(body.clone());
            ask.send().await.problem(415, "unsupported-media-type");
        }
        village.editor().ask("POST", "/posts").bytes(body.clone()).send().await.problem(415, "unsupported-media-type");
        for encoding in ["gzip", "br", "deflate", "identity, gzip", "x"] {
            let ask = draft_of_bytes(&village, body.clone()).header("content-encoding", encoding);
            ask.send().await.problem(415, "unsupported-media-type");
        }
        for (method, path) in [("POST", "/v1/villages"), ("DELETE", "/v1/villages/luedenhausen/feed"), ("PUT", "/v1/villages/luedenhausen"), ("GET", "/v1/admin/login"), ("TRACE", "/v1/villages"), ("TRACE", "/"), ("OPTIONS", "/v1/villages"), ("PROPFIND", "/v1/villages")] {
            let reply = dorf.ask(method, path).header("x-echo", "geheim").send().await;
            assert!(!reply.text().contains("geheim"));
            if path == "/" {
                assert!([404, 405].contains(&reply.status));
            } else {
                reply.problem(405, "method-not-allowed");
                let offered = if path.ends_with("/login") { "POST" } else { "GET" };
                assert_eq!(reply.header("allow"), offered, "it says what is offered");
            }
        }
        for path in ["/", "/v1", "/v2/villages", "/v1/villages/luedenhausen/feed/", "/v1/villages//feed", "/.git/config", "/..%2f..%2fetc/passwd", "/openapi.yaml/x", "/metrics/x", "/health", "/v1/admin", "/v1/operator/queue"] {
            dorf.ask("GET", path).send().await.problem(404, "not-found");
        }
        assert!(posts(&village).await.is_empty());
    }

    async fn a_refusal_is_in_the_readers_language(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        for (accepted, tag, title) in [
            ("", "de", "Das gibt es hier nicht"), ("en", "en", "There is no such thing here"), ("en-GB,de;q=0.5", "en", "There is no such thing here"),
            ("de-DE,en;q=0.9", "de", "Das gibt es hier nicht"), ("fr, en;q=0.3", "en", "There is no such thing here"), ("tlh", "de", "Das gibt es hier nicht"),
            (";;;q=,,=\u{e4}", "de", "Das gibt es hier nicht"), ("en;q=0", "de", "Das gibt es hier nicht"), ("de; q=0.1, en; q=0.9", "en", "There is no such thing here"),
        ] {
            let reply = dorf.ask("GET", "/v1/villages/nirgends").header("accept-language", accepted).send().await;
            reply.problem(404, "not-found");
            assert_eq!((reply.str("title").as_str(), reply.header("content-language").as_str()), (title, tag), "{accepted}");
        }
        let bad = json!({"kind": "news", "title": "a\nb"});
        let german = draft(&village, &bad).send().await;
        let english = draft(&village, &bad).header("accept-language", "en").send().await;
        let detail = |reply: &Reply| reply.json()["errors"][0]["detail"].clone();
        assert_eq!(detail(&german), "enthält Steuerzeichen oder Zeilenumbrüche");
        assert_eq!(detail(&english), "contains control characters or line breaks");
        assert_ne!(german.header("x-request-id"), english.header("x-request-id"));
        assert_ne!(dorf.ask("GET", "/x").header("x-request-id", "vorgegeben").send().await.header("x-request-id"), "vorgegeben");
    }

    async fn a_token_is_good_or_it_is_nothing(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let stemmen = dorf.village("stemmen").await;
        let anna = village.resident("anna").by_push().await;
        let ended = dorf.log_in("editor@luedenhausen.example").await;
        dorf.ask("POST", "/v1/admin/logout").bearer(&ended).send().await.expect(204);
        let long = "x".repeat(8000);
        let headers = [
            format!("Bearer {ended}"), format!("Bearer {}", anna.secret), "Bearer x".to_owned(), "Bearer ".to_owned(), "Bearer".to_owned(), String::new(),
            "Basic YWRtaW46YWRtaW4=".to_owned(), format!("Token {}", village.editor), village.editor.clone(), format!("Bearer {}x", village.editor),
            format!("Bearer {}", village.editor.to_uppercase()), "Bearer ' OR 1=1 --".to_owned(), "Bearer ä".to_owned(), format!("Bearer {long}"),
        ];
        for header in &headers {
            for path in ["/v1/admin/me", "/v1/admin/villages/luedenhausen/posts", "/v1/operator/villages"] {
                let reply = dorf.ask("GET", path).header("authorization", header).send().await;
                reply.problem(401, "unauthenticated");
                assert_eq!(reply.header("www-authenticate"), "Bearer realm=\"dorf\"", "{header}");
            }
        }
        village.staff("GET", "/posts").send().await.problem(401, "unauthenticated");
        village.staff("GET", "/posts").bearer(&stemmen.editor).send().await.problem(404, "not-found");
        dorf.ask("GET", "/v1/operator/villages").bearer(&village.admin).send().await.problem(403, "forbidden");
        dorf.wait(TimeDelta::hours(13));
        village.staff("GET", "/posts").bearer(&village.editor).send().await.problem(401, "unauthenticated");
    }
}
