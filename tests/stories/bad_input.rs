//! What strangers and clumsy clients send: everything is refused by name, nothing breaks, nothing is half done, and what is
//! accepted comes back as it was and does no harm.

mod unseen;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::PathBuf;
use tests::kit::{Ask, Backend, Dorf, PASSWORD, Reply, VillageKit, event, news};
use tests::stories;

/// Characters that no line of text may hold.
const NOT_IN_A_LINE: [&str; 10] =
    ["\0", "\r\n", "\n", "\r", "\t", "\u{1b}[31m", "\u{7f}", "\u{85}", "\u{2028}", "\u{2029}"];

/// Characters that no text of several lines may hold.
const NOT_IN_A_TEXT: [&str; 6] = ["\0", "\u{8}", "\u{1b}[31m", "\u{7f}", "\u{85}", "a\rb"];

/// A collection of real inputs that is kept beside the checkout and never copied; nothing where it is not there.
fn collection(name: &str) -> Option<String> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data").join(name);
    let found = std::fs::read_to_string(path).ok();
    if found.is_none() {
        println!("shared/data/{name} is not here: this part of the story is not told");
    }
    found
}

/// The entries of a collection that is one JSON list.
fn entries(name: &str) -> Vec<Value> {
    collection(name).map(|text| serde_json::from_str(&text).expect("a list")).unwrap_or_default()
}

/// Saving this as a draft.
fn draft(village: &VillageKit<'_>, body: &Value) -> Ask {
    village.editor().ask("POST", "/posts").json(body)
}

/// A body for saving a draft, as it is.
fn draft_of_bytes(village: &VillageKit<'_>, body: impl Into<Vec<u8>>) -> Ask {
    village.editor().ask("POST", "/posts").header("content-type", "application/json").bytes(body.into())
}

/// A good draft, with one member set.
fn with(pointer: &str, value: Value) -> Value {
    let mut body = event("Titel", "2026-12-06T15:00").0;
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    body.pointer_mut(parent).expect("a member")[name] = value;
    body
}

