//! Following a village while it happens: server-sent events (HTML Standard, section 9.2) out of the log that posts write.
//!
//! Nothing is kept per reader but a number: whoever is slow is not written to until the connection takes more, and who takes
//! nothing for `http.header_timeout_s` loses the connection (`http/server.rs`). Reconnecting with `Last-Event-ID` goes on where
//! it stopped; what is kept no longer is answered with `reset`.

mod line;
mod routes;
mod view;

pub use routes::StreamRoutes;

use crate::client_seats::{ClientSeat, ClientSeats, Full};
use crate::config::StreamSettings;
use crate::problem::{Problem, ProblemKind};
use entity::{Database, Generation, Since, StoreError, VillageId};
use moka::future::Cache;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Events read at once.
const AT_ONCE: u64 = 100;

/// When a client without a seat may ask again, in seconds.
const COME_BACK: u64 = 30;

/// What all streams of this process share.
pub struct Streams {
    seats: Arc<ClientSeats>,
    closing: CancellationToken,
    heartbeat: Duration,
    /// Who waits at the same place is told out of one read.
    read: Cache<(VillageId, Generation, i64), Arc<Since>>,
}

impl Streams {
    /// Takes the limits from the settings.
    pub fn new(settings: &StreamSettings) -> Self {
        Self {
            seats: ClientSeats::new(settings.max_open, settings.max_open_per_client),
            closing: CancellationToken::new(),
            heartbeat: Duration::from_secs(settings.heartbeat_s.max(1)),
            // A signal of another process may be lost: no answer is given for longer than this without looking again.
            read: Cache::builder().max_capacity(1_000).time_to_live(Duration::from_secs(2)).build(),
        }
    }

    /// A seat for one more stream.
    fn seat(&self, client: IpAddr) -> Result<ClientSeat, Problem> {
        self.seats.take(client).map_err(|full| match full {
            Full::OfClient { most } => Problem::too_many_requests(COME_BACK, most),
            Full::Altogether => Problem::again_after(ProblemKind::Unavailable, COME_BACK),
        })
    }

    /// Ends all streams; their readers come back to whoever answers then.
    pub fn close(&self) {
        self.closing.cancel();
    }

    /// What came after an event. `generation` was taken before.
    async fn since(
        &self,
        database: &Database,
        village: VillageId,
        generation: Option<Generation>,
        number: i64,
    ) -> Result<Arc<Since>, Arc<StoreError>> {
        let read = async || database.village(village).read().await?.stream().since(number, AT_ONCE).await.map(Arc::new);
        match generation {
            Some(generation) => self.read.try_get_with((village, generation, number), read()).await,
            None => read().await.map_err(Arc::new),
        }
    }
}
