//! Calendars of events that are loaded by themselves, from servers that may mean no good.

use chrono::TimeDelta;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tests::kit::{Backend, CalendarHost, Dorf, PASSWORD, VillageKit, club, ics, vevent};
use tests::stories;

async fn with_host(on: Backend) -> (Dorf, CalendarHost) {
    let host = CalendarHost::start().await;
    let origin = host.origin().to_owned();
    let change = |settings: &mut api::Settings| {
        settings.calendars.allowed_origins = vec![origin];
        settings.calendars.timeout_s = 2;
    };
    (Dorf::start_with(on, change).await, host)
}

fn fest(title: &str) -> String {
    ics(&[vevent(&format!("UID:fest|SUMMARY:{title}|DTSTART;VALUE=DATE:20261212"))])
}

/// A calendar after everything due was done.
async fn looked_at(village: &VillageKit<'_>, id: &str) -> Value {
    village.dorf.work_off().await;
    let token = village.dorf.log_in(&format!("editor@{}.example", village.slug)).await;
    village.staff("GET", &format!("/calendar-sources/{id}")).bearer(&token).send().await.expect(200).json()
}

stories! {
    async fn calendars_are_loaded_again_and_again_and_only_if_they_changed(on: Backend) {
        let (dorf, host) = with_host(on).await;
        let village = dorf.village("luedenhausen").await;
        host.publishes(&fest("Fest"));
        let url = format!("{}/good.ics", host.origin());
        let id = village.event_calendar(&village.editor, json!({"name": "Termine", "url": url})).await;
        let moved = format!("{}/moved.ics", host.origin());
        village.event_calendar(&village.editor, json!({"name": "Noch einer", "url": moved})).await;
        assert_eq!(looked_at(&village, &id).await["outcome"], "imported");
        assert_eq!(village.public_dates("2026-11-22").await.len(), 2, "several of a village");
        let asked = host.asked("/good.ics");
        dorf.wait(TimeDelta::hours(7));
        assert_eq!(looked_at(&village, &id).await["outcome"], "unchanged");
        assert!(host.asked("/good.ics") > asked);
        host.publishes(&fest("Sommerfest"));
        dorf.wait(TimeDelta::hours(7));
        assert_eq!(looked_at(&village, &id).await["outcome"], "imported");
        assert!(village.public_dates("2026-11-22").await.iter().all(|date| date.ends_with("Sommerfest")));
        host.publishes(&ics(&[]));
        dorf.wait(TimeDelta::hours(7));
        assert_eq!(looked_at(&village, &id).await["outcome"], "unchanged");
        assert!(village.public_dates("2026-11-22").await.iter().all(|date| date.contains("planned")));
        let token = dorf.log_in("editor@luedenhausen.example").await;
        let imports = village.staff("GET", &format!("/calendar-sources/{id}/imports")).bearer(&token).send().await.expect(200);
        let by_itself: Vec<Value> = imports.json()["items"].as_array().expect("imports").iter().map(|it| it["by_itself"].clone()).collect();
        assert_eq!(by_itself, [json!(true), json!(true)]);
        let change = village.staff("PATCH", &format!("/calendar-sources/{id}")).bearer(&token).header("if-match", "\"1\"");
        change.json(&json!({"url": null})).send().await.expect(200);
        let asked = host.asked("/good.ics");
        dorf.wait(TimeDelta::hours(24));
        dorf.work_off().await;
        assert_eq!(host.asked("/good.ics"), asked + 1, "the other one still is");
    }

    async fn a_club_that_rests_is_not_asked_for_its_calendar(on: Backend) {
        let (dorf, host) = with_host(on).await;
        let village = dorf.village("luedenhausen").await;
        let token = club(&village, "chor", "reviewed").await;
        host.publishes(&fest("Singen"));
        let url = format!("{}/good.ics", host.origin());
        let id = village.event_calendar(&token, json!({"name": "Termine", "url": url})).await;
        assert_eq!(looked_at(&village, &id).await["outcome"], "imported");
        assert_eq!(village.public_dates("2026-11-22").await, Vec::<String>::new(), "it is reviewed");
        let chor = tests::kit::clubs::ClubKit { village: &village, slug: "chor".to_owned() };
        chor.decides("POST", "switch-off", Some(json!({"reason": "Ruht."}))).await.expect(200);
        village.uploads(&village.editor, &id, fest("Singen")).await.problem(409, "conflict");
        let asked = host.asked("/good.ics");
        dorf.wait(TimeDelta::hours(7));
        dorf.work_off().await;
        assert_eq!(host.asked("/good.ics"), asked);
    }

    async fn what_a_dismissed_editor_set_up_publishes_nothing_any_more(on: Backend) {
        let (dorf, host) = with_host(on).await;
        let village = dorf.village("luedenhausen").await;
        let new = json!({"email": "eva@luedenhausen.example", "name": "Eva", "password": PASSWORD});
        let eva = village.hires(&new).await.expect(201).str("account");
        host.publishes(&fest("Fest"));
        let url = format!("{}/good.ics", host.origin());
        let token = dorf.log_in("eva@luedenhausen.example").await;
        let id = village.event_calendar(&token, json!({"name": "Termine", "url": url})).await;
        assert_eq!(looked_at(&village, &id).await["outcome"], "imported");
        village.staff("DELETE", &format!("/editors/{eva}")).bearer(&village.admin).send().await.expect(204);
        host.publishes(&fest("Ihr Fest"));
        let asked = host.asked("/good.ics");
        dorf.wait(TimeDelta::hours(25));
        assert_eq!(looked_at(&village, &id).await["outcome"], "no_keeper");
        assert_eq!(host.asked("/good.ics"), asked, "nobody asks for her");
        assert!(village.public_dates("2026-11-22").await.iter().all(|date| date.ends_with("planned Fest")));
        let seen = village.staff("GET", &format!("/calendar-sources/{id}"));
        let token = dorf.log_in("editor@luedenhausen.example").await;
        let version = seen.bearer(&token).send().await.expect(200).header("etag");
        let saved = village.staff("PATCH", &format!("/calendar-sources/{id}")).bearer(&token).header("if-match", &version);
        saved.json(&json!({"name": "Termine"})).send().await.expect(200);
        dorf.wait(TimeDelta::hours(25));
        assert_eq!(looked_at(&village, &id).await["outcome"], "imported", "somebody else has taken it over");
        assert!(village.public_dates("2026-11-22").await.iter().all(|date| date.ends_with("Ihr Fest")));
    }

    async fn what_one_look_leaves_over_comes_with_the_next(on: Backend) {
        let (dorf, host) = with_host(on).await;
        let village = dorf.village("luedenhausen").await;
        let one = |n: usize| vevent(&format!("UID:{n}|SUMMARY:Fest {n}|DTSTART;VALUE=DATE:20261212"));
        host.publishes(&ics(&(0..503).map(one).collect::<Vec<_>>()));
        let url = format!("{}/good.ics", host.origin());
        let id = village.event_calendar(&village.editor, json!({"name": "Termine", "url": url})).await;
        looked_at(&village, &id).await;
        dorf.wait(TimeDelta::hours(7));
        assert_eq!(looked_at(&village, &id).await["outcome"], "imported", "though the file is as it was");
        dorf.wait(TimeDelta::hours(7));
        assert_eq!(looked_at(&village, &id).await["outcome"], "unchanged");
    }

    async fn hostile_servers_of_events_are_given_up_and_nothing_is_lost(on: Backend) {
        let (dorf, host) = with_host(on).await;
        let village = dorf.village("luedenhausen").await;
        let id = village.event_calendar(&village.editor, json!({"name": "Termine"})).await;
        village.takes(&id, fest("Fest")).await;
        let hostile = [
            ("circle.ics", "unreachable"), ("inside.ics", "unreachable"), ("metadata.ics", "unreachable"),
            ("error.ics", "unreachable"), ("drip.ics", "unreachable"), ("huge.ics", "too_large"),
            ("endless.ics", "too_large"), ("bomb.ics", "too_large"), ("page.ics", "not_a_calendar"),
        ];
        for (n, (path, outcome)) in hostile.into_iter().enumerate() {
            let start = Instant::now();
            let change = village.staff("PATCH", &format!("/calendar-sources/{id}")).bearer(&village.editor);
            let change = change.header("if-match", &format!("\"{}\"", n + 1));
            change.json(&json!({"url": format!("{}/{path}", host.origin())})).send().await.expect(200);
            let calendar = looked_at(&village, &id).await;
            assert_eq!((&calendar["outcome"], &calendar["failures"]), (&json!(outcome), &json!(1)), "{path}");
            assert!(start.elapsed() < Duration::from_secs(20), "{path} took {:?}", start.elapsed());
        }
        assert_eq!(village.public_dates("2026-11-22").await, ["2026-12-12 planned Fest"]);
        // Names are looked at when they are used: one that leads inside, now or later, is asked for nothing.
        let inside = json!({"name": "Innen", "url": "https://localhost/good.ics"});
        let inside = village.event_calendar(&village.editor, inside).await;
        assert_eq!(looked_at(&village, &inside).await["outcome"], "unreachable");
        assert_eq!(host.asked("/good.ics"), 0);
        let port = host.origin().rsplit(':').next().expect("a port");
        for url in [
            "https://127.0.0.1/a.ics", "https://2130706433/a.ics", "https://[::ffff:10.0.0.1]/a.ics",
            "https://169.254.169.254/latest", "https://anna:geheim@kalletal.example/a.ics", "file:///etc/passwd",
            &format!("http://localhost:{port}/good.ics"), "webcal://192.168.1.1/a.ics",
        ] {
            let body = json!({"name": "Innen", "url": url});
            let ask = village.staff("POST", "/calendar-sources").bearer(&village.editor).json(&body);
            assert_eq!(ask.send().await.problem(422, "unprocessable"), ["/url"], "{url}");
        }
    }

    async fn a_publisher_that_fails_is_asked_less_and_less_often(on: Backend) {
        let (dorf, host) = with_host(on).await;
        let village = dorf.village("luedenhausen").await;
        let url = format!("{}/error.ics", host.origin());
        let id = village.event_calendar(&village.editor, json!({"name": "Termine", "url": url})).await;
        dorf.work_off().await;
        for minutes in [10, 10, 34] {
            dorf.wait(TimeDelta::minutes(minutes));
            dorf.work_off().await;
        }
        assert_eq!(host.asked("/error.ics"), 3, "after 15 minutes, then after 30");
        assert_eq!(looked_at(&village, &id).await["failures"], 3);
    }
}
