//! Push services, one by one: how many pushes are in flight to each, and which are left alone for now. What one does never
//! slows another down.

use chrono::{DateTime, TimeDelta, Utc};
use entity::Reason;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::sync::Semaphore;

/// After this many failed connections in a row a push service is left alone.
const FAILURES: u32 = 8;

/// For how long.
const PAUSE: TimeDelta = TimeDelta::seconds(30);

/// What is known of the push services, by origin.
pub struct Origins {
    in_flight: usize,
    known: Mutex<HashMap<String, Origin>>,
}

struct Origin {
    seats: Arc<Semaphore>,
    failures: u32,
    paused: Option<(DateTime<Utc>, Reason)>,
}

impl Origins {
    /// At most `in_flight` pushes to each origin at once.
    pub fn new(in_flight: usize) -> Self {
        Self { in_flight, known: Mutex::default() }
    }

    /// Where to wait for a place.
    pub fn seats(&self, origin: &str) -> Arc<Semaphore> {
        self.with(origin, |known| known.seats.clone())
    }

    /// Until when, and why, an origin is left alone.
    pub fn paused(&self, origin: &str, now: DateTime<Utc>) -> Option<(DateTime<Utc>, Reason)> {
        self.with(origin, |known| known.paused.filter(|(until, _)| now < *until))
    }

    /// The origin answered, whatever it said.
    pub fn answered(&self, origin: &str) {
        self.with(origin, |known| known.failures = 0);
    }

    /// The origin could not be reached, or did not answer.
    pub fn failed(&self, origin: &str, why: Reason, now: DateTime<Utc>) {
        let paused = self.with(origin, |known| {
            known.failures += 1;
            let too_many = known.failures >= FAILURES;
            if too_many {
                known.failures = 0;
                known.paused = Some((now + PAUSE, why));
            }
            too_many
        });
        if paused {
            tracing::warn!(origin, reason = ?why, pause_s = PAUSE.num_seconds(), "a push service does not answer and is left alone");
        }
    }

    /// Leaves an origin alone.
    pub fn pause(&self, origin: &str, until: DateTime<Utc>, why: Reason) {
        self.with(origin, |known| known.paused = Some((until, why)));
    }

    fn with<T>(&self, origin: &str, look: impl FnOnce(&mut Origin) -> T) -> T {
        let mut known = self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if !known.contains_key(origin) && known.len() >= 1000 {
            known.retain(|_, origin| origin.seats.available_permits() < self.in_flight || origin.paused.is_some());
        }
        let fresh = || Origin { seats: Arc::new(Semaphore::new(self.in_flight)), failures: 0, paused: None };
        look(known.entry(origin.to_owned()).or_insert_with(fresh))
    }
}
