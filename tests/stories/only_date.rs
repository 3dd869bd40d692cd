//! An event that happens once: what becomes of its only date becomes of it, wherever it is read.

use serde_json::{Value, json};
use tests::kit::{Backend, Dorf, Draft, Post, VillageKit, event};
use tests::stories;

/// A bazaar on one Saturday, with everything that its place has.
fn bazaar() -> Draft {
    event("Basar", "2026-12-05T14:00").saying("Kuchen und Kerzen.").with(
        "event",
        json!({"starts_local": "2026-12-05T14:00", "ends_local": "2026-12-05T17:00", "place": "Gemeindehaus",
            "address": "Am Dorfplatz 1", "access": ["step_free"]}),
    )
}

async fn public(village: &VillageKit<'_>, post: &Post) -> Value {
    village.ask("GET", &format!("/posts/{}", post.id)).send().await.expect(200).json()
}

/// The calendar of an event, unfolded.
async fn calendar(village: &VillageKit<'_>, post: &Post) -> String {
    let reply = village.ask("GET", &format!("/posts/{}/event.ics", post.id)).send().await.expect(200);
    reply.text().replace("\r\n ", "")
}

async fn linked(village: &VillageKit<'_>, post: &Post) -> Value {
    village.ask("GET", &format!("/posts/{}/event.jsonld", post.id)).send().await.expect(200).json()
}

/// The only date, as residents find it.
async fn date(village: &VillageKit<'_>) -> Value {
    let mut dates = village.occurrences("from=2026-12-01T00:00:00Z&to=2026-12-31T00:00:00Z").await;
    assert_eq!(dates.len(), 1, "{dates:?}");
    dates.remove(0)
}

