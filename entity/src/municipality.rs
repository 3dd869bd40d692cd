//! Municipalities (Gemeinden, Städte): they group villages.

use crate::error::StoreError;
use crate::ids::MunicipalityId;
use crate::instant::{instant, millis};
use crate::scope::{Connected, Registry, RegistryTx, store};
use chrono::{DateTime, Utc};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, QueryOrder, QuerySelect};

pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "municipality")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub name: String,
        #[sea_orm(unique)]
        pub ags: String,
        pub created_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A municipality.
#[derive(Clone, Debug)]
pub struct Municipality {
    /// Its identifier.
    pub id: MunicipalityId,
    /// Its name, such as `Kalletal`.
    pub name: String,
    /// The official municipality key (Amtlicher Gemeindeschlüssel), eight digits.
    pub ags: String,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
}

store!(
    /// The municipalities.
    Municipalities as municipalities in Registry, RegistryTx
);

impl<S: Connected> Municipalities<'_, S> {
    /// The municipality of this identifier.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(&self, id: MunicipalityId) -> Result<Option<Municipality>, StoreError> {
        let row = row::Entity::find_by_id(id.0).one(self.0.connection()).await?;
        Ok(row.map(Into::into))
    }

    /// Municipalities in the order they were entered, at most `limit`, after `after`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(&self, after: Option<MunicipalityId>, limit: u64) -> Result<Vec<Municipality>, StoreError> {
        use sea_orm::{ColumnTrait, QueryFilter};
        let mut query = row::Entity::find().order_by_asc(row::Column::Id).limit(limit);
        if let Some(after) = after {
            query = query.filter(row::Column::Id.gt(after.0));
        }
        Ok(query.all(self.0.connection()).await?.into_iter().map(Into::into).collect())
    }
}

impl Municipalities<'_, RegistryTx> {
    /// Enters a municipality.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when the AGS is entered already.
    pub async fn create(&self, municipality: Municipality) -> Result<Municipality, StoreError> {
        let row = row::Model {
            id: municipality.id.0,
            name: municipality.name,
            ags: municipality.ags,
            created_at: millis(municipality.created_at),
        };
        Ok(row.into_active_model().insert(self.0.connection()).await?.into())
    }
}

impl From<row::Model> for Municipality {
    fn from(row: row::Model) -> Self {
        Self { id: row.id.into(), name: row.name, ags: row.ags, created_at: instant(row.created_at) }
    }
}
