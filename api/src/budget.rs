//! Budgets: how often in a day something may be done that reaches others, counted for all processes together. Each is listed in
//! docs/budgets.md.
//!
//! On PostgreSQL whoever counts holds the count until the end of the transaction, as whoever writes into the audit log holds that. So
//! everybody counts first and writes into the log then: two that take the same things in the same order never wait for each other.

use crate::app::App;
use crate::problem::Problem;
use crate::text::Text;
use chrono::{DateTime, TimeDelta, Utc};
use entity::{MunicipalityId, RegistryTx, StoreError, VillageTx};
use uuid::Uuid;

/// How long a budget lasts, from the first time that something is taken from it.
const DAY: TimeDelta = TimeDelta::days(1);

/// What is counted: under which name, by what, and how often it may be.
pub struct Budget {
    /// The name of the budget.
    pub name: &'static str,
    /// Of what: a mailbox, a club, a post, an account.
    pub of: Vec<u8>,
    /// How often in a day.
    pub most: u32,
}

/// Counts one more in a budget of the village, together with what it is counted for: what is refused, or not done after all, takes
/// nothing from it.
///
/// # Errors
/// 429 when nothing is left, with `why` and until when.
pub async fn spend(
    app: &App,
    tx: &VillageTx,
    budget: Budget,
    now: DateTime<Utc>,
    why: impl FnOnce(u32) -> Text,
) -> Result<(), Problem> {
    budget.unless_over(over_for(app, tx, &budget, DAY, now).await?, why)
}

/// The same, in a budget of a municipality.
///
/// # Errors
/// As [`spend`].
pub async fn spend_of_municipality(
    app: &App,
    (tx, municipality): (&RegistryTx, MunicipalityId),
    budget: Budget,
    now: DateTime<Utc>,
    why: impl FnOnce(u32) -> Text,
) -> Result<(), Problem> {
    let over = tx.throttles().spend(&budget.key(app, municipality.0), budget.most, DAY, now).await?;
    budget.unless_over(over, why)
}

/// Counts one more in a budget of the village that lasts for `window`. When that is too many: for how long yet.
///
/// # Errors
/// When the database fails.
pub async fn over_for(
    app: &App,
    tx: &VillageTx,
    budget: &Budget,
    window: TimeDelta,
    now: DateTime<Utc>,
) -> Result<Option<TimeDelta>, StoreError> {
    tx.throttles().spend(&budget.key(app, tx.village().0), budget.most, window, now).await
}

impl Budget {
    /// No two places have a budget together.
    fn key(&self, app: &App, place: Uuid) -> Vec<u8> {
        app.secrets.hash(self.name, &[place.as_bytes().as_slice(), &self.of].concat())
    }

    fn unless_over(&self, over: Option<TimeDelta>, why: impl FnOnce(u32) -> Text) -> Result<(), Problem> {
        over.map_or(Ok(()), |wait| {
            let seconds = u64::try_from(wait.num_seconds()).unwrap_or_default() + 1;
            Err(Problem::too_many_requests(seconds, self.most).because(why(self.most)))
        })
    }
}
