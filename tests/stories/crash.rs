//! The power fails: the real process is killed in the middle of a fan-out and started again. Nothing is lost, what was in
//! flight may come twice, and a repeat carries the same identity. `DORF_TEST_CRASHES` says how often.

mod reminders;
mod tarpit;

use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::Path;
use tests::kit::push_receiver::{DeviceHandle, Push, PushReceiver};
use tests::kit::smtp_sink::SmtpSink;
use tests::kit::{Ask, Backend, OPERATOR, PASSWORD, Program, Reply, TestDatabase};
use tests::stories;

/// Browsers and mailboxes that follow.
const BROWSERS: usize = 120;
const MAILBOXES: usize = 12;

/// Pushes in flight at once, and mails: as many of each may come twice per kill.
const IN_FLIGHT: usize = 8;

/// How often the process is killed: a few times, or as `DORF_TEST_CRASHES` says.
#[expect(clippy::disallowed_methods, reason = "the stories' own switches are not settings of the program")]
fn kills() -> usize {
    let asked = std::env::var("DORF_TEST_CRASHES").ok();
    asked.map_or(3, |kills| kills.parse().expect("DORF_TEST_CRASHES is a number"))
}

/// What came of some kills.
#[derive(Default)]
struct Count {
    killed_in_between: usize,
    lost: usize,
    pushes_twice: usize,
    mails_twice: usize,
    most_pushes_twice: usize,
    most_mails_twice: usize,
}

impl Count {
    /// Adds one more kill, which must have lost nothing and doubled no more than was in flight.
    fn add(&mut self, one: &Count) {
        assert_eq!(one.lost, 0, "nobody is forgotten");
        assert!(one.pushes_twice <= IN_FLIGHT, "{} pushes came twice, more than were in flight", one.pushes_twice);
        assert!(one.mails_twice <= IN_FLIGHT, "{} mails came twice, more than were in flight", one.mails_twice);
        self.lost += one.lost;
        self.pushes_twice += one.pushes_twice;
        self.mails_twice += one.mails_twice;
        self.most_pushes_twice = self.most_pushes_twice.max(one.pushes_twice);
        self.most_mails_twice = self.most_mails_twice.max(one.mails_twice);
    }
}

/// A process with the world around it.
struct World {
    folder: tempfile::TempDir,
    database: TestDatabase,
    push: PushReceiver,
    mail: SmtpSink,
    client: reqwest::Client,
}

impl World {
    async fn new(on: Backend) -> Self {
        let folder = tests::kit::fresh_folder();
        let database = on.database(folder.path()).await;
        let (push, mail) = (PushReceiver::start().await, SmtpSink::start().await);
        let client = tests::kit::client();
        Self { folder, database, push, mail, client }
    }

    fn settings(&self) -> Vec<(&'static str, String)> {
        vec![
            ("DORF_DATABASE__URL", self.database.url()),
            ("DORF_MAIL__SMTP_URL", self.mail.url()),
            ("DORF_MAIL__MAX_IN_FLIGHT", IN_FLIGHT.to_string()),
            ("DORF_MAIL__TIMEOUT_S", "2".to_owned()),
            ("DORF_PUSH__ALLOWED_HOSTS", self.push.origin().to_owned()),
            ("DORF_PUSH__MAX_IN_FLIGHT", IN_FLIGHT.to_string()),
            ("DORF_PUSH__MAX_IN_FLIGHT_PER_ORIGIN", IN_FLIGHT.to_string()),
            ("DORF_PUSH__TIMEOUT_S", "2".to_owned()),
            ("DORF_NOTIFICATIONS__LEASE_S", "3".to_owned()),
            ("DORF_NOTIFICATIONS__POLL_S", "1".to_owned()),
            ("DORF_NOTIFICATIONS__BACKOFF_S", "1".to_owned()),
            ("DORF_LIMITS__SUBSCRIPTIONS_PER_CLIENT", "10000".to_owned()),
            ("DORF_LIMITS__QUESTIONS_PER_CLIENT", "10000".to_owned()),
            ("DORF_LIMITS__TELLINGS_PER_ACCOUNT", "10000".to_owned()),
            ("DORF_ACCOUNTS__ARGON2_MEMORY_KIB", "64".to_owned()),
            ("DORF_ACCOUNTS__OPERATOR_SECOND_FACTOR", "optional".to_owned()),
            ("DORF_LOG__FILTER", "warn".to_owned()),
        ]
    }

