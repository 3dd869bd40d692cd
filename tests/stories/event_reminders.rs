//! Reminders before the dates of events: at the lead that was chosen, once, of what really takes place.

mod moved;
mod whenever;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use tests::kit::push_receiver::PushAnswer;
use tests::kit::{Backend, Dorf, Draft, VillageKit, alert, club, event};
use tests::stories;

pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

/// Works off what is due at an instant, twice: doing it again changes nothing.
pub async fn at_work(dorf: &Dorf, now: &str) {
    dorf.set_time(at(now));
    dorf.work_off().await;
    dorf.work_off().await;
}

/// An event with more members than its start and place.
pub fn series(title: &str, starts: &str, more: Value) -> Draft {
    let mut draft = event(title, starts);
    for (name, value) in more.as_object().expect("an object") {
        draft.0["event"][name] = value.clone();
    }
    draft
}

/// How many pieces of work and of reminders there are of events.
async fn rows(dorf: &Dorf) -> (String, String) {
    let work = dorf.database.column("SELECT CAST(COUNT(*) AS TEXT) FROM due_work WHERE kind = 53").await;
    let leads = dorf.database.column("SELECT CAST(COUNT(*) AS TEXT) FROM reminder_lead").await;
    (work[0].clone(), leads[0].clone())
}

