//! Whose trouble keeps whom waiting: one endpoint nobody, one village no other, and an alert waits for nothing.

use super::{crowd, received};
use chrono::TimeDelta;
use tests::kit::push_receiver::PushAnswer;
use tests::kit::{Backend, Dorf, Resident, alert, news};
use tests::stories;

/// How often a push service was asked while `seconds` passed, looked at every second.
async fn asked_within(dorf: &Dorf, seconds: i64) -> usize {
    let before = dorf.push.requests();
    for _ in 0..seconds {
        dorf.wait(TimeDelta::seconds(1));
        dorf.work_off().await;
    }
    dorf.push.requests() - before
}

fn all_answer(crowd: &[Resident<'_>], answer: &PushAnswer) {
    crowd.iter().for_each(|resident| resident.device().answer(answer.clone()));
}

stories! {
    async fn one_refused_endpoint_keeps_nobody_waiting(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.http.shutdown_timeout_s = 1).await;
        let (upstream, elsewhere) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let crowd = crowd(&upstream, 20).await;
        let stranger = elsewhere.resident("fremd").by_push().await;
        for refusal in [PushAnswer::Unauthorised, PushAnswer::Forbidden] {
            stranger.device().answer(refusal);
            elsewhere.editor().publishes(news("Backhaus offen")).await;
            dorf.work_off().await;
            // The clock stands still from here on: whoever waits for anything waits for ever, and the story with it. How long it
            // takes is told, and judged by the benchmark.
            let already = dorf.push.accepted();
            let told = async {
                let begin = std::time::Instant::now();
                upstream.editor().publishes(alert("Hochwasser")).await;
                let published = begin.elapsed();
                dorf.push.wait_for(already + 1).await;
                let first = begin.elapsed();
                dorf.push.wait_for(already + crowd.len()).await;
                let all = begin.elapsed();
                println!("{on:?}: refused in Stemmen; alert in Lüdenhausen saved and published after {published:?}, first push {first:?}, all {all:?}");
            };
            dorf.working(told).await;
            upstream.editor().publishes(news("Straße frei")).await;
            dorf.work_off().await;
            assert_eq!(dorf.push.accepted(), already + 2 * crowd.len(), "nor do news wait");
        }
        assert_eq!((received(&crowd), stranger.pushes().len()), (80, 0));
    }

    async fn who_is_refused_is_given_up_after_the_usual_attempts_and_stays(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let (anna, crowd) = (village.resident("anna").by_push().await, crowd(&village, 5).await);
        anna.device().answer(PushAnswer::Forbidden);
        let editor = village.editor();
        let post = editor.publishes(news("Brücke gesperrt")).await;
        dorf.work_off().await;
        assert_eq!(received(&crowd), 5);
        assert_eq!(editor.count(&post, "web_push", "pending", "unauthorised").await, 1);
        for _ in 0..60 {
            dorf.wait(TimeDelta::minutes(1));
            dorf.work_off().await;
        }
        assert_eq!(dorf.push.requests(), 5 + 8, "eight attempts, and no more");
        assert_eq!(editor.count(&post, "web_push", "refused", "unauthorised").await, 1);
        assert!(editor.report(&post).await["finished_at"].is_string());
        anna.ask("GET").send().await.expect(200);
        anna.device().answer(PushAnswer::Created);
        editor.publishes(news("Brücke frei")).await;
        dorf.work_off().await;
        assert_eq!(anna.pushes(), ["Lüdenhausen · Brücke frei"]);
    }

    async fn a_village_of_stale_endpoints_holds_no_other_back(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (stale, fresh) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let (gone, crowd) = (crowd(&stale, 30).await, crowd(&fresh, 10).await);
        all_answer(&gone, &PushAnswer::Forbidden);
        stale.editor().publishes(news("Brücke gesperrt")).await;
        dorf.work_off().await;
        fresh.editor().publishes(news("Backhaus offen")).await;
        dorf.work_off().await;
        assert_eq!(received(&crowd), 10, "at once");
    }

    async fn two_villages_of_stale_endpoints_keep_a_third_from_its_news_for_seconds(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (one, two) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let third = dorf.village("talle").await;
        let gone = [crowd(&one, 10).await, crowd(&two, 10).await].concat();
        let crowd = crowd(&third, 10).await;
        all_answer(&gone, &PushAnswer::Forbidden);
        for village in [&one, &two] {
            village.editor().publishes(news("Brücke gesperrt")).await;
        }
        dorf.work_off().await;
        third.editor().publishes(news("Backhaus offen")).await;
        dorf.work_off().await;
        for _ in 0..30 {
            if received(&crowd) == 10 {
                break;
            }
            dorf.wait(TimeDelta::seconds(1));
            dorf.work_off().await;
        }
        assert_eq!(received(&crowd), 10, "whoever gets through proves them wrong");
    }

    async fn a_push_service_that_refuses_all_is_tried_by_one_at_a_time_and_costs_nobody_anything(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| {
            (settings.push.max_in_flight, settings.notifications.max_attempts) = (16, 2);
        })
        .await;
        let (large, small) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let (many, few) = (crowd(&large, 40).await, crowd(&small, 6).await);
        dorf.push.answer_all(PushAnswer::Unauthorised);
        let posts = [large.editor().publishes(news("Brücke gesperrt")).await, small.editor().publishes(news("Backhaus offen")).await];
        dorf.work_off().await;
        let at_first = dorf.push.requests();
        assert!(at_first <= 20, "{at_first} asked before it was clear that nobody gets through");
        // After 2, 4, 8, 16, 32, 60, 60 … seconds, or half as long.
        let (minute, more) = (asked_within(&dorf, 60).await, asked_within(&dorf, 600).await);
        assert!((3..=6).contains(&minute) && (8..=20).contains(&more), "{minute} in a minute, {more} in ten more");
        assert_eq!(large.editor().count(&posts[0], "web_push", "pending", "unauthorised").await, 40, "nobody is given up");
        assert_eq!(small.editor().count(&posts[1], "web_push", "pending", "unauthorised").await, 6);

        dorf.push.answer_all(PushAnswer::Created);
        asked_within(&dorf, 65).await;
        assert_eq!((received(&many), received(&few)), (40, 6), "within a minute");
    }

    async fn an_alert_is_tried_once_though_nobody_gets_through(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (large, small) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let (many, few) = (crowd(&large, 10).await, crowd(&small, 10).await);
        dorf.push.answer_all(PushAnswer::Forbidden);
        large.editor().publishes(news("Brücke gesperrt")).await;
        small.editor().publishes(news("Backhaus offen")).await;
        dorf.work_off().await;
        let before = dorf.push.requests();
        small.editor().publishes(news("Backhaus zu")).await;
        dorf.work_off().await;
        assert_eq!(dorf.push.requests(), before, "it is held back");
        small.editor().publishes(alert("Hochwasser")).await;
        dorf.work_off().await;
        assert_eq!(dorf.push.requests(), before + 10, "everybody once");
        all_answer(&many, &PushAnswer::Created);
        all_answer(&few, &PushAnswer::Created);
        large.editor().publishes(alert("Hochwasser")).await;
        dorf.work_off().await;
        assert_eq!((received(&many), received(&few)), (10, 0), "and where it gets through, at once");
    }

    async fn browsers_that_hang_take_no_other_village_s_places(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| {
            (settings.push.timeout_s, settings.http.shutdown_timeout_s) = (60, 1);
        })
        .await;
        let (stuck, free) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let (hanging, crowd) = (crowd(&stuck, 100).await, crowd(&free, 50).await);
        all_answer(&hanging, &PushAnswer::Hang);
        let told = async {
            stuck.editor().publishes(news("Brücke gesperrt")).await;
            // Three quarters of the 64 places of a push service.
            dorf.push.wait_for_requests(48).await;
            let begin = std::time::Instant::now();
            free.editor().publishes(news("Backhaus offen")).await;
            dorf.push.wait_for(1).await;
            let first = begin.elapsed();
            dorf.push.wait_for(50).await;
            println!("{on:?}: 48 hang; first of another village after {first:?}, all 50 after {:?}", begin.elapsed());
            assert_eq!((received(&crowd), dorf.push.requests()), (50, 98), "none of those that hang has come to an end");
        };
        dorf.working(told).await;
    }
}
