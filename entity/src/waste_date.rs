//! Waste dates (Abfuhrtermine): on which day which kind is collected in which district. That, and not what a file calls it, makes
//! a date the same one over all imports, and so its identifier stays.

use crate::error::StoreError;
use crate::ids::{WasteDateId, WasteDistrictId, WasteKindId};
use crate::instant::{instant, millis};
use crate::scope::{Connected, InVillage, Village, VillageTx, store};
use crate::sql::{Sql, placeholders};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::entity::prelude::*;
use sea_orm::{FromQueryResult, IntoActiveModel};

pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "waste_date")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub district_id: Uuid,
        pub kind_id: Uuid,
        pub day: Date,
        pub note: String,
        pub version: i32,
        pub updated_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Rows written by one statement.
const AT_ONCE: usize = 500;

/// A date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WasteDate {
    /// Its identifier.
    pub id: WasteDateId,
    /// What is collected.
    pub kind: WasteKindId,
    /// When.
    pub day: NaiveDate,
    /// What is said of it; empty for nothing.
    pub note: String,
    /// Rises by one with every change.
    pub version: i32,
    /// When it was changed last.
    pub updated_at: DateTime<Utc>,
}

/// A date to be added.
#[derive(Clone, Debug)]
pub struct NewWasteDate {
    /// What is collected.
    pub kind: WasteKindId,
    /// When.
    pub day: NaiveDate,
    /// What is said of it; empty for nothing.
    pub note: String,
}

#[derive(FromQueryResult)]
struct Day {
    day: NaiveDate,
}

#[derive(FromQueryResult)]
struct Name {
    name: String,
}

store!(
    /// The waste dates of the village.
    WasteDates as waste_dates in Village, VillageTx
);

impl<S: InVillage> WasteDates<'_, S> {
    /// The dates of a district from the first to the last day, both included, in order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(
        &self,
        district: WasteDistrictId,
        first: NaiveDate,
        last: NaiveDate,
    ) -> Result<Vec<WasteDate>, StoreError> {
        let sql = "SELECT * FROM waste_date WHERE village_id = $1 AND district_id = $2 AND day >= $3 AND day <= $4
                   ORDER BY day, id";
        let values = vec![self.0.village_id().into(), district.into(), first.into(), last.into()];
        Ok(self.0.connection().rows::<row::Model>(sql, values).await?.into_iter().map(Into::into).collect())
    }

    /// The next days from this one on, at most `limit`, on which something is collected in a district.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next_days(
        &self,
        district: WasteDistrictId,
        from: NaiveDate,
        limit: i64,
    ) -> Result<Vec<NaiveDate>, StoreError> {
        let sql = "SELECT DISTINCT day FROM waste_date WHERE village_id = $1 AND district_id = $2 AND day >= $3
                   ORDER BY day LIMIT $4";
        let values = vec![self.0.village_id().into(), district.into(), from.into(), limit.into()];
        Ok(self.0.connection().rows::<Day>(sql, values).await?.into_iter().map(|row| row.day).collect())
    }

    /// The names of what is collected in a district on a day.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn kinds_on(&self, district: WasteDistrictId, day: NaiveDate) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT DISTINCT k.name FROM waste_date d
                   JOIN waste_kind k ON k.village_id = d.village_id AND k.id = d.kind_id
                   WHERE d.village_id = $1 AND d.district_id = $2 AND d.day = $3 ORDER BY k.name";
        let values = vec![self.0.village_id().into(), district.into(), day.into()];
        Ok(self.0.connection().rows::<Name>(sql, values).await?.into_iter().map(|row| row.name).collect())
    }
}

impl WasteDates<'_, VillageTx> {
    /// Adds dates.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when a kind has a date on that day already.
    pub async fn add(
        &self,
        district: WasteDistrictId,
        dates: &[NewWasteDate],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.0.note_change();
        for some in dates.chunks(AT_ONCE) {
            let rows = some.iter().map(|date| {
                row::Model {
                    village_id: self.0.village_id().0,
                    id: WasteDateId::generate().0,
                    district_id: district.0,
                    kind_id: date.kind.0,
                    day: date.day,
                    note: date.note.clone(),
                    version: 1,
                    updated_at: millis(now),
                }
                .into_active_model()
            });
            row::Entity::insert_many(rows).exec_without_returning(self.0.connection()).await?;
        }
        Ok(())
    }

    /// Says something else of dates.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note(&self, notes: &[(WasteDateId, String)], now: DateTime<Utc>) -> Result<(), StoreError> {
        self.0.note_change();
        for some in notes.chunks(AT_ONCE) {
            let mut values: Vec<Value> = vec![self.0.village_id().into(), millis(now).into()];
            let mut rows = String::new();
            for (n, (id, note)) in some.iter().enumerate() {
                let comma = if n == 0 { "" } else { ", " };
                rows.push_str(&format!("{comma}({})", placeholders(values.len() + 1, 2)));
                values.extend([(*id).into(), note.clone().into()]);
            }
            let sql = format!(
                "WITH v(id, note) AS (VALUES {rows})
                 UPDATE waste_date SET note = v.note, version = version + 1, updated_at = $2
                 FROM v WHERE waste_date.village_id = $1 AND waste_date.id = v.id"
            );
            self.0.connection().run(&sql, values).await?;
        }
        Ok(())
    }

    /// Removes dates.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove(&self, ids: &[WasteDateId]) -> Result<(), StoreError> {
        self.0.note_change();
        for some in ids.chunks(AT_ONCE) {
            let sql =
                format!("DELETE FROM waste_date WHERE village_id = $1 AND id IN ({})", placeholders(2, some.len()));
            let mut values: Vec<Value> = vec![self.0.village_id().into()];
            values.extend(some.iter().map(|id| Value::from(*id)));
            self.0.connection().run(&sql, values).await?;
        }
        Ok(())
    }
}

impl From<row::Model> for WasteDate {
    fn from(row: row::Model) -> Self {
        Self {
            id: row.id.into(),
            kind: row.kind_id.into(),
            day: row.day,
            note: row.note,
            version: row.version,
            updated_at: instant(row.updated_at),
        }
    }
}
