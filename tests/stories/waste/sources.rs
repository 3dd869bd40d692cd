//! Calendars that are loaded by themselves, from servers that may mean no good.

use super::{town, what};
use chrono::TimeDelta;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tests::kit::{Backend, CalendarHost, Dorf, PASSWORD, Reply, VillageKit, waste_calendar};
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

/// A fresh log-in of the editor: days go by in these stories.
async fn editor(village: &VillageKit<'_>) -> String {
    village.dorf.log_in(&format!("editor@{}.example", village.slug)).await
}

async fn sets(village: &VillageKit<'_>, url: &str) -> Reply {
    let ask = village.staff("PUT", "/waste/districts/ahornweg/source").bearer(&editor(village).await);
    ask.json(&json!({"url": url})).send().await
}

/// What is known of the source after everything due was done.
async fn looked_at(village: &VillageKit<'_>) -> Value {
    village.dorf.work_off().await;
    let ask = village.staff("GET", "/waste/districts/ahornweg/source").bearer(&editor(village).await);
    ask.send().await.expect(200).json()
}

stories! {
    async fn what_a_dismissed_editor_has_entered_is_loaded_no_more(on: Backend) {
        let (dorf, host) = with_host(on).await;
        let village = town(&dorf).await;
        let new = json!({"email": "eva@luedenhausen.example", "name": "Eva", "password": PASSWORD});
        let eva = village.hires(&new).await.expect(201).str("account");
        let token = dorf.log_in("eva@luedenhausen.example").await;
        host.publishes(&waste_calendar(&[("20261201", "Biotonne")]));
        let url = format!("{}/good.ics", host.origin());
        let ask = village.staff("PUT", "/waste/districts/ahornweg/source").bearer(&token);
        ask.json(&json!({"url": url})).send().await.expect(200);
        assert_eq!(looked_at(&village).await["outcome"], "imported");
        village.staff("DELETE", &format!("/editors/{eva}")).bearer(&village.admin).send().await.expect(204);
        host.publishes(&waste_calendar(&[("20261201", "Biotonne"), ("20261202", "Evas Tonne")]));
        dorf.wait(TimeDelta::hours(25));
        assert_eq!(looked_at(&village).await["outcome"], "no_keeper");
        assert_eq!(village.waste_dates("ahornweg", "2026-11-22").await.len(), 1);
        sets(&village, &url).await.expect(200);
        assert_eq!(looked_at(&village).await["outcome"], "imported");
    }

    async fn a_calendar_is_loaded_again_and_again_and_only_if_it_changed(on: Backend) {
        let (dorf, host) = with_host(on).await;
        let village = town(&dorf).await;
        host.publishes(&waste_calendar(&[("20261201", "Biotonne"), ("20261202", "Papier")]));
        sets(&village, &format!("{}/good.ics", host.origin())).await.expect(200);
        assert_eq!(looked_at(&village).await["outcome"], "imported");
        assert_eq!(village.waste_dates("ahornweg", "2026-11-22").await.len(), 2);
        dorf.work_off().await;
        assert_eq!(host.asked("/good.ics"), 1, "once, and then not before its time");
        dorf.wait(TimeDelta::hours(7));
        assert_eq!(looked_at(&village).await["outcome"], "unchanged");
        assert_eq!(host.asked("/good.ics"), 2);
        host.publishes(&waste_calendar(&[("20261203", "Biotonne")]));
        dorf.wait(TimeDelta::hours(7));
        assert_eq!(looked_at(&village).await["outcome"], "imported");
        let days = what(&village.waste_dates("ahornweg", "2026-11-22").await);
        assert_eq!(days.iter().map(|(day, _)| day.as_str()).collect::<Vec<_>>(), ["2026-12-02", "2026-12-03"]);
        let token = editor(&village).await;
        let imports = village.staff("GET", "/waste/districts/ahornweg/imports").bearer(&token).send().await.expect(200);
        assert_eq!(imports.json()["items"].as_array().map(Vec::len), Some(2), "{}", imports.text());
        village.staff("DELETE", "/waste/districts/ahornweg/source").bearer(&token).send().await.expect(204);
        dorf.wait(TimeDelta::hours(24));
        dorf.work_off().await;
        assert_eq!(host.asked("/good.ics"), 3);
        assert_eq!(village.waste_dates("ahornweg", "2026-11-22").await.len(), 2, "what was loaded stays");
    }

    async fn what_a_server_sends_can_be_moved_and_packed(on: Backend) {
        let (dorf, host) = with_host(on).await;
        let village = town(&dorf).await;
        host.publishes(&waste_calendar(&[("20261201", "Biotonne")]));
        for path in ["moved.ics", "packed.ics"] {
            sets(&village, &format!("{}/{path}", host.origin())).await.expect(200);
            assert_eq!(looked_at(&village).await["outcome"], "imported", "{path}");
        }
    }

    async fn hostile_servers_are_given_up_and_nothing_is_lost(on: Backend) {
        let (dorf, host) = with_host(on).await;
        let village = town(&dorf).await;
        village.imported("ahornweg", waste_calendar(&[("20261201", "Biotonne")])).await;
        let hostile = [
            ("circle.ics", "unreachable"), ("inside.ics", "unreachable"), ("metadata.ics", "unreachable"),
            ("error.ics", "unreachable"), ("drip.ics", "unreachable"), ("huge.ics", "too_large"),
            ("endless.ics", "too_large"), ("bomb.ics", "too_large"), ("page.ics", "not_a_calendar"),
        ];
        for (path, outcome) in hostile {
            let start = Instant::now();
            sets(&village, &format!("{}/{path}", host.origin())).await.expect(200);
            let source = looked_at(&village).await;
            assert_eq!((&source["outcome"], &source["failures"]), (&json!(outcome), &json!(1)), "{path}");
            assert!(start.elapsed() < Duration::from_secs(20), "{path} took {:?}", start.elapsed());
        }
        assert!(host.asked("/circle.ics") <= 4, "a few redirects and no more");
        assert_eq!(village.waste_dates("ahornweg", "2026-11-22").await.len(), 1);
    }

    async fn a_server_that_fails_is_asked_less_and_less_often(on: Backend) {
        let (dorf, host) = with_host(on).await;
        let village = town(&dorf).await;
        sets(&village, &format!("{}/error.ics", host.origin())).await.expect(200);
        dorf.work_off().await;
        for minutes in [10, 10, 34] {
            dorf.wait(TimeDelta::minutes(minutes));
            dorf.work_off().await;
        }
        assert_eq!(host.asked("/error.ics"), 3, "after 15 minutes, then after 30");
        assert_eq!(looked_at(&village).await["failures"], 3);
    }

    async fn addresses_inside_are_refused_and_look_like_any_other_that_fails(on: Backend) {
        let (dorf, host) = with_host(on).await;
        let village = town(&dorf).await;
        let port = host.origin().rsplit(':').next().expect("a port").to_owned();
        let never = [
            "http://kalletal.example/a.ics".to_owned(),
            "https://kalletal.example:8443/a.ics".to_owned(),
            "https://anna:geheim@kalletal.example/a.ics".to_owned(),
            "file:///etc/passwd".to_owned(),
            "https://127.0.0.1/a.ics".to_owned(),
            "https://2130706433/a.ics".to_owned(),
            "https://0x7f.1/a.ics".to_owned(),
            "https://0177.0.0.1/a.ics".to_owned(),
            "https://[::1]/a.ics".to_owned(),
            "https://[::ffff:10.0.0.1]/a.ics".to_owned(),
            "https://[64:ff9b::a00:1]/a.ics".to_owned(),
            "https://[2002:a00:1::]/a.ics".to_owned(),
            "https://169.254.169.254/latest".to_owned(),
            "https://192.168.1.1/a.ics".to_owned(),
            format!("http://localhost:{port}/good.ics"),
            format!("https://kalletal.example/{}", "a".repeat(2000)),
            "webcal".to_owned(),
        ];
        for url in never {
            assert_eq!(sets(&village, &url).await.problem(422, "unprocessable"), ["/url"], "{url}");
        }
        // Names are looked at when they are used: this one leads here, and nobody is asked.
        for url in ["https://localhost/good.ics", "https://gibt-es-nicht.invalid/a.ics"] {
            sets(&village, url).await.expect(200);
            let source = looked_at(&village).await;
            assert_eq!((&source["outcome"], &source["failures"]), (&json!("unreachable"), &json!(1)), "{url}");
        }
        assert_eq!(host.asked("/good.ics"), 0);
    }
}
