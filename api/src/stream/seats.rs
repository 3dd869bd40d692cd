//! How many streams are open, in all and per client.

use crate::config::StreamSettings;
use crate::problem::{Problem, ProblemKind};
use crate::rate_limit::network;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// When a client without a seat may ask again, in seconds.
const COME_BACK: u64 = 30;

/// The seats.
pub struct Seats {
    most: usize,
    most_per_client: usize,
    taken: Mutex<HashMap<IpAddr, usize>>,
}

/// A seat that is taken, until it is dropped.
pub struct Seat {
    seats: Arc<Seats>,
    client: IpAddr,
}

impl Seats {
    pub fn new(settings: &StreamSettings) -> Self {
        Self { most: settings.max_open, most_per_client: settings.max_open_per_client, taken: Mutex::default() }
    }

    /// Takes a seat.
    ///
    /// # Errors
    /// 429 when the client has all of its own; 503 when there is none at all.
    pub fn take(self: &Arc<Self>, client: IpAddr) -> Result<Seat, Problem> {
        let client = network(client);
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.get(&client).is_some_and(|taken| *taken >= self.most_per_client) {
            let limit = u32::try_from(self.most_per_client).unwrap_or(u32::MAX);
            return Err(Problem::too_many_requests(COME_BACK, limit));
        }
        if taken.values().sum::<usize>() >= self.most {
            return Err(Problem::again_after(ProblemKind::Unavailable, COME_BACK));
        }
        *taken.entry(client).or_default() += 1;
        Ok(Seat { seats: self.clone(), client })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.client) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.client);
            }
        }
    }
}
