//! Deliveries: one notification to one subscription, from planned to settled.
//!
//! A claim pushes the next try forward: that is the lease. Nobody has to give it back; it runs out by itself. The number of
//! attempts tells an answer that comes too late from the current one.

mod claiming;
mod planning;
mod settling;

pub use claiming::{Claim, Claimed};
pub use settling::Settlement;

use crate::due_work::DueWork;
use crate::error::StoreError;
use crate::ids::{DeliveryId, NotificationId, SubscriptionId};
use crate::instant::{instant, millis};
use crate::outcome::{DeliveryState, Reason};
use crate::row_lock;
use crate::scope::{Connected, InVillage, Village, VillageTx, store};
use crate::sql::{Sql, placeholders};
use crate::subscription::Channel;
use crate::told;
use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use sea_orm::entity::prelude::*;

pub(crate) mod row {
    use crate::outcome::{DeliveryState, Reason};
    use crate::subscription::Channel;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "delivery")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub notification_id: Uuid,
        pub subscription_id: Uuid,
        pub channel: Channel,
        pub state: DeliveryState,
        pub reason: Reason,
        pub attempts: i32,
        pub next_try_at: i64,
        pub settled_at: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

store!(
    /// The deliveries of the village.
    Deliveries as deliveries in Village, VillageTx
);

#[derive(FromQueryResult)]
struct Id {
    id: Uuid,
}

#[derive(FromQueryResult)]
struct Next {
    next_try_at: Option<i64>,
}

impl<S: InVillage> Deliveries<'_, S> {
    /// Whether an attempt at a claimed delivery is still wanted: it has not been cancelled, and no later attempt has begun.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_wanted(&self, id: DeliveryId, attempt: i32) -> Result<bool, StoreError> {
        let sql = "SELECT next_try_at FROM delivery WHERE village_id = $1 AND id = $2 AND state = 0 AND attempts = $3";
        let values = vec![self.0.village_id().into(), id.into(), attempt.into()];
        Ok(self.0.connection().row::<Next>(sql, values).await?.is_some())
    }
}

impl Deliveries<'_, VillageTx> {
    /// Forgets the due work of a notification that is there no more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_work(&self, notification: NotificationId, channel: Channel) -> Result<(), StoreError> {
        self.0.due_works().remove(DueWork::Deliver(channel), notification.0).await
    }

    /// Ends the claimable deliveries of a notification whose useful life is over.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn expire(
        &self,
        notification: NotificationId,
        channel: Channel,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.0.due_works().lock(DueWork::Deliver(channel), notification.0).await?;
        let those = "state = 0 AND notification_id = $2 AND channel = $3";
        row_lock::deliveries(self.0, those, [notification.into(), (channel as i16).into()]).await?;
        let sql = "UPDATE delivery SET state = 4, settled_at = $4
                   WHERE village_id = $1 AND notification_id = $2 AND channel = $3 AND state = 0
                     AND next_try_at <= $4";
        let values = vec![self.0.village_id().into(), notification.into(), (channel as i16).into(), millis(now).into()];
        self.0.connection().run(sql, values).await?;
        self.note_next_try(notification, channel, now).await
    }

    /// Cancels what is pending to subscriptions that end.
    pub(crate) async fn cancel_for_subscriptions(
        &self,
        subscriptions: &[SubscriptionId],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let them = subscriptions.iter().map(|id| Value::from(*id));
        let those = format!("state = 0 AND subscription_id IN ({})", placeholders(2, subscriptions.len()));
        row_lock::deliveries(self.0, &those, them.clone()).await?;
        let sql = format!(
            "UPDATE delivery SET state = 5, reason = 15, settled_at = $2
             WHERE village_id = $1 AND state = 0 AND subscription_id IN ({})",
            placeholders(3, subscriptions.len())
        );
        let mut values: Vec<Value> = vec![self.0.village_id().into(), millis(now).into()];
        values.extend(them);
        self.0.connection().run(&sql, values).await.map(drop)
    }

    /// Ends what is pending of a notification, in this state for this reason. That an attempt has begun, or got no answer in time,
    /// stays: it may have arrived.
    pub(crate) async fn end_pending(
        &self,
        notification: NotificationId,
        state: DeliveryState,
        reason: Reason,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        row_lock::deliveries(self.0, "state = 0 AND notification_id = $2", [notification.into()]).await?;
        let sql = format!(
            "UPDATE delivery SET state = $4, reason = CASE WHEN reason IN ({}) THEN reason ELSE $5 END, settled_at = $3
             WHERE village_id = $1 AND notification_id = $2 AND state = 0",
            told::codes(&told::KEPT_REASONS)
        );
        let values = vec![
            self.0.village_id().into(),
            notification.into(),
            millis(now).into(),
            (state as i16).into(),
            (reason as i16).into(),
        ];
        self.0.connection().run(&sql, values).await.map(drop)
    }

    /// Makes the due work of a channel fall due when the next delivery does, or ends it when none is pending.
    async fn note_next_try(
        &self,
        notification: NotificationId,
        channel: Channel,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let sql = "SELECT MIN(next_try_at) AS next_try_at FROM delivery
                   WHERE village_id = $1 AND notification_id = $2 AND channel = $3 AND state = 0";
        let values = vec![self.0.village_id().into(), notification.into(), (channel as i16).into()];
        let next = self.0.connection().row::<Next>(sql, values).await?.and_then(|row| row.next_try_at);
        let work = DueWork::Deliver(channel);
        match next {
            Some(next) => self.0.due_works().postpone(work, notification.0, instant(next)).await,
            None => {
                self.0.due_works().remove(work, notification.0).await?;
                self.0.notifications().finish_if_done(notification, now).await
            }
        }
    }
}
