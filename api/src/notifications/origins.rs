//! Push services, one by one: the way to each. What one does never slows another down.

use super::way::Way;
use chrono::TimeDelta;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// So many are remembered before those are forgotten of which nothing has to be known.
const MOST: usize = 1000;

/// What is known of the push services, by origin.
pub struct Origins {
    places: usize,
    patience: TimeDelta,
    known: Mutex<HashMap<String, Arc<Way>>>,
}

impl Origins {
    /// At most `places` pushes to each origin at once, each of which takes at most `patience`.
    pub fn new(places: usize, patience: TimeDelta) -> Self {
        Self { places, patience, known: Mutex::default() }
    }

    /// The way to an origin.
    pub fn way(&self, origin: &str) -> Arc<Way> {
        let mut known = self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(way) = known.get(origin) {
            return way.clone();
        }
        if known.len() >= MOST {
            known.retain(|_, way| !way.is_forgettable());
        }
        let way = Arc::new(Way::new(origin, self.places, self.patience));
        known.insert(origin.to_owned(), way.clone());
        way
    }
}
