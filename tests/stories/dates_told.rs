//! What becomes of the dates of public events is told: once for each change, in its own words.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use tests::kit::{Backend, Dorf, Draft, Post, VillageKit, event};
use tests::stories;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

/// The choir's rehearsals on six Tuesdays.
fn choir() -> Draft {
    let dates = json!({"starts_local": "2026-12-01T19:00", "ends_local": "2026-12-01T20:30", "rrule": "FREQ=WEEKLY;COUNT=6", "place": "Gemeindehaus"});
    event("Chorprobe", "2026-12-01T19:00").with("event", dates)
}

/// A change of the event of a post, without a word on whether to tell it.
async fn changes(village: &VillageKit<'_>, post: &Post, event: Value) -> Post {
    Post::of(&village.editor().changes(post, &json!({"event": event})).await.expect(200))
}

stories! {
    async fn a_cancelled_date_is_told_as_cancelled_once(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let bert = village.resident("bert").by_mail().await;
        let cleo = village.resident("cleo").follows("verkehr").by_push().await;
        let post = village.editor().publishes(choir()).await;
        dorf.work_off().await;
        let off = json!({"date": "2026-12-08T19:00", "state": "cancelled", "note": "Weihnachtsmarkt"});
        let ask = || village.editor().ask("POST", &format!("/posts/{}/dates", post.id))
            .header("if-match", &post.etag).header("idempotency-key", "absage-1").json(&off);
        ask().send().await.expect(200);
        ask().send().await.expect(200);
        dorf.work_off().await;
        dorf.work_off().await;
        assert_eq!(anna.pushes(), ["Lüdenhausen · Termin: Chorprobe", "Lüdenhausen · Abgesagt: Chorprobe"]);
        assert_eq!(anna.last_body(), "Der Termin am Dienstag, 8. Dezember, 19:00–20:30 Uhr, fällt aus. Weihnachtsmarkt.");
        let same = |n: usize| anna.device().received()[n].payload["notification"]["tag"].clone();
        let date = json!(format!("{}-20261208T1900", post.id));
        assert_eq!((same(0), same(1)), (json!(post.id), date), "it is another matter than the series");
        assert_eq!(bert.subjects(), ["Termin: Chorprobe", "Abgesagt: Chorprobe am Dienstag, 8. Dezember"]);
        let mail = bert.mails().pop().expect("a mail");
        assert!(mail.text().replace("\r\n", "\n").starts_with("Lüdenhausen · Abgesagt\nChorprobe\n\nDer Termin"), "{}", mail.text());
        assert!(mail.html().contains("fällt aus.</strong><br><strong>Weihnachtsmarkt</strong>"), "{}", mail.html());
        assert!(mail.raw_header("List-Unsubscribe-Post").is_some());
        assert!(cleo.pushes().is_empty());
        assert_eq!(village.told(&post).await, ["published", "cancelled"]);
    }

    async fn each_change_of_dates_has_its_words(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let mut post = village.editor().publishes(choir()).await;
        dorf.work_off().await;
        let dates = [
            (json!({"date": "2026-12-15T19:00", "state": "changed", "starts_local": "2026-12-16T18:00", "place": "Kirche"}), "Verlegt auf Mittwoch, 16. Dezember",
                "Am Mittwoch, 16. Dezember, 18:00–19:30 Uhr, Kirche, statt am Dienstag, 15. Dezember, 19:00–20:30 Uhr."),
            (json!({"date": "2026-12-01T19:00", "state": "changed", "title": "Singabend", "place": "Schule"}), "Geändert",
                "Dienstag, 1. Dezember, 19:00–20:30 Uhr, Schule."),
            (json!({"date": "2026-12-15T19:00", "state": "cancelled"}), "Abgesagt", "Der Termin am Mittwoch, 16. Dezember, 18:00–19:30 Uhr, fällt aus."),
            (json!({"date": "2026-12-15T19:00", "state": "changed"}), "Findet doch statt", "Der Termin am Dienstag, 15. Dezember, 19:00–20:30 Uhr, Gemeindehaus, findet statt."),
            (json!({"date": "2026-12-29T19:00", "state": "cancelled", "reach": "this_and_following"}), "Abgesagt ab 29. Dezember",
                "Der Termin am Dienstag, 29. Dezember, 19:00–20:30 Uhr, und alle folgenden fallen aus."),
        ];
        for (told, (body, label, words)) in dates.into_iter().enumerate() {
            post = village.changes_date(&post, body).await;
            dorf.work_off().await;
            assert_eq!(anna.pushes().len(), told + 2);
            let title = anna.pushes().pop().expect("a push");
            assert!(title.starts_with(&format!("Lüdenhausen · {label}: ")), "{title}");
            assert_eq!(anna.last_body(), words);
        }
        assert_eq!(village.told(&post).await, ["published", "changed", "changed", "cancelled", "changed", "cancelled"]);
    }

    async fn a_change_of_the_whole_event_is_told_once_without_asking(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let bert = village.resident("bert").by_mail().await;
        let editor = village.editor();
        let weekly = |more: Value| {
            let mut dates = json!({"starts_local": "2026-12-01T19:00", "rrule": "FREQ=WEEKLY;COUNT=4"});
            for (name, value) in more.as_object().expect("an object") {
                dates[name] = value.clone();
            }
            dates
        };
        let mut post = editor.publishes(event("Training", "2026-12-01T19:00").with("event", weekly(json!({})))).await;
        dorf.work_off().await;
        let changed = [
            (json!({"starts_local": "2026-12-01T20:00"}), "Verlegt", "Am Dienstag, 1. Dezember, 20:00 Uhr, statt am Dienstag, 1. Dezember, 19:00 Uhr; weitere Termine ändern sich auch."),
            (json!({"except_dates": ["2026-12-08", "2026-12-15"]}), "Verlegt", ""),
            (json!({"except_dates": ["2026-12-08", "2026-12-15", "2026-12-22"]}), "Abgesagt", "Der Termin am Dienstag, 22. Dezember, 19:00 Uhr, fällt aus."),
            (json!({}), "Verlegt", ""),
            (json!({"except_dates": ["2026-12-08", "2026-12-15"]}), "Abgesagt", "Der Termin am Dienstag, 8. Dezember, 19:00 Uhr, und ein weiterer fallen aus."),
            (json!({"status": "postponed"}), "Verschoben", "Alle Termine ab Dienstag, 1. Dezember, 19:00 Uhr, fallen aus; wann sie nachgeholt werden, steht noch nicht fest."),
            (json!({"status": "cancelled"}), "Abgesagt", "Alle Termine ab Dienstag, 1. Dezember, 19:00 Uhr, fallen aus."),
            (json!({}), "Findet doch statt", "Die Termine ab Dienstag, 1. Dezember, 19:00 Uhr, finden statt."),
            (json!({"status": "cancelled"}), "Abgesagt", "Alle Termine ab Dienstag, 1. Dezember, 19:00 Uhr, fallen aus."),
        ];
        let mut told = 1;
        for (more, label, words) in changed {
            post = changes(&village, &post, weekly(more.clone())).await;
            dorf.work_off().await;
            if anna.pushes().len() == told {
                assert_eq!((label, words), ("Verlegt", ""), "dates that are new are no news that nobody asked to tell: {more}");
                continue;
            }
            told += 1;
            assert_eq!((anna.pushes().len(), anna.pushes().pop()), (told, Some(format!("Lüdenhausen · {label}: Training"))), "{more}");
            if !words.is_empty() {
                assert_eq!(anna.last_body(), words, "{more}");
            }
        }
        assert_eq!(bert.subjects().last().map(String::as_str), Some("Abgesagt: Training"));
        let single = editor.publishes(event("Basar", "2026-12-05T14:00")).await;
        dorf.work_off().await;
        let single = changes(&village, &single, json!({"starts_local": "2026-12-06T15:00", "place": "Halle"})).await;
        dorf.work_off().await;
        assert_eq!(bert.subjects().pop(), Some("Verlegt auf Sonntag, 6. Dezember: Basar".to_owned()));
        assert_eq!(anna.last_body(), "Am Sonntag, 6. Dezember, 15:00 Uhr, Halle, statt am Samstag, 5. Dezember, 14:00 Uhr.");
        changes(&village, &single, json!({"starts_local": "2026-12-06T15:00", "place": "Halle", "status": "cancelled"})).await;
        dorf.work_off().await;
        assert_eq!(bert.subjects().pop(), Some("Abgesagt: Basar am Sonntag, 6. Dezember".to_owned()));
    }

    async fn what_is_no_change_of_coming_dates_is_told_only_when_asked(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let editor = village.editor();
        let past = json!({"starts_local": "2026-11-10T19:00", "rrule": "FREQ=WEEKLY;COUNT=4"});
        let post = editor.publishes(event("Training", "2026-11-10T19:00").with("event", past.clone())).await;
        let draft = editor.drafts(choir()).await;
        let still = editor.publishes(choir().with("delivery", json!("silent"))).await;
        dorf.work_off().await;
        let mut same = past.clone();
        same["place"] = json!("Turnhalle");
        let post = changes(&village, &post, same.clone()).await;
        same["except_dates"] = json!(["2026-11-17"]);
        let post = changes(&village, &post, same.clone()).await;
        same["except_dates"] = json!(["2026-11-17", "2026-11-24"]);
        let quiet = json!({"event": same, "notify": false});
        let post = Post::of(&editor.changes(&post, &quiet).await.expect(200));
        village.changes_date(&draft, json!({"date": "2026-12-08T19:00", "state": "cancelled"})).await;
        village.changes_date(&still, json!({"date": "2026-12-08T19:00", "state": "cancelled"})).await;
        dorf.work_off().await;
        assert_eq!(anna.pushes().len(), 1);
        editor.changes(&post, &json!({"title": "Training für alle", "notify": true})).await.expect(200);
        dorf.work_off().await;
        assert_eq!(anna.pushes().pop(), Some("Lüdenhausen · Geändert: Training für alle".to_owned()));
        assert_eq!(village.told(&post).await, ["published", "changed"]);
        assert!(village.told(&draft).await.is_empty() && village.told(&still).await.is_empty());
    }

    async fn a_change_is_not_told_after_its_date_is_over(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let whole = json!({"starts_local": "2026-11-22", "all_day": true, "rrule": "FREQ=DAILY;COUNT=3"});
        let days = village.editor().publishes(event("Kirmes", "2026-11-22").with("event", whole)).await;
        let post = village.editor().publishes(event("Probe", "2026-11-22T19:00").with("event", json!({
            "starts_local": "2026-11-22T19:00", "ends_local": "2026-11-22T20:00", "rrule": "FREQ=DAILY;COUNT=3"}))).await;
        dorf.work_off().await;
        village.changes_date(&days, json!({"date": "2026-11-22", "state": "cancelled", "note": "Sturm"})).await;
        dorf.work_off().await;
        assert_eq!(anna.last_body(), "Der Termin am Sonntag, 22. November, fällt aus. Sturm.");
        village.changes_date(&post, json!({"date": "2026-11-22T19:00", "state": "cancelled"})).await;
        dorf.set_time(at("2026-11-22T19:00:00Z"));
        dorf.work_off().await;
        assert_eq!(anna.pushes().len(), 3, "at eight nobody is on the way any more");
        assert_eq!(village.told(&post).await, ["published", "cancelled"]);
    }
}
