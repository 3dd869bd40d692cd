//! One fact, one telling: what a post says, when, where and whether it takes place, and by whom, is the same wherever it is read.

mod addresses;
mod beside;
mod mails;
mod times;
mod whether;

use serde_json::{Value, json};
use tests::kit::{Dorf, Draft, Post, Reply, Resident, VillageKit, event};

/// The forms of the feed.
pub const FORMS: [&str; 3] = ["/feed.rss", "/feed.atom", "/feed.json"];

/// An event of which everything is known about its place.
pub fn concert(more: Value) -> Draft {
    let mut dates = json!({"starts_local": "2026-12-06T15:00", "ends_local": "2026-12-06T17:00", "place": "Gemeindehaus",
        "address": "Am Dorfplatz 1", "latitude": 52.0731, "longitude": 8.9921, "access": ["step_free"]});
    for (name, value) in more.as_object().expect("an object") {
        dates[name] = value.clone();
    }
    event("Konzert", "2026-12-06T15:00").with("event", dates)
}

/// What the newest entry of a feed says: its title, and its text in HTML.
pub async fn newest(village: &VillageKit<'_>, path: &str) -> (String, String) {
    let reply = village.ask("GET", path).send().await.expect(200);
    let feed =
        feed_rs::parser::parse(reply.body.as_slice()).unwrap_or_else(|error| panic!("{error}: {}", reply.text()));
    let entry = feed.entries.into_iter().next().expect("an entry");
    let content = entry.content.and_then(|content| content.body);
    let html = content.or(entry.summary.map(|summary| summary.content)).expect("a text");
    (entry.title.expect("a title").content, html)
}

/// What the newest push says: its title, and its text.
pub fn pushed(resident: &Resident<'_>) -> (String, String) {
    (resident.pushes().pop().expect("a push"), resident.last_body())
}

/// The text part of the newest mail, above the signature.
pub fn text(resident: &Resident<'_>) -> String {
    let text = resident.mails().pop().expect("a mail").text().replace("\r\n", "\n");
    text.split("\n-- \n").next().expect("a text").to_owned()
}

/// The `title` and the `h1` of the newest mail.
pub fn head(resident: &Resident<'_>) -> (String, String) {
    let html = resident.mails().pop().expect("a mail").html();
    let between = |before: &str, after: &str| {
        let rest = html.split_once(before).expect("a beginning").1;
        rest.split_once(after).expect("an end").0.to_owned()
    };
    (between("<title>", "</title>"), between("<h1 style=\"font-size: 1.5em\">", "</h1>"))
}

/// The calendar of an event, unfolded, one string a component.
pub async fn components(village: &VillageKit<'_>, post: &Post) -> Vec<String> {
    let reply = village.ask("GET", &format!("/posts/{}/event.ics", post.id)).send().await.expect(200);
    let text = reply.text().replace("\r\n ", "").replace("\r\n", "\n");
    text.split("BEGIN:VEVENT\n").skip(1).map(str::to_owned).collect()
}

/// An event as linked data.
pub async fn linked(village: &VillageKit<'_>, post: &Post) -> Value {
    village.ask("GET", &format!("/posts/{}/event.jsonld", post.id)).send().await.expect(200).json()
}

/// A change of the event of a post, without a word on whether to tell it.
pub async fn changes(village: &VillageKit<'_>, post: &Post, event: &Draft) -> Post {
    let changed = village.editor().changes(post, &json!({"event": event.0["event"]})).await.expect(200);
    village.dorf.work_off().await;
    Post::of(&changed)
}

/// A post of a club that is trusted, published by it.
pub async fn of_club(dorf: &Dorf, village: &VillageKit<'_>, token: &str, draft: Draft) -> Reply {
    let saved = village.staff("POST", "/posts").bearer(token).json(&draft.0).send().await.expect(201);
    let publish = village.staff("POST", &format!("/posts/{}/publish", saved.str("id"))).bearer(token);
    let published = publish.header("if-match", &saved.header("etag")).send().await.expect(200);
    dorf.work_off().await;
    published
}