stories! {
    async fn who_cancels_the_only_date_cancels_the_event(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let post = village.editor().publishes(bazaar()).await;
        dorf.work_off().await;
        let off = json!({"date": "2026-12-05T14:00", "state": "cancelled", "note": "Glatteis"});
        let post = village.editor().changes_date(&post, off).await;
        dorf.work_off().await;
        assert_eq!(anna.pushes(), ["Lüdenhausen · Termin: Basar", "Lüdenhausen · Abgesagt: Basar"]);
        assert_eq!(anna.last_body(), "Der Termin am Samstag, 5. Dezember, 14:00–17:00 Uhr, fällt aus. Glatteis.");
        let event = public(&village, &post).await["event"].clone();
        let note = json!([{"date": "2026-12-05T14:00:00", "state": "changed", "note": "Glatteis"}]);
        assert_eq!((&event["status"], &event["changed_dates"], &event["sequence"]), (&json!("cancelled"), &note, &json!(1)));
        assert_eq!(village.feed().await.json()["items"][0]["event"], event);
        let shown = date(&village).await;
        assert_eq!((&shown["state"], &shown["note"]), (&json!("cancelled"), &json!("Glatteis")), "{shown}");
        let calendar = calendar(&village, &post).await;
        for line in ["STATUS:CANCELLED", "SUMMARY:Abgesagt: Basar", "SEQUENCE:1", "DESCRIPTION:Glatteis\\n\\nKuchen und Kerzen."] {
            assert!(calendar.contains(line), "{line}:\n{calendar}");
        }
        assert_eq!((calendar.matches("BEGIN:VEVENT").count(), calendar.contains("RECURRENCE-ID")), (1, false), "{calendar}");
        let linked = linked(&village, &post).await;
        assert_eq!(linked["eventStatus"], "https://schema.org/EventCancelled");
        assert_eq!(linked["description"], "Glatteis\n\nKuchen und Kerzen.");
    }

    async fn a_later_correction_does_not_bring_a_cancelled_date_back(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let post = editor.publishes(bazaar()).await;
        let post = editor.changes_date(&post, json!({"date": "2026-12-05T14:00", "state": "cancelled", "note": "Glatteis"})).await;
        let post = Post::of(&editor.changes(&post, &json!({"body_markdown": "Kuchen und Kerzen, im Januar."})).await.expect(200));
        assert_eq!(date(&village).await["state"], "cancelled");
        assert_eq!(public(&village, &post).await["event"]["status"], "cancelled");
        let post = editor.changes_date(&post, json!({"date": "2026-12-05T14:00", "state": "planned"})).await;
        let shown = date(&village).await;
        assert_eq!((&shown["state"], shown["note"].is_null()), (&json!("planned"), true), "{shown}");
        assert_eq!(public(&village, &post).await["event"]["status"], "confirmed");
    }

    async fn who_moves_the_only_date_moves_the_event(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let editor = village.editor();
        let post = editor.publishes(bazaar()).await;
        dorf.work_off().await;
        let moved = json!({"date": "2026-12-05T14:00", "state": "changed", "starts_local": "2026-12-06T15:00", "place": "Halle",
            "title": "Großer Basar", "note": "Mehr Platz"});
        let post = editor.changes_date(&post, moved).await;
        dorf.work_off().await;
        assert_eq!(anna.last_body(), "Am Sonntag, 6. Dezember, 15:00–18:00 Uhr, Halle, statt am Samstag, 5. Dezember, 14:00–17:00 Uhr. Mehr Platz.");
        let shown = public(&village, &post).await;
        assert_eq!(shown["title"], "Großer Basar");
        let event = &shown["event"];
        assert_eq!((&event["starts_local"], &event["ends_local"]), (&json!("2026-12-06T15:00:00"), &json!("2026-12-06T18:00:00")), "{event}");
        assert_eq!((&event["place"], event["address"].is_null(), &event["access"]), (&json!("Halle"), true, &json!([])), "{event}");
        let found = date(&village).await;
        assert_eq!((&found["starts_local"], &found["date"]), (&json!("2026-12-06T15:00:00"), &json!("2026-12-06T15:00:00")), "{found}");
        let calendar = calendar(&village, &post).await;
        for line in ["DTSTART;TZID=Europe/Berlin:20261206T150000", "SUMMARY:Großer Basar", "LOCATION:Halle"] {
            assert!(calendar.contains(line), "{line}:\n{calendar}");
        }
        let linked = linked(&village, &post).await;
        assert_eq!((&linked["startDate"], &linked["location"]["name"]), (&json!("2026-12-06T15:00:00+01:00"), &json!("Halle")));
        let gone = json!({"date": "2026-12-05T14:00", "state": "cancelled"});
        assert_eq!(editor.asks_for_date(&post, &gone).await.problem(422, "unprocessable"), ["/date"]);
        let off = editor.changes_date(&post, json!({"date": "2026-12-06T15:00", "state": "cancelled"})).await;
        editor.changes_date(&off, json!({"date": "2026-12-06T15:00", "state": "changed", "ends_local": "2026-12-06T17:00"})).await;
        let found = date(&village).await;
        assert_eq!((&found["state"], &found["ends_local"]), (&json!("planned"), &json!("2026-12-06T17:00:00")), "{found}");
    }

    async fn what_is_said_of_an_only_date_in_a_draft_is_said_of_the_event(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        let saying = |one: Value| bazaar().with("event", json!({"starts_local": "2026-12-05T14:00", "changed_dates": [one]}));
        let moved = json!({"date": "2026-12-05T14:00", "state": "changed", "starts_local": "2026-12-06T15:00"});
        let saved = editor.ask("POST", "/posts").json(&saying(moved).0).send().await.expect(201);
        assert_eq!(saved.get("event")["starts_local"], "2026-12-06T15:00:00");
        let titled = json!({"date": "2026-12-05T14:00", "state": "changed", "title": "Anders"});
        let reply = editor.ask("POST", "/posts").json(&saying(titled).0).send().await;
        assert_eq!(reply.problem(422, "unprocessable"), ["/event/changed_dates/0/title"]);
        let post = editor.publishes(saying(json!({"date": "2026-12-05T14:00", "state": "cancelled", "note": "Glatteis"}))).await;
        assert_eq!(public(&village, &post).await["event"]["status"], "cancelled");
        let back = json!({"event": {"starts_local": "2026-12-05T14:00"}});
        let reply = editor.changes(&post, &back).await.expect(200);
        assert_eq!((&reply.get("event")["status"], &reply.get("event")["changed_dates"]), (&json!("confirmed"), &json!([])), "{}", reply.text());
        let all = json!({"date": "2026-12-05T14:00", "state": "cancelled", "reach": "this_and_following"});
        assert_eq!(editor.asks_for_date(&Post::of(&reply), &all).await.problem(422, "unprocessable"), ["/date"]);
    }
}