    async fn start(&self) -> Program {
        Program::serve(self.folder.path(), &self.settings()).await
    }

    async fn ask(&self, program: &Program, method: &str, path: &str, token: &str, body: &Value) -> Reply {
        let mut ask = Ask::new(&self.client, method, &format!("{}{path}", program.base)).json(body);
        if !token.is_empty() {
            ask = ask.bearer(token);
        }
        ask.send().await
    }

    async fn log_in(&self, program: &Program, email: &str) -> String {
        let body = json!({"email": email, "password": PASSWORD});
        self.ask(program, "POST", "/v1/admin/login", "", &body).await.expect(200).str("token")
    }

    /// A village with its admin; gives the admin's token.
    async fn found(&self, program: &Program) -> String {
        let folder: &Path = self.folder.path();
        let arguments = ["operator", "create", "--email", OPERATOR];
        let made = Program::run(folder, &arguments, &self.settings(), PASSWORD).await;
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let operator = self.log_in(program, OPERATOR).await;
        let body = json!({"name": "Kalletal", "ags": "05766036"});
        let municipality = self.ask(program, "POST", "/v1/operator/municipalities", &operator, &body).await.expect(201);
        let village = json!({
            "municipality": municipality.str("id"), "slug": "luedenhausen", "name": "Lüdenhausen",
            "sender_name": "Gemeinde Kalletal", "sender_address": "post@kalletal.example",
        });
        self.ask(program, "POST", "/v1/operator/villages", &operator, &village).await.expect(201);
        let admin = json!({"email": "admin@kalletal.example", "name": "Admin", "password": PASSWORD});
        self.ask(program, "POST", "/v1/operator/villages/luedenhausen/admins", &operator, &admin).await.expect(201);
        self.log_in(program, "admin@kalletal.example").await
    }

    async fn subscribe(&self, program: &Program) -> Vec<DeviceHandle> {
        let devices = self.browsers(program, BROWSERS).await;
        let path = "/v1/villages/luedenhausen/subscriptions";
        for n in 0..MAILBOXES {
            let body = json!({"channel": "email", "email": format!("bewohner{n}@example.org")});
            self.ask(program, "POST", path, "", &body).await.expect(201);
        }
        self.mail.wait_for(MAILBOXES).await;
        for mail in self.mail.mails() {
            let text = mail.text();
            let link = text.split_whitespace().find(|word| word.contains("/confirm/")).expect("a link");
            let path = link.splitn(4, '/').nth(3).expect("a path");
            self.ask(program, "POST", &format!("/{path}"), "", &Value::Null).await.expect(200);
        }
        devices
    }

    async fn browsers(&self, program: &Program, count: usize) -> Vec<DeviceHandle> {
        let path = "/v1/villages/luedenhausen/subscriptions";
        let mut devices = Vec::new();
        for _ in 0..count {
            let device = self.push.new_device().await;
            let keys = json!({"p256dh": device.p256dh(), "auth": device.auth()});
            let push = json!({"endpoint": device.endpoint(), "keys": keys});
            let body = json!({"channel": "web_push", "web_push": push});
            self.ask(program, "POST", path, "", &body).await.expect(201);
            devices.push(device);
        }
        devices
    }

    /// Plans news for `second` seconds from now.
    async fn plan(&self, program: &Program, token: &str, title: &str, seconds: i64) -> String {
        let posts = "/v1/admin/villages/luedenhausen/posts";
        let post = self.ask(program, "POST", posts, token, &json!({"kind": "news", "title": title})).await;
        let post = post.expect(201).str("id");
        let at = api::Clock::system().now() + chrono::TimeDelta::seconds(seconds);
        let body = json!({"publish_at_local": at.format("%Y-%m-%dT%H:%M:%S").to_string(), "zone": "UTC"});
        let ask = Ask::new(&self.client, "POST", &format!("{}{posts}/{post}/schedule", program.base)).bearer(token);
        ask.header("if-match", "\"1\"").json(&body).send().await.expect(200);
        post
    }

