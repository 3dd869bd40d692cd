//! Publishing as an editor does, and waiting until everybody has been told.

use crate::rows::{TOKEN, database, slug};
use crate::wire::{Wire, header};
use serde_json::{Value, json};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};
use std::path::Path;
use std::time::Duration;

/// A post that is about to be published.
pub struct Draft {
    path: String,
    condition: String,
}

impl Draft {
    /// Writes one in the village of this number.
    pub fn write(wire: &mut Wire, village: u32, kind: &str) -> Self {
        let posts = format!("/v1/admin/villages/{}/posts", slug(village));
        let text =
            "Die Straße zwischen Lüdenhausen und Stemmen ist bis auf Weiteres für den Verkehr gesperrt. ".repeat(3);
        let draft = json!({"kind": kind, "title": "Brücke gesperrt", "body_markdown": text}).to_string();
        let draft = wire.post(&posts, TOKEN, "", &draft);
        let id = draft.json()["id"].as_str().expect("an identifier").to_owned();
        let condition = format!("if-match: {}\r\n", header(&draft.head, "etag"));
        Self { path: format!("{posts}/{id}"), condition }
    }

    /// Publishes it.
    pub fn publish(&self, wire: &mut Wire) {
        wire.post(&format!("{}/publish", self.path), TOKEN, &self.condition, "");
    }

    /// The report on its deliveries.
    pub fn report(&self, wire: &mut Wire) -> Value {
        wire.get(&format!("{}/deliveries", self.path), TOKEN).json()
    }
}

/// Waits until `question`, which counts, finds nothing, by looking into the database: asking the server would cost it time
/// that is measured.
pub fn wait_until_none(folder: &Path, question: &'static str) {
    looking(folder, async |connection| {
        let mut look = tokio::time::interval(Duration::from_millis(20));
        for _ in 0..5000 {
            look.tick().await;
            if count(connection, question).await == 0 {
                return;
            }
        }
        panic!("some deliveries were not settled");
    });
}

/// How many there are.
pub fn how_many(folder: &Path, question: &'static str) -> i64 {
    looking(folder, async |connection| count(connection, question).await)
}

async fn count(connection: &mut SqliteConnection, question: &'static str) -> i64 {
    sqlx::query_scalar::<_, i64>(question).fetch_one(connection).await.expect("a count")
}

fn looking<T>(folder: &Path, look: impl AsyncFnOnce(&mut SqliteConnection) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let options = SqliteConnectOptions::new().filename(database(folder)).read_only(true);
        let mut connection = options.connect().await.expect("the database opens");
        let seen = look(&mut connection).await;
        connection.close().await.expect("the database closes");
        seen
    })
}
