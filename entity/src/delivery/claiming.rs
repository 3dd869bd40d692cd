//! Claiming deliveries for an attempt, together with who they go to.

use super::Deliveries;
use crate::due_work::DueWork;
use crate::error::StoreError;
use crate::ids::{DeliveryId, NotificationId, SubscriptionId};
use crate::instant::millis;
use crate::outcome::Reason;
use crate::scope::{Connected, InVillage, VillageTx};
use crate::sql::{Sql, placeholders};
use crate::subscription::{Channel, Holder, Reach};
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;
use sea_orm::{FromQueryResult, Value};

/// What to claim.
#[derive(Clone, Copy, Debug)]
pub struct Claim {
    /// Of which notification.
    pub notification: NotificationId,
    /// On which channel.
    pub channel: Channel,
    /// At most this many.
    pub limit: u32,
    /// Now.
    pub now: DateTime<Utc>,
    /// Until when nobody else may try them.
    pub lease_until: DateTime<Utc>,
}

/// A delivery claimed for an attempt, and who it goes to.
pub struct Claimed {
    /// The delivery; it stays the same over all attempts.
    pub id: DeliveryId,
    /// Which attempt this is, from 1.
    pub attempt: i32,
    /// The subscription.
    pub subscription: SubscriptionId,
    /// Its holder.
    pub holder: Holder,
    /// The language the holder is addressed in.
    pub language: String,
}

/// A claimed delivery as it was before, and who it goes to.
#[derive(FromQueryResult)]
struct Taken {
    id: Uuid,
    attempts: i32,
    subscription_id: Uuid,
    language: String,
    #[sea_orm(nested)]
    reach: Reach,
}

impl Deliveries<'_, VillageTx> {
    /// Claims due deliveries for an attempt. Nobody else gets them before the lease is over.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim(&self, claim: Claim) -> Result<Vec<Claimed>, StoreError> {
        let work = DueWork::Deliver(claim.channel);
        self.0.due_works().lock(work, claim.notification.0).await?;
        let skip = if self.0.connection().is_postgres() { "FOR UPDATE OF d SKIP LOCKED" } else { "" };
        let sql = format!(
            "SELECT d.id, d.attempts, d.subscription_id, s.language, s.endpoint, s.endpoint_hash, s.p256dh,
               s.auth_sealed, s.mailbox, s.mailbox_key
             FROM delivery d JOIN subscription s ON s.village_id = d.village_id AND s.id = d.subscription_id
             WHERE d.village_id = $1 AND d.notification_id = $2 AND d.channel = $3 AND d.state = 0
               AND d.next_try_at <= $4
             ORDER BY d.next_try_at LIMIT $5 {skip}"
        );
        let values = vec![
            self.0.village_id().into(),
            claim.notification.into(),
            (claim.channel as i16).into(),
            millis(claim.now).into(),
            i64::from(claim.limit).into(),
        ];
        let taken = self.0.connection().rows::<Taken>(&sql, values).await?;
        self.lease(&taken, claim.lease_until).await?;
        if taken.len() < claim.limit as usize {
            self.note_next_try(claim.notification, claim.channel, claim.now).await?;
        }
        Ok(taken.into_iter().map(Into::into).collect())
    }

    /// Begins an attempt at deliveries that this transaction holds.
    async fn lease(&self, taken: &[Taken], until: DateTime<Utc>) -> Result<(), StoreError> {
        if taken.is_empty() {
            return Ok(());
        }
        let sql = format!(
            "UPDATE delivery SET attempts = attempts + 1, next_try_at = $2, reason = {} WHERE village_id = $1 AND id IN ({})",
            Reason::Unanswered as i16,
            placeholders(3, taken.len())
        );
        let mut values: Vec<Value> = vec![self.0.village_id().into(), millis(until).into()];
        values.extend(taken.iter().map(|row| Value::from(row.id)));
        self.0.connection().run(&sql, values).await.map(drop)
    }
}

impl From<Taken> for Claimed {
    fn from(row: Taken) -> Self {
        Self {
            id: row.id.into(),
            attempt: row.attempts + 1,
            subscription: row.subscription_id.into(),
            holder: row.reach.into(),
            language: row.language,
        }
    }
}
