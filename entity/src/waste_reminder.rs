//! What was reminded of: one row per district, day and hour, so that everybody is told once.

use crate::error::StoreError;
use crate::ids::{NotificationId, WasteDistrictId};
use crate::instant::{instant, millis};
use crate::notification::{NewNotification, NotificationKind, Urgency};
use crate::scope::{Connected, InVillage, Village, VillageTx, store};
use crate::sql::Sql;
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use uuid::Uuid;

pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "waste_reminder")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub district_id: Uuid,
        pub day: Date,
        pub hour: i16,
        pub due_at: i64,
        pub notification_id: Uuid,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A reminder of the collections of a district on a day, for those who are reminded at an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WasteReminder {
    /// The district.
    pub district: WasteDistrictId,
    /// The day of collection.
    pub day: NaiveDate,
    /// The hour of the evening before.
    pub hour: i16,
    /// The instant that hour is.
    pub due_at: DateTime<Utc>,
}

store!(
    /// The reminders of the village.
    WasteReminders as waste_reminders in Village, VillageTx
);

impl<S: InVillage> WasteReminders<'_, S> {
    /// The reminder that a notification is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of_notification(&self, id: NotificationId) -> Result<Option<WasteReminder>, StoreError> {
        let sql = "SELECT * FROM waste_reminder WHERE village_id = $1 AND notification_id = $2";
        let values = vec![self.0.village_id().into(), id.into()];
        Ok(self.0.connection().row::<row::Model>(sql, values).await?.map(Into::into))
    }

    /// The reminders of a district of collections from this day on.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn since(&self, district: WasteDistrictId, day: NaiveDate) -> Result<Vec<WasteReminder>, StoreError> {
        let sql = "SELECT * FROM waste_reminder WHERE village_id = $1 AND district_id = $2 AND day >= $3";
        let values = vec![self.0.village_id().into(), district.into(), day.into()];
        Ok(self.0.connection().rows::<row::Model>(sql, values).await?.into_iter().map(Into::into).collect())
    }
}

impl WasteReminders<'_, VillageTx> {
    /// Reminds: puts it into the outbox and writes down that it was done.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when it was done before.
    pub async fn announce(
        &self,
        reminder: WasteReminder,
        expires_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let new = NewNotification {
            kind: NotificationKind::WasteReminder,
            post: None,
            subscription: None,
            urgency: Urgency::Normal,
            expires_at,
        };
        let notification = self.0.notifications().announce(new, now).await?;
        let row = row::Model {
            village_id: self.0.village_id().0,
            id: Uuid::now_v7(),
            district_id: reminder.district.0,
            day: reminder.day,
            hour: reminder.hour,
            due_at: millis(reminder.due_at),
            notification_id: notification.0,
        };
        row.into_active_model().insert(self.0.connection()).await.map(drop).map_err(Into::into)
    }
}

impl From<row::Model> for WasteReminder {
    fn from(row: row::Model) -> Self {
        Self { district: row.district_id.into(), day: row.day, hour: row.hour, due_at: instant(row.due_at) }
    }
}
