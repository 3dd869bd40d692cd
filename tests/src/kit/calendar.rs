//! The calendar: series, their dates, and what becomes of them.

use super::actors::{Draft, Editor, Post, VillageKit, event};
use super::reply::Reply;
use serde_json::{Value, json};

/// A series on the Dorfplatz, with further members of its event.
pub fn series(title: &str, starts: &str, more: Value) -> Draft {
    let mut draft = event(title, starts);
    for (name, value) in more.as_object().expect("an object") {
        draft.0["event"][name] = value.clone();
    }
    draft
}

impl VillageKit<'_> {
    /// The first hundred dates that residents read.
    pub async fn occurrences(&self, query: &str) -> Vec<Value> {
        let reply = self.ask("GET", &format!("/occurrences?limit=100&{query}")).send().await.expect(200);
        reply.json()["items"].as_array().cloned().unwrap_or_default()
    }

    /// What an event would become.
    pub async fn preview(&self, event: Value) -> Value {
        let body = json!({"event": event});
        self.editor().ask("POST", "/events/preview").json(&body).send().await.expect(200).json()
    }
}

impl Editor<'_> {
    /// Asks for something to become of dates of an event.
    pub async fn asks_for_date(&self, post: &Post, body: &Value) -> Reply {
        let ask = self.ask("POST", &format!("/posts/{}/dates", post.id)).header("if-match", &post.etag);
        ask.json(body).send().await
    }

    /// Makes dates of an event different.
    pub async fn changes_date(&self, post: &Post, body: Value) -> Post {
        Post::of(&self.asks_for_date(post, &body).await.expect(200))
    }
}