    async fn publish(&self, program: &Program, token: &str, title: &str) -> String {
        let posts = "/v1/admin/villages/luedenhausen/posts";
        let draft = json!({"kind": "news", "title": title});
        let post = self.ask(program, "POST", posts, token, &draft).await.expect(201).str("id");
        let url = format!("{}{posts}/{post}/publish", program.base);
        Ask::new(&self.client, "POST", &url).bearer(token).header("if-match", "\"1\"").send().await.expect(200);
        post
    }

    /// Waits until the server reports that everything has come to an end.
    async fn wait_until_finished(&self, program: &Program, token: &str, post: &str) -> Value {
        let path = format!("/v1/admin/villages/luedenhausen/posts/{post}/deliveries");
        let mut look = tokio::time::interval(std::time::Duration::from_millis(100));
        for _ in 0..600 {
            look.tick().await;
            let report = self.ask(program, "GET", &path, token, &Value::Null).await.expect(200);
            let notification = report.json()["notifications"][0].clone();
            if notification["finished_at"].is_string() {
                return notification;
            }
        }
        panic!("not everything came to an end within a minute");
    }

    /// Waits until some of a post's pushes have arrived, from none to all but one, and for up to 10 ms more.
    async fn wait_for_a_random_moment(&self, before: usize) {
        let random = uuid::Uuid::now_v7().into_bytes();
        let some = usize::from(random[14]) * BROWSERS / 256;
        self.push.wait_for(before + some).await;
        let a_little = std::time::Duration::from_micros(u64::from(random[15]) * 40);
        let _ = tokio::time::timeout(a_little, self.push.wait_for(before + BROWSERS)).await;
    }

    /// What has come of one post; a repeat must have had the identity of the first.
    fn count(&self, devices: &[DeviceHandle], title: &str) -> Count {
        let mut count = Count::default();
        for device in devices {
            let mut received = device.received();
            received.retain(|push| push.title().ends_with(title));
            count.lost += usize::from(received.is_empty());
            count.pushes_twice += received.len().saturating_sub(1);
            let identity =
                |push: &Push| (push.header("topic").map(str::to_owned), push.payload["notification"]["tag"].clone());
            assert!(
                received.windows(2).all(|pair| identity(&pair[0]) == identity(&pair[1])),
                "a repeat is the same push"
            );
        }
        let mails = self.mails(title);
        count.lost += MAILBOXES - mails.len();
        count.mails_twice = mails.values().map(|ids| ids.len() - 1).sum();
        let same = |ids: &Vec<String>| ids.windows(2).all(|pair| pair[0] == pair[1]);
        assert!(mails.values().all(same), "a repeat has the same Message-ID");
        count
    }

    /// How many mails with this subject each mailbox has, by Message-ID.
    fn mails(&self, title: &str) -> HashMap<String, Vec<String>> {
        let mut mails: HashMap<String, Vec<String>> = HashMap::new();
        for mail in self.mail.mails().iter().filter(|mail| mail.subject() == title) {
            mails.entry(mail.to[0].clone()).or_default().push(mail.message_id());
        }
        mails
    }
}

