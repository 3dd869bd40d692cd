//! Settling: recording how attempts ended.

use super::Deliveries;
use crate::due_work::DueWork;
use crate::error::StoreError;
use crate::ids::{DeliveryId, NotificationId, SubscriptionId};
use crate::instant::millis;
use crate::outcome::{DeliveryState, Outcome, Reason};
use crate::row_lock;
use crate::scope::{Connected, InVillage, VillageTx};
use crate::sql::{Sql, placeholders};
use crate::subscription::Channel;
use chrono::{DateTime, Utc};
use sea_orm::Value;

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

impl Deliveries<'_, VillageTx> {
    /// Records how attempts ended. A delivery taken over by the other side is sent, whatever else was recorded meanwhile;
    /// any other answer counts only while it answers the current attempt. Of what was cancelled while it was on its way it is
    /// noted only that it did not arrive.
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
        let (sent, others): (Vec<_>, Vec<_>) =
            settlements.iter().partition(|settlement| matches!(settlement.outcome, Outcome::Sent));
        self.settle_sent(&sent, now).await?;
        self.settle_others(&others, now).await?;
        self.0.subscriptions().end(&gone, now).await?;
        self.note_next_try(notification, channel, now).await
    }

    /// Nearly all are sent, and that says the same of each.
    async fn settle_sent(&self, sent: &[&Settlement], now: DateTime<Utc>) -> Result<(), StoreError> {
        if sent.is_empty() {
            return Ok(());
        }
        let sql = format!(
            "UPDATE delivery SET state = 1, reason = 0, settled_at = $2 WHERE village_id = $1 AND id IN ({})",
            placeholders(3, sent.len())
        );
        let mut values: Vec<Value> = vec![self.0.village_id().into(), millis(now).into()];
        values.extend(sent.iter().map(|settlement| Value::from(settlement.id)));
        self.0.connection().run(&sql, values).await.map(drop)
    }

    async fn settle_others(&self, others: &[&Settlement], now: DateTime<Utc>) -> Result<(), StoreError> {
        if others.is_empty() {
            return Ok(());
        }
        let mut sql = String::from("WITH v(id, state, reason, next_try_at, attempts, claimed, settled_at) AS (VALUES ");
        let mut values: Vec<Value> = vec![self.0.village_id().into()];
        for (n, settlement) in others.iter().enumerate() {
            let comma = if n == 0 { "" } else { ", " };
            sql.push_str(&format!("{comma}({})", placeholders(values.len() + 1, 7)));
            values.extend(settled(settlement, now));
        }
        let pending = format!(
            "{sql}) UPDATE delivery SET state = v.state, reason = v.reason, next_try_at = v.next_try_at,
                 attempts = v.attempts, settled_at = v.settled_at
               FROM v WHERE delivery.village_id = $1 AND delivery.id = v.id
                 AND delivery.state = 0 AND delivery.attempts = v.claimed"
        );
        self.0.connection().run(&pending, values.clone()).await?;
        let cancelled = format!(
            "{sql}) UPDATE delivery SET reason = CASE WHEN v.reason <> 0 THEN v.reason WHEN EXISTS (
                 SELECT 1 FROM notification n JOIN post p ON p.village_id = n.village_id AND p.id = n.post_id
                 WHERE n.village_id = $1 AND n.id = delivery.notification_id AND p.state = 1 AND p.cleared_at IS NOT NULL)
                 THEN {} ELSE {} END
               FROM v WHERE delivery.village_id = $1 AND delivery.id = v.id
                 AND delivery.state = 5 AND delivery.reason = {} AND delivery.attempts = v.claimed",
            Reason::Cleared as i16,
            Reason::Withdrawn as i16,
            Reason::Unanswered as i16
        );
        self.0.connection().run(&cancelled, values).await.map(drop)
    }
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
