//! Notifications: the outbox. A row is written in the transaction that has something to tell, and becomes deliveries by
//! dispatch, which may run twice without doing anything twice.

use crate::due_work::DueWork;
use crate::error::StoreError;
use crate::ids::{NotificationId, PostId, SubscriptionId};
use crate::instant::{instant, millis};
use crate::outcome::{DeliveryState, Reason};
use crate::row_lock;
use crate::scope::{Connected, InVillage, Village, VillageTx, store};
use crate::sql::Sql;
use crate::subscription::Channel;
use crate::told;
use chrono::{DateTime, Utc};
use sea_orm::IntoActiveModel;
use sea_orm::entity::prelude::*;

pub(crate) mod row {
    use super::{NotificationKind, Urgency};
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "notification")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub kind: NotificationKind,
        pub post_id: Option<Uuid>,
        pub subscription_id: Option<Uuid>,
        pub urgency: Urgency,
        pub planned: i32,
        pub created_at: i64,
        pub expires_at: i64,
        pub started_at: Option<i64>,
        pub finished_at: Option<i64>,
        pub joint_version: Option<i32>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// What is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum NotificationKind {
    /// A post became public.
    #[sea_orm(num_value = 0)]
    Published,
    /// A public post was corrected, and its readers are to know.
    #[sea_orm(num_value = 1)]
    Changed,
    /// The question to a mailbox whether it wants the subscription.
    #[sea_orm(num_value = 2)]
    Confirmation,
    /// Waste is collected the next day.
    #[sea_orm(num_value = 20)]
    WasteReminder,
    /// A date of an event is near.
    #[sea_orm(num_value = 21)]
    EventReminder,
    /// An event, or some of its dates, does not take place.
    #[sea_orm(num_value = 22)]
    Cancelled,
    /// A post was taken back: for those who were told of it.
    #[sea_orm(num_value = 23)]
    Withdrawn,
    /// The danger that an alert was about is over: for those who were told of it.
    #[sea_orm(num_value = 24)]
    AllClear,
}

/// How much it matters that something is told soon. A higher one goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum Urgency {
    /// News.
    #[sea_orm(num_value = 1)]
    Normal = 1,
    /// Danger, and answers that somebody is waiting for.
    #[sea_orm(num_value = 2)]
    High = 2,
}

/// One thing to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// Its identifier.
    pub id: NotificationId,
    /// What is told.
    pub kind: NotificationKind,
    /// Of which post.
    pub post: Option<PostId>,
    /// To which subscription alone, if not to all that follow.
    pub subscription: Option<SubscriptionId>,
    /// How soon.
    pub urgency: Urgency,
    /// To how many, as found by dispatch.
    pub planned: i32,
    /// When it was decided.
    pub created_at: DateTime<Utc>,
    /// From when on nobody needs to be told any more.
    pub expires_at: DateTime<Utc>,
    /// When it was dispatched.
    pub started_at: Option<DateTime<Utc>>,
    /// When the last of its deliveries came to an end.
    pub finished_at: Option<DateTime<Utc>>,
    /// Of a joint post: which version it tells, 0 for its publication. The same in all villages.
    pub joint_version: Option<i32>,
}

/// Something to tell, to be put into the outbox.
#[derive(Clone, Debug)]
pub struct NewNotification {
    /// What is told.
    pub kind: NotificationKind,
    /// Of which post.
    pub post: Option<PostId>,
    /// To which subscription alone, if not to all that follow.
    pub subscription: Option<SubscriptionId>,
    /// How soon.
    pub urgency: Urgency,
    /// From when on nobody needs to be told any more.
    pub expires_at: DateTime<Utc>,
}

store!(
    /// The notifications of the village.
    Notifications as notifications in Village, VillageTx
);

