//! School holidays of the Länder, as the operator enters them: one row per Land. They belong to no village.

use crate::error::StoreError;
use crate::instant::millis;
use crate::scope::{Connected, Registry, RegistryTx, Village, VillageTx, store};
use crate::sql::Sql;
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{DbErr, EntityTrait};
use serde::{Deserialize, Serialize};

pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "school_holiday")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub land: String,
        pub version: i32,
        #[sea_orm(column_type = "Text")]
        pub periods: String,
        pub updated_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Which school holidays they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SchoolHolidayName {
    /// Winterferien, Halbjahresferien.
    Winter,
    /// Osterferien, Frühjahrsferien.
    Easter,
    /// Pfingstferien.
    Pentecost,
    /// Sommerferien.
    Summer,
    /// Herbstferien.
    Autumn,
    /// Weihnachtsferien.
    Christmas,
    /// A day or more without a name of their own (beweglicher Ferientag).
    Other,
}

/// Days without school.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchoolHoliday {
    /// Which holidays they are.
    pub name: SchoolHolidayName,
    /// The first day.
    pub first: NaiveDate,
    /// The last day, which belongs to them.
    pub last: NaiveDate,
}

impl SchoolHoliday {
    /// Whether a day is one of them.
    pub fn has(&self, day: NaiveDate) -> bool {
        (self.first..=self.last).contains(&day)
    }
}

/// The school holidays of a Land, as far as they are entered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LandHolidays {
    /// In the order of their days.
    pub periods: Vec<SchoolHoliday>,
    /// Rises by one with every change; 0 before the first.
    pub version: i32,
}

store!(
    /// The school holidays of the Länder.
    SchoolHolidays as school_holidays in Registry, RegistryTx, Village, VillageTx
);

impl<S: Connected> SchoolHolidays<'_, S> {
    /// Those of the Land with this code (ISO 3166-2, such as `DE-NW`).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of(&self, land: &str) -> Result<LandHolidays, StoreError> {
        let Some(row) = row::Entity::find_by_id(land.to_owned()).one(self.0.connection()).await? else {
            return Ok(LandHolidays::default());
        };
        let periods = serde_json::from_str(&row.periods).map_err(unreadable)?;
        Ok(LandHolidays { periods, version: row.version })
    }
}

impl SchoolHolidays<'_, RegistryTx> {
    /// Makes these the holidays of a Land, whose version was `before`. The new version.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when they were changed meanwhile.
    pub async fn replace(
        &self,
        land: &str,
        periods: &[SchoolHoliday],
        before: i32,
        now: DateTime<Utc>,
    ) -> Result<i32, StoreError> {
        let sql = "INSERT INTO school_holiday (land, version, periods, updated_at) VALUES ($1, 1, $2, $3)
                   ON CONFLICT (land) DO UPDATE SET version = school_holiday.version + 1, periods = excluded.periods,
                     updated_at = excluded.updated_at WHERE school_holiday.version = $4";
        let text = serde_json::to_string(periods).map_err(unreadable)?;
        let values = vec![land.into(), text.into(), millis(now).into(), before.into()];
        match self.0.connection().run(sql, values).await? {
            0 => Err(StoreError::Taken),
            _ => Ok(before + 1),
        }
    }
}

fn unreadable(error: serde_json::Error) -> StoreError {
    StoreError::Unexpected(DbErr::Custom(format!("stored school holidays: {error}")))
}
