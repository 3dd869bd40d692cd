//! Planning deliveries: which subscriptions a notification goes to.

use super::{Deliveries, Id};
use crate::audience::reached_by;
use crate::error::StoreError;
use crate::ids::NotificationId;
use crate::instant::millis;
use crate::notification::{Notification, NotificationKind};
use crate::reminder_lead;
use crate::scope::{Connected, InVillage, VillageTx};
use crate::sql::Sql;
use crate::told::told_before;
use crate::waste_follow;
use chrono::{DateTime, Utc};
use sea_orm::Value;
use uuid::Uuid;

impl Deliveries<'_, VillageTx> {
    /// Plans deliveries for the next of those who are to be told, in the order of their subscriptions: one statement, at most
    /// `at_once` rows. How many; fewer than that means all are planned.
    pub(crate) async fn plan_some(
        &self,
        notification: &Notification,
        at_once: u32,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        let (id, time) = self.new_id(now);
        // Those told again come in whatever order it becomes known that they were told.
        let last = match notification.kind.tells_again() {
            true => Uuid::nil(),
            false => self.last_planned(notification.id).await?,
        };
        let insert = format!(
            "INSERT INTO delivery (village_id, id, notification_id, subscription_id, channel, state, reason, attempts,
               next_try_at)
             SELECT s.village_id, {id}, $2, s.id, s.channel, 0, 0, 0, $3 FROM subscription s
             WHERE s.village_id = $1 AND s.id > $5"
        );
        let some = format!(
            "ORDER BY s.id LIMIT {at_once}
             ON CONFLICT (village_id, notification_id, subscription_id) DO NOTHING"
        );
        let mut values =
            vec![self.0.village_id().into(), notification.id.into(), millis(now).into(), time, last.into()];
        let sql = match (notification.kind, notification.subscription, notification.post) {
            (NotificationKind::Confirmation, Some(subscription), _) => {
                values.push(subscription.into());
                format!("{insert} AND s.id = $6 AND s.state = 0 {some}")
            }
            (NotificationKind::WasteReminder, ..) => {
                let Some(reminder) = self.0.waste_reminders().of_notification(notification.id).await? else {
                    return Ok(0);
                };
                let reached = waste_follow::reminded_by(&reminder, &mut values);
                format!("{insert} AND {reached} {some}")
            }
            (NotificationKind::EventReminder, _, Some(post)) => {
                let reminder = self.0.event_reminders().of_notification(notification.id).await?;
                let (Some(reminder), Some(post)) = (reminder, self.0.posts().find(post).await?) else {
                    return Ok(0);
                };
                // A date that was moved or cancelled since then is not reminded of.
                if self.0.occurrences().at(post.id, reminder.starts_at).await?.is_none() {
                    return Ok(0);
                }
                let reached = reminder_lead::reminded_by(&reminder, &post, &mut values);
                format!("{insert} AND {reached} {some}")
            }
            (NotificationKind::Withdrawn | NotificationKind::AllClear, _, Some(post)) => {
                format!("{insert} AND {} {some}", told_before(post, now, &mut values))
            }
            (_, _, Some(post)) => {
                let Some(post) = self.0.posts().find(post).await? else {
                    return Ok(0);
                };
                // Whoever joined since then has not missed anything: the post was there to read.
                let reached = reached_by(&post, notification.created_at, &mut values);
                format!("{insert} AND {reached} {some}")
            }
            _ => return Ok(0),
        };
        self.0.connection().run(&sql, values).await
    }

    /// The last subscription that a notification's deliveries were planned for; before the first, the nil UUID.
    async fn last_planned(&self, notification: NotificationId) -> Result<Uuid, StoreError> {
        let sql = "SELECT subscription_id AS id FROM delivery WHERE village_id = $1 AND notification_id = $2
                   ORDER BY subscription_id DESC LIMIT 1";
        let values = vec![self.0.village_id().into(), notification.into()];
        Ok(self.0.connection().row::<Id>(sql, values).await?.map_or_else(Uuid::nil, |row| row.id))
    }

    /// An SQL expression that makes a UUIDv7 (RFC 9562, section 5.7) per row, and its fourth parameter: the time.
    fn new_id(&self, now: DateTime<Utc>) -> (&'static str, Value) {
        let time = format!("{:012x}", millis(now).max(0));
        if self.0.connection().is_postgres() {
            (
                "encode(overlay(overlay(uuid_send(gen_random_uuid()) placing decode($4, 'hex') from 1)
                   placing '\\x70'::bytea from 7), 'hex')::uuid",
                time.into(),
            )
        } else {
            ("unhex($4 || '70' || hex(randomblob(1)) || '80' || hex(randomblob(7)))", time.into())
        }
    }
}
