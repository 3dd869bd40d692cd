//! Places: so many at once, in the order in which they came, and never all of them for one village: it may take three quarters of
//! those that others leave. What hangs in one village takes no other village's way. Alerts come first and are counted for
//! themselves, so they do not wait behind their own village's news either.

use entity::{Urgency, VillageId};
use std::cmp::Reverse;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::oneshot;

/// Whose something is: a village's, or the installation's own.
pub type Whose = Option<VillageId>;

/// Who is counted together.
pub type Party = (Whose, Urgency);

/// Places to be taken.
#[derive(Clone)]
pub struct Places(Arc<Mutex<Taken>>);

struct Taken {
    free: usize,
    by: HashMap<Party, usize>,
    /// Who waits, each with a number by the order in which they came.
    waiting: HashMap<Party, VecDeque<(u64, oneshot::Sender<Place>)>>,
    came: u64,
}

/// A place that is taken; it is given back when dropped.
pub struct Place {
    places: Places,
    party: Party,
}

impl Places {
    /// So many.
    pub fn new(places: usize) -> Self {
        Self(Arc::new(Mutex::new(Taken { free: places, by: HashMap::new(), waiting: HashMap::new(), came: 0 })))
    }

    /// Stands in line at once; gives the place when it is one's turn.
    pub fn take(&self, party: Party) -> impl Future<Output = Option<Place>> + use<> {
        let (gets, place) = oneshot::channel();
        self.hold().queue(party, gets);
        self.serve();
        async move { place.await.ok() }
    }

    /// Takes one if there is one to be had now.
    pub fn try_take(&self, party: Party) -> Option<Place> {
        self.hold().seat(party).then(|| Place { places: self.clone(), party })
    }

    /// How many somebody could take now.
    pub fn room(&self, party: Party) -> usize {
        let taken = self.hold();
        let own = taken.by.get(&party).copied().unwrap_or(0);
        // The most n such that the last of them is still allowed: own + n - 1 < 3 * (free - n + 1).
        ((3 * taken.free + 3).saturating_sub(own) / 4).min(taken.free)
    }

    /// Whether nobody has one.
    pub fn are_free(&self) -> bool {
        self.hold().by.is_empty()
    }

    /// How many are taken.
    pub fn taken(&self) -> usize {
        self.hold().by.values().sum()
    }

    /// Gives free places to those who have waited longest and may have one.
    fn serve(&self) {
        loop {
            let next = self.hold().next();
            let Some((party, gets)) = next else { return };
            // Whoever has gone away drops it, and with that gives it back.
            drop(gets.send(Place { places: self.clone(), party }));
        }
    }

    fn hold(&self) -> MutexGuard<'_, Taken> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Taken {
    fn queue(&mut self, party: Party, gets: oneshot::Sender<Place>) {
        self.came += 1;
        self.waiting.entry(party).or_default().push_back((self.came, gets));
    }

    /// Whether one of a party may take a place.
    fn may(&self, party: Party) -> bool {
        self.by.get(&party).copied().unwrap_or(0) < 3 * self.free
    }

    /// Takes a place for one of a party, if it may have one.
    fn seat(&mut self, party: Party) -> bool {
        let may = self.may(party);
        if may {
            self.free -= 1;
            *self.by.entry(party).or_insert(0) += 1;
        }
        may
    }

    /// Whose turn it is; a place is taken for them.
    fn next(&mut self) -> Option<(Party, oneshot::Sender<Place>)> {
        let first = |(party, line): (&Party, &VecDeque<(u64, oneshot::Sender<Place>)>)| {
            let number = line.front().filter(|_| self.may(*party))?.0;
            Some((Reverse(party.1), number, *party))
        };
        let (_, _, party) =
            self.waiting.iter().filter_map(first).min_by_key(|(urgency, number, _)| (*urgency, *number))?;
        let line = self.waiting.get_mut(&party)?;
        let (_, gets) = line.pop_front()?;
        if line.is_empty() {
            self.waiting.remove(&party);
        }
        self.seat(party).then_some((party, gets))
    }

    fn leave(&mut self, party: Party) {
        self.free += 1;
        if let Some(own) = self.by.get_mut(&party) {
            *own -= 1;
            if *own == 0 {
                self.by.remove(&party);
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.hold().leave(self.party);
        self.places.serve();
    }
}
