//! The power fails between the claim and the sending: the real process is killed while nobody has been told yet, and started again.

use super::Mayor;
use serde_json::Value;
use tests::kit::push_receiver::PushAnswer;
use tests::kit::{Backend, Dorf, Post, VillageKit, news};
use tests::stories;

/// Browsers that follow both villages, and how often the process is killed.
const BROWSERS: usize = 20;
const KILLS: usize = 2;

/// Pushes in flight at once: as many may come twice per kill.
const IN_FLIGHT: usize = 8;

/// Waits until both villages have told everybody; gives what became of it there.
async fn results(mayor: &Mayor<'_>, joint: &Post, villages: [&VillageKit<'_>; 2]) -> [Value; 2] {
    let mut look = tokio::time::interval(std::time::Duration::from_millis(100));
    for _ in 0..600 {
        look.tick().await;
        let results = [mayor.result(joint, villages[0]).await, mayor.result(joint, villages[1]).await];
        let told = |result: &Value| {
            ["delivered", "told_elsewhere"].map(|name| result[name].as_u64().unwrap_or(0)).iter().sum::<u64>()
        };
        if results.iter().all(|result| told(result) == BROWSERS as u64) {
            return results;
        }
    }
    panic!("not everybody was told within a minute");
}

stories! {
    async fn a_process_killed_between_claim_and_sending_loses_nobody_and_repeats_no_more_than_was_on_the_wire(on: Backend) {
        let dorf = Dorf::start(on).await;
        dorf.set_time(api::Clock::system().now());
        let (here, there) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let mut devices = Vec::new();
        for n in 0..BROWSERS {
            let device = dorf.push.new_device().await;
            here.resident(&format!("anna{n}")).by_push_with(device.clone()).await;
            there.resident(&format!("anna{n}")).by_push_with(device.clone()).await;
            devices.push(device);
        }
        let mayor = Mayor::of(&dorf).await;
        for kill in 1..=KILLS {
            let title = format!("Stromausfall {kill}");
            dorf.push.answer_all(PushAnswer::Hang);
            let before = dorf.push.requests();
            let joint = mayor.publishes(news(&title)).await;
            let program = dorf.works_beside(IN_FLIGHT).await;
            dorf.push.wait_for_requests(before + 3).await;
            program.kill().await;
            let copies = "SELECT CAST(COUNT(*) AS text) FROM joint_claim WHERE NOT told";
            assert_ne!(dorf.database.column(copies).await, ["0"], "killed while it held claims");
            dorf.push.answer_all(PushAnswer::Created);
            let program = dorf.works_beside(IN_FLIGHT).await;
            let results = results(&mayor, &joint, [&here, &there]).await;
            let sum = |name: &str| results.iter().filter_map(|result| result[name].as_u64()).sum::<u64>();
            assert_eq!(["delivered", "told_elsewhere", "undelivered"].map(sum), [BROWSERS as u64, BROWSERS as u64, 0], "{results:?}");
            let mut twice = 0;
            for device in &devices {
                let mut told = device.received();
                told.retain(|push| push.title().ends_with(&title));
                assert!(!told.is_empty(), "{title}: nobody is forgotten");
                assert!(told.windows(2).all(|pair| pair[0].title() == pair[1].title()), "a repeat is the same push");
                twice += told.len() - 1;
            }
            // What was on the wire when the process was killed may arrive after it, and is sent once more.
            println!("{on:?}: {title}: {twice} pushes repeated");
            assert!(twice <= IN_FLIGHT, "{twice} came twice, more than were in flight");
            program.kill().await;
        }
        for village in [&here, &there] {
            assert_eq!(village.feed().await.titles().len(), KILLS, "each copy is there once");
        }
    }
}
