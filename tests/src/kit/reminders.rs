//! Reminders of events, and what is told of their dates.

use super::actors::{Post, Resident, VillageKit};
use super::reply::Reply;
use serde_json::{Value, json};

impl Resident<'_> {
    /// Is reminded so many minutes before the dates of events.
    pub async fn reminded(self, leads: &[i64]) -> Self {
        self.wants_reminders(leads).await.expect(200);
        self
    }

    /// Asks for reminders so many minutes before the dates of events.
    pub async fn wants_reminders(&self, leads: &[i64]) -> Reply {
        let reminders: Vec<Value> = leads.iter().map(|lead| json!({"lead_minutes": lead})).collect();
        self.ask("PATCH").json(&json!({"event_reminders": reminders})).send().await
    }

    /// The reminders that were shown, without the village.
    pub fn reminders(&self) -> Vec<String> {
        let titles = self.pushes().into_iter();
        titles.filter_map(|title| title.split_once(" · Erinnerung: ").map(|(_, title)| title.to_owned())).collect()
    }

    /// What the last push says below its title.
    pub fn last_body(&self) -> String {
        let last = self.device().received().pop().expect("a push");
        last.payload["notification"]["body"].as_str().unwrap_or_default().to_owned()
    }
}

impl<'a> VillageKit<'a> {
    /// The same village with a fresh log-in of its editor: days go by in some stories.
    pub async fn next_day(&self) -> VillageKit<'a> {
        let editor = self.dorf.log_in(&format!("editor@{}.example", self.slug)).await;
        VillageKit { dorf: self.dorf, slug: self.slug.clone(), admin: self.admin.clone(), editor }
    }

    /// Makes one date of an event different.
    pub async fn changes_date(&self, post: &Post, body: Value) -> Post {
        let ask = self.editor().ask("POST", &format!("/posts/{}/dates", post.id)).header("if-match", &post.etag);
        Post::of(&ask.json(&body).send().await.expect(200))
    }

    /// What was told of a post, by kind.
    pub async fn told(&self, post: &Post) -> Vec<String> {
        let village = self.next_day().await;
        let reply = village.editor().ask("GET", &format!("/posts/{}/deliveries", post.id)).send().await.expect(200);
        let told = reply.json()["notifications"].as_array().cloned().unwrap_or_default();
        told.iter().filter_map(|one| one["kind"].as_str().map(str::to_owned)).collect()
    }
}
