//! A reminder belongs to its date: it moves with it and ends with it.

use super::{at_work, series};
use serde_json::json;
use tests::kit::{Backend, Dorf, Post, event};
use tests::stories;

stories! {
    async fn a_date_that_moves_takes_its_reminder_with_it(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await.reminded(&[60]).await;
        let weekly = json!({"rrule": "FREQ=WEEKLY;COUNT=3", "ends_local": "2026-11-23T20:30"});
        let post = village.editor().publishes(series("Chorprobe", "2026-11-23T19:00", weekly)).await;
        dorf.work_off().await;
        let moved = json!({"date": "2026-11-23T19:00", "state": "changed", "starts_local": "2026-11-24T18:00", "place": "Kirche",
            "title": "Generalprobe", "note": "Bitte Noten mitbringen", "notify": false});
        let post = village.changes_date(&post, moved).await;
        at_work(&dorf, "2026-11-23T18:30:00Z").await;
        assert!(anna.reminders().is_empty());
        at_work(&dorf, "2026-11-24T16:00:00Z").await;
        assert_eq!(anna.reminders(), ["Generalprobe"]);
        assert!(anna.last_body().starts_with("Dienstag, 24. November, 18:00–19:30 Uhr, Kirche. Bitte Noten mitbringen. "), "{}", anna.last_body());
        // The next is cancelled, the whole series an hour earlier, and in another zone.
        let village = village.next_day().await;
        let post = village.changes_date(&post, json!({"date": "2026-11-30T19:00", "state": "cancelled", "notify": false})).await;
        at_work(&dorf, "2026-11-30T18:30:00Z").await;
        assert_eq!(anna.reminders().len(), 1);
        let village = village.next_day().await;
        let london = json!({"event": {"starts_local": "2026-11-23T17:00", "zone": "Europe/London", "rrule": "FREQ=WEEKLY;COUNT=3"}, "notify": false});
        village.editor().changes(&post, &london).await.expect(200);
        at_work(&dorf, "2026-12-07T15:59:59Z").await;
        assert_eq!(anna.reminders().len(), 1);
        at_work(&dorf, "2026-12-07T16:00:00Z").await;
        assert_eq!(anna.reminders().len(), 2);
        assert!(anna.last_body().starts_with("Montag, 7. Dezember, 18:00 Uhr. "), "by the clocks of the village: {}", anna.last_body());
    }

    async fn what_is_cancelled_postponed_withdrawn_or_over_is_not_reminded_of(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await.reminded(&[60]).await;
        let editor = village.editor();
        let publish = async |title: &str| editor.publishes(event(title, "2026-11-22T19:00")).await;
        let (off, later, gone, over) = (publish("Abgesagt").await, publish("Verschoben").await, publish("Weg").await, publish("Vorbei").await);
        let status = |status: &str| json!({"event": {"starts_local": "2026-11-22T19:00", "status": status}, "notify": false});
        let off = Post::of(&editor.changes(&off, &status("cancelled")).await.expect(200));
        editor.changes(&later, &status("postponed")).await.expect(200);
        editor.step(&gone, "withdraw").await.expect(200);
        editor.changes(&over, &json!({"expires_at": "2026-11-22T16:00:00Z"})).await.expect(200);
        let on = publish("Vielleicht").await;
        editor.changes(&on, &status("tentative")).await.expect(200);
        at_work(&dorf, "2026-11-22T17:00:00Z").await;
        assert_eq!(anna.reminders(), ["Vielleicht"]);
        // It takes place after all; the hour before has begun, and who follows is told of it as a change.
        editor.changes(&off, &status("confirmed")).await.expect(200);
        at_work(&dorf, "2026-11-22T17:30:00Z").await;
        assert_eq!(anna.reminders().len(), 1);
    }

    async fn what_moves_after_its_reminder_is_reminded_of_again_where_there_is_time(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await.reminded(&[120]).await;
        let editor = village.editor();
        let post = editor.publishes(event("Probe", "2026-11-22T19:00")).await;
        at_work(&dorf, "2026-11-22T16:00:00Z").await;
        assert_eq!(anna.reminders().len(), 1);
        // Half an hour later in the evening: two hours before that are over, so the change is all there is to tell.
        dorf.set_time(super::at("2026-11-22T17:00:00Z"));
        let to = |starts: &str| json!({"event": {"starts_local": starts}});
        let post = Post::of(&editor.changes(&post, &to("2026-11-22T19:30")).await.expect(200));
        at_work(&dorf, "2026-11-22T17:20:00Z").await;
        assert_eq!(anna.reminders().len(), 1);
        assert_eq!(anna.pushes().last().map(String::as_str), Some("Lüdenhausen · Verlegt: Probe"));
        // Back to where it was reminded of: not again. To the next day: again.
        let post = Post::of(&editor.changes(&post, &to("2026-11-22T19:00")).await.expect(200));
        at_work(&dorf, "2026-11-22T17:40:00Z").await;
        assert_eq!(anna.reminders().len(), 1);
        editor.changes(&post, &to("2026-11-23T19:00")).await.expect(200);
        at_work(&dorf, "2026-11-23T15:59:59Z").await;
        assert_eq!(anna.reminders().len(), 1);
        at_work(&dorf, "2026-11-23T16:00:00Z").await;
        assert_eq!(anna.reminders().len(), 2);
    }
}
