//! Waste districts (Abfuhrbezirke): parts of a village whose waste is collected on the same days.

use crate::due_work::DueWork;
use crate::error::StoreError;
use crate::ids::WasteDistrictId;
use crate::instant::millis;
use crate::notification::Urgency;
use crate::row_lock;
use crate::scope::{Connected, InVillage, Village, VillageTx, store};
use crate::sql::Sql;
use chrono::{DateTime, Utc};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};

pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "waste_district")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub slug: String,
        pub name: String,
        pub version: i32,
        pub created_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A district of a village.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WasteDistrict {
    /// Its identifier.
    pub id: WasteDistrictId,
    /// Its name in URLs and bodies, such as `ahornweg`.
    pub slug: String,
    /// Its name for people, such as `Ahornweg und Birkenweg`.
    pub name: String,
    /// Rises by one with every change.
    pub version: i32,
}

store!(
    /// The waste districts of the village.
    WasteDistricts as waste_districts in Village, VillageTx
);

impl<S: InVillage> WasteDistricts<'_, S> {
    /// All districts, by name. A village has a few dozen at most.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(&self) -> Result<Vec<WasteDistrict>, StoreError> {
        let sql = "SELECT * FROM waste_district WHERE village_id = $1 ORDER BY name, id";
        let rows = self.0.connection().rows::<row::Model>(sql, vec![self.0.village_id().into()]).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// The district with this slug.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn by_slug(&self, slug: &str) -> Result<Option<WasteDistrict>, StoreError> {
        let sql = "SELECT * FROM waste_district WHERE village_id = $1 AND slug = $2";
        let values = vec![self.0.village_id().into(), slug.into()];
        Ok(self.0.connection().row::<row::Model>(sql, values).await?.map(Into::into))
    }
}

impl<S: InVillage> WasteDistricts<'_, S> {
    /// A district.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(&self, id: WasteDistrictId) -> Result<Option<WasteDistrict>, StoreError> {
        let row = row::Entity::find_by_id((self.0.village_id().0, id.0)).one(self.0.connection()).await?;
        Ok(row.map(Into::into))
    }
}

impl WasteDistricts<'_, VillageTx> {
    /// A district that nobody else can change, and whose dates nobody else can import, before this transaction ends.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn hold(&self, slug: &str) -> Result<Option<WasteDistrict>, StoreError> {
        row_lock::waste_district(self.0, slug).await?;
        self.by_slug(slug).await
    }

    /// Adds a district.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when the village has one with this slug.
    pub async fn create(&self, slug: &str, name: &str, now: DateTime<Utc>) -> Result<WasteDistrict, StoreError> {
        let row = row::Model {
            village_id: self.0.village_id().0,
            id: WasteDistrictId::generate().0,
            slug: slug.to_owned(),
            name: name.to_owned(),
            version: 1,
            created_at: millis(now),
        };
        let row = row.into_active_model().insert(self.0.connection()).await?;
        self.0.note_change();
        Ok(row.into())
    }

    /// Gives a district another name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn rename(&self, id: WasteDistrictId, name: &str) -> Result<(), StoreError> {
        let sql = "UPDATE waste_district SET name = $3, version = version + 1 WHERE village_id = $1 AND id = $2";
        self.0.note_change();
        self.0.connection().run(sql, vec![self.0.village_id().into(), id.into(), name.into()]).await.map(drop)
    }

    /// Removes a district with its dates, and everybody's following of it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete(&self, id: WasteDistrictId) -> Result<(), StoreError> {
        self.0.due_works().remove(DueWork::RemindOfWaste, id.0).await?;
        let sql = "DELETE FROM waste_district WHERE village_id = $1 AND id = $2";
        self.0.note_change();
        self.0.connection().run(sql, vec![self.0.village_id().into(), id.into()]).await.map(drop)
    }

    /// Has the worker look when the next reminder of a district falls due.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn look_at_reminders(&self, id: WasteDistrictId, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.0.due_works().add(DueWork::RemindOfWaste, id.0, Urgency::Normal, now).await
    }

    /// Takes hold of the reminders of a district for this transaction. Whether there is still something to look at.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn hold_reminders(&self, id: WasteDistrictId) -> Result<bool, StoreError> {
        self.0.due_works().lock(DueWork::RemindOfWaste, id.0).await
    }

    /// Has the worker look again then; never, without a time.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn look_again(&self, id: WasteDistrictId, then: Option<DateTime<Utc>>) -> Result<(), StoreError> {
        match then {
            Some(then) => self.0.due_works().postpone(DueWork::RemindOfWaste, id.0, then).await,
            None => self.0.due_works().remove(DueWork::RemindOfWaste, id.0).await,
        }
    }
}

impl From<row::Model> for WasteDistrict {
    fn from(row: row::Model) -> Self {
        Self { id: row.id.into(), slug: row.slug, name: row.name, version: row.version }
    }
}
