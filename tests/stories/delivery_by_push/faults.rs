//! Push services and networks that fail, and who does not feel it.

use super::{crowd, received};
use chrono::TimeDelta;
use tests::kit::push_receiver::{PushAnswer, PushReceiver};
use tests::kit::{Backend, Dorf, Resident, VillageKit, news};
use tests::stories;

fn once(answer: PushAnswer) -> PushAnswer {
    PushAnswer::Once(Box::new(answer))
}

/// So many residents whose browsers belong to this push service.
async fn crowd_at<'a>(village: &'a VillageKit<'a>, service: &PushReceiver, people: usize) -> Vec<Resident<'a>> {
    let mut crowd = Vec::new();
    for n in 0..people {
        crowd.push(village.resident(&format!("gast{n}")).by_push_with(service.new_device().await).await);
    }
    crowd
}

stories! {
    async fn a_device_whose_service_hangs_delays_only_itself(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.push.timeout_s = 1).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let crowd = crowd(&village, 20).await;
        anna.device().answer(once(PushAnswer::Hang));
        let editor = village.editor();
        let post = editor.publishes(news("Brücke gesperrt")).await;
        dorf.work_off().await;
        assert_eq!((received(&crowd), anna.pushes().len()), (20, 0));
        assert_eq!(editor.count(&post, "web_push", "pending", "timeout").await, 1);
        dorf.wait(TimeDelta::seconds(15));
        dorf.work_off().await;
        assert_eq!((received(&crowd), anna.pushes().len()), (20, 1));
    }

    async fn a_connection_that_breaks_is_made_again(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        anna.device().answer(once(PushAnswer::Drop));
        let editor = village.editor();
        let post = editor.publishes(news("Brücke gesperrt")).await;
        dorf.work_off().await;
        assert_eq!(editor.count(&post, "web_push", "pending", "connection_lost").await, 1);
        dorf.wait(TimeDelta::seconds(15));
        dorf.work_off().await;
        assert_eq!(anna.pushes().len(), 1);
    }

    async fn a_repeat_nobody_could_avoid_replaces_what_is_shown(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        anna.device().answer(once(PushAnswer::CreatedThenDrop));
        let editor = village.editor();
        let post = editor.publishes(news("Brücke gesperrt")).await;
        dorf.work_off().await;
        dorf.wait(TimeDelta::seconds(15));
        dorf.work_off().await;
        let pushes = anna.device().received();
        assert_eq!(pushes.len(), 2, "the service took it over, and we could not know");
        assert_eq!(pushes[0].header("topic"), pushes[1].header("topic"));
        assert_eq!(pushes[0].payload, pushes[1].payload);
        assert_eq!(editor.count(&post, "web_push", "sent", "").await, 1);
    }

    async fn a_dead_push_service_is_left_alone_and_does_not_stop_the_others(on: Backend) {
        let dead = PushReceiver::start().await;
        let dorf = Dorf::start_with(on, |settings| {
            settings.push.max_in_flight = 16;
            settings.push.allowed_hosts.push(dead.origin().to_owned());
        })
        .await;
        dead.set_clock(dorf.clock.now().timestamp());
        let village = dorf.village("luedenhausen").await;
        let (lucky, unlucky) = (crowd(&village, 5).await, crowd_at(&village, &dead, 20).await);
        dead.answer_all(PushAnswer::Drop);
        let editor = village.editor();
        let first = editor.publishes(news("Brücke gesperrt")).await;
        dorf.work_off().await;
        assert_eq!((received(&lucky), received(&unlucky)), (5, 0));
        assert_eq!(editor.count(&first, "web_push", "pending", "connection_lost").await, 20);

        assert!(dead.requests() < 20, "not all have to find out for themselves");

        let before = dead.requests();
        dead.answer_all(PushAnswer::Created);
        editor.publishes(news("Brücke frei")).await;
        dorf.work_off().await;
        assert_eq!((received(&lucky), dead.requests()), (10, before), "it is left alone for a little");
        dorf.wait(TimeDelta::seconds(2));
        dorf.work_off().await;
        dorf.wait(TimeDelta::seconds(1));
        dorf.work_off().await;
        assert!(received(&unlucky) >= 20, "whom nothing was tried with waits no longer than the service is away");
        dorf.wait(TimeDelta::seconds(15));
        dorf.work_off().await;
        assert_eq!((received(&lucky), received(&unlucky)), (10, 40));
    }

    async fn whoever_waits_for_a_slow_push_service_keeps_nobody_else_waiting(on: Backend) {
        let slow = PushReceiver::start().await;
        let dorf = Dorf::start_with(on, |settings| {
            settings.push.allowed_hosts.push(slow.origin().to_owned());
            settings.push.timeout_s = 1;
            (settings.push.max_in_flight, settings.push.max_in_flight_per_origin) = (4, 2);
        })
        .await;
        let village = dorf.village("luedenhausen").await;
        let (unlucky, lucky) = (crowd_at(&village, &slow, 6).await, crowd(&village, 5).await);
        slow.hold();
        village.editor().publishes(news("Brücke gesperrt")).await;
        tokio::join!(dorf.work_off(), async {
            dorf.push.wait_for(5).await;
            assert!(slow.requests() <= 2, "the first two of the slow service have not even timed out");
        });
        assert_eq!((received(&lucky), received(&unlucky)), (5, 0));
    }

    async fn an_endpoint_that_is_no_longer_allowed_gets_nothing(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let editor = village.editor();
        let post = editor.publishes(news("Brücke gesperrt")).await;
        let mut settings = dorf.running.app.settings.clone();
        settings.push.allowed_hosts.retain(|host| host != dorf.push.origin());
        let stricter = api::App::open(settings, dorf.clock.clone()).await.expect("the installation opens");
        api::Worker::new(stricter).expect("a worker").work_off().await.expect("the work can be done");
        assert_eq!(editor.count(&post, "web_push", "refused", "endpoint_not_allowed").await, 1);
        assert_eq!(dorf.push.requests(), 0);
        anna.ask("GET").send().await.expect(200);
    }
}
