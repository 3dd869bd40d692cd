//! A clock that is behind what is stored, as of a machine without a battery: nothing is changed or sent meanwhile, it is said, and
//! nothing is lost when it is right again.

use api::{Clock, Role, Running};
use chrono::TimeDelta;
use tests::kit::{Ask, Dorf, news};
use tests::stories;

/// The same installation, started once more with its clock elsewhere. Does what falls due.
struct Restarted {
    running: Running,
    client: reqwest::Client,
}

impl Restarted {
    async fn of(dorf: &Dorf, by: TimeDelta) -> Self {
        let mut settings = dorf.running.app.settings.clone();
        settings.http.listen.set_port(0);
        settings.notifications.poll_s = 1;
        let clock = Clock::manual(dorf.clock.now() + by);
        let running = Running::start(settings, clock, Role::All).await.expect("the server starts");
        Self { running, client: dorf.client.clone() }
    }

    fn ask(&self, method: &str, path: &str) -> Ask {
        let base = self.running.address.expect("it listens");
        Ask::new(&self.client, method, &format!("http://{base}{path}"))
    }
}

stories! {
    async fn whoever_confirmed_before_is_told_when_the_clock_is_right_again(on: tests::kit::Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_mail().await;
        let bert = village.resident("bert").by_push().await;
        // What a process does by itself every minute.
        dorf.ask("GET", "/health/ready").send().await.expect(200);
        village.editor().publishes(news("Vor dem Neustart")).await;
        let draft = village.editor().drafts(news("Brücke gesperrt")).await;

        let behind = Restarted::of(&dorf, TimeDelta::days(-1)).await;
        let ready = behind.ask("GET", "/health/ready").send().await;
        ready.problem(503, "unavailable");
        assert!(ready.str("detail").contains("geht mindestens 1440 Minuten nach"), "{}", ready.text());
        let path = format!("/v1/admin/villages/luedenhausen/posts/{}/publish", draft.id);
        let publish = || behind.ask("POST", &path).bearer(&village.editor).header("If-Match", "\"1\"");
        let refused = publish().send().await;
        refused.problem(503, "unavailable");
        assert!(!refused.header("retry-after").is_empty());
        behind.ask("GET", "/v1/villages/luedenhausen/feed").send().await.expect(200);
        behind.ask("GET", "/health/live").send().await.expect(200);

        behind.running.app.clock.set(dorf.clock.now());
        behind.ask("GET", "/health/ready").send().await.expect(200);
        publish().send().await.expect(200);
        dorf.mail.wait_for(3).await;
        dorf.push.wait_for(2).await;
        behind.running.stop().await;
        // Both go out at once, in any order.
        let mut subjects = anna.subjects();
        subjects.sort();
        let titles = ["Brücke gesperrt", "Vor dem Neustart"];
        assert_eq!(subjects, titles);
        assert_eq!(bert.device().received().len(), titles.len());
    }

    async fn whoever_confirmed_by_a_clock_that_was_ahead_is_told_too(on: tests::kit::Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        dorf.wait(TimeDelta::minutes(40));
        let anna = village.resident("anna").by_mail().await;
        dorf.wait(TimeDelta::minutes(-40));
        village.editor().publishes(news("Brücke gesperrt")).await;
        dorf.work_off().await;
        assert_eq!(anna.subjects(), ["Brücke gesperrt"]);
    }
}
