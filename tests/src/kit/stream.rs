//! A reader of a village's stream, as a browser's `EventSource` is one.

use super::contract::contract;
use super::shape::Shapes;
use reqwest::{Client, RequestBuilder, Response, header};
use serde_json::Value;
use std::time::Duration;

/// How long a reader waits for something to happen before the story fails.
const PATIENCE: Duration = Duration::from_secs(30);

/// A stream that is being read.
pub struct StreamReader {
    response: Response,
    unread: String,
    /// The identifier of the last event.
    pub last: String,
    /// How many comments there were.
    pub comments: usize,
}

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamEvent {
    /// Its identifier.
    pub id: String,
    /// Its name.
    pub event: String,
    /// What it says.
    pub data: Value,
}

impl StreamReader {
    /// Opens the stream of a village, after the event with the identifier `last` if that is not empty.
    pub async fn open(client: &Client, base: &str, village: &str, last: &str) -> Self {
        let request = client.get(format!("{base}/v1/villages/{village}/stream"));
        let request = if last.is_empty() { request } else { request.header("last-event-id", last) };
        Self::of(request).await
    }

    /// Sends this request, which must be answered with a stream.
    pub async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.expect("the server answers");
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
        assert!(!response.headers().contains_key(header::CONTENT_ENCODING), "events are not compressed");
        Self { response, unread: String::new(), last: String::new(), comments: 0 }
    }

    /// The next event; nothing when the stream has ended.
    pub async fn next(&mut self) -> Option<StreamEvent> {
        loop {
            let block = self.block().await?;
            let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
            self.comments += usize::from(block.starts_with(':'));
            let (Some(id), Some(event), Some(data)) = (field("id:"), field("event:"), field("data:")) else { continue };
            let data = serde_json::from_str(data).expect("JSON");
            let schema = &contract()["components"]["schemas"]["StreamEvent"];
            assert_eq!(
                Shapes::of(contract()).faults("", schema, &data),
                [""; 0],
                "the contract does not say so of {event}"
            );
            self.last = id.to_owned();
            return Some(StreamEvent { id: id.to_owned(), event: event.to_owned(), data });
        }
    }

    /// The name and the post of each of the next events.
    pub async fn told(&mut self, events: usize) -> Vec<(String, String)> {
        let mut told = Vec::new();
        for _ in 0..events {
            let event = self.next().await.expect("an event");
            told.push((event.event, event.data["post"].as_str().unwrap_or_default().to_owned()));
        }
        told
    }

    /// Reads until there were so many comments.
    pub async fn hear_comments(&mut self, comments: usize) {
        while self.comments < comments {
            let block = self.block().await.expect("a comment");
            self.comments += usize::from(block.starts_with(':'));
        }
    }

    /// What is written up to the next empty line.
    async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.unread.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.unread = rest;
                return Some(block);
            }
            let piece = tokio::time::timeout(PATIENCE, self.response.chunk()).await.expect("something happens");
            let piece = piece.ok().flatten()?;
            self.unread.push_str(std::str::from_utf8(&piece).expect("UTF-8"));
        }
    }
}
