//! What is left behind in memory when passwords were checked: no more than the seats work in, however many asked. What a process takes
//! is read where Linux tells it; elsewhere the story says that it was not told.

use serde_json::json;
use tests::kit::{Ask, Backend, Program, client, fresh_folder};
use tests::stories;
use tokio::task::JoinSet;

/// What a check of a password works in unless the settings say otherwise, in KiB: 19 MiB.
const ONE_CHECK: u64 = 19_456;

/// The memory that a process holds (`VmRSS`), in KiB.
fn held(program: &Program) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", program.pid())).ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.parse().ok())
}

/// Strangers try to log in, so many at once.
async fn strangers_log_in(program: &Program, strangers: std::ops::Range<usize>, at_once: usize) {
    let client = client();
    let mut asking = JoinSet::new();
    for n in strangers {
        if asking.len() == at_once {
            asking.join_next().await.expect("one of them").expect("it is answered");
        }
        let body = json!({"email": format!("fremd{n}@example.org"), "password": "falsches Passwort"});
        let ask = Ask::new(&client, "POST", &format!("{}/v1/admin/login", program.base)).json(&body);
        asking.spawn(async move { ask.send().await.problem(401, "wrong-credentials") });
    }
    while let Some(answered) = asking.join_next().await {
        answered.expect("it is answered");
    }
}

stories! {
    async fn however_many_strangers_log_in_no_more_memory_stays_than_the_seats_work_in(on: Backend) {
        let folder = fresh_folder();
        let database = on.database(folder.path()).await;
        let settings = [
            ("DORF_DATABASE__URL", database.url()),
            ("DORF_LIMITS__LOGINS_PER_CLIENT", "10000".to_owned()),
        ];
        let program = Program::serve(folder.path(), &settings).await;
        strangers_log_in(&program, 0..4, 1).await;
        let Some(first) = held(&program) else {
            eprintln!("there is no /proc here: the story of the memory that stays is not told");
            return;
        };
        strangers_log_in(&program, 4..64, 8).await;
        let then = held(&program).expect("the process runs");
        println!("{on:?}: {first} KiB after the first, {then} KiB after sixty more");
        // The second seat gets its memory when two check at once; as much again is room for all else.
        assert!(then < first + 2 * ONE_CHECK, "{on:?}: {first} KiB after the first, {then} KiB after sixty more");
        let (log, ended_well) = program.terminate().await;
        assert!(ended_well, "{log}");
    }
}
