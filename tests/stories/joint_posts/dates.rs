//! The dates of an event of the municipality are changed: told by itself, once, as of any event.

use super::{Mayor, subjects, subscribes};
use serde_json::json;
use tests::kit::{Backend, Dorf, event};
use tests::stories;

stories! {
    async fn a_change_of_the_dates_of_a_joint_event_is_told_once_without_asking(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (here, there) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let device = dorf.push.new_device().await;
        let anna = here.resident("anna").by_push_with(device.clone()).await;
        there.resident("anna").by_push_with(device).await;
        let otto = there.resident("otto").by_push().await;
        subscribes(&here, "bert@example.org").await;
        let mayor = Mayor::of(&dorf).await;
        let joint = mayor.publishes(event("Bürgerversammlung", "2026-12-05T14:00")).await;
        dorf.work_off().await;
        let worded = mayor.changes(&joint, &json!({"body_markdown": "Mit Kaffee."})).await;
        let quiet = mayor.changes(&worded, &json!({"event": {"starts_local": "2026-12-05T16:00"}, "notify": false})).await;
        dorf.work_off().await;
        assert_eq!((anna.pushes().len(), otto.pushes().len()), (1, 1), "words, and what is said to be silent");
        let moved = mayor.changes(&quiet, &json!({"event": {"starts_local": "2026-12-06T15:00", "place": "Halle"}})).await;
        dorf.work_off().await;
        dorf.wait(chrono::TimeDelta::minutes(5));
        dorf.work_off().await;
        let words = "Am Sonntag, 6. Dezember, 15:00 Uhr, Halle, statt am Samstag, 5. Dezember, 16:00 Uhr.";
        assert_eq!((anna.pushes().len(), otto.pushes().len()), (2, 2), "once, on whatever village's behalf");
        assert_eq!((anna.last_body(), otto.last_body()), (words.to_owned(), words.to_owned()));
        assert_eq!(otto.pushes()[1], "Stemmen · Verlegt auf Sonntag, 6. Dezember: Bürgerversammlung");
        let off = json!({"event": {"starts_local": "2026-12-06T15:00", "place": "Halle", "status": "cancelled"}});
        mayor.changes(&moved, &off).await;
        dorf.work_off().await;
        assert_eq!((anna.pushes().len(), otto.last_body()), (3, "Der Termin am Sonntag, 6. Dezember, 15:00 Uhr, fällt aus.".to_owned()));
        let told = ["Termin: Bürgerversammlung", "Verlegt auf Sonntag, 6. Dezember: Bürgerversammlung", "Abgesagt: Bürgerversammlung am Sonntag, 6. Dezember"];
        assert_eq!(subjects(&dorf, "bert@example.org"), told);
        let copy = mayor.copy(&joint, &here).await;
        assert_eq!(here.told(&copy).await, ["published", "changed", "cancelled"]);
    }

    async fn dates_of_a_joint_draft_or_a_silent_joint_event_are_told_to_nobody(on: Backend) {
        let dorf = Dorf::start(on).await;
        let here = dorf.village("luedenhausen").await;
        let anna = here.resident("anna").by_push().await;
        let mayor = Mayor::of(&dorf).await;
        let draft = mayor.drafts(event("Sitzung", "2026-12-05T14:00")).await;
        mayor.changes(&draft, &json!({"event": {"starts_local": "2026-12-06T14:00"}})).await;
        let silent = mayor.publishes(event("Sprechstunde", "2026-12-05T14:00").with("delivery", json!("silent"))).await;
        dorf.work_off().await;
        mayor.changes(&silent, &json!({"event": {"starts_local": "2026-12-06T14:00"}})).await;
        dorf.work_off().await;
        assert!(anna.pushes().is_empty(), "{:?}", anna.pushes());
        assert_eq!(here.feed().await.json()["items"][0]["event"]["starts_local"], "2026-12-06T14:00:00");
    }
}
