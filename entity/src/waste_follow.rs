//! Which waste districts a subscription follows, and at which hour of the evening before it is reminded. No address is asked for.

use crate::error::StoreError;
use crate::ids::{SubscriptionId, WasteDistrictId};
use crate::instant::millis;
use crate::scope::{Connected, InVillage, VillageTx};
use crate::sql::Sql;
use crate::subscription::Subscriptions;
use crate::waste_reminder::WasteReminder;
use chrono::{DateTime, Utc};
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "waste_follow")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub subscription_id: Uuid,
        pub district_id: Uuid,
        pub hour: i16,
        pub since: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A district that is followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WasteFollow {
    /// The district.
    pub district: WasteDistrictId,
    /// Its slug; filled in when read, ignored when written.
    pub district_slug: String,
    /// The hour of the evening before, 0 to 23, by the village's clocks.
    pub hour: i16,
}

#[derive(FromQueryResult)]
struct Joined {
    district_id: Uuid,
    slug: String,
    hour: i16,
}

#[derive(FromQueryResult)]
struct Hour {
    hour: i16,
}

impl<S: InVillage> Subscriptions<'_, S> {
    /// The waste districts that a subscription follows.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn waste_follows(&self, id: SubscriptionId) -> Result<Vec<WasteFollow>, StoreError> {
        let sql = "SELECT f.district_id, d.slug, f.hour FROM waste_follow f
                   JOIN waste_district d ON d.village_id = f.village_id AND d.id = f.district_id
                   WHERE f.village_id = $1 AND f.subscription_id = $2 ORDER BY d.slug";
        let values = vec![self.0.village_id().into(), id.into()];
        let rows = self.0.connection().rows::<Joined>(sql, values).await?;
        let follow =
            |row: Joined| WasteFollow { district: row.district_id.into(), district_slug: row.slug, hour: row.hour };
        Ok(rows.into_iter().map(follow).collect())
    }

    /// The hours at which somebody is reminded of the collections of a district.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn waste_hours(&self, district: WasteDistrictId) -> Result<Vec<i16>, StoreError> {
        let sql = "SELECT DISTINCT hour FROM waste_follow WHERE village_id = $1 AND district_id = $2 ORDER BY hour";
        let values = vec![self.0.village_id().into(), district.into()];
        Ok(self.0.connection().rows::<Hour>(sql, values).await?.into_iter().map(|row| row.hour).collect())
    }
}

impl Subscriptions<'_, VillageTx> {
    /// Makes `follows` all waste districts that a subscription follows. What it followed before at the same hour it still does.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn follow_waste(
        &self,
        id: SubscriptionId,
        follows: &[WasteFollow],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let before = self.waste_follows(id).await?;
        let same = |a: &WasteFollow, b: &WasteFollow| a.district == b.district && a.hour == b.hour;
        for old in before.iter().filter(|old| !follows.iter().any(|follow| same(old, follow))) {
            let sql = "DELETE FROM waste_follow WHERE village_id = $1 AND subscription_id = $2 AND district_id = $3";
            let values = vec![self.0.village_id().into(), id.into(), old.district.into()];
            self.0.connection().run(sql, values).await?;
        }
        for new in follows.iter().filter(|follow| !before.iter().any(|old| same(old, follow))) {
            let sql = "INSERT INTO waste_follow (village_id, id, subscription_id, district_id, hour, since)
                       VALUES ($1, $2, $3, $4, $5, $6)";
            let values = vec![
                self.0.village_id().into(),
                Uuid::now_v7().into(),
                id.into(),
                new.district.into(),
                new.hour.into(),
                millis(now).into(),
            ];
            self.0.connection().run(sql, values).await?;
            self.0.waste_districts().look_at_reminders(new.district, now).await?;
        }
        Ok(())
    }
}

/// Which subscriptions `s` are reminded. Who began to follow after the hour was there to see the calendar.
pub(crate) fn reminded_by(reminder: &WasteReminder, values: &mut Vec<Value>) -> String {
    let first = values.len() + 1;
    values.extend([reminder.district.into(), reminder.hour.into(), millis(reminder.due_at).into()]);
    format!(
        "s.state = 1 AND EXISTS (
           SELECT 1 FROM waste_follow f WHERE f.village_id = s.village_id AND f.subscription_id = s.id
             AND f.district_id = ${first} AND f.hour = ${} AND f.since <= ${})",
        first + 1,
        first + 2
    )
}
