//! Kinds of waste, per village: the same label means different things in different towns.

use crate::error::StoreError;
use crate::ids::WasteKindId;
use crate::instant::millis;
use crate::row_lock;
use crate::scope::{Connected, InVillage, Village, VillageTx, store};
use crate::sql::Sql;
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

pub(crate) mod row {
    use super::WasteIcon;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "waste_kind")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub label: String,
        pub name: String,
        pub icon: WasteIcon,
        pub colour: Option<String>,
        pub version: i32,
        pub created_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// The sign that a kind of waste is shown with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum WasteIcon {
    /// None of the others.
    Other = 0,
    /// Residual waste.
    Residual = 1,
    /// Organic waste.
    Organic = 2,
    /// Paper.
    Paper = 3,
    /// Packaging.
    Packaging = 4,
    /// Glass.
    Glass = 5,
    /// Garden waste and Christmas trees.
    Garden = 6,
    /// Hazardous waste.
    Hazardous = 7,
    /// Bulky waste.
    Bulky = 8,
}

/// A kind of waste.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WasteKind {
    /// Its identifier.
    pub id: WasteKindId,
    /// What the municipality's calendars call it.
    pub label: String,
    /// Its name for people.
    pub name: String,
    /// The sign it is shown with.
    pub icon: WasteIcon,
    /// Its colour, such as `#8b5a2b`.
    pub colour: Option<String>,
    /// Rises by one with every change.
    pub version: i32,
}

/// A kind of waste to be added.
#[derive(Clone, Debug)]
pub struct NewWasteKind {
    /// What the municipality's calendars call it.
    pub label: String,
    /// Its name for people.
    pub name: String,
    /// The sign it is shown with.
    pub icon: WasteIcon,
    /// Its colour, such as `#8b5a2b`.
    pub colour: Option<String>,
}

store!(
    /// The kinds of waste of the village.
    WasteKinds as waste_kinds in Village, VillageTx
);

impl<S: InVillage> WasteKinds<'_, S> {
    /// All kinds, by name. A village has a few dozen at most.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(&self) -> Result<Vec<WasteKind>, StoreError> {
        let sql = "SELECT * FROM waste_kind WHERE village_id = $1 ORDER BY name, id";
        let rows = self.0.connection().rows::<row::Model>(sql, vec![self.0.village_id().into()]).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// A kind.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(&self, id: WasteKindId) -> Result<Option<WasteKind>, StoreError> {
        let row = row::Entity::find_by_id((self.0.village_id().0, id.0)).one(self.0.connection()).await?;
        Ok(row.map(Into::into))
    }
}

impl WasteKinds<'_, VillageTx> {
    /// A kind that nobody else can change before this transaction ends.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn hold(&self, id: WasteKindId) -> Result<Option<WasteKind>, StoreError> {
        row_lock::waste_kind(self.0, id).await?;
        self.find(id).await
    }

    /// Adds kinds; those that are there stay as they are.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn create(&self, kinds: &[NewWasteKind], now: DateTime<Utc>) -> Result<(), StoreError> {
        for kind in kinds {
            let sql = "INSERT INTO waste_kind (village_id, id, label, name, icon, colour, version, created_at)
                       VALUES ($1, $2, $3, $4, $5, $6, 1, $7) ON CONFLICT (village_id, label) DO NOTHING";
            let values = vec![
                self.0.village_id().into(),
                WasteKindId::generate().into(),
                kind.label.clone().into(),
                kind.name.clone().into(),
                (kind.icon as i16).into(),
                kind.colour.clone().into(),
                millis(now).into(),
            ];
            self.0.connection().run(sql, values).await?;
        }
        self.0.note_change();
        Ok(())
    }

    /// Changes how a kind is shown.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn change(&self, kind: &WasteKind) -> Result<(), StoreError> {
        let sql = "UPDATE waste_kind SET name = $3, icon = $4, colour = $5, version = version + 1
                   WHERE village_id = $1 AND id = $2";
        let values = vec![
            self.0.village_id().into(),
            kind.id.into(),
            kind.name.clone().into(),
            (kind.icon as i16).into(),
            kind.colour.clone().into(),
        ];
        self.0.note_change();
        self.0.connection().run(sql, values).await.map(drop)
    }

    /// Removes a kind and its dates in all districts.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete(&self, id: WasteKindId) -> Result<(), StoreError> {
        let sql = "DELETE FROM waste_kind WHERE village_id = $1 AND id = $2";
        self.0.note_change();
        self.0.connection().run(sql, vec![self.0.village_id().into(), id.into()]).await.map(drop)
    }
}

impl From<row::Model> for WasteKind {
    fn from(row: row::Model) -> Self {
        Self {
            id: row.id.into(),
            label: row.label,
            name: row.name,
            icon: row.icon,
            colour: row.colour,
            version: row.version,
        }
    }
}
