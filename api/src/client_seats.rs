//! What one client may hold at once: connections, streams. A household is one client ([`network`]).

use crate::rate_limit::network;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// The seats of one kind.
pub struct ClientSeats {
    most: usize,
    most_per_client: usize,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    in_all: usize,
    by_client: HashMap<IpAddr, usize>,
}

/// A seat that is taken, until it is dropped.
pub struct ClientSeat {
    seats: Arc<ClientSeats>,
    client: IpAddr,
}

/// Why there is no seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// The client has as many as one may have.
    OfClient {
        /// How many that are.
        most: u32,
    },
    /// All are taken.
    Altogether,
}

impl ClientSeats {
    /// So many in all, and so many of one client.
    pub fn new(most: usize, most_per_client: usize) -> Arc<Self> {
        Arc::new(Self { most, most_per_client, taken: Mutex::default() })
    }

    /// Takes a seat.
    ///
    /// # Errors
    /// When there is none for this client.
    pub fn take(self: &Arc<Self>, client: IpAddr) -> Result<ClientSeat, Full> {
        let client = network(client);
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.by_client.get(&client).is_some_and(|taken| *taken >= self.most_per_client) {
            return Err(Full::OfClient { most: u32::try_from(self.most_per_client).unwrap_or(u32::MAX) });
        }
        if taken.in_all >= self.most {
            return Err(Full::Altogether);
        }
        taken.in_all += 1;
        *taken.by_client.entry(client).or_default() += 1;
        Ok(ClientSeat { seats: self.clone(), client })
    }
}

impl Drop for ClientSeat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.in_all -= 1;
        if let Some(count) = taken.by_client.get_mut(&self.client) {
            *count -= 1;
            if *count == 0 {
                taken.by_client.remove(&self.client);
            }
        }
    }
}
