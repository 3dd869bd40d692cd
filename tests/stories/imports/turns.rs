//! Calendars of one village that take for ever, and those of another.

use futures_util::poll;
use serde_json::json;
use std::time::Duration;
use tests::kit::{Backend, CalendarHost, Dorf, ics, outcomes, vevent};
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

    async fn a_calendar_that_is_read_for_ever_keeps_no_other_village_waiting(on: Backend) {
        let host = CalendarHost::start().await;
        let origin = host.origin().to_owned();
        let dorf = Dorf::start_with(on, |settings| settings.calendars.allowed_origins = vec![origin]).await;
        let (slow, other) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let (mine, theirs) = (slow.own_calendar("vereine").await, other.own_calendar("vereine").await);
        let file = ics(&[vevent("UID:fest|SUMMARY:Backhausfest|DTSTART;VALUE=DATE:20261212")]);
        let seats = dorf.running.app.benches.calendars.clone();
        let here = dorf.running.app.village("luedenhausen").await.expect("the database answers").expect("the village").id;
        let seat = seats.seat(here).await.unwrap_or_else(|_| panic!("a free seat"));
        // Sixteen wait, and whoever comes then is told to come again.
        let mut queue: Vec<_> = (0..17).map(|_| Box::pin(seats.seat(here))).collect();
        for waiting in &mut queue {
            assert!(!matches!(poll!(waiting), std::task::Poll::Ready(Ok(_))), "the village has its seat");
        }
        slow.uploads(&slow.editor, &mine, file.clone()).await.problem(503, "unavailable");
        assert_eq!(outcomes(&other.takes(&theirs, file.clone()).await), ["imported"]);
        host.publishes(&file);
        let body = json!({"name": "Termine", "url": format!("{}/good.ics", host.origin())});
        let loaded = slow.event_calendar(&slow.editor, body).await;
        dorf.work_off().await;
        let state = async || slow.staff("GET", &format!("/calendar-sources/{loaded}")).bearer(&slow.editor).send().await.expect(200).json();
        assert_eq!((host.asked("/good.ics"), &state().await["outcome"]), (1, &json!("waiting")), "it is nobody's fault");
        drop((queue, seat));
        assert_eq!(outcomes(&slow.takes(&mine, file).await), ["imported"]);
        dorf.wait(chrono::TimeDelta::minutes(5));
        dorf.work_off().await;
        assert_eq!((host.asked("/good.ics"), &state().await["outcome"]), (2, &json!("imported")));
    }
}