impl<S: InVillage> Notifications<'_, S> {
    /// The notification of this identifier.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(&self, id: NotificationId) -> Result<Option<Notification>, StoreError> {
        let row = row::Entity::find_by_id((self.0.village_id().0, id.0)).one(self.0.connection()).await?;
        Ok(row.map(Into::into))
    }

    /// What was told of a post last, at most so many times, in the order it was decided.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn last_of_post(&self, post: PostId, most: u64) -> Result<Vec<Notification>, StoreError> {
        let sql = "SELECT * FROM notification WHERE village_id = $1 AND post_id = $2 ORDER BY id DESC LIMIT $3";
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let values = vec![self.0.village_id().into(), post.into(), most.into()];
        let rows = self.0.connection().rows::<row::Model>(sql, values).await?;
        Ok(rows.into_iter().rev().map(Into::into).collect())
    }

    /// What was told of a post, in the order it was decided.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of_post(&self, post: PostId) -> Result<Vec<Notification>, StoreError> {
        let sql = "SELECT * FROM notification WHERE village_id = $1 AND post_id = $2 ORDER BY id";
        let values = vec![self.0.village_id().into(), post.into()];
        Ok(self.0.connection().rows::<row::Model>(sql, values).await?.into_iter().map(Into::into).collect())
    }
}

