//! What all due work has in common: when it is looked for, and how a pile of it is worked through.

use crate::app::App;
use crate::places::Places;
use chrono::TimeDelta;
use entity::{Due, DueWork, StoreError, Urgency};
use futures_util::stream::{FuturesUnordered, StreamExt};
use std::collections::HashSet;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Interval;
use tokio_util::sync::CancellationToken;

/// Pieces of work taken from the pile at once, where they are done one after the other.
const PILE: u64 = 64;

/// When due work is looked for: after each change that this process hears of, and every so often because times come and other
/// processes change things too (`notifications.poll_s`).
pub struct Looks {
    changes: watch::Receiver<()>,
    poll: Interval,
    stop: CancellationToken,
}

impl Looks {
    /// From now until `stop`.
    pub fn until(stop: CancellationToken, app: &App) -> Self {
        let every = Duration::from_secs(app.settings.notifications.poll_s.max(1));
        Self { changes: app.database.changes(), poll: tokio::time::interval(every), stop }
    }

    /// Waits for the next look; whether there is one.
    pub async fn next(&mut self) -> bool {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => false,
            _ = self.poll.tick() => true,
            _ = self.changes.changed() => true,
        }
    }
}

/// Does `work` at every look until `stop`, which interrupts it: what was not committed is due again. A failure is logged as `what`
/// and is no end.
pub async fn keep<F>(app: &App, stop: &CancellationToken, what: &str, work: impl Fn() -> F)
where
    F: Future<Output = Result<bool, StoreError>>,
{
    let mut looks = Looks::until(stop.clone(), app);
    while looks.next().await {
        tokio::select! {
            () = stop.cancelled() => return,
            done = work() => if let Err(error) = done {
                tracing::error!(%error, what, "due work could not be done");
            },
        }
    }
}

/// Does all that is due of a kind, one piece after the other; whether there was anything.
///
/// # Errors
/// When a piece failed. One village's trouble is not another's: what could be done is done all the same.
pub async fn each<F>(app: &App, kind: DueWork, one: impl Fn(Due) -> F) -> Result<bool, StoreError>
where
    F: Future<Output = Result<(), StoreError>>,
{
    let mut any = false;
    loop {
        let due = app.database.registry().await?.due_works().due(kind, app.clock.now(), PILE).await?;
        if due.is_empty() {
            return Ok(any);
        }
        any = true;
        let mut done = Ok(());
        for due in due {
            if let Err(error) = one(due).await {
                put_off(app, kind, due).await?;
                done = Err(error);
            }
        }
        done?;
    }
}

/// What failed is tried again at the next look, after what has not failed.
async fn put_off(app: &App, kind: DueWork, due: Due) -> Result<(), StoreError> {
    let pause = TimeDelta::seconds(i64::try_from(app.settings.notifications.poll_s).unwrap_or(1).max(1));
    let tx = app.database.village(due.village).begin().await?;
    tx.due_works().put_off(kind, due.subject, app.clock.now() + pause).await?;
    tx.commit().await
}

/// Does all that is due of a kind, so many pieces at once, of which no village has all; whether there was anything. For work that
/// waits for others: what hangs keeps nothing else waiting. Told to stop, it begins nothing more.
///
/// # Errors
/// As [`each`].
pub async fn at_once<F>(
    app: &App,
    kind: DueWork,
    many: usize,
    stop: &CancellationToken,
    one: impl Fn(Due) -> F,
) -> Result<bool, StoreError>
where
    F: Future<Output = Result<(), StoreError>>,
{
    let (places, mut looks) = (Places::new(many), Looks::until(stop.clone(), app));
    let (mut running, mut subjects) = (FuturesUnordered::new(), HashSet::new());
    let (mut any, mut outcome) = (false, Ok(()));
    loop {
        if outcome.is_ok() && !stop.is_cancelled() {
            // What runs goes on meanwhile: it holds connections, of which this wants one.
            let look = async { app.database.registry().await?.due_works().due(kind, app.clock.now(), PILE).await };
            tokio::pin!(look);
            let due = loop {
                tokio::select! {
                    due = &mut look => break due?,
                    Some((_place, subject, done)) = running.next() => {
                        subjects.remove(&subject);
                        outcome = outcome.and(done);
                    }
                }
            };
            for due in due.into_iter().filter(|due| !subjects.contains(&due.subject)).collect::<Vec<_>>() {
                let Some(place) = places.try_take((Some(due.village), Urgency::Normal)) else { continue };
                subjects.insert(due.subject);
                let done = one(due);
                running.push(async move { (place, due.subject, done.await) });
                any = true;
            }
        }
        if running.is_empty() {
            return outcome.map(|()| any);
        }
        tokio::select! {
            Some((_place, subject, done)) = running.next() => {
                subjects.remove(&subject);
                outcome = outcome.and(done);
            }
            _ = looks.next(), if !stop.is_cancelled() => {}
        }
    }
}