/// Every post of the village, whatever its state.
async fn posts(village: &VillageKit<'_>) -> HashMap<String, Value> {
    let mut found = HashMap::new();
    let mut cursor = String::new();
    loop {
        let page = village.editor().ask("GET", &format!("/posts?limit=100{cursor}")).send().await.expect(200).json();
        let items = page["items"].as_array().cloned().unwrap_or_default();
        found.extend(items.into_iter().map(|post| (post["id"].as_str().unwrap_or_default().to_owned(), post)));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

/// A village body with one member set.
async fn village_with(dorf: &Dorf, name: &str, value: Value) -> Value {
    let mut body = json!({
        "municipality": dorf.municipality().await, "slug": "osterhagen", "name": "Osterhagen",
        "sender_name": "Gemeinde Kalletal", "sender_address": "osterhagen@kalletal.example",
    });
    body[name] = value;
    body
}

/// A good push subscription, with one member set.
async fn push_with(dorf: &Dorf, pointer: &str, value: Value) -> Value {
    let device = dorf.push.new_device().await;
    let keys = json!({"p256dh": device.p256dh(), "auth": device.auth()});
    let mut body = json!({"channel": "web_push", "web_push": {"endpoint": device.endpoint(), "keys": keys}});
    *body.pointer_mut(pointer).expect("a member") = value;
    body
}

/// The tags of sanitised HTML with their attributes. Panics on what a serialiser would never write.
fn tags(html: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut found = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        rest = rest[start + 1..].trim_start_matches('/');
        let end = rest.find([' ', '>']).unwrap_or_else(|| panic!("an open tag in {html}"));
        let name = rest[..end].to_owned();
        rest = &rest[end..];
        let mut attributes = Vec::new();
        while !rest.starts_with('>') {
            let (attribute, after) = rest.trim_start().split_once("=\"").unwrap_or_else(|| panic!("{html}"));
            let (value, after) = after.split_once('"').unwrap_or_else(|| panic!("an open attribute in {html}"));
            attributes.push((attribute.to_owned(), value.to_owned()));
            rest = after;
        }
        found.push((name, attributes));
    }
    found
}

/// Whether HTML can do nothing but format and link.
#[track_caller]
fn assert_inert(html: &str, markdown: &str) {
    let formats = "blockquote br code del em h1 h2 h3 h4 h5 h6 hr li ol p pre strong ul a";
    for (tag, attributes) in tags(html) {
        assert!(formats.split(' ').any(|known| known == tag), "<{tag}> in {html}\nof {markdown}");
        for (name, value) in attributes {
            let fine = match (tag.as_str(), name.as_str()) {
                ("a", "href") => ["http:", "https:", "mailto:", "tel:"].iter().any(|scheme| {
                    let given: String = value.chars().take(scheme.len()).collect();
                    given.eq_ignore_ascii_case(scheme)
                }),
                ("a", "title") => true,
                ("a", "rel") => value == "noopener noreferrer nofollow",
                ("ol", "start") => value.parse::<u64>().is_ok(),
                _ => false,
            };
            assert!(fine, "{name}={value:?} of <{tag}> in {html}\nof {markdown}");
        }
    }
}

/// Subscribes with this body.
fn subscribe(village: &VillageKit<'_>, body: &Value) -> Ask {
    village.ask("POST", "/subscriptions").json(body)
}

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

    async fn what_is_too_long_is_refused_before_it_costs_anything(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let megabyte = json!({"kind": "news", "title": "A", "body_markdown": "x".repeat(1 << 20)});
        draft(&village, &megabyte).send().await.problem(413, "payload-too-large");
        let long = [("/title", 10_000), ("/title", 201), ("/body_markdown", 20_001), ("/event/place", 201)];
        for (pointer, length) in long {
            let body = with(pointer, json!("ä".repeat(length)));
            assert_eq!(draft(&village, &body).send().await.problem(422, "unprocessable"), [pointer]);
        }
        for empty in ["", " ", "\u{a0}\u{3000}"] {
            let reply = draft(&village, &with("/title", json!(empty))).send().await;
            assert_eq!(reply.problem(422, "unprocessable"), ["/title"], "{empty:?}");
        }
        let deep = with("/body_markdown", json!("> ".repeat(5000)));
        assert_eq!(draft(&village, &deep).send().await.problem(422, "unprocessable"), ["/body_markdown"]);
        assert!(posts(&village).await.is_empty());
        let body = json!({"email": "admin@luedenhausen.example", "password": "x".repeat(200_000)});
        dorf.ask("POST", "/v1/admin/login").json(&body).send().await.problem(401, "wrong-credentials");
        for (email, name, password, pointer) in [
            ("e@luedenhausen.example", "E", "x".repeat(100_000), "/password"),
            ("e@luedenhausen.example", "E", "kurz".to_owned(), "/password"),
            ("e@luedenhausen.example", &"E".repeat(101), PASSWORD.to_owned(), "/name"),
            (&format!("{}@luedenhausen.example", "e".repeat(240)), "E", PASSWORD.to_owned(), "/email"),
        ] {
            let body = json!({"email": email, "name": name, "password": password});
            let reply = village.hires(&body).await;
            assert_eq!(reply.problem(422, "unprocessable"), [pointer]);
        }
        let good = with("/title", json!("🎺".repeat(200)));
        draft(&village, &good).send().await.expect(201);
    }

    async fn control_characters_are_refused_in_every_text(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let operator = dorf.operator().await;
        for bad in NOT_IN_A_LINE {
            let text = format!("Hof{bad}Bcc: alle@example.org");
            for pointer in ["/title", "/event/place"] {
                let reply = draft(&village, &with(pointer, json!(text))).send().await;
                assert_eq!(reply.problem(422, "unprocessable"), [pointer], "{bad:?}");
            }
            let topic = json!({"slug": "feuerwehr", "name": text});
            let reply = village.staff("POST", "/topics").bearer(&village.admin).json(&topic).send().await;
            assert_eq!(reply.problem(422, "unprocessable"), ["/name"], "{bad:?}");
            let reply = village.staff("PATCH", "/topics/verkehr").bearer(&village.admin).json(&json!({"name": text})).send().await;
            assert_eq!(reply.problem(422, "unprocessable"), ["/name"], "{bad:?}");
            let person = json!({"email": "e@luedenhausen.example", "name": text, "password": PASSWORD});
            let reply = village.hires(&person).await;
            assert_eq!(reply.problem(422, "unprocessable"), ["/name"], "{bad:?}");
            for member in ["name", "sender_name", "sender_address", "slug", "zone", "language", "ags"] {
                let body = village_with(&dorf, member, json!(text)).await;
                let reply = dorf.ask("POST", "/v1/operator/villages").bearer(operator).json(&body).send().await;
                assert_eq!(reply.problem(422, "unprocessable"), [format!("/{member}")], "{bad:?}");
            }
            let body = json!({"name": text, "ags": "05766041"});
            let reply = dorf.ask("POST", "/v1/operator/municipalities").bearer(operator).json(&body).send().await;
            assert_eq!(reply.problem(422, "unprocessable"), ["/name"], "{bad:?}");
            let reply = draft(&village, &with("/topic", json!(text))).send().await;
            assert_eq!(reply.problem(422, "unprocessable"), ["/topic"], "{bad:?}");
            let body = json!({"channel": "email", "email": "anna@example.org", "follows": [{"topic": text}]});
            let reply = subscribe(&village, &body).send().await;
            assert_eq!(reply.status, 422, "{bad:?} {}", reply.text());
            let body = json!({"email": text, "password": text});
            dorf.ask("POST", "/v1/admin/login").json(&body).send().await.problem(401, "wrong-credentials");
        }
        for bad in NOT_IN_A_TEXT {
            let reply = draft(&village, &with("/body_markdown", json!(format!("Guten{bad}Tag")))).send().await;
            assert_eq!(reply.problem(422, "unprocessable"), ["/body_markdown"], "{bad:?}");
        }
        assert!(posts(&village).await.is_empty());
    }

    async fn whatever_people_write_comes_back_as_it_was(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let mut texts: Vec<String> = entries("sicherheit/blns.json").iter().filter_map(|text| text.as_str().map(str::to_owned)).collect();
        texts.extend(["שלום עולם", "مرحبا \u{202e}txt.exe", "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢", "👩‍👩‍👧‍👦 🏳️‍🌈 👍🏿", "{{ title }} {% raw %} ${x}", "ﬁ ſ K ß İ"].map(str::to_owned));
        let mut kept = HashMap::new();
        for text in &texts {
            let reply = draft(&village, &json!({"kind": "news", "title": "A", "body_markdown": text})).send().await;
            let body = if reply.status == 201 { text.as_str() } else {
                assert_eq!(reply.problem(422, "unprocessable"), ["/body_markdown"], "{text:?}");
                ""
            };
            let reply = draft(&village, &json!({"kind": "news", "title": text, "body_markdown": body})).send().await;
            if reply.status == 201 {
                let etag = reply.header("etag");
                let path = format!("/posts/{}/publish", reply.str("id"));
                village.editor().ask("POST", &path).header("if-match", &etag).send().await.expect(200);
                kept.insert(reply.str("id"), (text.trim().to_owned(), body.replace("\r\n", "\n")));
            } else {
                assert_eq!(reply.problem(422, "unprocessable"), ["/title"], "{text:?}");
            }
        }
        assert!(kept.len() > texts.len() / 2, "most of them are only text: {} of {}", kept.len(), texts.len());
        let admin = posts(&village).await;
        let (mut seen, mut cursor) = (0, String::new());
        loop {
            let page = village.ask("GET", &format!("/feed?limit=100{cursor}")).send().await.expect(200).json();
            for post in page["items"].as_array().expect("posts") {
                let id = post["id"].as_str().expect("an identifier");
                let (title, body) = &kept[id];
                for read in [post, &admin[id]] {
                    assert_eq!((&read["title"], &read["body_markdown"]), (&json!(title), &json!(body)));
                }
                assert_inert(post["body_html"].as_str().expect("HTML"), body);
                seen += 1;
            }
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(seen, kept.len());
    }

    async fn html_in_markdown_is_inert(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let text = |entry: &Value, name: &str| entry[name].as_str().map(str::to_owned);
        let mut payloads: Vec<String> = entries("sicherheit/dompurify_expect.json").iter().filter_map(|entry| text(entry, "payload")).collect();
        payloads.extend(entries("sicherheit/bleach.json").iter().filter_map(|entry| text(entry, "input")));
        let own = [
            "<script>alert(1)</script>", "[a](javascript:alert(1))", "[a](JaVaScRiPt&colon;alert(1))", "[a](data:text/html,x)",
            "![a](https://example.org/x.png\"onerror=\"alert(1))", "<javascript:alert(1)>", "[a](<java\tscript:alert(1)>)",
            "<https://example.org/\"onmouseover=\"alert(1)>", "[a](https://example.org \"x\\\" onclick=alert(1)\")", "[a](//evil.example)",
            "<a href='x' onclick='y'>z</a>", "`<img src=x onerror=y>`", "[a]: vbscript:x\n\n[a]", "<svg><style><!--</style><img src=x onerror=y>-->",
            "[<img src=x onerror=alert(1)>](https://example.org)", "<iframe srcdoc='<script>'></iframe>", "# <object data=x>", "&lt;script&gt;alert(1)&lt;/script&gt;",
        ];
        payloads.extend(own.map(str::to_owned));
        for payload in payloads {
            for body in [payload.clone(), format!("[{payload}]({payload})"), format!("<{payload}>"), format!("```{payload}\n{payload}")] {
                let reply = draft(&village, &json!({"kind": "news", "title": "A", "body_markdown": body})).send().await;
                if reply.status == 201 {
                    assert_inert(&reply.str("body_html"), &body);
                } else {
                    assert_eq!(reply.problem(422, "unprocessable"), ["/body_markdown"], "{body}");
                }
            }
        }
    }

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

    async fn only_real_keys_of_a_browser_are_taken(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let device = dorf.push.new_device().await;
        let point = URL_SAFE_NO_PAD.decode(device.p256dh()).expect("base64url");
        let compressed = [&[2 + (point[64] & 1)], &point[1..33]].concat();
        let mut off_the_curve = point.clone();
        off_the_curve[64] ^= 1;
        let mut hybrid = point.clone();
        hybrid[0] = 6 + (point[64] & 1);
        let zeros = vec![0u8; 65];
        let mut no_point = vec![4u8];
        no_point.extend([0u8; 64]);
        let too_big = [&[4u8][..], &[0xff; 64]].concat();
        let wrong = [vec![], vec![0], point[..64].to_vec(), [&point[..], &[0]].concat(), compressed, off_the_curve, hybrid, zeros, no_point, too_big];
        let mut keys: Vec<String> = wrong.iter().map(|bytes| URL_SAFE_NO_PAD.encode(bytes)).collect();
        keys.extend(["kein base64!", "====", "ä", "\0"].map(str::to_owned));
        for key in keys {
            let body = push_with(&dorf, "/web_push/keys/p256dh", json!(key)).await;
            assert_eq!(subscribe(&village, &body).send().await.problem(422, "unprocessable"), ["/web_push/keys/p256dh"], "{key}");
        }
        let mut secrets: Vec<String> = [0, 1, 15, 17, 32].iter().map(|length| URL_SAFE_NO_PAD.encode(vec![7u8; *length])).collect();
        secrets.extend(["kein base64!", "\0", "+/+/+/+/+/+/+/+/+/+/+w=="].map(str::to_owned));
        for secret in secrets {
            let body = push_with(&dorf, "/web_push/keys/auth", json!(secret)).await;
            assert_eq!(subscribe(&village, &body).send().await.problem(422, "unprocessable"), ["/web_push/keys/auth"], "{secret}");
        }
        let body = push_with(&dorf, "/channel", json!("email")).await;
        let mut faults = subscribe(&village, &body).send().await.problem(422, "unprocessable");
        faults.sort();
        assert_eq!(faults, ["/email", "/web_push"]);
        let body = json!({"channel": "web_push", "email": "anna@example.org"});
        assert_eq!(subscribe(&village, &body).send().await.problem(422, "unprocessable"), ["/web_push", "/email"]);
    }

    async fn nothing_is_sent_to_where_a_stranger_points(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let mut wrong: Vec<String> = [
            "", "kein URL", "fcm.googleapis.com/fcm/send/x", "http://fcm.googleapis.com/fcm/send/x", "ftp://fcm.googleapis.com/x",
            "https://fcm.googleapis.com:8443/x", "https://fcm.googleapis.com:80/x", "https://user@fcm.googleapis.com/x",
            "https://user:secret@fcm.googleapis.com/x", "https://fcm.googleapis.com/x#y", "https://fcm.googleapis.com/x#",
            "https://evilfcm.googleapis.com.evil.example/x", "https://fcm.googleapis.com.evil.example/x", "https://evilfcm.googleapis.com/x",
            "https://xpush.apple.com/x", "https://push.apple.com/x", "https://evil.example/?fcm.googleapis.com", "https://evil.example",
            "https://fcm.googleapis.com@evil.example/x", "https://fcm.googleapis.com%2eevil.example/x", "https://evil.example\\@fcm.googleapis.com/x",
            "https://fcm.googleapis.com./x", "https://.push.apple.com/x", "https:///x", "https://localhost/x", "https://localhost.localdomain/x",
            "https://fcm.googleapis.com/x\r\nHost: evil.example", "https://fcm.googleapis.com/ x", "https://fcm.googleapis.com/\0",
            "file:///etc/passwd", "data:text/plain,x", "javascript:alert(1)", "gopher://127.0.0.1:25/x", "unix:/run/x.sock", "//fcm.googleapis.com/x",
        ].map(str::to_owned).into();
        let hosts = [
            "127.0.0.1", "127.1", "0x7f.1", "0x7f000001", "0177.0.0.1", "017700000001", "2130706433", "0", "[::1]", "[::]", "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1",
            "[fe80::1]", "[fc00::1]", "[fd00:ec2::254]", "8.8.8.8", "[2001:4860:4860::8888]", "①②⑦.0.0.1", "127。0。0。1", "%31%32%37.0.0.1",
        ];
        wrong.extend(hosts.iter().flat_map(|host| [format!("https://{host}/x"), format!("https://{host}:443/x"), format!("http://{host}/x")]));
        wrong.push(format!("https://fcm.googleapis.com/fcm/send/{}", "x".repeat(2048)));
        // The test's own receiver is allowed by its origin, and by nothing that only resembles it.
        let own = dorf.push.origin();
        wrong.extend([own.replace("127.0.0.1", "127.0.0.2"), own.replace("http:", "https:"), own.replacen("://", "://u@", 1), format!("{own}0/x")]);
        for endpoint in &wrong {
            let body = push_with(&dorf, "/web_push/endpoint", json!(endpoint)).await;
            let reply = subscribe(&village, &body).send().await;
            assert_eq!(reply.problem(422, "unprocessable"), ["/web_push/endpoint"], "{endpoint}");
            assert!(endpoint.len() < 8 || !reply.text().contains(endpoint.as_str()), "the answer repeats it: {}", reply.text());
        }
        for endpoint in ["https://fcm.googleapis.com/fcm/send/x", "https://FCM.googleapis.com:443/x", "https://api.push.apple.com/3/x"] {
            let body = push_with(&dorf, "/web_push/endpoint", json!(endpoint)).await;
            subscribe(&village, &body).send().await.expect(201);
        }
    }

    async fn a_mail_address_is_one_and_nothing_else(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let ask = |address: &str| subscribe(&village, &json!({"channel": "email", "email": address}));
        let mut wrong: Vec<String> = [
            "", "anna", "@example.org", "anna@", "anna@example", "anna@@example.org", "anna@example.org\r\nBcc: alle@example.org", "anna@exa mple.org",
            "anna@example.org\nBcc: alle@example.org", "anna%0d%0a@example.org\r", "anna\0@example.org", "anna@example.org,otto@example.org",
            "Anna <anna@example.org>", "\"Anna\"@example.org", "anna@example.org; otto@example.org", "anna@.example.org", "anna@example.org.",
            "a\u{2028}b@example.org", "anna@example..org", "anna@[127.0.0.1].", "(a)anna@example.org", "anna\u{85}@example.org",
        ].map(str::to_owned).into();
        wrong.push(format!("{}@example.org", "a".repeat(65)));
        wrong.push(format!("a@{}.org", "example.".repeat(32)));
        for address in &wrong {
            let reply = ask(address).send().await;
            // White space around an address is taken off, so a line break at its end may be one of those.
            if reply.status != 201 || address.trim() == address {
                assert_eq!(reply.problem(422, "unprocessable"), ["/email"], "{address:?}");
            }
        }
        for case in entries("adressen/email_address_crate.json") {
            let address = case["address"].as_str().unwrap_or_default();
            let reply = ask(address).send().await;
            if reply.status == 201 {
                assert_eq!(case["valid"], true, "{address:?} was accepted");
            } else {
                assert_eq!(reply.problem(422, "unprocessable"), ["/email"], "{address:?}");
            }
        }
        let accepted = ask("  Anna+Dorf@Example.org ").send().await.expect(201);
        let path = format!("/subscriptions/{}", accepted.str("id"));
        let shown = village.ask("GET", &path).bearer(&accepted.str("secret")).send().await.expect(200);
        assert_eq!(shown.str("email"), "Anna+Dorf@example.org");
        dorf.work_off().await;
        assert!(dorf.mail.mails().iter().all(|mail| mail.to.len() == 1), "one recipient a mail");
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

    async fn times_that_make_no_sense_are_named(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let starts = [
            "2027-03-28T02:30", "2027-03-28T02:00:00", "2027-02-29T10:00", "2026-12-06", "06.12.2026 15:00", "2026-12-06T25:00", "2026-12-06T15:00Z",
            "2026-12-06T15:00+01:00", "0001-01-01T00:00", "9999-12-31T23:59", "", "-2026-12-06T15:00", "+12026-12-06T15:00", "2026-12-06 15:00",
        ];
        for start in starts {
            let reply = draft(&village, &event("Fest", start).0).send().await;
            assert_eq!(reply.problem(422, "unprocessable"), ["/event/starts_local"], "{start}");
        }
        let gap = draft(&village, &event("Fest", "2027-03-28T02:30").0).send().await;
        assert_eq!(gap.json()["errors"][0]["detail"], "gibt es nicht: in dieser Nacht werden die Uhren vorgestellt");
        let wrong = [
            ("/event/ends_local", json!("2026-12-06T14:59")), ("/event/ends_local", json!("2027-03-28T02:30")), ("/event/ends_local", json!("später")),
            ("/event/zone", json!("Europe/Lemgo")), ("/event/zone", json!("CEST+1")), ("/event/zone", json!("")), ("/event/zone", json!("../../etc/passwd")),
            ("/event/zone", json!("Europe/Berlin\0")),
        ];
        for (pointer, value) in wrong {
            let reply = draft(&village, &with(pointer, value.clone())).send().await;
            assert_eq!(reply.problem(422, "unprocessable"), [pointer], "{value}");
        }
        for zone in ["America/New_York", "Asia/Kathmandu", "UTC"] {
            let body = with("/event/zone", json!(zone));
            assert_eq!(draft(&village, &body).send().await.expect(201).get("event")["zone"], zone);
        }
        for second in ["2026-12-06T15:00:60", "2026-10-25T02:30:00", "2200-12-31T23:59:59", "1900-01-01T00:00"] {
            let reply = draft(&village, &event("Fest", second).0).send().await;
            assert!([201, 422].contains(&reply.status), "{second}: {}", reply.text());
        }
        for expiry in ["+262142-12-31T23:59:59Z", "-262143-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999+14:00", "2026-06-30T23:59:60Z"] {
            let reply = draft(&village, &news("A").with("expires_at", json!(expiry)).0).send().await;
            assert!([201, 400, 422].contains(&reply.status), "{expiry}: {}", reply.text());
            if reply.status == 201 {
                village.editor().ask("GET", &format!("/posts/{}", reply.str("id"))).send().await.expect(200);
            }
        }
    }

    async fn events_have_dates_and_nothing_else_has(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let stemmen = dorf.village("stemmen").await;
        let topic = json!({"slug": "jugend", "name": "Jugend"});
        stemmen.staff("POST", "/topics").bearer(&stemmen.admin).json(&topic).send().await.expect(201);
        let dates = event("Fest", "2026-12-06T15:00").0["event"].clone();
        for kind in ["news", "notice", "alert"] {
            let body = json!({"kind": kind, "title": "A", "event": dates});
            assert_eq!(draft(&village, &body).send().await.problem(422, "unprocessable"), ["/event"]);
        }
        for nothing in [json!({"kind": "event", "title": "A"}), json!({"kind": "event", "title": "A", "event": null})] {
            assert_eq!(draft(&village, &nothing).send().await.problem(422, "unprocessable"), ["/event"]);
        }
        for elsewhere in ["jugend", "gibt-es-nicht", "", "Verkehr", "verkehr "] {
            let reply = draft(&village, &news("A").on(elsewhere).0).send().await;
            assert_eq!(reply.problem(422, "unprocessable"), ["/topic"], "{elsewhere}");
        }
        let post = village.editor().drafts(news("A")).await;
        let change = |change: Value| { let post = post.clone(); let village = &village; async move { village.editor().changes(&post, &change).await } };
        assert_eq!(change(json!({"event": dates})).await.problem(422, "unprocessable"), ["/event"]);
        assert_eq!(change(json!({"topic": "jugend"})).await.problem(422, "unprocessable"), ["/topic"]);
        assert_eq!(change(json!({"title": "a\u{85}b"})).await.problem(422, "unprocessable"), ["/title"]);
        assert_eq!(change(json!({"title": ""})).await.problem(422, "unprocessable"), ["/title"]);
        let body = json!({"channel": "email", "email": "anna@example.org", "follows": [{"topic": "jugend"}]});
        assert_eq!(subscribe(&village, &body).send().await.status, 422);
        assert_eq!(posts(&village).await.len(), 1);
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

    async fn a_page_shows_names_as_text(on: Backend) {
        let dorf = Dorf::start(on).await;
        let mut body = village_with(&dorf, "name", json!("<b>x</b>\"'&<script>alert(1)</script>")).await;
        body["sender_name"] = json!("\"Bürgermeister\", <b> & Söhne");
        dorf.ask("POST", "/v1/operator/villages").bearer(dorf.operator().await).json(&body).send().await.expect(201);
        let page = dorf.ask("GET", "/v1/villages/osterhagen/subscriptions/confirm/abc").send().await.expect(200);
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        assert!(page.text().contains("x") && !page.text().contains("<b>x") && !page.text().contains("<script"), "{}", page.text());
        assert!(page.header("content-security-policy").contains("default-src 'none'"));
        for language in ["de", "en"] {
            let page = dorf.ask("GET", "/v1/villages/osterhagen/subscriptions/confirm/%3Cscript%3E").header("accept-language", language).send().await;
            assert!(!page.text().contains("<script"), "{}", page.text());
        }
        let shown = dorf.ask("GET", "/v1/villages/osterhagen").send().await.expect(200);
        assert_eq!(shown.header("x-content-type-options"), "nosniff");
        assert_eq!(shown.str("name"), "<b>x</b>\"'&<script>alert(1)</script>");
    }

    async fn after_the_barrage_nothing_is_half_done(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let post = village.editor().publishes(news("Vorher").on("verkehr")).await;
        dorf.work_off().await;
        let anna = village.resident("anna").by_push().await;
        let before = (posts(&village).await, village.feed().await.body);
        for case in collection("json/JSONTestSuite_test_parsing.jsonl").unwrap_or_default().lines() {
            let case: Value = serde_json::from_str(case).expect("a case");
            let bytes = STANDARD.decode(case["b64"].as_str().expect("bytes")).expect("base64");
            for (method, path) in [("POST", "/posts".to_owned()), ("PATCH", format!("/posts/{}", post.id))] {
                let ask = village.editor().ask(method, &path).header("content-type", "application/json").header("if-match", &post.etag);
                if method == "PATCH" && case["expect"] != "reject" {
                    continue; // some of them are good changes
                }
                let reply = ask.bytes(bytes.clone()).send().await;
                assert!((400..500).contains(&reply.status), "{method} {}: {}", case["name"], reply.text());
            }
            let reply = village.ask("POST", "/subscriptions").header("content-type", "application/json").bytes(bytes).send().await;
            assert!((400..500).contains(&reply.status), "{}: {}", case["name"], reply.text());
        }
        for naughty in entries("sicherheit/blns.json") {
            for member in ["kind", "topic", "expires_at", "event", "state"] {
                let reply = draft(&village, &news("A").with(member, naughty.clone()).0).send().await;
                assert!([400, 422].contains(&reply.status), "{member} {naughty}: {}", reply.text());
            }
            let body = json!({"channel": "email", "email": naughty});
            let reply = subscribe(&village, &body).send().await;
            assert!([422].contains(&reply.status), "{naughty}: {}", reply.text());
        }
        assert_eq!((posts(&village).await, village.feed().await.body), before);
        dorf.ask("GET", "/health/ready").send().await.expect(200);
        dorf.work_off().await;
        assert!(anna.pushes().is_empty(), "she came after the post: {:?}", anna.pushes());
        assert!(dorf.mail.mails().is_empty());
    }
}
