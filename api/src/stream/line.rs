//! One reader's stream: asked for its next piece when the connection has room for it.

use super::view;
use crate::app::App;
use crate::client_seats::ClientSeat;
use bytes::Bytes;
use entity::{Generation, Since, StoreError, VillageId};
use futures_util::Stream;
use futures_util::stream::unfold;
use std::io;
use std::sync::Arc;
use tokio::sync::watch;
use tokio::time::{Interval, MissedTickBehavior, interval};

/// Where one reader is.
pub struct Line {
    app: App,
    village: VillageId,
    /// The number of the last event that was given.
    given: i64,
    /// What is said first.
    greeting: Option<Bytes>,
    changes: watch::Receiver<()>,
    /// The state of the village in which there was nothing after `given`.
    seen: Option<Generation>,
    heartbeat: Interval,
    _seat: ClientSeat,
}

impl Line {
    /// A stream that goes on after the event with the number `after`, or begins with what comes next.
    pub async fn new(app: App, village: VillageId, after: Option<i64>, seat: ClientSeat) -> Result<Self, StoreError> {
        let changes = app.database.changes();
        let (given, greeting) = match after {
            Some(after) => (after, view::greeting()),
            None => {
                let last = app.database.village(village).read().await?.stream().last().await?;
                (last, view::ready(last))
            }
        };
        let mut heartbeat = interval(app.streams.heartbeat);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        heartbeat.reset();
        Ok(Self { app, village, given, greeting: Some(greeting), changes, seen: None, heartbeat, _seat: seat })
    }

    /// All of it, piece by piece.
    pub fn pieces(self) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
        unfold(self, |mut line| async move { line.next().await.map(|piece| (Ok(piece), line)) })
    }

    /// The next piece; nothing when the stream ends: at shutdown, or when the database fails. The reader comes back then.
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(greeting) = self.greeting.take() {
            return Some(greeting);
        }
        loop {
            match self.news().await {
                Ok(Some(piece)) => return Some(piece),
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(%error, village = %self.village, "a stream ended");
                    return None;
                }
            }
            tokio::select! {
                () = self.app.streams.closing.cancelled() => return None,
                changed = self.changes.changed() => changed.ok()?,
                _ = self.heartbeat.tick() => {
                    // And look, whether or not there was a signal: it may have been lost.
                    self.seen = None;
                    return Some(view::heartbeat());
                }
            }
        }
    }

    /// What happened since, if anything did.
    async fn news(&mut self) -> Result<Option<Bytes>, Arc<StoreError>> {
        let generation = self.app.database.generation(self.village);
        if generation.is_some() && generation == self.seen {
            return Ok(None);
        }
        let since = self.app.streams.since(&self.app.database, self.village, generation, self.given).await?;
        match since.as_ref() {
            Since::TooMuch(last) => {
                self.given = *last;
                Ok(Some(view::reset(*last)))
            }
            Since::Events(events) => match events.last() {
                Some(last) => {
                    self.given = last.number;
                    Ok(Some(view::events(events)))
                }
                None => {
                    self.seen = generation;
                    Ok(None)
                }
            },
        }
    }
}
