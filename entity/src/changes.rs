//! What caches and the worker need to know of changes: that there was one, where, and nothing else.
//!
//! Every village has a generation that rises when something readers can see changed there. A cache puts the generation
//! into its key and never has to forget anything. Other processes hear of a change through PostgreSQL's `NOTIFY`; while
//! that line is down there is no generation, and so nothing may be cached.

use crate::ids::VillageId;
use std::collections::HashMap;
use std::sync::RwLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tokio::sync::watch;

/// The channel of PostgreSQL's `NOTIFY`; the payload is the village.
pub(crate) const CHANNEL: &str = "dorf_change";

/// Stands for one state of what readers of a village can see. Equal generations mean nothing changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Generation(u64, u64);

#[derive(Default)]
pub(crate) struct Changes {
    epoch: AtomicU64,
    deaf: AtomicBool,
    of_village: RwLock<HashMap<VillageId, u64>>,
    wake: watch::Sender<()>,
}

impl Changes {
    /// Something changed in `village`.
    pub fn happened(&self, village: VillageId) {
        if let Ok(mut generations) = self.of_village.write() {
            *generations.entry(village).or_default() += 1;
        }
        self.wake.send_replace(());
    }

    /// Changes of other processes can be heard again, or no longer. In between, anything may have changed anywhere.
    pub fn set_deaf(&self, deaf: bool) {
        self.epoch.fetch_add(1, Ordering::SeqCst);
        self.deaf.store(deaf, Ordering::SeqCst);
        self.wake.send_replace(());
    }

    pub fn generation(&self, village: VillageId) -> Option<Generation> {
        if self.deaf.load(Ordering::SeqCst) {
            return None;
        }
        let of_village = self.of_village.read().ok()?.get(&village).copied().unwrap_or_default();
        Some(Generation(self.epoch.load(Ordering::SeqCst), of_village))
    }

    /// Hears of every change from now on.
    pub fn subscribe(&self) -> watch::Receiver<()> {
        self.wake.subscribe()
    }
}
