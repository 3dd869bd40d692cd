//! Imports of a district's dates, with their reports. The latest of each district are kept.

use crate::error::StoreError;
use crate::ids::{AccountId, WasteDistrictId, WasteImportId};
use crate::instant::{instant, millis};
use crate::scope::{Connected, InVillage, Village, VillageTx, store};
use crate::sql::Sql;
use chrono::{DateTime, Utc};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};

pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "waste_import")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub district_id: Uuid,
        pub account_id: Uuid,
        pub at: i64,
        #[sea_orm(column_type = "Text")]
        pub report: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Imports kept of one district.
const KEPT: i64 = 20;

/// One import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WasteImport {
    /// Its identifier.
    pub id: WasteImportId,
    /// Into which district.
    pub district: WasteDistrictId,
    /// Who imported.
    pub account: AccountId,
    /// When.
    pub at: DateTime<Utc>,
    /// What came of it, as JSON.
    pub report: String,
}

store!(
    /// The imports of waste dates of the village.
    WasteImports as waste_imports in Village, VillageTx
);

impl<S: InVillage> WasteImports<'_, S> {
    /// An import.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(&self, id: WasteImportId) -> Result<Option<WasteImport>, StoreError> {
        let row = row::Entity::find_by_id((self.0.village_id().0, id.0)).one(self.0.connection()).await?;
        Ok(row.map(Into::into))
    }

    /// The imports of a district that are kept, the latest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of_district(&self, district: WasteDistrictId) -> Result<Vec<WasteImport>, StoreError> {
        let sql = "SELECT * FROM waste_import WHERE village_id = $1 AND district_id = $2 ORDER BY id DESC LIMIT $3";
        let values = vec![self.0.village_id().into(), district.into(), KEPT.into()];
        Ok(self.0.connection().rows::<row::Model>(sql, values).await?.into_iter().map(Into::into).collect())
    }
}

impl WasteImports<'_, VillageTx> {
    /// Writes down what came of an import, and forgets the oldest of the district.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn record(&self, import: &WasteImport) -> Result<(), StoreError> {
        let row = row::Model {
            village_id: self.0.village_id().0,
            id: import.id.0,
            district_id: import.district.0,
            account_id: import.account.0,
            at: millis(import.at),
            report: import.report.clone(),
        };
        row.into_active_model().insert(self.0.connection()).await?;
        let sql = "DELETE FROM waste_import WHERE village_id = $1 AND district_id = $2 AND id NOT IN (
                     SELECT id FROM waste_import WHERE village_id = $1 AND district_id = $2 ORDER BY id DESC LIMIT $3)";
        let values = vec![self.0.village_id().into(), import.district.into(), KEPT.into()];
        self.0.connection().run(sql, values).await.map(drop)
    }
}

impl From<row::Model> for WasteImport {
    fn from(row: row::Model) -> Self {
        Self {
            id: row.id.into(),
            district: row.district_id.into(),
            account: row.account_id.into(),
            at: instant(row.at),
            report: row.report,
        }
    }
}
