//! Calendars of one village that take for ever, and those of another.

use serde_json::json;
use std::time::Duration;
use tests::kit::{Backend, CalendarHost, Dorf, ics, vevent};
use tests::stories;

stories! {
    async fn calendars_that_drip_keep_no_other_village_s_from_being_loaded(on: Backend) {
        let host = CalendarHost::start().await;
        let origin = host.origin().to_owned();
        let dorf = Dorf::start_with(on, |settings| {
            settings.calendars.allowed_origins = vec![origin];
            settings.calendars.timeout_s = 60;
            settings.notifications.poll_s = 1;
            settings.http.shutdown_timeout_s = 1;
        })
        .await;
        let (slow, other) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        for n in 0..12 {
            let body = json!({"name": format!("Langsam {n}"), "url": format!("{}/drip.ics", host.origin())});
            slow.event_calendar(&slow.editor, body).await;
        }
        host.publishes(&ics(&[vevent("UID:fest|SUMMARY:Backhausfest|DTSTART;VALUE=DATE:20261212")]));
        let told = async {
            let mut look = tokio::time::interval(Duration::from_millis(50));
            while host.asked("/drip.ics") < 6 {
                look.tick().await;
            }
            let body = json!({"name": "Termine", "url": format!("{}/good.ics", host.origin())});
            other.event_calendar(&other.editor, body).await;
            for _ in 0..400 {
                if host.asked("/good.ics") > 0 {
                    break;
                }
                look.tick().await;
            }
            assert_eq!((host.asked("/good.ics"), host.asked("/drip.ics")), (1, 6), "none of the slow ones has come to an end");
        };
        dorf.working(told).await;
    }
}
