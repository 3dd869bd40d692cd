//! Seats for work that costs processor time: a few per kind of work, of which no village holds all, and nobody waits for one for
//! ever. What takes longer than some milliseconds takes a seat and is done beside the threads that answer requests.
//!
//! A village waits in its own queue first and in everybody's then, so that villages take turns however much one of them asks for.

use crate::problem::{Problem, ProblemKind};
use entity::VillageId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

/// When whoever found no seat may ask again, in seconds.
const COME_BACK: u64 = 5;

/// The benches of the installation, one per kind of work.
pub struct Benches {
    /// Making images and documents anew.
    pub media: Arc<Bench>,
    /// Comparing texts.
    pub comparing: Arc<Bench>,
    /// Writing long tables.
    pub tables: Arc<Bench>,
    /// Making public pages that nobody has asked for before. A seat holds a connection to the database, too.
    pub pages: Arc<Bench>,
    /// Reading calendars: a hostile one takes a processor and hundreds of megabytes.
    pub calendars: Arc<Bench>,
}

/// The seats for one kind of work.
pub struct Bench {
    seats: usize,
    /// Most of one village that wait.
    queue: usize,
    patience: Duration,
    everybodys: Arc<Semaphore>,
    villages: Mutex<HashMap<VillageId, Arc<Semaphore>>>,
}

/// A seat that is taken, until it is dropped.
pub struct Seat {
    _own: OwnedSemaphorePermit,
    _everybodys: OwnedSemaphorePermit,
}

impl Benches {
    /// So many uploads at once, and as many pages as leave half of the connections to everybody else.
    pub fn new(uploads: usize, connections: u32) -> Self {
        let connections = usize::try_from(connections).unwrap_or(usize::MAX);
        Self {
            media: Bench::new(uploads, 32, Duration::from_secs(60)),
            comparing: Bench::new(2, 4, Duration::from_secs(5)),
            tables: Bench::new(2, 4, Duration::from_secs(5)),
            pages: Bench::new((connections / 2).max(1), 64, Duration::from_secs(5)),
            calendars: Bench::new(2, 16, Duration::from_secs(20)),
        }
    }
}

impl Bench {
    /// `seats` in all; so many of one village may wait, and so long.
    pub fn new(seats: usize, queue: usize, patience: Duration) -> Arc<Self> {
        let everybodys = Arc::new(Semaphore::new(seats));
        Arc::new(Self { seats, queue, patience, everybodys, villages: Mutex::default() })
    }

    /// Takes a seat for a village.
    ///
    /// # Errors
    /// 503 when too many of the village wait already, or none was free in time.
    pub async fn seat(&self, village: VillageId) -> Result<Seat, Problem> {
        let own = self.of_village(village)?;
        let taking = async {
            let own = own.acquire_owned().await?;
            let everybodys = self.everybodys.clone().acquire_owned().await?;
            Ok::<_, AcquireError>(Seat { _own: own, _everybodys: everybodys })
        };
        let taken = tokio::time::timeout(self.patience, taking).await;
        taken.ok().and_then(Result::ok).ok_or_else(no_seat)
    }

    /// The seats that one village may hold: all but one, so that there is one for the others.
    fn of_village(&self, village: VillageId) -> Result<Arc<Semaphore>, Problem> {
        let most = self.seats.saturating_sub(1).max(1);
        let mut villages = self.villages.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever holds a seat or waits for one holds the semaphore.
        villages.retain(|_, seats| Arc::strong_count(seats) > 1);
        let own = villages.entry(village).or_insert_with(|| Arc::new(Semaphore::new(most)));
        if Arc::strong_count(own) > most + self.queue {
            return Err(no_seat());
        }
        Ok(own.clone())
    }
}

fn no_seat() -> Problem {
    Problem::again_after(ProblemKind::Unavailable, COME_BACK)
}

impl Seat {
    /// Does the work beside the threads that answer requests. The seat goes with the work: who hangs up meanwhile frees no place
    /// for another.
    ///
    /// # Errors
    /// When the work panics, which is a defect.
    pub async fn does<T: Send + 'static>(self, work: impl FnOnce() -> T + Send + 'static) -> anyhow::Result<(T, Self)> {
        Ok(tokio::task::spawn_blocking(move || (work(), self)).await?)
    }

    /// The same for work that borrows: the thread answers nobody else meanwhile, and another takes its place.
    pub fn does_here<T>(&self, work: impl FnOnce() -> T) -> T {
        tokio::task::block_in_place(work)
    }
}
