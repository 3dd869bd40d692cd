//! The power fails while events are reminded of.

use super::{IN_FLIGHT, World, kills};
use serde_json::{Value, json};
use tests::kit::push_receiver::DeviceHandle;
use tests::kit::{Ask, Backend, Program};
use tests::stories;

impl World {
    /// Publishes an event whose reminder a quarter of an hour before is due in so many seconds.
    async fn publish_event(&self, program: &Program, token: &str, title: &str, seconds: i64) -> String {
        let posts = "/v1/admin/villages/luedenhausen/posts";
        let at = api::Clock::system().now() + chrono::TimeDelta::minutes(15) + chrono::TimeDelta::seconds(seconds);
        let event = json!({"starts_local": at.format("%Y-%m-%dT%H:%M:%S").to_string(), "zone": "UTC"});
        let draft = json!({"kind": "event", "title": title, "event": event});
        let post = self.ask(program, "POST", posts, token, &draft).await.expect(201).str("id");
        let url = format!("{}{posts}/{post}/publish", program.base);
        Ask::new(&self.client, "POST", &url).bearer(token).header("if-match", "\"1\"").send().await.expect(200);
        post
    }

    /// Waits until a post was reminded of and all that was told of it has come to an end; gives that.
    async fn wait_until_reminded(&self, program: &Program, token: &str, post: &str) -> Vec<Value> {
        let path = format!("/v1/admin/villages/luedenhausen/posts/{post}/deliveries");
        let mut look = tokio::time::interval(std::time::Duration::from_millis(100));
        for _ in 0..600 {
            look.tick().await;
            let report = self.ask(program, "GET", &path, token, &Value::Null).await.expect(200).json();
            let told = report["notifications"].as_array().cloned().unwrap_or_default();
            if told.len() > 1 && told.iter().all(|one| one["finished_at"].is_string()) {
                return told;
            }
        }
        panic!("nobody was reminded within a minute");
    }
}

stories! {
    async fn events_are_reminded_of_once_though_the_process_is_killed_again_and_again(on: Backend) {
        let world = World::new(on).await;
        let mut program = world.start().await;
        let token = world.found(&program).await;
        let mut devices = Vec::new();
        for _ in 0..5 {
            let device = world.push.new_device().await;
            let push = json!({"endpoint": device.endpoint(), "keys": {"p256dh": device.p256dh(), "auth": device.auth()}});
            let body = json!({"channel": "web_push", "web_push": push, "event_reminders": [{"lead_minutes": 15}]});
            world.ask(&program, "POST", "/v1/villages/luedenhausen/subscriptions", "", &body).await.expect(201);
            devices.push(device);
        }
        let mut posts = Vec::new();
        for (n, seconds) in (0..8).zip(6..) {
            posts.push((format!("Termin {n}"), world.publish_event(&program, &token, &format!("Termin {n}"), seconds).await));
        }
        // Killed at random moments while the reminders fall due: before, between and after planning and sending.
        let kills = kills().max(6);
        let mut tick = tokio::time::interval(std::time::Duration::from_millis(50));
        for _ in 0..kills {
            let moment = 12 + uuid::Uuid::now_v7().as_bytes()[15] % 20;
            for _ in 0..moment {
                tick.tick().await;
            }
            program.kill().await;
            program = world.start().await;
        }
        let told = |device: &DeviceHandle, title: &str| {
            device.titles().into_iter().filter(|told| *told == format!("Lüdenhausen · Erinnerung: {title}")).count()
        };
        let mut twice = 0;
        for (title, post) in &posts {
            let report = world.wait_until_reminded(&program, &token, post).await;
            assert_eq!(report.iter().filter(|one| one["kind"] == "event_reminder").count(), 1, "{title}: {report:?}");
            for device in &devices {
                assert!(told(device, title) >= 1, "{title} was lost");
                twice += told(device, title) - 1;
            }
        }
        println!("{on:?}: {} reminders, {kills} kills: each planned once, {twice} pushes repeated", posts.len());
        assert!(twice <= kills * IN_FLIGHT, "{twice} came twice, more than were in flight");
        program.kill().await;
    }
}
