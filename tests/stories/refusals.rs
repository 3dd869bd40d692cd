//! Refusals say in the reader's language what is wrong and where, down to the last word, and what would be right.

use serde_json::{Value, json};
use tests::kit::{Backend, Dorf, Reply, event, news};
use tests::stories;

/// What is said of the first fault: where, and what.
fn fault(reply: &Reply) -> (String, String) {
    let fault = &reply.json()["errors"][0];
    let text = |name: &str| fault[name].as_str().unwrap_or_default().to_owned();
    (text("pointer"), text("detail"))
}

/// A draft of an event with one member set.
fn draft_with(pointer: &str, value: Value) -> Value {
    let mut body = event("Titel", "2026-12-06T15:00").0;
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    body.pointer_mut(parent).expect("a member")[name] = value;
    body
}

stories! {
    async fn what_is_wrong_in_a_body_is_said_in_german_and_in_english(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let kinds = "news, notice, event, alert";
        let wrong = [
            ("/title", json!(7), "muss ein Text sein".to_owned(), "must be a text".to_owned()),
            ("/title", json!(null), "muss ein Text sein".to_owned(), "must be a text".to_owned()),
            ("/kind", json!("gossip"), format!("muss eines sein von: {kinds}"), format!("must be one of: {kinds}")),
            ("/kind", json!({}), format!("muss eines sein von: {kinds}"), format!("must be one of: {kinds}")),
            ("/event", json!([]), "muss ein Objekt sein".to_owned(), "must be an object".to_owned()),
            ("/event/all_day", json!("ja"), "muss true oder false sein".to_owned(), "must be true or false".to_owned()),
            ("/event/capacity", json!("viele"), "muss eine ganze Zahl sein".to_owned(), "must be a whole number".to_owned()),
            ("/event/capacity", json!(1.5), "muss eine ganze Zahl sein".to_owned(), "must be a whole number".to_owned()),
            ("/event/latitude", json!("oben"), "muss eine Zahl sein".to_owned(), "must be a number".to_owned()),
            ("/event/access", json!("überall"), "muss eine Liste sein".to_owned(), "must be a list".to_owned()),
            (
                "/event/status", json!("off"),
                "muss eines sein von: confirmed, tentative, cancelled, postponed".to_owned(),
                "must be one of: confirmed, tentative, cancelled, postponed".to_owned(),
            ),
            ("/media", json!(["x"]), "muss eine UUID sein".to_owned(), "must be a UUID".to_owned()),
            (
                "/expires_at", json!("morgen"),
                "muss ein Zeitpunkt wie 2026-12-01T08:00:00Z sein".to_owned(),
                "must be an instant such as 2026-12-01T08:00:00Z".to_owned(),
            ),
        ];
        for (pointer, value, de, en) in wrong {
            let body = draft_with(pointer, value);
            for (language, expected) in [("de", de), ("en", en)] {
                let ask = village.editor().ask("POST", "/posts").header("accept-language", language).json(&body);
                let (found, detail) = fault(&ask.send().await.expect(400));
                assert!(found == pointer || found == format!("{pointer}/0"), "{found} is not {pointer}");
                assert_eq!(detail, expected, "{pointer}");
            }
        }
    }

    async fn a_member_that_is_missing_unknown_or_there_twice_is_named(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let say = async |body: &str, language: &str| {
            let ask = village.editor().ask("POST", "/posts").header("content-type", "application/json");
            let reply = ask.header("accept-language", language).bytes(body.to_owned()).send().await;
            fault(&reply.expect(400))
        };
        let told = |pointer: &str, detail: &str| (pointer.to_owned(), detail.to_owned());
        assert_eq!(say(r#"{"kind": "news"}"#, "de").await, told("/title", "fehlt"));
        assert_eq!(say(r#"{"kind": "news"}"#, "en").await, told("/title", "is missing"));
        assert_eq!(say(r#"{"kind": "event", "title": "A", "event": {}}"#, "de").await, told("/event/starts_local", "fehlt"));
        let twice = r#"{"kind": "news", "title": "A", "title": "B"}"#;
        assert_eq!(say(twice, "de").await, told("/title", "steht zweimal da"));
        assert_eq!(say(twice, "en").await, told("/title", "is given twice"));
        let odd = r#"{"kind": "news", "title": "A", "a`, expected `b": 1}"#;
        for (language, begins) in [("de", "gibt es hier nicht; es gibt: kind, club, "), ("en", "is not known here; known are: kind, club, ")] {
            let (pointer, detail) = say(odd, language).await;
            assert_eq!(pointer, "/a`, expected `b");
            assert!(detail.starts_with(begins), "{detail}");
        }
        let reply = village.editor().ask("POST", "/posts").header("content-type", "application/json").bytes("{").send().await;
        assert_eq!(fault(&reply), told("", "ist kein gültiges JSON (Zeile 1, Spalte 1)"));
    }

    async fn what_is_wrong_in_a_query_is_said_in_german_and_in_english(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let path = "/v1/villages/luedenhausen";
        let wrong = [
            ("/feed?limit=viele", "limit", "muss eine ganze Zahl von 1 bis 100 sein", "must be a whole number from 1 to 100"),
            ("/feed?kind=gossip", "kind", "muss eines sein von: news, notice, event, alert", "must be one of: news, notice, event, alert"),
            ("/occurrences?from=morgen", "from", "muss ein Zeitpunkt wie 2026-12-01T08:00:00Z sein", "must be an instant such as 2026-12-01T08:00:00Z"),
            ("/feed?topics=verkehr", "topics", "gibt es hier nicht; es gibt: ", "is not known here; known are: "),
            ("/feed?kind=news&kind=event", "kind", "steht zweimal da", "is given twice"),
        ];
        for (query, parameter, de, en) in wrong {
            for (language, expected) in [("de", de), ("en", en)] {
                let reply = dorf.ask("GET", &format!("{path}{query}")).header("accept-language", language).send().await;
                assert_eq!(reply.problem(400, "invalid-parameter"), [parameter], "{query}");
                let (_, detail) = fault(&reply);
                assert!(if expected.ends_with(' ') { detail.starts_with(expected) } else { detail == expected }, "{detail}");
            }
        }
        let reply = dorf.ask("GET", &format!("{path}/feed?topics=verkehr")).send().await;
        assert_eq!(fault(&reply).1, "gibt es hier nicht; es gibt: kind, topic, q, club, cursor, limit");
        let missing = village.staff("GET", "/editorial-calendar?from=2026-12-01T00:00:00Z").bearer(&village.admin).send().await;
        assert_eq!(missing.problem(400, "invalid-parameter"), ["until"]);
        assert_eq!(fault(&missing).1, "fehlt");
        let login = dorf.ask("POST", "/v1/admin/login?next=/").json(&json!({})).send().await;
        assert_eq!((login.problem(400, "invalid-parameter"), fault(&login).1.as_str()), (vec!["next".to_owned()], "gibt es hier nicht"));
    }

    async fn what_was_passed_on_with_something_added_is_read_all_the_same(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let post = village.editor().publishes(news("Neu")).await;
        let path = "/v1/villages/luedenhausen";
        for read in [
            format!("{path}/calendar.ics?nocache=1764310000"),
            format!("{path}/calendar.ics?topic=verkehr&utm_source=zeitung"),
            format!("{path}/feed.rss?fbclid=abc"),
            format!("{path}/posts/{}?fbclid=abc", post.id),
            format!("{path}?utm_campaign=advent"),
            "/docs?lang=de".to_owned(),
            "/health/live?probe=1".to_owned(),
        ] {
            dorf.ask("GET", &read).send().await.expect(200);
        }
    }
}
