//! Where the dates of a waste district are loaded from by themselves: an address, how it went the last time, and what to ask with
//! the next time.

use crate::due_work::DueWork;
use crate::error::StoreError;
use crate::ids::{AccountId, WasteDistrictId, WasteSourceId};
use crate::instant::{instant, millis};
use crate::notification::Urgency;
use crate::scope::{Connected, InVillage, Village, VillageTx, store};
use crate::sql::Sql;
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

pub(crate) mod row {
    use super::SourceOutcome;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "waste_source")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub district_id: Uuid,
        #[sea_orm(column_type = "Text")]
        pub url: String,
        pub account_id: Uuid,
        #[sea_orm(column_type = "Text", nullable)]
        pub etag: Option<String>,
        #[sea_orm(column_type = "Text", nullable)]
        pub last_modified: Option<String>,
        pub outcome: SourceOutcome,
        pub failures: i32,
        pub checked_at: Option<i64>,
        pub version: i32,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// How looking at a source went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum SourceOutcome {
    /// Nobody has looked yet.
    Waiting = 0,
    /// There was a calendar, which was imported.
    Imported = 1,
    /// It was as before.
    Unchanged = 2,
    /// It could not be had.
    Unreachable = 3,
    /// It was too large.
    TooLarge = 4,
    /// What was there is no calendar.
    NotACalendar = 5,
    /// Whoever saved it last may not any more.
    NoKeeper = 6,
}

/// Where the dates of a district are loaded from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WasteSource {
    /// Its identifier.
    pub id: WasteSourceId,
    /// The district.
    pub district: WasteDistrictId,
    /// The address.
    pub url: String,
    /// Who entered it.
    pub account: AccountId,
    /// The `ETag` of what was there the last time.
    pub etag: Option<String>,
    /// Its `Last-Modified`.
    pub last_modified: Option<String>,
    /// How it went the last time.
    pub outcome: SourceOutcome,
    /// How often in a row it has failed.
    pub failures: i32,
    /// When was looked the last time.
    pub checked_at: Option<DateTime<Utc>>,
    /// Rises by one with every change of the address.
    pub version: i32,
}

store!(
    /// The sources of waste dates of the village.
    WasteSources as waste_sources in Village, VillageTx
);

impl<S: InVillage> WasteSources<'_, S> {
    /// A source.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(&self, id: WasteSourceId) -> Result<Option<WasteSource>, StoreError> {
        let row = row::Entity::find_by_id((self.0.village_id().0, id.0)).one(self.0.connection()).await?;
        Ok(row.map(Into::into))
    }

    /// The source of a district.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of_district(&self, district: WasteDistrictId) -> Result<Option<WasteSource>, StoreError> {
        let sql = "SELECT * FROM waste_source WHERE village_id = $1 AND district_id = $2";
        let values = vec![self.0.village_id().into(), district.into()];
        Ok(self.0.connection().row::<row::Model>(sql, values).await?.map(Into::into))
    }
}

impl WasteSources<'_, VillageTx> {
    /// Makes an address the source of a district, and has it looked at now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set(
        &self,
        district: WasteDistrictId,
        url: &str,
        account: AccountId,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO waste_source (village_id, id, district_id, url, account_id, outcome, failures, version)
                   VALUES ($1, $2, $3, $4, $5, 0, 0, 1)
                   ON CONFLICT (village_id, district_id) DO UPDATE SET url = excluded.url,
                     account_id = excluded.account_id, etag = NULL, last_modified = NULL, outcome = 0, failures = 0,
                     checked_at = NULL, version = waste_source.version + 1
                   RETURNING *";
        let values = vec![
            self.0.village_id().into(),
            WasteSourceId::generate().into(),
            district.into(),
            url.into(),
            account.into(),
        ];
        let row = self.0.connection().row::<row::Model>(sql, values).await?;
        if let Some(row) = row {
            self.0.due_works().add(DueWork::LoadWaste, row.id, Urgency::Normal, now).await?;
        }
        Ok(())
    }

    /// Forgets a source.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete(&self, id: WasteSourceId) -> Result<(), StoreError> {
        self.0.due_works().remove(DueWork::LoadWaste, id.0).await?;
        let sql = "DELETE FROM waste_source WHERE village_id = $1 AND id = $2";
        self.0.connection().run(sql, vec![self.0.village_id().into(), id.into()]).await.map(drop)
    }

    /// Takes a source to be looked at: nobody else does before the lease is over. Nothing when it is there no more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim(
        &self,
        id: WasteSourceId,
        lease_until: DateTime<Utc>,
    ) -> Result<Option<WasteSource>, StoreError> {
        if !self.0.due_works().lock(DueWork::LoadWaste, id.0).await? {
            return Ok(None);
        }
        let found = self.find(id).await?;
        match found {
            Some(_) => self.0.due_works().postpone(DueWork::LoadWaste, id.0, lease_until).await?,
            None => self.0.due_works().remove(DueWork::LoadWaste, id.0).await?,
        }
        Ok(found)
    }

    /// Writes down how it went, unless the address was changed meanwhile, and when to look again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn settle(&self, source: &WasteSource, next: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "UPDATE waste_source SET etag = $4, last_modified = $5, outcome = $6, failures = $7, checked_at = $8
                   WHERE village_id = $1 AND id = $2 AND version = $3";
        let values = vec![
            self.0.village_id().into(),
            source.id.into(),
            source.version.into(),
            source.etag.clone().into(),
            source.last_modified.clone().into(),
            (source.outcome as i16).into(),
            source.failures.into(),
            source.checked_at.map(millis).into(),
        ];
        if self.0.connection().run(sql, values).await? > 0 {
            self.0.due_works().postpone(DueWork::LoadWaste, source.id.0, next).await?;
        }
        Ok(())
    }
}

impl From<row::Model> for WasteSource {
    fn from(row: row::Model) -> Self {
        Self {
            id: row.id.into(),
            district: row.district_id.into(),
            url: row.url,
            account: row.account_id.into(),
            etag: row.etag,
            last_modified: row.last_modified,
            outcome: row.outcome,
            failures: row.failures,
            checked_at: row.checked_at.map(instant),
            version: row.version,
        }
    }
}