impl Notifications<'_, VillageTx> {
    /// Puts something to tell into the outbox. It is told if and only if this transaction commits.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn announce(&self, new: NewNotification, now: DateTime<Utc>) -> Result<NotificationId, StoreError> {
        let id = NotificationId::generate();
        // After everybody who is here already, also where a clock was ahead when they joined or is behind now.
        let joined = self.0.subscriptions().last_joined().await?;
        let row = row::Model {
            village_id: self.0.village_id().0,
            id: id.0,
            kind: new.kind,
            post_id: new.post.map(|post| post.0),
            subscription_id: new.subscription.map(|subscription| subscription.0),
            urgency: new.urgency,
            planned: 0,
            created_at: joined.map_or(millis(now), |joined| millis(joined.max(now))),
            expires_at: millis(new.expires_at),
            started_at: None,
            finished_at: None,
            joint_version: None,
        };
        row.into_active_model().insert(self.0.connection()).await?;
        self.0.due_works().add(DueWork::Dispatch, id.0, new.urgency, now).await?;
        Ok(id)
    }

    /// Makes a notification that of a joint post: its recipients are told of this version once, in whatever village.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tell_once(&self, id: NotificationId, joint_version: i32) -> Result<(), StoreError> {
        let sql = "UPDATE notification SET joint_version = $3 WHERE village_id = $1 AND id = $2";
        let values = vec![self.0.village_id().into(), id.into(), joint_version.into()];
        self.0.connection().run(sql, values).await.map(drop)
    }

    /// Turns a notification into one delivery per subscription that is to be told, and makes those due. At most
    /// `at_once` of them, so that the first go out while the rest is planned; the due work stays until all are. Does nothing afterwards.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn dispatch(&self, id: NotificationId, at_once: u32, now: DateTime<Utc>) -> Result<(), StoreError> {
        if !self.0.due_works().lock(DueWork::Dispatch, id.0).await? {
            return Ok(());
        }
        let Some(notification) = self.find(id).await? else {
            return self.0.due_works().remove(DueWork::Dispatch, id.0).await;
        };
        let planned = self.0.deliveries().plan_some(&notification, at_once, now).await?;
        if planned > 0 {
            for channel in [Channel::WebPush, Channel::Email] {
                self.0.due_works().add(DueWork::Deliver(channel), id.0, notification.urgency, now).await?;
            }
        }
        let sql = "UPDATE notification SET started_at = COALESCE(started_at, $3), planned = planned + $4
                   WHERE village_id = $1 AND id = $2";
        let count = i32::try_from(planned).unwrap_or(i32::MAX);
        let values = vec![self.0.village_id().into(), id.into(), millis(now).into(), count.into()];
        self.0.connection().run(sql, values).await?;
        if planned == u64::from(at_once) {
            return Ok(());
        }
        if let Some(until) = self.0.deliveries().undecided_until(&notification, now).await? {
            return self.0.due_works().postpone(DueWork::Dispatch, id.0, until).await;
        }
        self.0.due_works().remove(DueWork::Dispatch, id.0).await?;
        self.finish_if_done(id, now).await
    }

    /// Stops telling of a post: what is not on the wire yet will not go out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn cancel_for_post(&self, post: PostId, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.end_for_post(post, DeliveryState::Cancelled, Reason::Withdrawn, now).await
    }

    /// Stops telling of a post whose time is over.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn expire_for_post(&self, post: PostId, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.end_for_post(post, DeliveryState::Expired, Reason::None, now).await
    }

    pub(crate) async fn end_for_post(
        &self,
        post: PostId,
        state: DeliveryState,
        reason: Reason,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut notifications = self.of_post(post).await?;
        notifications.retain(|notification| notification.finished_at.is_none());
        for notification in &notifications {
            for work in [DueWork::Dispatch, DueWork::Deliver(Channel::WebPush), DueWork::Deliver(Channel::Email)] {
                self.0.due_works().lock(work, notification.id.0).await?;
                self.0.due_works().remove(work, notification.id.0).await?;
            }
        }
        for notification in notifications {
            self.0.deliveries().end_pending(notification.id, state, reason, now).await?;
            let sql = "UPDATE notification SET finished_at = $3,
                         started_at = COALESCE(started_at, $3)
                       WHERE village_id = $1 AND id = $2 AND finished_at IS NULL";
            let values = vec![self.0.village_id().into(), notification.id.into(), millis(now).into()];
            self.0.connection().run(sql, values).await?;
        }
        Ok(())
    }

    /// Marks a notification as finished if all of it is planned and nothing pending.
    pub(crate) async fn finish_if_done(&self, id: NotificationId, now: DateTime<Utc>) -> Result<(), StoreError> {
        // Two lanes may settle their last at once, each blind to what the other has not yet committed: one waits here.
        row_lock::notification(self.0, id).await?;
        let sql = "UPDATE notification SET finished_at = $3
                   WHERE village_id = $1 AND id = $2 AND finished_at IS NULL AND NOT EXISTS (
                     SELECT 1 FROM delivery d
                     WHERE d.village_id = $1 AND d.notification_id = $2 AND d.state = 0)
                   AND NOT EXISTS (
                     SELECT 1 FROM due_work w WHERE w.village_id = $1 AND w.subject_id = $2 AND w.kind = 0)";
        let values = vec![self.0.village_id().into(), id.into(), millis(now).into()];
        self.0.connection().run(sql, values).await.map(drop)
    }

    /// Folds the deliveries of notifications that finished before `then` into counts. How many notifications were folded. Who was told
    /// of what still matters is known until it does not, for it may be taken back: an alert without an all-clear, an event with
    /// a date to come, a post that will end.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn fold_finished_before(
        &self,
        then: DateTime<Utc>,
        at_most: u64,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        let sql = format!(
            "SELECT * FROM notification n WHERE n.village_id = $1 AND n.finished_at < $2 AND EXISTS (
               SELECT 1 FROM delivery d WHERE d.village_id = n.village_id AND d.notification_id = n.id)
             AND NOT ({}) ORDER BY n.id LIMIT $3",
            told::still_matters("n", "$4")
        );
        let limit = i64::try_from(at_most).unwrap_or(i64::MAX);
        let values = vec![self.0.village_id().into(), millis(then).into(), limit.into(), millis(now).into()];
        let rows = self.0.connection().rows::<row::Model>(&sql, values).await?;
        let folded = rows.len() as u64;
        for row in rows {
            self.0.deliveries().fold(row.id.into()).await?;
        }
        Ok(folded)
    }
}

impl From<row::Model> for Notification {
    fn from(row: row::Model) -> Self {
        Self {
            id: row.id.into(),
            kind: row.kind,
            post: row.post_id.map(Into::into),
            subscription: row.subscription_id.map(Into::into),
            urgency: row.urgency,
            planned: row.planned,
            created_at: instant(row.created_at),
            expires_at: instant(row.expires_at),
            started_at: row.started_at.map(instant),
            finished_at: row.finished_at.map(instant),
            joint_version: row.joint_version,
        }
    }
}
