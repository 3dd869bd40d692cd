//! What the program does by itself for somebody who asked for it long ago: only while they still may.

use chrono::{DateTime, Utc};
use entity::{AccountId, Standing, StoreError, VillageTx};

/// What an account may do in the village now; nothing once it is disabled.
///
/// # Errors
/// When the database fails.
pub async fn absent(tx: &VillageTx, account: AccountId, now: DateTime<Utc>) -> Result<Option<Standing>, StoreError> {
    let found = tx.accounts().find(account).await?;
    match found.filter(|account| account.disabled_at.is_none()) {
        Some(account) => Ok(Some(tx.roles().standing(account.id, now).await?)),
        None => Ok(None),
    }
}