stories! {
    async fn a_process_killed_in_mid_fan_out_loses_nothing(on: Backend) {
        let world = World::new(on).await;
        let mut program = world.start().await;
        let token = world.found(&program).await;
        let devices = world.subscribe(&program).await;
        let mut sum = Count::default();
        for kill in 1..=kills() {
            let title = format!("Stromausfall {kill}");
            let before = world.push.accepted();
            let post = world.publish(&program, &token, &title).await;
            world.wait_for_a_random_moment(before).await;
            program.kill().await;
            sum.killed_in_between += usize::from(world.push.accepted() < before + BROWSERS);
            program = world.start().await;
            let report = world.wait_until_finished(&program, &token, &post).await;
            assert_eq!(report["planned"], BROWSERS + MAILBOXES);
            assert_eq!(report["delivered"], BROWSERS + MAILBOXES, "{report}");
            sum.add(&world.count(&devices, &title));
        }
        let Count { killed_in_between, lost, pushes_twice, mails_twice, most_pushes_twice, most_mails_twice } = sum;
        println!(
            "{on:?}: killed {} times, {killed_in_between} of them before the last push had arrived; {} deliveries, {lost} lost; \
             {pushes_twice} pushes (at most {most_pushes_twice} per kill) and {mails_twice} mails (at most \
             {most_mails_twice}) came twice",
            kills(),
            kills() * (BROWSERS + MAILBOXES),
        );
        assert_eq!(world.push.faults(), [""; 0]);
        let (log, well) = program.terminate().await;
        assert!(well, "{log}");
    }

    async fn a_process_told_to_stop_finishes_what_is_on_the_wire(on: Backend) {
        let world = World::new(on).await;
        let program = world.start().await;
        let token = world.found(&program).await;
        let devices = world.subscribe(&program).await;
        world.publish(&program, &token, "Neustart").await;
        world.push.wait_for(10).await;
        let started = std::time::Instant::now();
        let (log, well) = program.terminate().await;
        assert!(well && started.elapsed().as_secs() < 10, "{log}");

        let program = world.start().await;
        world.push.wait_for(BROWSERS).await;
        let post_finished = world.ask(&program, "GET", "/v1/admin/villages/luedenhausen/posts", &token, &Value::Null).await;
        let post = post_finished.json()["items"][0]["id"].as_str().expect("the post").to_owned();
        world.wait_until_finished(&program, &token, &post).await;
        for device in &devices {
            assert_eq!(device.received().len(), 1, "nothing is lost or doubled by a restart");
        }
        program.kill().await;
    }
    async fn planned_posts_go_out_once_though_the_process_is_killed_again_and_again(on: Backend) {
        let world = World::new(on).await;
        let mut program = world.start().await;
        let token = world.found(&program).await;
        let devices = world.browsers(&program, 5).await;
        let mut posts = Vec::new();
        let kills = kills().max(6);
        let planned = kills * 5 / 3;
        for (n, half_seconds) in (0..planned).zip(4..) {
            posts.push((format!("Geplant {n}"), world.plan(&program, &token, &format!("Geplant {n}"), half_seconds / 2).await));
        }
        // Killed at random moments while they fall due.
        let mut tick = tokio::time::interval(std::time::Duration::from_millis(50));
        for _ in 0..kills {
            let moment = 8 + uuid::Uuid::now_v7().as_bytes()[15] % 20;
            for _ in 0..moment {
                tick.tick().await;
            }
            program.kill().await;
            program = world.start().await;
        }
        for (_, post) in &posts {
            world.wait_until_finished(&program, &token, post).await;
        }
        let log = "/v1/admin/villages/luedenhausen/audit?limit=100&action=post.published";
        let lines = world.ask(&program, "GET", log, &token, &Value::Null).await.expect(200).json();
        let lines = lines["items"].as_array().cloned().unwrap_or_default();
        let mut twice = 0;
        for (title, post) in &posts {
            let path = format!("/v1/admin/villages/luedenhausen/posts/{post}/deliveries");
            let report = world.ask(&program, "GET", &path, &token, &Value::Null).await.expect(200).json();
            assert_eq!(report["notifications"].as_array().map(Vec::len), Some(1), "{title}: {report}");
            assert_eq!(lines.iter().filter(|line| line["subject"] == **post).count(), 1, "{title} was published once");
            for device in &devices {
                let told = device.titles().into_iter().filter(|told| told.ends_with(title.as_str())).count();
                assert!(told >= 1, "{title} was lost");
                twice += told - 1;
            }
        }
        println!("{on:?}: {planned} planned posts, {kills} kills: each out once, {twice} pushes repeated");
        assert!(twice <= kills * IN_FLIGHT, "{twice} came twice, more than were in flight");
        program.kill().await;
    }
}
