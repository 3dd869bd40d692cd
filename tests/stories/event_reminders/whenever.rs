//! Whole days, nights when the clocks change, and events that say little.

use super::{at_work, series};
use serde_json::json;
use tests::kit::{Backend, Dorf, event};
use tests::stories;

stories! {
    async fn of_whole_days_one_is_reminded_in_the_evening(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await.reminded(&[15, 720, 1440]).await;
        let bert = village.resident("bert").by_mail().await.reminded(&[2880]).await;
        let days = json!({"all_day": true, "ends_local": "2026-11-29"});
        let fair = series("Kirmes", "2026-11-27", days);
        village.editor().publishes(fair).await;
        dorf.work_off().await;
        at_work(&dorf, "2026-11-25T16:59:59Z").await;
        assert_eq!(bert.mails().len(), 1);
        at_work(&dorf, "2026-11-25T17:00:00Z").await;
        assert_eq!(bert.subjects()[1..], ["Erinnerung: Kirmes am Freitag, 27. November"]);
        let text = bert.mails()[1].text();
        assert!(text.contains("Freitag, 27. November, bis Samstag, 28. November, Dorfplatz"), "{text}");
        at_work(&dorf, "2026-11-26T16:59:59Z").await;
        assert!(anna.reminders().is_empty());
        at_work(&dorf, "2026-11-26T17:00:00Z").await;
        assert_eq!(anna.reminders(), ["Kirmes"], "one evening, one reminder");
        at_work(&dorf, "2026-11-26T22:45:00Z").await;
        assert_eq!((anna.reminders().len(), bert.mails().len()), (1, 2));
    }

    async fn the_nights_when_the_clocks_change_have_one_reminder_each(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await.reminded(&[120]).await;
        let editor = village.editor();
        // On 28 March half past two does not exist and is half past three; on 31 October it comes twice and is the first.
        editor.publishes(series("Nachtwache", "2027-03-27T02:30", json!({"rrule": "FREQ=DAILY;COUNT=3"}))).await;
        editor.publishes(event("Nachtwanderung", "2027-10-31T02:30")).await;
        editor.publishes(series("Ostermarkt", "2027-03-28", json!({"all_day": true}))).await;
        dorf.work_off().await;
        at_work(&dorf, "2027-03-26T23:29:59Z").await;
        assert_eq!(anna.reminders().len(), 0);
        at_work(&dorf, "2027-03-26T23:30:00Z").await;
        assert_eq!(anna.reminders(), ["Nachtwache"]);
        at_work(&dorf, "2027-03-27T16:59:59Z").await;
        assert_eq!(anna.reminders().len(), 1);
        at_work(&dorf, "2027-03-27T17:00:00Z").await;
        assert_eq!(anna.reminders(), ["Nachtwache", "Ostermarkt"]);
        at_work(&dorf, "2027-03-27T23:29:59Z").await;
        assert_eq!(anna.reminders().len(), 2);
        at_work(&dorf, "2027-03-27T23:30:00Z").await;
        assert_eq!(anna.reminders().len(), 3);
        assert!(anna.last_body().starts_with("Sonntag, 28. März, 03:30 Uhr"), "{}", anna.last_body());
        at_work(&dorf, "2027-03-28T22:30:00Z").await;
        assert_eq!(anna.reminders().len(), 4);
        at_work(&dorf, "2027-10-30T22:29:59Z").await;
        assert_eq!(anna.reminders().len(), 4);
        at_work(&dorf, "2027-10-30T22:30:00Z").await;
        at_work(&dorf, "2027-10-30T23:30:00Z").await;
        assert_eq!(anna.reminders().len(), 5);
        assert!(anna.last_body().starts_with("Sonntag, 31. Oktober, 02:30 Uhr"), "{}", anna.last_body());
    }

    async fn an_event_that_says_little_is_reminded_of_all_the_same(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await.reminded(&[60]).await;
        let bert = village.resident("bert").by_mail().await.reminded(&[60]).await;
        bert.ask("PATCH").json(&json!({"language": "en"})).send().await.expect(200);
        let bare = json!({"kind": "event", "title": "Treffen", "event": {"starts_local": "2026-11-22T12:00", "extra_dates": ["2026-11-22T14:00"]}});
        village.editor().publishes(tests::kit::Draft(bare)).await;
        dorf.work_off().await;
        at_work(&dorf, "2026-11-22T10:00:00Z").await;
        assert_eq!(anna.last_body(), "Sonntag, 22. November, 12:00 Uhr.");
        assert_eq!(bert.subjects()[1..], ["Reminder: Treffen on Sunday, 22 November"]);
        assert!(bert.mails()[1].text().contains("Sunday, 22 November, 12:00"), "{}", bert.mails()[1].text());
        at_work(&dorf, "2026-11-22T12:00:00Z").await;
        assert_eq!(anna.last_body(), "Sonntag, 22. November, 14:00 Uhr.");
        assert_eq!((anna.reminders().len(), bert.mails().len()), (2, 3));
    }

    async fn events_from_before_there_were_reminders_are_reminded_of(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await.reminded(&[60]).await;
        let editor = village.editor();
        let told = editor.publishes(event("Frühschoppen", "2026-11-22T12:00")).await;
        editor.publishes(event("Probe", "2026-11-22T19:00")).await;
        dorf.work_off().await;
        at_work(&dorf, "2026-11-22T10:00:00Z").await;
        assert_eq!(anna.reminders(), ["Frühschoppen"]);
        let migrations = <migration::Migrator as migration::MigratorTrait>::migrations();
        let position = migrations.iter().rev().position(|it| it.name().ends_with("_event_reminders"));
        let url = dorf.database.url();
        migration::down(&url, Some(u32::try_from(position.expect("the migration") + 1).expect("a few"))).await.expect("down");
        migration::up(&url).await.expect("up");
        assert_eq!(village.told(&told).await, ["published", "changed"], "it stays counted");
        assert_eq!(anna.ask("GET").send().await.expect(200).get("event_reminders"), json!([]));
        let anna = anna.reminded(&[120]).await;
        at_work(&dorf, "2026-11-22T15:59:59Z").await;
        assert_eq!(anna.reminders().len(), 1);
        at_work(&dorf, "2026-11-22T16:00:00Z").await;
        assert_eq!(anna.reminders(), ["Frühschoppen", "Probe"]);
    }
}
