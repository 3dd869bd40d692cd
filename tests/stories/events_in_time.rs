//! Events keep the time of the wall clock in their zone; instants that do not exist are refused.

use chrono::{TimeZone, Utc};
use proptest::prelude::*;
use serde_json::json;
use tests::kit::{Backend, Dorf, event};
use tests::stories;

stories! {
    async fn events_from_before_there_were_dates_get_theirs_after_the_upgrade(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        village.editor().publishes(event("Adventssingen", "2026-12-05T16:00")).await;
        let url = dorf.database.url();
        let has_dates = |pending: Vec<String>| !pending.iter().any(|name| name.contains("000040_series"));
        while has_dates(migration::pending(&url).await.expect("pending")) {
            migration::down(&url, Some(1)).await.expect("back");
        }
        migration::up(&url).await.expect("the upgrade");
        let keys = dorf.folder.path().join("keys");
        let upgraded = Dorf::start_with(on, |settings| {
            settings.database.url = url.into();
            settings.keys_dir = keys;
        })
        .await;
        upgraded.work_off().await;
        let path = "/v1/villages/luedenhausen/occurrences?from=2026-12-01T00:00:00Z&to=2027-01-01T00:00:00Z";
        let dates = upgraded.ask("GET", path).send().await.expect(200).get("items");
        assert_eq!(dates[0]["title"], "Adventssingen", "{dates}");
    }

    async fn an_event_keeps_its_wall_clock_and_takes_the_villages_zone(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let post = village.editor().publishes(event("Adventssingen", "2026-12-05T16:00")).await;
        let shown = village.ask("GET", &format!("/posts/{}", post.id)).send().await.expect(200);
        let event = shown.get("event");
        assert_eq!(event["starts_local"], "2026-12-05T16:00:00");
        assert_eq!(event["zone"], "Europe/Berlin");
        assert_eq!(event["place"], "Dorfplatz");
    }

    async fn the_doubled_hour_is_accepted_and_the_missing_one_refused(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let editor = village.editor();
        editor.drafts(event("Doppelte Stunde", "2026-10-25T02:30")).await;
        for gap in ["2027-03-28T02:00", "2027-03-28T02:30", "2027-03-28T02:59:59"] {
            let reply = editor.ask("POST", "/posts").json(&event("Gibt es nicht", gap).0).send().await;
            assert_eq!(reply.problem(422, "unprocessable"), ["/event/starts_local"], "{gap}");
        }
        editor.drafts(event("Davor", "2027-03-28T01:59:59")).await;
        editor.drafts(event("Danach", "2027-03-28T03:00")).await;
        // In Lisbon that hour exists.
        let mut lisbon = event("Dort schon", "2027-03-28T02:30");
        lisbon.0["event"]["zone"] = json!("Europe/Lisbon");
        editor.drafts(lisbon).await;
    }

    async fn nobody_is_told_of_an_event_that_is_over(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let mut soon = event("Gleich", "2026-11-22T09:45");
        soon.0["event"]["ends_local"] = json!("2026-11-22T10:00");
        let post = village.editor().publishes(soon).await;
        dorf.set_time(Utc.with_ymd_and_hms(2026, 11, 22, 9, 0, 0).single().expect("an instant"));
        dorf.work_off().await;
        assert!(anna.pushes().is_empty());
        assert_eq!(village.editor().count(&post, "web_push", "expired", "").await, 1);
    }
}

/// Whatever local time somebody enters, what is stored is that time or a refusal that names it: never a 500, never another
/// time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_local_time_is_kept_or_refused() {
    let dorf = Dorf::start(Backend::Sqlite).await;
    let village = dorf.village("luedenhausen").await;
    let editor = village.editor();
    let runtime = tokio::runtime::Handle::current();
    let config = ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() };
    let times = (1890..2300i32, 1..13u32, 1..32u32, 0..25u32, 0..61u32);
    let story = |(year, month, day, hour, minute): (i32, u32, u32, u32, u32)| {
        let text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:00");
        let ask = editor.ask("POST", "/posts").json(&event("Irgendwann", &text).0).send();
        let reply = tokio::task::block_in_place(|| runtime.block_on(ask));
        match reply.status {
            201 => prop_assert_eq!(&reply.get("event")["starts_local"], &json!(text)),
            422 => prop_assert_eq!(reply.problem(422, "unprocessable"), ["/event/starts_local"]),
            other => prop_assert!(false, "{other}: {}", reply.text()),
        }
        Ok(())
    };
    proptest::test_runner::TestRunner::new(config).run(&times, story).expect("every time is kept or refused");
}
