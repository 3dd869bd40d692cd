//! Who comes first, how many at once, and how many workers.

use super::{crowd, received};
use tests::kit::{Backend, Dorf, alert, news};
use tests::stories;

stories! {
    async fn a_warning_overtakes_the_news_of_other_villages(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.push.max_in_flight = 1).await;
        let (large, small) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let crowd = crowd(&large, 40).await;
        let otto = small.resident("otto").by_push().await;
        large.editor().publishes(news("Brücke gesperrt")).await;
        small.editor().publishes(alert("Hochwasser")).await;
        dorf.work_off().await;
        assert_eq!(otto.device().received()[0].at, 0, "published last, sent first");
        assert_eq!(received(&crowd), 40);
    }

    async fn a_warning_overtakes_news_that_are_being_sent(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| {
            (settings.push.max_in_flight, settings.push.max_in_flight_per_origin) = (1, 1);
            settings.notifications.batch = 4;
            settings.notifications.poll_s = 1;
        })
        .await;
        let (large, small) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let crowd = crowd(&large, 40).await;
        let otto = small.resident("otto").by_push().await;
        let settings = dorf.running.app.settings.clone();
        let worker = api::Running::start(settings, dorf.clock.clone(), api::Role::Worker).await.expect("a worker");
        dorf.push.hold();
        large.editor().publishes(news("Brücke gesperrt")).await;
        dorf.push.wait_for_requests(1).await;
        let (editor, warning) = (small.editor(), small.editor().publishes(alert("Hochwasser")).await);
        while editor.report(&warning).await["started_at"].is_null() {}
        dorf.push.release();
        dorf.push.wait_for(41).await;
        worker.stop().await;
        let at = otto.device().received()[0].at;
        assert!(at <= 4, "{at} went before it, and only 4 had been claimed");
        assert_eq!(received(&crowd), 40);
    }

    async fn villages_are_served_in_turn(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.push.max_in_flight = 1).await;
        let (large, small) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let crowd = crowd(&large, 40).await;
        let otto = small.resident("otto").by_push().await;
        large.editor().publishes(news("Brücke gesperrt")).await;
        small.editor().publishes(news("Backhaus offen")).await;
        dorf.work_off().await;
        let at = otto.device().received()[0].at;
        assert!(at <= 1, "{at} of the other village went before it");
        assert_eq!(received(&crowd), 40);
    }

    async fn so_many_at_once_and_no_more(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.push.max_in_flight_per_origin = 10).await;
        let village = dorf.village("luedenhausen").await;
        let crowd = crowd(&village, 100).await;
        village.editor().publishes(news("Brücke gesperrt")).await;
        dorf.push.hold();
        tokio::join!(dorf.work_off(), async {
            dorf.push.wait_for_requests(8).await;
            dorf.push.release();
        });
        assert_eq!((received(&crowd), dorf.push.max_in_flight()), (100, 8), "the other two are for other villages");
    }

    async fn two_workers_send_everything_once(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let crowd = crowd(&village, 300).await;
        let editor = village.editor();
        let post = editor.publishes(news("Brücke gesperrt")).await;
        let second = api::Worker::new(dorf.running.app.clone()).expect("a worker");
        let (_, done) = tokio::join!(dorf.work_off(), second.work_off());
        done.expect("the work can be done");
        dorf.work_off().await;
        assert!(crowd.iter().all(|resident| resident.pushes().len() == 1), "{} in all", received(&crowd));
        assert_eq!(dorf.push.requests(), 300);
        let report = editor.report(&post).await;
        assert!(report["delivered"] == 300 && report["finished_at"].is_string(), "{report}");
    }
}
