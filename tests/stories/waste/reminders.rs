//! Reminders the evening before: once, at the hour that was chosen, and of what is really collected.

use super::town;
use chrono::{DateTime, Utc};
use serde_json::json;
use tests::kit::{Backend, Dorf, waste_calendar};
use tests::stories;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

/// Works off what is due at an instant, twice: doing it again changes nothing.
async fn at_work(dorf: &Dorf, now: &str) {
    dorf.set_time(at(now));
    dorf.work_off().await;
    dorf.work_off().await;
}

stories! {
    async fn whoever_follows_a_district_is_reminded_the_evening_before_once(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = town(&dorf).await;
        village.waste_district("birkenweg").await;
        village.imported("ahornweg", waste_calendar(&[("20261123", "Biotonne"), ("20261123", "Papier"), ("20261130", "Biotonne")])).await;
        let anna = village.resident("anna").by_push().await.minds_waste("ahornweg", 18).await;
        let bert = village.resident("bert").by_mail().await.minds_waste("ahornweg", 20).await;
        let cleo = village.resident("cleo").by_push().await.minds_waste("birkenweg", 18).await;
        let dora = village.resident("dora").by_push().await;
        at_work(&dorf, "2026-11-22T16:59:59Z").await;
        assert!(anna.pushes().is_empty());
        at_work(&dorf, "2026-11-22T17:00:00Z").await;
        assert_eq!(anna.pushes(), ["Lüdenhausen · Abfuhr am Montag, 23. November"]);
        assert!(bert.mails().is_empty());
        at_work(&dorf, "2026-11-22T19:00:00Z").await;
        assert_eq!(bert.subjects(), ["Abfuhr am Montag, 23. November: Biotonne, Papier"]);
        let text = bert.mails()[0].text();
        let why = "weil Sie an die Müllabfuhr erinnert werden möchten. Antworten gehen an das Rathaus. Was Sie lesen, wird nicht gespeichert.";
        assert!(text.split_whitespace().collect::<Vec<_>>().join(" ").contains(why), "{text}");
        assert!(text.lines().any(|line| line == "Biotonne") && text.lines().any(|line| line == "Papier"), "{text}");
        at_work(&dorf, "2026-11-28T12:00:00Z").await;
        assert_eq!((anna.pushes().len(), bert.mails().len()), (1, 1));
        at_work(&dorf, "2026-11-29T17:30:00Z").await;
        assert_eq!(anna.pushes()[1], "Lüdenhausen · Abfuhr am Montag, 30. November");
        assert!(cleo.pushes().is_empty() && dora.pushes().is_empty(), "nobody else is told");
    }

    async fn a_date_that_moves_takes_its_reminder_with_it(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = town(&dorf).await;
        village.imported("ahornweg", waste_calendar(&[("20261124", "Biotonne"), ("20261201", "Biotonne")])).await;
        let anna = village.resident("anna").by_push().await.minds_waste("ahornweg", 18).await;
        dorf.work_off().await;
        village.imported("ahornweg", waste_calendar(&[("20261125", "Biotonne"), ("20261202", "Biotonne")])).await;
        at_work(&dorf, "2026-11-23T20:00:00Z").await;
        assert!(anna.pushes().is_empty());
        at_work(&dorf, "2026-11-24T17:00:00Z").await;
        assert_eq!(anna.pushes(), ["Lüdenhausen · Abfuhr am Mittwoch, 25. November"]);
        // Called off altogether: the kind is collected on another day only.
        village.imported("ahornweg", waste_calendar(&[("20261209", "Biotonne")])).await;
        at_work(&dorf, "2026-12-02T17:00:00Z").await;
        assert_eq!(anna.pushes().len(), 1);
        at_work(&dorf, "2026-12-08T17:00:00Z").await;
        assert_eq!(anna.pushes().len(), 2);
    }

    async fn a_late_reminder_is_given_once_unless_the_day_is_over(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = town(&dorf).await;
        village.imported("ahornweg", waste_calendar(&[("20261124", "Biotonne"), ("20261126", "Papier"), ("20261201", "Glas")])).await;
        let anna = village.resident("anna").by_push().await.minds_waste("ahornweg", 18).await;
        dorf.work_off().await;
        // Down from Sunday to Thursday morning: of Tuesday's collection nobody needs to know, of today's they do.
        at_work(&dorf, "2026-11-26T05:00:00Z").await;
        assert_eq!(anna.pushes(), ["Lüdenhausen · Abfuhr am Donnerstag, 26. November"]);
        at_work(&dorf, "2026-12-01T23:30:00Z").await;
        assert_eq!(anna.pushes().len(), 1);
    }

    async fn whoever_begins_to_follow_later_is_reminded_from_then_on(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = town(&dorf).await;
        village.imported("ahornweg", waste_calendar(&[("20261123", "Biotonne"), ("20261124", "Papier")])).await;
        let anna = village.resident("anna").by_push().await.minds_waste("ahornweg", 18).await;
        at_work(&dorf, "2026-11-22T18:00:00Z").await;
        let bert = village.resident("bert").by_push().await.minds_waste("ahornweg", 18).await;
        at_work(&dorf, "2026-11-22T18:30:00Z").await;
        assert_eq!((anna.pushes().len(), bert.pushes().len()), (1, 0));
        anna.ask("PATCH").json(&json!({"waste": []})).send().await.expect(200);
        at_work(&dorf, "2026-11-23T18:00:00Z").await;
        assert_eq!((anna.pushes().len(), bert.pushes().len()), (1, 1));
    }

    async fn the_nights_when_the_clocks_change_have_one_reminder_each(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = town(&dorf).await;
        village.imported("ahornweg", waste_calendar(&[("20270329", "Biotonne"), ("20271101", "Papier")])).await;
        let anna = village.resident("anna").by_push().await.minds_waste("ahornweg", 2).await;
        // 28 March has no two o'clock: three it is. 31 October has two: the first.
        at_work(&dorf, "2027-03-28T00:59:59Z").await;
        assert!(anna.pushes().is_empty());
        at_work(&dorf, "2027-03-28T01:00:00Z").await;
        assert_eq!(anna.pushes().len(), 1);
        at_work(&dorf, "2027-10-30T23:59:59Z").await;
        assert_eq!(anna.pushes().len(), 1);
        at_work(&dorf, "2027-10-31T00:00:00Z").await;
        at_work(&dorf, "2027-10-31T01:00:00Z").await;
        assert_eq!(anna.pushes().len(), 2);
    }

    async fn what_is_followed_shows_in_the_subscription_and_ends_with_it(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = town(&dorf).await;
        village.imported("ahornweg", waste_calendar(&[("20261124", "Biotonne")])).await;
        let anna = village.resident("anna").by_push().await.minds_waste("ahornweg", 7).await;
        let seen = anna.ask("GET").send().await.expect(200);
        assert_eq!(seen.get("waste"), json!([{"district": "ahornweg", "hour": 7}]));
        let export = village.ask("GET", &format!("/subscriptions/{}/export", anna.subscription)).bearer(&anna.secret);
        assert_eq!(export.send().await.expect(200).get("subscription")["waste"], seen.get("waste"));
        let wrong = |waste: serde_json::Value| anna.ask("PATCH").json(&json!({"waste": waste})).send();
        assert_eq!(wrong(json!([{"district": "nirgends"}])).await.problem(422, "unprocessable"), ["/waste/0/district"]);
        assert_eq!(wrong(json!([{"district": "ahornweg", "hour": 24}])).await.problem(422, "unprocessable"), ["/waste/0/hour"]);
        let twice = json!([{"district": "ahornweg"}, {"district": "ahornweg"}]);
        assert_eq!(wrong(twice).await.problem(422, "unprocessable"), ["/waste/1/district"]);
        wrong(json!([{"district": "ahornweg", "street": "Ahornweg 7"}])).await.problem(400, "invalid-body");
        assert_eq!(anna.ask("PATCH").json(&json!({"waste": [{"district": "ahornweg"}]})).send().await.expect(200).get("waste")[0]["hour"], 18);
        let stemmen = dorf.village("stemmen").await;
        let otto = stemmen.resident("otto").by_push().await;
        let foreign = otto.ask("PATCH").json(&json!({"waste": [{"district": "ahornweg"}]})).send().await;
        assert_eq!(foreign.problem(422, "unprocessable"), ["/waste/0/district"]);
        anna.ask("DELETE").send().await.expect(204);
        at_work(&dorf, "2026-11-23T18:00:00Z").await;
        assert!(anna.pushes().is_empty());
    }
}
