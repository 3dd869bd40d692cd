//! Budgets: how often in a day something may be done that reaches others, counted for all processes together. Each is listed in
//! docs/budgets.md.

use crate::app::App;
use crate::problem::Problem;
use crate::text::Text;
use chrono::{DateTime, TimeDelta, Utc};
use entity::{VillageId, VillageTx};

/// What is counted: under which name, by what, and how often a day it may be.
pub struct Budget<'a> {
    /// The village that has it.
    pub village: VillageId,
    /// The name of the budget.
    pub name: &'static str,
    /// Of what: a mailbox, a club, a post, an account.
    pub of: &'a [u8],
    /// How often in 24 hours, which begin with the first time.
    pub most: u32,
}

/// Counts one more in the village's budget, together with what it is counted for: what is refused, or not done after all, takes
/// nothing from it.
///
/// # Errors
/// 429 when nothing is left, with `why` and until when.
pub async fn spend(
    app: &App,
    tx: &VillageTx,
    budget: Budget<'_>,
    now: DateTime<Utc>,
    why: impl FnOnce() -> Text,
) -> Result<(), Problem> {
    let Budget { village, name, of, most } = budget;
    let key = app.secrets.hash(name, &[village.0.as_bytes().as_slice(), of].concat());
    let over = tx.throttles().spend(&key, most, TimeDelta::days(1), now).await?;
    over.map_or(Ok(()), |wait| {
        let seconds = u64::try_from(wait.num_seconds()).unwrap_or_default() + 1;
        Err(Problem::too_many_requests(seconds, most).because(why()))
    })
}
