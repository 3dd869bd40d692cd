//! What push services say, and what comes of it.

use super::dorf_for_days;
use chrono::TimeDelta;
use tests::kit::push_receiver::{PushAnswer, PushReceiver};
use tests::kit::{Backend, Dorf, news};
use tests::stories;

fn once(answer: PushAnswer) -> PushAnswer {
    PushAnswer::Once(Box::new(answer))
}

stories! {
    async fn who_is_gone_is_not_tried_again(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let bert = village.resident("bert").by_push().await;
        let carla = village.resident("carla").by_push().await;
        anna.device().answer(once(PushAnswer::NotFound));
        bert.device().answer(once(PushAnswer::Gone));
        let editor = village.editor();
        let post = editor.publishes(news("Brücke gesperrt")).await;
        dorf.work_off().await;
        assert_eq!(editor.count(&post, "web_push", "gone", "endpoint_gone").await, 2);
        assert_eq!(editor.count(&post, "web_push", "sent", "").await, 1);
        for left in [&anna, &bert] {
            left.ask("GET").send().await.expect(404);
        }
        carla.ask("GET").send().await.expect(200);

        let next = editor.publishes(news("Brücke frei")).await;
        dorf.work_off().await;
        assert_eq!(editor.report(&next).await["planned"], 1);
        assert_eq!(dorf.push.requests(), 4);
        assert!(anna.pushes().is_empty() && bert.pushes().is_empty());
    }

    async fn a_message_found_too_large_ends_itself_and_not_the_subscription(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        anna.device().answer(once(PushAnswer::TooLarge));
        let editor = village.editor();
        let post = editor.publishes(news("Zu lang")).await;
        dorf.work_off().await;
        dorf.wait(TimeDelta::hours(7));
        dorf.work_off().await;
        assert_eq!(editor.count(&post, "web_push", "refused", "too_large").await, 1);
        assert_eq!(dorf.push.requests(), 1);
        editor.publishes(news("Kurz")).await;
        dorf.work_off().await;
        assert_eq!(anna.pushes(), ["Lüdenhausen · Kurz"]);
    }

    async fn who_asks_for_less_is_left_alone_for_as_long_as_asked(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let editor = village.editor();
        let asked = [
            (PushAnswer::TooMany { retry_after: 120 }, "too_many_requests", 120),
            (PushAnswer::Unavailable { retry_after: Some(3600) }, "unavailable", 3600),
        ];
        for (answer, reason, wait_s) in asked {
            anna.device().answer(once(answer));
            let post = editor.publishes(news(reason)).await;
            dorf.work_off().await;
            assert_eq!(editor.count(&post, "web_push", "pending", reason).await, 1);
            let before = dorf.push.requests();
            dorf.wait(TimeDelta::seconds(wait_s - 1));
            dorf.work_off().await;
            assert_eq!(dorf.push.requests(), before, "{wait_s} s are not over");
            dorf.wait(TimeDelta::seconds(1));
            dorf.work_off().await;
            assert_eq!(anna.pushes().pop(), Some(format!("Lüdenhausen · {reason}")));
        }
    }

    async fn nobody_can_make_us_wait_for_ever(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        anna.device().answer(once(PushAnswer::TooMany { retry_after: u32::MAX }));
        village.editor().publishes(news("Brücke gesperrt")).await;
        dorf.work_off().await;
        assert!(anna.pushes().is_empty());
        dorf.wait(TimeDelta::hours(6));
        dorf.work_off().await;
        assert_eq!(anna.pushes().len(), 1);
    }

    async fn a_push_service_in_trouble_is_asked_less_and_less_and_not_for_ever(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.notifications.max_attempts = 4).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let editor = village.editor();
        let troubles = [PushAnswer::Broken, PushAnswer::Unavailable { retry_after: None }];
        for trouble in troubles {
            let before = dorf.push.requests();
            anna.device().answer(trouble);
            let post = editor.publishes(news("Brücke gesperrt")).await;
            dorf.work_off().await;
            for (tried, longest_s) in [(1, 15), (2, 30), (3, 60)] {
                assert_eq!(editor.count(&post, "web_push", "pending", "unavailable").await, 1);
                dorf.wait(TimeDelta::milliseconds(longest_s * 500 - 1));
                dorf.work_off().await;
                assert_eq!(dorf.push.requests() - before, tried, "at least half of {longest_s} s");
                dorf.wait(TimeDelta::milliseconds(longest_s * 500 + 1));
                dorf.work_off().await;
                assert_eq!(dorf.push.requests() - before, tried + 1, "at most {longest_s} s");
            }
            assert_eq!(editor.count(&post, "web_push", "refused", "unavailable").await, 1);
            dorf.wait(TimeDelta::hours(2));
            dorf.work_off().await;
            assert_eq!(dorf.push.requests() - before, 4);
        }
        anna.device().answer(PushAnswer::Created);
        editor.publishes(news("Brücke frei")).await;
        dorf.work_off().await;
        assert_eq!(anna.pushes(), ["Lüdenhausen · Brücke frei"], "the subscription stays");
    }

    async fn who_says_come_later_is_asked_later_whatever_the_status(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let editor = village.editor();
        let said = [
            (406, Some(300), "too_many_requests"),
            (408, None, "timeout"),
            (421, None, "unavailable"),
            (425, None, "unavailable"),
            (418, Some(300), "too_many_requests"),
        ];
        for (status, retry_after, reason) in said {
            anna.device().answer(once(PushAnswer::Says { status, retry_after }));
            let post = editor.publishes(news(&format!("Nach {status}"))).await;
            dorf.work_off().await;
            assert_eq!(editor.count(&post, "web_push", "pending", reason).await, 1, "{status}");
            dorf.wait(TimeDelta::seconds(retry_after.map_or(15, i64::from)));
            dorf.work_off().await;
            assert_eq!(anna.pushes().pop(), Some(format!("Lüdenhausen · Nach {status}")));
        }
        anna.device().answer(once(PushAnswer::Says { status: 406, retry_after: None }));
        let post = editor.publishes(news("Nie")).await;
        dorf.work_off().await;
        assert_eq!(editor.count(&post, "web_push", "refused", "rejected").await, 1, "who says nothing refuses for good");
    }

    async fn the_time_to_wait_begins_with_the_answer(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        anna.device().answer(once(PushAnswer::TooMany { retry_after: 20 }));
        village.editor().publishes(news("Brücke gesperrt")).await;
        dorf.push.hold();
        tokio::join!(dorf.work_off(), async {
            dorf.push.wait_for_requests(1).await;
            dorf.wait(TimeDelta::seconds(4));
            dorf.push.release();
        });
        dorf.wait(TimeDelta::milliseconds(19_999));
        dorf.work_off().await;
        assert_eq!(dorf.push.requests(), 1, "20 s after the answer, not after the question");
        dorf.wait(TimeDelta::milliseconds(1));
        dorf.work_off().await;
        assert_eq!(anna.pushes().len(), 1);
    }

    async fn a_redirect_is_not_followed(on: Backend) {
        let elsewhere = PushReceiver::start().await;
        let trap = elsewhere.new_device().await;
        let dorf = Dorf::start_with(on, |settings| settings.push.allowed_hosts.push(elsewhere.origin().to_owned())).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        anna.device().answer(once(PushAnswer::Redirect(trap.endpoint().to_owned())));
        let editor = village.editor();
        let post = editor.publishes(news("Brücke gesperrt")).await;
        dorf.work_off().await;
        assert_eq!(editor.count(&post, "web_push", "refused", "rejected").await, 1);
        assert_eq!(elsewhere.requests(), 0);
        anna.ask("GET").send().await.expect(200);
    }

    async fn an_answer_without_an_end_is_cut_off(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        anna.device().answer(PushAnswer::HugeBody);
        let editor = village.editor();
        let post = editor.publishes(news("Brücke gesperrt")).await;
        dorf.work_off().await;
        assert_eq!(editor.count(&post, "web_push", "sent", "").await, 1);
        assert_eq!(anna.pushes().len(), 1);
    }

    async fn a_warning_that_could_not_be_told_in_time_is_never_told(on: Backend) {
        let dorf = dorf_for_days(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        anna.device().answer(PushAnswer::Unavailable { retry_after: None });
        let editor = village.editor();
        let post = editor.publishes(tests::kit::alert("Hochwasser")).await;
        dorf.work_off().await;
        anna.device().answer(PushAnswer::Created);
        dorf.wait(TimeDelta::hours(24));
        dorf.work_off().await;
        assert_eq!(editor.count(&post, "web_push", "expired", "unavailable").await, 1);
        assert!(anna.pushes().is_empty(), "a day later it is no news");
        assert!(editor.report(&post).await["finished_at"].is_string());
    }

    async fn an_event_that_is_over_is_not_announced(on: Backend) {
        let dorf = dorf_for_days(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let bert = village.resident("bert").by_push().await;
        anna.device().answer(PushAnswer::Unavailable { retry_after: Some(3600) });
        let dates = serde_json::json!({"starts_local": "2026-11-22T11:00", "ends_local": "2026-11-22T12:30"});
        let editor = village.editor();
        let post = editor.publishes(tests::kit::event("Frühschoppen", "").with("event", dates)).await;
        dorf.work_off().await;
        assert_eq!(bert.device().received()[0].header("ttl"), Some("10800"), "from half past nine to half past twelve");
        for _ in 0..3 {
            dorf.wait(TimeDelta::hours(1));
            dorf.work_off().await;
        }
        anna.device().answer(PushAnswer::Created);
        dorf.wait(TimeDelta::hours(6));
        dorf.work_off().await;
        assert_eq!(editor.count(&post, "web_push", "expired", "unavailable").await, 1);
        assert!(anna.pushes().is_empty());
    }
}
