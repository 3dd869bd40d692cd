//! The same date, moved and then called off, as everybody tells it. `--nocapture` shows it side by side.

use super::{FORMS, components, concert, linked, newest, pushed, text};
use serde_json::{Value, json};
use tests::kit::{Backend, Dorf, Post, Resident, VillageKit};
use tests::stories;

/// The piece of a text between two marks, with them.
fn piece(text: &str, from: &str, to: &str) -> String {
    let rest = &text[text.find(from).unwrap_or_else(|| panic!("{from}: {text}"))..];
    rest[..rest.find(to).unwrap_or(rest.len() - to.len()) + to.len()].to_owned()
}

/// Prints what everybody tells, side by side.
async fn show(village: &VillageKit<'_>, anna: &Resident<'_>, post: &Post, what: &str) {
    let read = async |path: &str| village.ask("GET", path).send().await.expect(200);
    let mail = anna.mails().pop().expect("a mail");
    let push = anna.device().received().pop().expect("a push");
    println!("==== {what}\n--- mail\nSubject: {}\n\n{}", mail.subject(), mail.text());
    println!("--- push, topic {}\n{}", push.header("topic").unwrap_or_default(), push.payload["notification"]);
    println!("--- RSS\n{}", piece(&read("/feed.rss").await.text(), "<item>", "</item>"));
    println!("--- Atom\n{}", piece(&read("/feed.atom").await.text(), "<entry>", "</entry>"));
    println!("--- JSON Feed\n{}", read("/feed.json").await.json()["items"][0]);
    println!("--- ICS\n{}", components(village, post).await.pop().unwrap_or_default());
    println!("--- JSON-LD\n{}", linked(village, post).await["subEvent"][1]);
}

stories! {
    async fn a_date_that_was_moved_and_then_called_off(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await.by_mail().await;
        let post = village.editor().publishes(concert(json!({"rrule": "FREQ=WEEKLY;COUNT=3"}))).await;
        dorf.work_off().await;
        let moved = json!({"date": "2026-12-13T15:00", "state": "changed", "starts_local": "2026-12-12T16:00", "place": "Kirche", "note": "Die Heizung ist aus."});
        let post = village.changes_date(&post, moved).await;
        dorf.work_off().await;
        show(&village, &anna, &post, "moved").await;
        let told = "Am Samstag, 12. Dezember, 16:00–18:00 Uhr, Kirche, statt am Sonntag, 13. Dezember, 15:00–17:00 Uhr";
        assert_eq!(pushed(&anna), ("Lüdenhausen · Verlegt auf Samstag, 12. Dezember: Konzert".to_owned(), format!("{told}. Die Heizung ist aus.")));
        assert_eq!(anna.subjects().pop().as_deref(), Some("Verlegt auf Samstag, 12. Dezember: Konzert"));
        assert_eq!(text(&anna).replace("\n", " ").trim_end(), format!("Lüdenhausen · Verlegt auf Samstag, 12. Dezember Konzert  {told}. Die Heizung ist aus.  Alle sind eingeladen."));
        everywhere(&village, &post, "Am Samstag, 12. Dezember 2026, 16:00–18:00 Uhr, Kirche, statt am Sonntag, 13. Dezember 2026, 15:00–17:00 Uhr. Die Heizung ist aus.",
            ("CONFIRMED", "SUMMARY:Konzert", "EventRescheduled")).await;
        let off = json!({"date": "2026-12-13T15:00", "state": "cancelled", "note": "Der Chor ist krank."});
        let post = village.changes_date(&post, off).await;
        dorf.work_off().await;
        show(&village, &anna, &post, "called off").await;
        let told = "Der Termin am Samstag, 12. Dezember, 16:00–18:00 Uhr, fällt aus";
        assert_eq!(pushed(&anna), ("Lüdenhausen · Abgesagt: Konzert".to_owned(), format!("{told}. Der Chor ist krank.")));
        assert_eq!(anna.subjects().pop().as_deref(), Some("Abgesagt: Konzert am Samstag, 12. Dezember"));
        assert_eq!(text(&anna).replace("\n", " ").trim_end(), format!("Lüdenhausen · Abgesagt Konzert  {told}. Der Chor ist krank.  Alle sind eingeladen."));
        everywhere(&village, &post, "Der Termin am Samstag, 12. Dezember 2026, 16:00–18:00 Uhr, fällt aus. Der Chor ist krank.",
            ("CANCELLED", "SUMMARY:Abgesagt: Konzert", "EventCancelled")).await;
        let pushes = anna.device().received();
        assert_eq!(pushes[1].payload["notification"]["tag"], pushes[2].payload["notification"]["tag"], "the same matter");
        assert_ne!(pushes[0].payload["notification"]["tag"], pushes[1].payload["notification"]["tag"]);
    }
}

/// In the three feeds, the calendar and the linked data.
async fn everywhere(village: &VillageKit<'_>, post: &Post, said: &str, (state, summary, status): (&str, &str, &str)) {
    for form in FORMS {
        let (_, html) = newest(village, form).await;
        let whole = "Ab 6. Dezember 2026 jeden Sonntag 15:00–17:00 Uhr, 3-mal, Gemeindehaus, Am Dorfplatz 1";
        assert!(html.contains(&format!("<strong>{whole}</strong><br><strong>{said}</strong>")), "{form}: {html}");
    }
    let date = components(village, post).await.pop().expect("a date");
    for line in ["DTSTART;TZID=Europe/Berlin:20261212T160000", "LOCATION:Kirche"] {
        assert!(date.contains(line), "{line}: {date}");
    }
    assert!(date.contains(&format!("STATUS:{state}")) && date.contains(summary) && !date.contains("GEO"), "{date}");
    let date = linked(village, post).await["subEvent"][1].clone();
    let place = json!({"@type": "Place", "name": "Kirche", "address": "Lüdenhausen"});
    assert_eq!((&date["startDate"], &date["location"]), (&json!("2026-12-12T16:00:00+01:00"), &place), "{date}");
    assert_eq!(date["eventStatus"], Value::from(format!("https://schema.org/{status}")));
}
