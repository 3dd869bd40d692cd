//! Told again: who was told of a post is told that it was taken back, or that the danger is over. Exactly those, by what became of
//! the deliveries: whoever was reached, whatever they follow by now, and nobody who was not or has left.
//!
//! What is being sent at that moment is waited for: an attempt counts when it is known how it ended, or when its lease is over and
//! nobody ever will. Then it may have reached somebody, and so it does.

use crate::delivery::Deliveries;
use crate::error::StoreError;
use crate::ids::{NotificationId, PostId};
use crate::instant::{instant, millis};
use crate::notification::{NewNotification, Notification, NotificationKind, Notifications};
use crate::outcome::{DeliveryState, Reason};
use crate::post::Post;
use crate::scope::{Connected, InVillage, VillageTx};
use crate::sql::Sql;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{FromQueryResult, Value};

/// How soon it is looked again for how attempts have ended.
const LOOK_AGAIN: TimeDelta = TimeDelta::seconds(2);

/// Why a delivery is not known to have arrived, and may have all the same. Who was told of a joint post in another village is told
/// again wherever there still is a subscription.
const MAY_HAVE_ARRIVED: [Reason; 3] = [Reason::Timeout, Reason::ConnectionLost, Reason::ToldElsewhere];

/// Reasons that stay what they are when a delivery is cancelled: it may have arrived.
pub(crate) const KEPT_REASONS: [Reason; 3] = [Reason::Timeout, Reason::ConnectionLost, Reason::Unanswered];

/// Reasons as a list of SQL.
pub(crate) fn codes(reasons: &[Reason]) -> String {
    reasons.iter().map(|reason| (*reason as i16).to_string()).collect::<Vec<_>>().join(", ")
}

#[derive(FromQueryResult)]
struct Found {
    #[allow(dead_code, reason = "that there is one is all that matters")]
    n: i64,
}

#[derive(FromQueryResult)]
struct Until {
    until: Option<i64>,
}

impl NotificationKind {
    /// Whether it goes to those who were told before.
    pub(crate) fn tells_again(self) -> bool {
        matches!(self, Self::Withdrawn | Self::AllClear)
    }
}

impl Notifications<'_, VillageTx> {
    /// Stops telling of a post that was taken back, and tells those who were told; nobody, when nobody was.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_back(
        &self,
        post: &Post,
        until: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Option<NotificationId>, StoreError> {
        self.cancel_for_post(post.id, now).await?;
        self.tell_again(NotificationKind::Withdrawn, post, until, now).await
    }

    /// Stops telling of a danger that is over, and tells those who were told; nobody, when nobody was.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn give_all_clear(
        &self,
        post: &Post,
        until: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Option<NotificationId>, StoreError> {
        self.end_for_post(post.id, DeliveryState::Cancelled, Reason::Cleared, now).await?;
        self.tell_again(NotificationKind::AllClear, post, until, now).await
    }

    async fn tell_again(
        &self,
        kind: NotificationKind,
        post: &Post,
        expires_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Option<NotificationId>, StoreError> {
        if !self.may_have_been_told(post.id).await? {
            return Ok(None);
        }
        let urgency = post.urgency();
        let new = NewNotification { kind, post: Some(post.id), subscription: None, urgency, expires_at };
        self.announce(new, now).await.map(Some)
    }

    /// Whether anybody was told of a post, or may still turn out to have been.
    async fn may_have_been_told(&self, post: PostId) -> Result<bool, StoreError> {
        let sql = format!(
            "SELECT CAST(1 AS bigint) AS n FROM delivery d WHERE d.village_id = $1
               AND d.notification_id IN (SELECT n.id FROM notification n WHERE n.village_id = $1 AND n.post_id = $2)
               AND (d.state = 1 OR d.reason IN ({}) OR d.reason = {}) LIMIT 1",
            codes(&MAY_HAVE_ARRIVED),
            Reason::Unanswered as i16
        );
        let values = vec![self.0.village_id().into(), post.into()];
        Ok(self.0.connection().row::<Found>(&sql, values).await?.is_some())
    }
}

impl Deliveries<'_, VillageTx> {
    /// When to look again for attempts of which it is not known yet how they end; nothing when there is none.
    pub(crate) async fn undecided_until(
        &self,
        again: &Notification,
        now: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        let Some(post) = again.post.filter(|_| again.kind.tells_again()) else { return Ok(None) };
        let sql = format!(
            "SELECT MIN(d.next_try_at) AS until FROM delivery d WHERE d.village_id = $1 AND d.reason = {}
               AND d.state <> 1 AND d.next_try_at > $4
               AND d.notification_id IN (
                 SELECT n.id FROM notification n WHERE n.village_id = $1 AND n.post_id = $2 AND n.id <> $3)",
            Reason::Unanswered as i16
        );
        let values = vec![self.0.village_id().into(), post.into(), again.id.into(), millis(now).into()];
        let until = self.0.connection().row::<Until>(&sql, values).await?.and_then(|row| row.until);
        Ok(until.map(|until| instant(until).min(now + LOOK_AGAIN)))
    }
}

/// Which subscriptions `s` were told of the post that the notification `$2` is about, or have replaced one that was. Adds its values
/// to those of the statement.
pub(crate) fn told_before(post: PostId, now: DateTime<Utc>, values: &mut Vec<Value>) -> String {
    let first = values.len() + 1;
    values.extend([post.into(), millis(now).into()]);
    format!(
        "s.state = 1 AND s.id IN (
           SELECT COALESCE(o.replaced_by, o.id) FROM delivery d
           JOIN subscription o ON o.village_id = d.village_id AND o.id = d.subscription_id
           WHERE d.village_id = $1 AND d.notification_id IN (
               SELECT n.id FROM notification n WHERE n.village_id = $1 AND n.post_id = ${first} AND n.id <> $2)
             AND (d.state = 1 OR d.reason IN ({}) OR (d.reason = {} AND d.next_try_at <= ${})))
         AND NOT EXISTS (SELECT 1 FROM delivery a WHERE a.village_id = s.village_id AND a.notification_id = $2
           AND a.subscription_id = s.id)",
        codes(&MAY_HAVE_ARRIVED),
        Reason::Unanswered as i16,
        first + 1
    )
}

/// Whether it may still have to be known who was told by the notification `n`: its post can be taken back and matters, or that it was
/// is being told. Not of a reminder, which is over with its date.
pub(crate) fn still_matters(n: &str, now: &str) -> String {
    // State 1 is published and 8 hidden; kind 3 of a post is an alert, 21 of a notification the reminder of a date.
    format!(
        "EXISTS (SELECT 1 FROM notification w WHERE w.village_id = {n}.village_id AND w.post_id = {n}.post_id
           AND w.finished_at IS NULL AND w.kind IN (23, 24))
         OR ({n}.kind <> 21 AND EXISTS (SELECT 1 FROM post p WHERE p.village_id = {n}.village_id AND p.id = {n}.post_id
           AND p.state IN (1, 8) AND ((p.kind = 3 AND p.cleared_at IS NULL) OR p.expires_at > {now} OR EXISTS (
             SELECT 1 FROM occurrence o WHERE o.village_id = p.village_id AND o.post_id = p.id AND o.ends_at > {now}))))"
    )
}
