//! What strangers and clumsy clients send: everything is refused by name, nothing breaks, nothing is half done, and what is
//! accepted comes back as it was and does no harm.

mod addresses;
mod dates;
mod members;
mod parameters;
mod texts;
mod unseen;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::PathBuf;
use tests::kit::{Ask, Backend, Dorf, VillageKit, event, news};
use tests::stories;

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

/// Subscribes with this body.
fn subscribe(village: &VillageKit<'_>, body: &Value) -> Ask {
    village.ask("POST", "/subscriptions").json(body)
}

stories! {
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
