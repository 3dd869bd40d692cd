//! The power fails between a withdrawal and its telling, and in the midst of both: the real process is killed and started again.

use super::takes_back;
use tests::kit::{Backend, Dorf, VillageKit, news};
use tests::stories;

/// Browsers in the village.
const BROWSERS: usize = 20;

/// Pushes in flight at once: as many may come twice per kill.
const IN_FLIGHT: usize = 4;

/// Waits until all that was told of a post has come to an end.
async fn is_finished(village: &VillageKit<'_>, post: &tests::kit::Post, notifications: usize) {
    let mut look = tokio::time::interval(std::time::Duration::from_millis(100));
    for _ in 0..600 {
        look.tick().await;
        let path = format!("/posts/{}/deliveries", post.id);
        let report = village.editor().ask("GET", &path).send().await.expect(200).json();
        let all = report["notifications"].as_array().cloned().unwrap_or_default();
        if all.len() == notifications && all.iter().all(|one| one["finished_at"].is_string()) {
            return;
        }
    }
    panic!("the telling did not come to an end within a minute");
}

stories! {
    async fn killed_in_the_midst_of_telling_and_of_taking_back_nobody_keeps_what_was_taken_back(on: Backend) {
        let dorf = Dorf::start(on).await;
        dorf.set_time(api::Clock::system().now());
        let village = dorf.village("luedenhausen").await;
        let mut crowd = Vec::new();
        for n in 0..BROWSERS {
            crowd.push(village.resident(&format!("anna{n}")).by_push().await);
        }
        let post = village.editor().publishes(news("Brücke gesperrt")).await;
        dorf.push.hold();
        let worker = dorf.works_beside(IN_FLIGHT).await;
        dorf.push.wait_for_requests(IN_FLIGHT).await;
        worker.kill().await;
        dorf.push.release();
        takes_back(&village, &post, "Ein Irrtum.").await;
        let before = dorf.push.requests();
        dorf.push.hold();
        let worker = dorf.works_beside(IN_FLIGHT).await;
        dorf.push.wait_for_requests(before + 1).await;
        worker.kill().await;
        dorf.push.release();
        let worker = dorf.works_beside(IN_FLIGHT).await;
        is_finished(&village, &post, 2).await;
        worker.kill().await;
        for resident in &crowd {
            let pushes = resident.pushes();
            let back = pushes.iter().filter(|title| title.contains("Zurückgenommen")).count();
            let first = pushes.len() - back;
            assert!(first <= 1 && back <= 2 && (first == 0 || back > 0), "{pushes:?}");
        }
    }
}
