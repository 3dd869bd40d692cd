//! Taking something back, and leaving, while it is being sent.

use super::{crowd, received};
use chrono::TimeDelta;
use tests::kit::{Backend, Dorf, news};
use tests::stories;

stories! {
    async fn what_is_withdrawn_while_it_is_sent_reaches_nobody_further(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.push.max_in_flight_per_origin = 3).await;
        let village = dorf.village("luedenhausen").await;
        let crowd = crowd(&village, 10).await;
        let editor = village.editor();
        let post = editor.publishes(news("Brücke gesperrt")).await;
        dorf.push.hold();
        tokio::join!(dorf.work_off(), async {
            dorf.push.wait_for_requests(3).await;
            editor.step(&post, "withdraw").await.expect(200);
            dorf.push.release();
        });
        dorf.wait(TimeDelta::hours(1));
        dorf.work_off().await;
        assert_eq!((received(&crowd), dorf.push.requests()), (6, 6), "only what was on the wire, and that it was taken back");
        for resident in &crowd {
            let pushes = resident.pushes();
            let told = ["Lüdenhausen · Brücke gesperrt", "Lüdenhausen · Zurückgenommen: Brücke gesperrt"];
            assert!(pushes.is_empty() || pushes == told, "{pushes:?}");
        }
        assert_eq!(editor.count(&post, "web_push", "sent", "").await, 3);
        assert_eq!(editor.count(&post, "web_push", "cancelled", "withdrawn").await, 7);
        let report = editor.report(&post).await;
        assert!(report["pending"] == 0 && report["finished_at"].is_string(), "{report}");
    }

    async fn what_is_withdrawn_before_it_is_sent_reaches_nobody(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let editor = village.editor();
        let post = editor.publishes(news("Brücke gesperrt")).await;
        editor.step(&post, "withdraw").await.expect(200);
        dorf.work_off().await;
        assert!(anna.pushes().is_empty());
        assert!(editor.report(&post).await["finished_at"].is_string());
    }

    async fn whoever_leaves_before_it_is_sent_gets_nothing(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.push.max_in_flight_per_origin = 1).await;
        let village = dorf.village("luedenhausen").await;
        let couple = crowd(&village, 2).await;
        let editor = village.editor();
        let post = editor.publishes(news("Brücke gesperrt")).await;
        dorf.push.hold();
        tokio::join!(dorf.work_off(), async {
            dorf.push.wait_for_requests(1).await;
            for resident in &couple {
                resident.ask("DELETE").send().await.expect(204);
            }
            dorf.push.release();
        });
        dorf.wait(TimeDelta::hours(1));
        dorf.work_off().await;
        assert_eq!((received(&couple), dorf.push.requests()), (1, 1), "only what was on the wire");
        assert_eq!(editor.count(&post, "web_push", "sent", "").await, 1);
        assert_eq!(editor.count(&post, "web_push", "cancelled", "subscription_ended").await, 1);
        assert!(editor.report(&post).await["finished_at"].is_string());
    }

    async fn whoever_leaves_while_a_retry_is_due_gets_nothing(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        anna.device().answer(tests::kit::push_receiver::PushAnswer::Once(Box::new(
            tests::kit::push_receiver::PushAnswer::Broken,
        )));
        let editor = village.editor();
        let post = editor.publishes(news("Brücke gesperrt")).await;
        dorf.work_off().await;
        anna.ask("DELETE").send().await.expect(204);
        dorf.wait(TimeDelta::seconds(15));
        dorf.work_off().await;
        assert!(anna.pushes().is_empty());
        assert_eq!(editor.count(&post, "web_push", "cancelled", "subscription_ended").await, 1);
        assert!(editor.report(&post).await["finished_at"].is_string());
    }
}
