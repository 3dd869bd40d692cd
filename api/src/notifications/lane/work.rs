//! What a lane has in hand.

use crate::places::{Place, Places};
use entity::{Claimed, NotificationId, Outcome, Settlement, Urgency, VillageId};
use std::collections::HashMap;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Which notification of which village.
pub type Group = (VillageId, NotificationId);

/// What is on its way, and what has ended and is not yet settled.
pub struct Work {
    /// The tasks that send.
    pub sending: JoinSet<Option<Ended>>,
    /// What has ended and is not settled, by notification.
    pub ended: HashMap<Group, Vec<Ended>>,
    /// How many that are.
    pub waiting: usize,
    /// How many have ended since was claimed.
    pub freed: usize,
    /// How often was claimed: each time other villages begin.
    pub round: usize,
    /// What is claimed and has not ended: of alerts, and of everything else.
    in_hand: [Places; 2],
    /// How it will end.
    pub ending: Ending,
}

/// How a lane ends.
#[derive(Clone, Default)]
pub struct Ending {
    /// From now on nothing begins.
    pub stop: CancellationToken,
    /// What is still on its way is broken off, and due again at once.
    pub cut: CancellationToken,
}

/// A sending that has ended, and the seats it holds until that is settled.
pub struct Ended {
    /// Of what.
    pub group: Group,
    /// How.
    pub settlement: Settlement,
    /// The seats.
    pub _seats: Option<Seats>,
}

/// What a sending must hold: a place at the other side, and a seat of the lane unless it is kept waiting.
pub struct Seats {
    /// At the other side.
    pub _place: Option<Place>,
    /// In the lane.
    pub seat: Option<Place>,
}

impl Work {
    /// Nothing yet, in a window of this size.
    pub fn new(window: usize, ending: Ending) -> Self {
        Self {
            sending: JoinSet::new(),
            ended: HashMap::new(),
            waiting: 0,
            freed: 0,
            round: 0,
            in_hand: [Places::new(window), Places::new(window)],
            ending,
        }
    }

    /// The places of the window for what is as urgent.
    pub fn in_hand(&self, urgency: Urgency) -> &Places {
        &self.in_hand[usize::from(urgency == Urgency::Normal)]
    }

    /// Whether half of the seats that are taken are those of sendings that have ended: they are settled while the others go on. One
    /// village, or one push service, may not have all the seats that there are.
    pub fn is_to_settle(&self, seats: &Places) -> bool {
        self.waiting > 0 && self.waiting * 2 >= seats.taken()
    }

    /// Notes how a task ended.
    pub fn note(&mut self, ended: Result<Option<Ended>, tokio::task::JoinError>) {
        self.freed += 1;
        match ended {
            Ok(Some(ended)) => {
                self.ended.entry(ended.group).or_default().push(ended);
                self.waiting += 1;
            }
            Ok(None) => {}
            // Its lease runs out and it is tried again.
            Err(error) => tracing::error!(%error, "a sending panicked"),
        }
    }
}

/// How an attempt at a delivery ended.
pub fn settlement(delivery: &Claimed, outcome: Outcome) -> Settlement {
    Settlement { id: delivery.id, attempt: delivery.attempt, subscription: delivery.subscription, outcome }
}
