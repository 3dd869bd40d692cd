//! However many workers there are, and whatever ends in between: a village has a joint post once, and a reader is told of it once.

use super::{Mayor, breaks, mends};
use api::Worker;
use chrono::TimeDelta;
use tests::kit::push_receiver::PushAnswer;
use tests::kit::{Backend, Dorf, event, news};
use tests::stories;

/// Joint posts and readers of the race.
const POSTS: usize = 6;
const READERS: usize = 8;

stories! {
    async fn two_workers_racing_put_it_out_once_and_tell_once(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (here, there) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let mut readers = Vec::new();
        for n in 0..READERS {
            let device = dorf.push.new_device().await;
            readers.push(here.resident(&format!("anna{n}")).by_push_with(device.clone()).await);
            there.resident(&format!("anna{n}")).by_push_with(device).await;
        }
        let mayor = Mayor::of(&dorf).await;
        let mut joints = Vec::new();
        for n in 0..POSTS {
            joints.push(mayor.publishes(news(&format!("Für alle {n}"))).await);
        }
        let second = Worker::new(dorf.running.app.clone()).expect("a second worker");
        for _ in 0..4 {
            let (_, done) = tokio::join!(dorf.work_off(), second.work_off());
            done.expect("the work can be done");
            dorf.wait(TimeDelta::minutes(5));
        }
        for village in [&here, &there] {
            assert_eq!(village.feed().await.titles().len(), POSTS);
        }
        let told = "SELECT CAST(COUNT(*) AS text) FROM notification WHERE post_id IS NOT NULL";
        assert_eq!(dorf.database.column(told).await, [(2 * POSTS).to_string()], "one for each copy");
        for reader in &readers {
            let mut titles: Vec<String> = reader.pushes().iter().filter_map(|title| title.split(" · ").nth(1).map(str::to_owned)).collect();
            titles.sort();
            assert_eq!(titles, (0..POSTS).map(|n| format!("Für alle {n}")).collect::<Vec<_>>());
        }
        for joint in &joints {
            let results = [mayor.result(joint, &here).await, mayor.result(joint, &there).await];
            let sum = |name: &str| results.iter().filter_map(|result| result[name].as_u64()).sum::<u64>();
            assert_eq!(["delivered", "told_elsewhere", "pending"].map(sum), [READERS as u64, READERS as u64, 0], "{results:?}");
        }
    }

    async fn who_is_subscribed_in_two_villages_is_reminded_once(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (here, there) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let device = dorf.push.new_device().await;
        let anna = here.resident("anna").by_push_with(device.clone()).await.reminded(&[120, 60]).await;
        there.resident("anna").by_push_with(device).await.reminded(&[120]).await;
        let mayor = Mayor::of(&dorf).await;
        mayor.publishes(event("Adventskonzert", "2026-11-24T19:00")).await;
        dorf.work_off().await;
        let told = anna.pushes().len();
        assert_eq!(told, 1);
        for (now, reminders) in [("2026-11-24T15:59:59Z", 0), ("2026-11-24T16:00:00Z", 1), ("2026-11-24T17:00:00Z", 2)] {
            dorf.set_time(now.parse().expect("an instant"));
            dorf.work_off().await;
            assert_eq!(anna.pushes().len(), told + reminders, "at {now}: {:?}", anna.pushes());
        }
    }

    async fn when_who_was_to_be_told_first_leaves_the_other_village_tells(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (here, there) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let device = dorf.push.new_device().await;
        let anna = here.resident("anna").by_push_with(device.clone()).await;
        there.resident("anna").by_push_with(device.clone()).await;
        let mayor = Mayor::of(&dorf).await;
        // One village is behind, so that the other is first to try; it fails, and is to try again.
        breaks(&dorf, on, "stemmen").await;
        device.answer(PushAnswer::Broken);
        let joint = mayor.publishes(news("Wasser")).await;
        dorf.work_off().await;
        mends(&dorf, on).await;
        device.answer(PushAnswer::Created);
        assert_eq!(mayor.result(&joint, &here).await["pending"], 1);
        anna.ask("DELETE").send().await.expect(204);
        for _ in 0..3 {
            dorf.wait(TimeDelta::minutes(5));
            dorf.work_off().await;
        }
        assert_eq!(anna.pushes(), ["Stemmen · Wasser"]);
        let (first, second) = (mayor.result(&joint, &here).await, mayor.result(&joint, &there).await);
        assert_eq!((&first["undelivered"], &second["delivered"]), (&1.into(), &1.into()), "{first} {second}");
    }

    async fn who_waits_for_another_village_is_told_once_it_has_given_up(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (here, there) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let device = dorf.push.new_device().await;
        let anna = here.resident("anna").by_push_with(device.clone()).await;
        there.resident("anna").by_push_with(device.clone()).await;
        let mayor = Mayor::of(&dorf).await;
        device.answer(PushAnswer::Once(Box::new(PushAnswer::TooLarge)));
        let joint = mayor.publishes(news("Wasser")).await;
        dorf.work_off().await;
        dorf.wait(TimeDelta::minutes(5));
        dorf.work_off().await;
        assert_eq!(anna.pushes().len(), 1, "one was refused, the other sent");
        let results = [mayor.result(&joint, &here).await, mayor.result(&joint, &there).await];
        let sum = |name: &str| results.iter().filter_map(|result| result[name].as_i64()).sum::<i64>();
        assert_eq!(["delivered", "undelivered", "told_elsewhere", "pending"].map(sum), [1, 1, 0, 0], "{results:?}");
    }
}
