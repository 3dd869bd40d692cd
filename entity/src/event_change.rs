//! What has become of the dates of an event, as those who follow it are told: written down with the notification, so that it says the
//! same whenever it is sent.

use crate::error::StoreError;
use crate::ids::NotificationId;
use crate::notification::NewNotification;
use crate::occurrence::NewOccurrence;
use crate::scope::{Connected, InVillage, Village, VillageTx, store};
use crate::sql::Sql;
use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use sea_orm::{ActiveModelTrait, DbErr, FromQueryResult, IntoActiveModel};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "event_change")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub notification_id: Uuid,
        #[sea_orm(column_type = "Text")]
        pub told: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// What has become of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It does not take place.
    Cancelled,
    /// It will, at a time that is not known yet.
    Postponed,
    /// It does after all.
    Reinstated,
    /// It has other dates.
    Moved,
    /// One of its dates does not take place.
    DateCancelled,
    /// Several of its dates do not take place.
    DatesCancelled,
    /// One of its dates and all that follow do not take place.
    RestCancelled,
    /// One of its dates is at another time.
    DateMoved,
    /// One of its dates is different, at the same time.
    DateChanged,
}

/// A date of an event, as far as it is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedDate {
    /// Which date of its event it is: the start that it has by the rule. Unknown of what was written down before this was kept.
    #[serde(default)]
    pub date: Option<NaiveDateTime>,
    /// When it begins.
    pub starts_at: DateTime<Utc>,
    /// When it is over, if it has a known end.
    pub ends_at: Option<DateTime<Utc>>,
    /// Of whole days, the first and the last.
    pub days: Option<(NaiveDate, NaiveDate)>,
    /// Its title, where it is not its event's.
    pub title: Option<String>,
    /// Its place, where it is not its event's.
    pub place: Option<String>,
    /// What is to be said about it.
    pub note: Option<String>,
}

/// What has become of an event, and of which of its dates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventChange {
    /// What has become of it.
    pub fate: Fate,
    /// The date that it is about, the first of them, as it was.
    pub was: Option<ChangedDate>,
    /// That date as it is now.
    pub is: Option<ChangedDate>,
    /// How many further dates it is about.
    pub further: usize,
}

impl ChangedDate {
    /// A date of an event, which may be about whole days.
    pub fn new(date: &NewOccurrence, all_day: bool) -> Self {
        let first = date.starts_local.date();
        let last = date.ends_local.map_or(first, |end| (end.date() - TimeDelta::days(1)).max(first));
        Self {
            date: Some(date.recurrence_local),
            starts_at: date.starts_at,
            ends_at: (all_day || date.ends_local.is_some()).then_some(date.ends_at),
            days: all_day.then_some((first, last)),
            title: date.title.clone(),
            place: date.place.clone(),
            note: date.note.clone(),
        }
    }
}

store!(
    /// What was told of the dates of the village's events.
    EventChanges as event_changes in Village, VillageTx
);

#[derive(FromQueryResult)]
struct ToldText {
    told: String,
}

impl<S: InVillage> EventChanges<'_, S> {
    /// The change that a notification tells of.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of_notification(&self, id: NotificationId) -> Result<Option<EventChange>, StoreError> {
        let sql = "SELECT told FROM event_change WHERE village_id = $1 AND notification_id = $2";
        let row = self.0.connection().row::<ToldText>(sql, vec![self.0.village_id().into(), id.into()]).await?;
        row.map(|row| serde_json::from_str(&row.told).map_err(unreadable)).transpose()
    }
}

impl EventChanges<'_, VillageTx> {
    /// Puts a change into the outbox, with the notification that tells of it; gives the identifier of that.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn announce(
        &self,
        new: NewNotification,
        change: &EventChange,
        now: DateTime<Utc>,
    ) -> Result<NotificationId, StoreError> {
        let notification = self.0.notifications().announce(new, now).await?;
        let row = row::Model {
            village_id: self.0.village_id().0,
            id: Uuid::now_v7(),
            notification_id: notification.0,
            told: serde_json::to_string(change).map_err(unreadable)?,
        };
        row.into_active_model().insert(self.0.connection()).await?;
        Ok(notification)
    }
}

fn unreadable(error: serde_json::Error) -> StoreError {
    StoreError::Unexpected(DbErr::Custom(format!("a stored change: {error}")))
}
