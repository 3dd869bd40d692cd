//! The proof that what is written is there: a commit that another connection sees.

use crate::database::Database;
use crate::error::StoreError;
use crate::instant::millis;
use crate::sql::Sql;
use chrono::{DateTime, Utc};
use sea_orm::{DbErr, FromQueryResult};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// For so long a proof is good, unless something went wrong since: who asks more often makes no load.
const GOOD_FOR: Duration = Duration::from_secs(2);

/// What is written to prove that there is room, at first and after something went wrong: more than most requests need. Otherwise a few
/// bytes are, which may find room where nothing else does.
const BALLAST_BYTES: usize = 128 * 1024;

/// Whether something went wrong since the last proof. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Doubt(Arc<AtomicBool>);

impl Doubt {
    /// Doubts, if an error is one of the database's rather than of what it was asked.
    pub fn after(&self, error: &DbErr) {
        if StoreError::blames_the_ground(error) {
            self.0.store(true, Ordering::SeqCst);
        }
    }
}

/// The last proof.
#[derive(Default)]
pub(crate) struct Proof {
    pub doubt: Doubt,
    last: Mutex<Option<Instant>>,
}

#[derive(FromQueryResult)]
struct Proven {
    proofs: i64,
}

impl Database {
    /// Proves that what is written is there: commits, and reads it through another connection. A proof of a moment ago is good enough, unless something went wrong since; and
    /// whoever asks meanwhile waits for the same one. That it was tried `now` is stored with it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Full`] when requests would fail now.
    pub async fn prove(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        let proof = self.proof();
        let mut last = proof.last.lock().await;
        // Cleared before: what goes wrong beside it is doubted anew.
        let doubted = proof.doubt.0.swap(false, Ordering::SeqCst);
        // Gone until it is made anew, also if that fails or is broken off.
        let before = last.take().filter(|_| !doubted);
        if before.is_some_and(|at| at.elapsed() < GOOD_FOR) {
            *last = before;
            return Ok(());
        }
        let ballast = if before.is_none() { vec![0x5a; BALLAST_BYTES] } else { Vec::new() };
        self.prove_now(ballast, now).await?;
        *last = Some(Instant::now());
        Ok(())
    }

    async fn prove_now(&self, ballast: Vec<u8>, now: DateTime<Utc>) -> Result<(), StoreError> {
        let nothing = || StoreError::Unavailable(DbErr::Custom("what was committed cannot be seen".to_owned()));
        let tx = self.begin_write().await?;
        let clock = if tx.is_postgres() { BY_THE_DATABASES_CLOCK } else { BY_OURS };
        let sql = format!(
            "INSERT INTO installation (id, proofs, ballast, seen_at, seen_by_database_at) VALUES (1, 1, $1, $2, {clock})
             ON CONFLICT (id) DO UPDATE SET proofs = installation.proofs + 1, ballast = $1, {}
             RETURNING proofs",
            later(clock, tx.is_postgres())
        );
        let values = vec![ballast.into(), millis(now).into()];
        let written = tx.row::<Proven>(&sql, values).await?.ok_or_else(nothing)?;
        tx.commit().await?;
        let read = self.begin_read().await?;
        let sql = "SELECT proofs FROM installation WHERE id = 1";
        let found = read.row::<Proven>(sql, Vec::new()).await?.ok_or_else(nothing)?;
        // Another process may have proven meanwhile.
        if found.proofs < written.proofs { Err(nothing()) } else { Ok(()) }
    }
}

const BY_OURS: &str = "0";
const BY_THE_DATABASES_CLOCK: &str = "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)";

/// The latest instant seen. On PostgreSQL it rises no faster than the database's clock: one process whose clock is ahead must not
/// make all others look as if they were behind.
fn later(clock: &str, postgres: bool) -> String {
    if postgres {
        format!(
            "seen_at = GREATEST(installation.seen_at, LEAST($2,
               installation.seen_at + GREATEST(0, {clock} - installation.seen_by_database_at))),
             seen_by_database_at = {clock}"
        )
    } else {
        "seen_at = max(installation.seen_at, $2)".to_owned()
    }
}