stories! {
    async fn whoever_follows_an_event_is_reminded_once_at_the_lead_that_was_chosen(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").follows("vereine").by_push().await.reminded(&[120]).await;
        let bert = village.resident("bert").by_mail().await.reminded(&[1440, 60]).await;
        let cleo = village.resident("cleo").follows("verkehr").by_push().await.reminded(&[120]).await;
        let dora = village.resident("dora").by_push().await;
        let choir = series("Chorprobe", "2026-11-24T19:00", json!({"ends_local": "2026-11-24T20:30"})).on("vereine");
        let post = village.editor().publishes(choir).await;
        dorf.work_off().await;
        let otto = dorf.village("stemmen").await;
        let otto = otto.resident("otto").by_push().await.reminded(&[120]).await;
        at_work(&dorf, "2026-11-23T17:59:59Z").await;
        assert_eq!(bert.subjects(), ["Termin: Chorprobe"]);
        at_work(&dorf, "2026-11-23T18:00:00Z").await;
        assert_eq!(bert.subjects()[1..], ["Erinnerung: Chorprobe am Dienstag, 24. November"]);
        let mail = bert.mails().pop().expect("a mail");
        assert!(mail.text().contains("Dienstag, 24. November, 19:00–20:30 Uhr, Dorfplatz"), "{}", mail.text());
        assert!(mail.html().contains("Erinnerung") && mail.html().contains("19:00–20:30 Uhr, Dorfplatz"), "{}", mail.html());
        assert!(mail.raw_header("List-Unsubscribe-Post").is_some());
        at_work(&dorf, "2026-11-24T15:59:59Z").await;
        assert!(anna.reminders().is_empty());
        at_work(&dorf, "2026-11-24T16:00:00Z").await;
        assert_eq!(anna.pushes(), ["Lüdenhausen · Termin: Chorprobe", "Lüdenhausen · Erinnerung: Chorprobe"]);
        assert!(anna.last_body().starts_with("Dienstag, 24. November, 19:00–20:30 Uhr, Dorfplatz. "), "{}", anna.last_body());
        at_work(&dorf, "2026-11-24T17:00:00Z").await;
        at_work(&dorf, "2026-11-25T17:00:00Z").await;
        assert_eq!((anna.reminders().len(), bert.mails().len()), (1, 3));
        assert!(cleo.pushes().is_empty() && otto.pushes().is_empty(), "elsewhere and of something else nobody is told");
        assert_eq!(dora.pushes().len(), 1, "who did not ask for it is not reminded");
        assert_eq!(village.told(&post).await, ["published", "event_reminder", "event_reminder", "event_reminder"]);
        assert_eq!(rows(&dorf).await, ("0".to_owned(), "5".to_owned()), "there is nothing more to look at");
    }

    async fn a_series_has_one_piece_of_work_and_one_reminder_for_each_date(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await.reminded(&[60]).await;
        let post = village.editor().publishes(series("Chorprobe", "2026-11-23T19:00", json!({"rrule": "FREQ=WEEKLY"}))).await;
        dorf.work_off().await;
        for (week, day) in ["2026-11-23", "2026-11-30", "2026-12-07"].into_iter().enumerate() {
            at_work(&dorf, &format!("{day}T16:59:59Z")).await;
            assert_eq!((anna.reminders().len(), rows(&dorf).await.0), (week, "1".to_owned()));
            at_work(&dorf, &format!("{day}T17:00:00Z")).await;
            assert_eq!(anna.reminders().len(), week + 1);
        }
        assert_eq!(village.told(&post).await.len(), 4);
        dorf.wait(chrono::TimeDelta::days(10));
        dorf.keep_house().await;
        let planned = dorf.database.column("SELECT CAST(COUNT(*) AS TEXT) FROM event_reminder").await;
        assert_eq!(planned, ["3"], "two years of dates are not planned ahead");
        dorf.wait(chrono::TimeDelta::days(20));
        dorf.keep_house().await;
        let kept = dorf.database.column("SELECT CAST(COUNT(*) AS TEXT) FROM event_reminder").await;
        assert_eq!(kept, ["1"], "what is long past is forgotten");
    }

    async fn reminders_go_to_whom_the_post_goes(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        club(&village, "gesangverein", "trusted").await;
        let anna = village.resident("anna").follows_club("gesangverein").by_push().await.reminded(&[60]).await;
        let bert = village.resident("bert").by_mail().await.reminded(&[60]).await;
        let editor = village.editor();
        editor.publishes(event("Probe", "2026-11-22T19:00").with("club", json!("gesangverein")).with("delivery", json!("push"))).await;
        editor.publishes(event("Still", "2026-11-22T19:00").with("club", json!("gesangverein")).with("delivery", json!("silent"))).await;
        editor.publishes(alert("Unwetter")).await;
        at_work(&dorf, "2026-11-22T17:00:00Z").await;
        assert_eq!(anna.reminders(), ["Probe"]);
        assert_eq!(bert.subjects(), ["Warnung: Unwetter"], "what is told by push is reminded of by push");
    }

    async fn what_is_late_is_given_once_and_not_after_the_date_has_begun(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await.reminded(&[30, 1440]).await;
        let editor = village.editor();
        editor.publishes(event("Dienstag", "2026-11-24T19:00")).await;
        let wednesday = editor.publishes(event("Mittwoch", "2026-11-25T19:00")).await;
        dorf.work_off().await;
        // Down from Sunday to Wednesday noon, and once more over the half hour before.
        at_work(&dorf, "2026-11-25T11:00:00Z").await;
        assert_eq!(anna.reminders(), ["Mittwoch"]);
        at_work(&dorf, "2026-11-25T17:59:59Z").await;
        assert_eq!(anna.reminders(), ["Mittwoch", "Mittwoch"]);
        at_work(&dorf, "2026-11-25T18:00:00Z").await;
        // The clock goes back, and somebody has the dates looked at once more.
        dorf.set_time(at("2026-11-25T10:00:00Z"));
        let village = village.next_day().await;
        village.editor().changes(&wednesday, &json!({"body_markdown": "Bitte pünktlich."})).await.expect(200);
        for now in ["2026-11-25T10:00:00Z", "2026-11-25T17:45:00Z", "2026-11-25T18:30:00Z"] {
            at_work(&dorf, now).await;
        }
        assert_eq!(anna.reminders(), ["Mittwoch", "Mittwoch"], "not twice");
    }

    async fn whoever_comes_later_is_reminded_of_what_is_still_to_come(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        village.editor().publishes(series("Chorprobe", "2026-11-23T19:00", json!({"rrule": "FREQ=DAILY;COUNT=3"}))).await;
        dorf.work_off().await;
        // A day before Tuesday's is Monday at seven.
        dorf.set_time(at("2026-11-23T18:30:00Z"));
        let anna = village.resident("anna").by_push().await.reminded(&[1440]).await;
        let bert = village.resident("bert").follows("verkehr").by_push().await.reminded(&[15]).await;
        dorf.work_off().await;
        assert!(anna.pushes().is_empty(), "half an hour too late for Tuesday's");
        at_work(&dorf, "2026-11-24T18:00:00Z").await;
        assert_eq!(anna.reminders().len(), 1);
        bert.ask("PATCH").json(&json!({"follows": [{}]})).send().await.expect(200);
        at_work(&dorf, "2026-11-24T18:10:00Z").await;
        assert!(bert.pushes().is_empty());
        at_work(&dorf, "2026-11-25T17:45:00Z").await;
        assert_eq!((anna.reminders().len(), bert.reminders().len()), (1, 1));
        // What was just published is not reminded of at once, however long the lead.
        let village = village.next_day().await;
        village.editor().publishes(event("Heute noch", "2026-11-25T20:00")).await;
        at_work(&dorf, "2026-11-25T18:59:00Z").await;
        assert_eq!(anna.reminders().len(), 1);
        assert_eq!(bert.reminders(), ["Chorprobe", "Heute noch"]);
    }

    async fn two_workers_remind_once(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await.reminded(&[60, 120]).await;
        let editor = village.editor();
        for n in 0..10 {
            editor.publishes(event(&format!("Nr. {n}"), "2026-11-22T19:00")).await;
        }
        dorf.work_off().await;
        dorf.set_time(at("2026-11-22T17:30:00Z"));
        let worker = || api::Worker::new(dorf.running.app.clone()).expect("a worker");
        let (second, third) = (worker(), worker());
        let (_, two, three) = tokio::join!(dorf.work_off(), second.work_off(), third.work_off());
        two.and(three).expect("the work can be done");
        dorf.work_off().await;
        let mut reminders = anna.reminders();
        reminders.sort();
        let twice: Vec<String> = (0..10).flat_map(|n| [format!("Nr. {n}"), format!("Nr. {n}")]).collect();
        assert_eq!(reminders, twice, "one at each lead");
    }

    async fn what_is_chosen_shows_in_the_subscription_and_ends_with_it(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let device = dorf.push.new_device().await;
        let anna = village.resident("anna").by_push_with(device.clone()).await;
        assert_eq!(anna.ask("GET").send().await.expect(200).get("event_reminders"), json!([]));
        let anna = anna.reminded(&[1440, 30]).await;
        let shown = json!([{"lead_minutes": 30}, {"lead_minutes": 1440}]);
        assert_eq!(anna.ask("GET").send().await.expect(200).get("event_reminders"), shown);
        anna.ask("PATCH").json(&json!({"language": "en"})).send().await.expect(200);
        let export = village.ask("GET", &format!("/subscriptions/{}/export", anna.subscription)).bearer(&anna.secret);
        assert_eq!(export.send().await.expect(200).get("subscription")["event_reminders"], shown, "what is absent stays");
        let again = village.resident("anna").by_push_with(device).await;
        assert_eq!(again.ask("GET").send().await.expect(200).get("event_reminders"), json!([]), "subscribing says all anew");
        let again = again.reminded(&[15]).await;
        village.editor().publishes(event("Probe", "2026-11-22T19:00")).await;
        dorf.work_off().await;
        again.ask("DELETE").send().await.expect(204);
        at_work(&dorf, "2026-11-22T17:50:00Z").await;
        assert!(again.reminders().is_empty());
        assert_eq!(rows(&dorf).await.1, "0", "nothing is kept");
    }

    async fn leads_that_make_no_sense_are_refused_by_name(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await.reminded(&[60]).await;
        for lead in [0, -60, 1, 61, 10_081, 2_147_483_647, -2_147_483_648] {
            let reply = anna.wants_reminders(&[120, lead]).await;
            assert_eq!(reply.problem(422, "unprocessable"), ["/event_reminders/1/lead_minutes"], "{lead}");
        }
        assert_eq!(anna.wants_reminders(&[60, 60]).await.problem(422, "unprocessable"), ["/event_reminders/1/lead_minutes"]);
        assert_eq!(anna.wants_reminders(&[15, 30, 60, 120]).await.problem(422, "unprocessable"), ["/event_reminders"]);
        let unreadable = [
            json!([{"lead_minutes": 2_147_483_648_i64}]), json!([{"lead_minutes": 60.5}]), json!([{"lead_minutes": "60"}]),
            json!([{"lead_minutes": null}]), json!([{}]), json!([60]), json!({"lead_minutes": 60}), json!([{"lead_minutes": 60, "by": "fax"}]),
        ];
        for body in unreadable {
            anna.ask("PATCH").json(&json!({"event_reminders": body})).send().await.problem(400, "invalid-body");
        }
        let body = json!({"channel": "email", "email": "bert@example.org", "event_reminders": [{"lead_minutes": 0}]});
        let reply = village.ask("POST", "/subscriptions").json(&body).send().await;
        assert_eq!(reply.problem(422, "unprocessable"), ["/event_reminders/0/lead_minutes"]);
        assert_eq!(anna.ask("GET").send().await.expect(200).get("event_reminders"), json!([{"lead_minutes": 60}]));
    }

    async fn a_reminder_that_waits_for_the_push_service_ends_with_its_date(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village: VillageKit<'_> = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await.reminded(&[60]).await;
        let editor = village.editor();
        let off = editor.publishes(series("Fällt aus", "2026-11-22T19:00", json!({"rrule": "FREQ=DAILY;COUNT=2"}))).await;
        let on = editor.publishes(event("Findet statt", "2026-11-22T19:00")).await;
        let gone = editor.publishes(event("Zurückgezogen", "2026-11-22T19:00")).await;
        dorf.work_off().await;
        anna.device().answer(PushAnswer::Unavailable { retry_after: Some(600) });
        at_work(&dorf, "2026-11-22T17:00:00Z").await;
        anna.device().answer(PushAnswer::Created);
        village.changes_date(&off, json!({"date": "2026-11-22T19:00", "state": "cancelled", "notify": false})).await;
        village.editor().step(&gone, "withdraw").await.expect(200);
        at_work(&dorf, "2026-11-22T17:15:00Z").await;
        assert_eq!(anna.reminders(), ["Findet statt"]);
        for post in [&off, &on] {
            assert_eq!(village.told(post).await, ["published", "event_reminder"]);
        }
        assert_eq!(village.told(&gone).await, ["published", "event_reminder", "withdrawn"]);
    }
}
