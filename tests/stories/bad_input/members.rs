//! What is no body, and members that are wrong, unknown, or nobody's to set.

use super::{collection, draft, draft_of_bytes, posts, push_with, subscribe, village_with, with};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tests::kit::{Backend, Dorf, PASSWORD, Reply, event, news};
use tests::stories;

stories! {
    async fn what_is_not_json_is_refused_whatever_it_is(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let broken: [&[u8]; 9] = [
            b"", b" ", b"{", b"{\"kind\":\"news\",\"title\":\"A\"", b"{\"kind\":\"news\",\"title\":\"A\"}}",
            b"{'kind':'news','title':'A'}", b"{\"kind\":\"news\",\"title\":\"\xff\"}", b"\xef\xbb\xbf{}",
            b"{\"kind\":\"news\",\"title\":\"\\ud800\"}",
        ];
        for body in broken {
            draft_of_bytes(&village, body).send().await.problem(400, "invalid-body");
        }
        for bomb in ["[".repeat(100_000), "{\"a\":".repeat(40_000), format!("{{\"kind\":\"news\",\"title\":{}", "[".repeat(100_000))] {
            draft_of_bytes(&village, bomb).send().await.problem(400, "invalid-body");
        }
        for case in collection("json/JSONTestSuite_test_parsing.jsonl").unwrap_or_default().lines() {
            let case: Value = serde_json::from_str(case).expect("a case");
            let bytes = STANDARD.decode(case["b64"].as_str().expect("bytes")).expect("base64");
            let reply = draft_of_bytes(&village, bytes).send().await;
            assert!((400..500).contains(&reply.status), "{}: {}", case["name"], reply.text());
            if case["expect"] == "reject" {
                reply.problem(400, "invalid-body");
            }
        }
        assert!(posts(&village).await.is_empty());
    }

    async fn a_list_is_not_taken_for_an_object(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        for body in [json!(["news", "Titel"]), json!(["news", "Titel", "Text", null, null, null]), json!([]), json!("news"), json!(null), json!(7)] {
            assert_eq!(draft(&village, &body).send().await.problem(400, "invalid-body"), [""], "{body}");
        }
        let body = json!(["admin@luedenhausen.example", PASSWORD]);
        dorf.ask("POST", "/v1/admin/login").json(&body).send().await.problem(400, "invalid-body");
        assert!(posts(&village).await.is_empty());
    }

    async fn a_list_is_not_taken_for_an_object_inside_either(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let list = json!(["2026-12-06T15:00", null, null, "Dorfplatz"]);
        let refused = |reply: Reply| reply.problem(400, "invalid-body");
        for value in [list.clone(), json!([]), json!([null, null, null, null])] {
            assert_eq!(refused(draft(&village, &with("/event", value)).send().await), ["/event"]);
        }
        let post = village.editor().drafts(event("Titel", "2026-12-06T15:00")).await;
        assert_eq!(refused(village.editor().changes(&post, &json!({"event": list})).await), ["/event"]);
        let keys = |body: &Value| json!([body["web_push"]["keys"]["p256dh"], body["web_push"]["keys"]["auth"]]);
        let good = push_with(&dorf, "/channel", json!("web_push")).await;
        let mut body = good.clone();
        body["web_push"]["keys"] = keys(&good);
        assert_eq!(refused(subscribe(&village, &body).send().await), ["/web_push/keys"]);
        body["web_push"] = json!([good["web_push"]["endpoint"], null, good["web_push"]["keys"]]);
        assert_eq!(refused(subscribe(&village, &body).send().await), ["/web_push"]);
        for (follows, pointer) in [(json!([["verkehr", "news"]]), "/follows/0"), (json!([{"kind": "news"}, []]), "/follows/1")] {
            let mut body = good.clone();
            body["follows"] = follows;
            assert_eq!(refused(subscribe(&village, &body).send().await), [pointer]);
        }
        let reply = draft_of_bytes(&village, r#"{"kind":"news","title":"A","title":"B"}"#).send().await;
        assert_eq!(reply.problem(400, "invalid-body"), ["/title"]);
        let place = village_with(&dorf, "position", json!([52.07, 8.99])).await;
        let reply = dorf.ask("POST", "/v1/operator/villages").bearer(dorf.operator().await).json(&place).send().await;
        assert_eq!(refused(reply), ["/position"]);
        assert_eq!(posts(&village).await.len(), 1);
    }

    async fn wrong_members_are_named(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let wrong = [
            ("/title", json!(7)), ("/title", json!(null)), ("/kind", json!("gossip")), ("/body_markdown", json!(["a"])),
            ("/event/starts_local", json!(20261206)), ("/event/place", json!({})), ("/expires_at", json!("morgen")),
            ("/event/colour", json!("red")), ("/colour", json!("red")), ("/topic", json!(1.5)), ("/a~1b", json!(1)),
        ];
        for (pointer, value) in wrong {
            let unescaped = pointer.replace("~1", "\u{1}");
            let body = with(&unescaped, value);
            let body = body.to_string().replace("\\u0001", "/");
            let reply = draft_of_bytes(&village, body).send().await;
            assert_eq!(reply.problem(400, "invalid-body"), [pointer], "{}", reply.text());
        }
        for missing in ["title", "kind"] {
            let mut body = with("/topic", json!("verkehr"));
            body.as_object_mut().expect("an object").remove(missing);
            let reply = draft(&village, &body).send().await;
            assert_eq!(reply.problem(400, "invalid-body"), [format!("/{missing}")], "{}", reply.text());
        }
        let both = json!({"kind": "event", "title": "a\nb", "body_markdown": "\u{0}"});
        let mut faults = draft(&village, &both).send().await.problem(422, "unprocessable");
        faults.sort();
        assert_eq!(faults, ["/body_markdown", "/event", "/title"]);
        let mut body = push_with(&dorf, "/web_push/keys/auth", json!("AAAA")).await;
        body["web_push"]["endpoint"] = json!("http://fcm.googleapis.com/x");
        body["language"] = json!("fr");
        let faults = subscribe(&village, &body).send().await.problem(422, "unprocessable");
        assert_eq!(faults, ["/web_push/endpoint", "/web_push/keys/auth", "/language"]);
        assert!(posts(&village).await.is_empty());
    }

    async fn nobody_sets_what_only_the_program_sets(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let post = village.editor().drafts(news("Titel")).await;
        let id = json!("0198c0de-0000-7000-8000-000000000000");
        let set = [
            ("id", id.clone()), ("village_id", id.clone()), ("village", json!("stemmen")), ("state", json!("published")),
            ("status", json!("published")), ("published_at", json!("2020-01-01T00:00:00Z")), ("author", id.clone()),
            ("author_id", id.clone()), ("version", json!(7)), ("body_html", json!("<script>")), ("created_at", json!("2020-01-01T00:00:00Z")),
        ];
        for (member, value) in set {
            let pointer = [format!("/{member}")];
            let reply = draft(&village, &news("A").with(member, value.clone()).0).send().await;
            assert_eq!(reply.problem(400, "invalid-body"), pointer);
            assert_eq!(village.editor().changes(&post, &json!({member: value})).await.problem(400, "invalid-body"), pointer);
        }
        for member in ["role", "operator", "village_id", "kind"] {
            let mut body = json!({"email": "e@luedenhausen.example", "name": "E", "password": PASSWORD});
            body[member] = json!("admin");
            let reply = village.hires(&body).await;
            assert_eq!(reply.problem(400, "invalid-body"), [format!("/{member}")]);
        }
        for member in ["state", "confirmed_at", "village_id", "secret"] {
            let mut body = json!({"channel": "email", "email": "anna@example.org"});
            body[member] = json!("active");
            assert_eq!(subscribe(&village, &body).send().await.problem(400, "invalid-body"), [format!("/{member}")]);
        }
        let body = village_with(&dorf, "id", id).await;
        let reply = dorf.ask("POST", "/v1/operator/villages").bearer(dorf.operator().await).json(&body).send().await;
        assert_eq!(reply.problem(400, "invalid-body"), ["/id"]);
        assert_eq!(posts(&village).await.len(), 1);
    }
}
