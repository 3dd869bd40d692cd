//! What was reminded of: one row per event, start of a date and lead, so that everybody is told once. Where nobody was to be told
//! there is a row too, so that whoever comes later is not.

use crate::due_work::DueWork;
use crate::error::StoreError;
use crate::ids::{NotificationId, PostId};
use crate::instant::{instant, millis};
use crate::notification::{NewNotification, NotificationKind, Urgency};
use crate::post::Post;
use crate::reminder_lead;
use crate::scope::{Connected, InVillage, Village, VillageTx, store};
use crate::sql::Sql;
use chrono::{DateTime, Utc};
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use uuid::Uuid;

pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "event_reminder")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub post_id: Uuid,
        pub starts_at: i64,
        pub least_lead: i32,
        pub most_lead: i32,
        pub due_at: i64,
        pub notification_id: Option<Uuid>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A reminder of a date of an event, for those who are reminded so many minutes before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventReminder {
    /// When the date begins.
    pub starts_at: DateTime<Utc>,
    /// The shortest lead that it is for, in minutes.
    pub least_lead: i32,
    /// The longest lead that it is for, in minutes.
    pub most_lead: i32,
    /// When it is to be given.
    pub due_at: DateTime<Utc>,
}

store!(
    /// The reminders of the village's events.
    EventReminders as event_reminders in Village, VillageTx
);

impl EventReminder {
    /// A number that the reminders of a date at a lead have in common in all villages, and no other at that time has: who is subscribed
    /// in several villages of a joint post is reminded once.
    fn telling(&self) -> i32 {
        let minutes = self.starts_at.timestamp() / 60 * 10_081 + i64::from(self.most_lead);
        // What is cut off comes again after 296 days.
        (minutes & i64::from(i32::MAX)) as i32
    }
}

impl<S: InVillage> EventReminders<'_, S> {
    /// The reminder that a notification is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of_notification(&self, id: NotificationId) -> Result<Option<EventReminder>, StoreError> {
        let sql = "SELECT * FROM event_reminder WHERE village_id = $1 AND notification_id = $2";
        let values = vec![self.0.village_id().into(), id.into()];
        Ok(self.0.connection().row::<row::Model>(sql, values).await?.map(Into::into))
    }

    /// The reminders that were given, or were to be given to nobody, of dates of an event that begin after this instant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn given(&self, post: PostId, after: DateTime<Utc>) -> Result<Vec<EventReminder>, StoreError> {
        let sql = "SELECT * FROM event_reminder WHERE village_id = $1 AND post_id = $2 AND starts_at > $3";
        let values = vec![self.0.village_id().into(), post.into(), millis(after).into()];
        Ok(self.0.connection().rows::<row::Model>(sql, values).await?.into_iter().map(Into::into).collect())
    }
}

impl EventReminders<'_, VillageTx> {
    /// Reminds: puts it into the outbox, if there is anybody to tell, and writes down that it was done. Whether there was. The
    /// caller holds the post by [`crate::Posts::find_for_change`].
    ///
    /// # Errors
    /// [`StoreError::Taken`] when it was done before.
    pub async fn give(&self, post: &Post, reminder: EventReminder, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let notification = match reminder_lead::is_for_anybody(self.0, &reminder, post).await? {
            true => Some(self.0.notifications().announce(notification(post, &reminder), now).await?),
            false => None,
        };
        if let (Some(id), Some(_)) = (notification, &post.joint) {
            self.0.notifications().tell_once(id, reminder.telling()).await?;
        }
        let row = row::Model {
            village_id: self.0.village_id().0,
            id: Uuid::now_v7(),
            post_id: post.id.0,
            starts_at: millis(reminder.starts_at),
            least_lead: reminder.least_lead,
            most_lead: reminder.most_lead,
            due_at: millis(reminder.due_at),
            notification_id: notification.map(|id| id.0),
        };
        row.into_active_model().insert(self.0.connection()).await?;
        Ok(notification.is_some())
    }

    /// Has the worker look which reminder of an event is due, from this instant on.
    pub(crate) async fn look_at(&self, post: PostId, at: DateTime<Utc>) -> Result<(), StoreError> {
        self.0.due_works().add(DueWork::RemindOfEvent, post.0, Urgency::Normal, at).await
    }

    /// Has the worker look again then; never, without a time. The caller holds the post.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn look_again(&self, post: PostId, then: Option<DateTime<Utc>>) -> Result<(), StoreError> {
        match then {
            Some(then) => self.0.due_works().postpone(DueWork::RemindOfEvent, post.0, then).await,
            None => self.0.due_works().remove(DueWork::RemindOfEvent, post.0).await,
        }
    }

    /// Forgets what was reminded of dates that began before this instant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_begun_before(&self, then: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "DELETE FROM event_reminder WHERE village_id = $1 AND starts_at < $2";
        self.0.connection().run(sql, vec![self.0.village_id().into(), millis(then).into()]).await.map(drop)
    }
}

/// It is of use until the date begins.
fn notification(post: &Post, reminder: &EventReminder) -> NewNotification {
    NewNotification {
        kind: NotificationKind::EventReminder,
        post: Some(post.id),
        subscription: None,
        urgency: Urgency::Normal,
        expires_at: reminder.starts_at,
    }
}

impl From<row::Model> for EventReminder {
    fn from(row: row::Model) -> Self {
        Self {
            starts_at: instant(row.starts_at),
            least_lead: row.least_lead,
            most_lead: row.most_lead,
            due_at: instant(row.due_at),
        }
    }
}
