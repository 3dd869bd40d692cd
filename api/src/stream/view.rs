//! What travels in a stream.

use crate::instant::written;
use bytes::Bytes;
use entity::{PostKind, StreamChange, StreamEvent};
use serde::Serialize;
use std::fmt::Write;
use uuid::Uuid;

/// How long a reader waits before coming back, in milliseconds.
const COME_BACK_MS: u32 = 3_000;

#[derive(Serialize)]
struct Data {
    post: Uuid,
    kind: &'static str,
    at: String,
}

/// The first words to somebody who comes back.
pub fn greeting() -> Bytes {
    format!("retry: {COME_BACK_MS}\n\n").into()
}

/// The first words to somebody new: from which event on they will be told.
pub fn ready(last: i64) -> Bytes {
    format!("retry: {COME_BACK_MS}\nid: {last}\nevent: ready\ndata: {{}}\n\n").into()
}

/// Something was missed.
pub fn reset(last: i64) -> Bytes {
    format!("id: {last}\nevent: reset\ndata: {{}}\n\n").into()
}

/// Nothing, said so that the connection is known to live.
pub fn heartbeat() -> Bytes {
    Bytes::from_static(b":\n\n")
}

/// Events, in their order.
pub fn events(events: &[StreamEvent]) -> Bytes {
    let mut text = String::new();
    for event in events {
        let data = Data { post: event.post.0, kind: kind(event.kind), at: written(event.at) };
        let data = serde_json::to_string(&data).unwrap_or_default();
        // Writing to a text does not fail.
        let _ = write!(text, "id: {}\nevent: {}\ndata: {data}\n\n", event.number, name(event.change));
    }
    text.into()
}

fn name(change: StreamChange) -> &'static str {
    match change {
        StreamChange::Published => "published",
        StreamChange::Changed => "changed",
        StreamChange::Withdrawn => "withdrawn",
        StreamChange::Expired => "expired",
        StreamChange::Cancelled => "cancelled",
    }
}

fn kind(kind: PostKind) -> &'static str {
    match kind {
        PostKind::News => "news",
        PostKind::Notice => "notice",
        PostKind::Event => "event",
        PostKind::Alert => "alert",
    }
}
