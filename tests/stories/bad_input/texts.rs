//! What people write: too long, with characters that nobody sees, in every script, and as HTML.

use super::{draft, entries, posts, subscribe, village_with, with};
use serde_json::{Value, json};
use std::collections::HashMap;
use tests::kit::{Backend, Dorf, PASSWORD};
use tests::stories;

/// Characters that no line of text may hold.
const NOT_IN_A_LINE: [&str; 10] =
    ["\0", "\r\n", "\n", "\r", "\t", "\u{1b}[31m", "\u{7f}", "\u{85}", "\u{2028}", "\u{2029}"];

/// Characters that no text of several lines may hold.
const NOT_IN_A_TEXT: [&str; 6] = ["\0", "\u{8}", "\u{1b}[31m", "\u{7f}", "\u{85}", "a\rb"];

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

stories! {
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
                // What hides something may be too long, too.
                assert!(reply.problem(422, "unprocessable").iter().all(|pointer| pointer == "/title"), "{text:?}");
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
}
