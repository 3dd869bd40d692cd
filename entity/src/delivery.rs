//! Deliveries: one notification to one subscription, from planned to settled.
//!
//! A claim pushes the next try forward: that is the lease. Nobody has to give it back; it runs out by itself. The number of
//! attempts tells an answer that comes too late from the current one.

mod planning;

use crate::due_work::DueWork;
use crate::error::StoreError;
use crate::ids::{DeliveryId, NotificationId, SubscriptionId};
use crate::instant::{instant, millis};
use crate::outcome::{DeliveryState, Outcome, Reason};
use crate::row_lock;
use crate::scope::{Connected, InVillage, Village, VillageTx, store};
use crate::sql::{Sql, placeholders};
use crate::subscription::{self, Channel, Holder, Subscription};
use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use sea_orm::entity::prelude::*;
use std::collections::HashMap;

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

/// How an attempt at a claimed delivery ended.
#[derive(Clone, Copy, Debug)]
pub struct Settlement {
    /// The delivery.
    pub id: DeliveryId,
    /// Which attempt.
    pub attempt: i32,
    /// The subscription.
    pub subscription: SubscriptionId,
    /// How it ended.
    pub outcome: Outcome,
}

store!(
    /// The deliveries of the village.
    Deliveries as deliveries in Village, VillageTx
);

#[derive(FromQueryResult)]
struct Taken {
    id: Uuid,
    subscription_id: Uuid,
    attempts: i32,
}

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
    /// Claims due deliveries for an attempt. Nobody else gets them before the lease is over.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim(&self, claim: Claim) -> Result<Vec<Claimed>, StoreError> {
        let work = DueWork::Deliver(claim.channel);
        self.0.due_works().lock(work, claim.notification.0).await?;
        let skip = if self.0.connection().is_postgres() { "FOR UPDATE SKIP LOCKED" } else { "" };
        // Materialised: PostgreSQL may run a subquery once per row, each time skipping what it locked, past the limit.
        let sql = format!(
            "WITH due AS MATERIALIZED (
               SELECT id FROM delivery
               WHERE village_id = $1 AND notification_id = $2 AND channel = $3 AND state = 0 AND next_try_at <= $4
               ORDER BY next_try_at LIMIT $5 {skip})
             UPDATE delivery SET attempts = attempts + 1, next_try_at = $6
             WHERE village_id = $1 AND state = 0 AND id IN (SELECT id FROM due)
             RETURNING id, subscription_id, attempts"
        );
        let values = vec![
            self.0.village_id().into(),
            claim.notification.into(),
            (claim.channel as i16).into(),
            millis(claim.now).into(),
            i64::from(claim.limit).into(),
            millis(claim.lease_until).into(),
        ];
        let taken = self.0.connection().rows::<Taken>(&sql, values).await?;
        if taken.len() < claim.limit as usize {
            self.note_next_try(claim.notification, claim.channel, claim.now).await?;
        }
        let holders = self.holders(&taken).await?;
        Ok(with_holders(taken, holders))
    }

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

    /// Records how attempts ended. A delivery taken over by the other side is sent, whatever else was recorded meanwhile;
    /// any other answer counts only while it answers the current attempt.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn settle(
        &self,
        notification: NotificationId,
        channel: Channel,
        settlements: &[Settlement],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        if settlements.is_empty() {
            return Ok(());
        }
        let is_gone = |settlement: &&Settlement| matches!(settlement.outcome, Outcome::Gone(_));
        let gone: Vec<_> = settlements.iter().filter(is_gone).map(|settlement| settlement.subscription).collect();
        row_lock::subscriptions(self.0, &gone).await?;
        self.0.due_works().lock(DueWork::Deliver(channel), notification.0).await?;
        row_lock::settled(self.0, settlements, &gone).await?;
        self.0.joint_claims().settle(settlements).await?;
        let mut sql = String::from("WITH v(id, state, reason, next_try_at, attempts, claimed, settled_at) AS (VALUES ");
        let mut values: Vec<Value> = vec![self.0.village_id().into()];
        for (n, settlement) in settlements.iter().enumerate() {
            let comma = if n == 0 { "" } else { ", " };
            sql.push_str(&format!("{comma}({})", placeholders(values.len() + 1, 7)));
            values.extend(settled(settlement, now));
        }
        sql.push_str(
            ") UPDATE delivery SET state = v.state, reason = v.reason, next_try_at = v.next_try_at,
                 attempts = v.attempts, settled_at = v.settled_at
               FROM v WHERE delivery.village_id = $1 AND delivery.id = v.id
                 AND (v.state = 1 OR (delivery.state = 0 AND delivery.attempts = v.claimed))",
        );
        self.0.connection().run(&sql, values).await?;
        self.0.subscriptions().end(&gone, now).await?;
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

    /// Ends what is pending of a notification, in this state for this reason.
    pub(crate) async fn end_pending(
        &self,
        notification: NotificationId,
        state: DeliveryState,
        reason: Reason,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        row_lock::deliveries(self.0, "state = 0 AND notification_id = $2", [notification.into()]).await?;
        let sql = "UPDATE delivery SET state = $4, reason = $5, settled_at = $3
                   WHERE village_id = $1 AND notification_id = $2 AND state = 0";
        let values = vec![
            self.0.village_id().into(),
            notification.into(),
            millis(now).into(),
            (state as i16).into(),
            (reason as i16).into(),
        ];
        self.0.connection().run(sql, values).await.map(drop)
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

    async fn holders(&self, taken: &[Taken]) -> Result<HashMap<Uuid, Subscription>, StoreError> {
        if taken.is_empty() {
            return Ok(HashMap::new());
        }
        let rows = subscription::row::Entity::find()
            .filter(subscription::row::Column::VillageId.eq(self.0.village_id().0))
            .filter(subscription::row::Column::Id.is_in(taken.iter().map(|row| row.subscription_id)))
            .all(self.0.connection())
            .await?;
        Ok(rows.into_iter().map(|row| (row.id, row.into())).collect())
    }
}

fn with_holders(taken: Vec<Taken>, mut holders: HashMap<Uuid, Subscription>) -> Vec<Claimed> {
    taken
        .into_iter()
        .filter_map(|row| {
            let subscription = holders.remove(&row.subscription_id)?;
            Some(Claimed {
                id: row.id.into(),
                attempt: row.attempts,
                subscription: subscription.id,
                holder: subscription.holder,
                language: subscription.language,
            })
        })
        .collect()
}

/// The values of one settlement: id, state, reason, next_try_at, attempts, claimed, settled_at.
fn settled(settlement: &Settlement, now: DateTime<Utc>) -> [Value; 7] {
    let (state, reason, next_try_at, counts) = match settlement.outcome {
        Outcome::Sent => (DeliveryState::Sent, Reason::None, now, true),
        Outcome::Later { at, why, counts } => (DeliveryState::Pending, why, at, counts),
        Outcome::Gone(why) => (DeliveryState::Gone, why, now, true),
        Outcome::Refused(why) => (DeliveryState::Refused, why, now, true),
        Outcome::Expired(why) => (DeliveryState::Expired, why, now, true),
        Outcome::NotNeeded(why) => (DeliveryState::Cancelled, why, now, false),
    };
    let attempts = if counts { settlement.attempt } else { settlement.attempt - 1 };
    let settled_at = (state != DeliveryState::Pending).then(|| millis(now));
    [
        settlement.id.into(),
        (state as i16).into(),
        (reason as i16).into(),
        millis(next_try_at).into(),
        attempts.into(),
        settlement.attempt.into(),
        settled_at.into(),
    ]
}
