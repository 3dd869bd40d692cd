//! Topics (Rubriken): what a post is about and what can be followed.

use crate::error::StoreError;
use crate::ids::TopicId;
use crate::instant::millis;
use crate::scope::{Connected, InVillage, Village, VillageTx, store};
use crate::sql::Sql;
use chrono::{DateTime, Utc};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "topic")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub slug: String,
        pub name: String,
        pub created_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A topic of a village.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// Its identifier.
    pub id: TopicId,
    /// Its name in URLs and bodies, such as `verkehr`.
    pub slug: String,
    /// Its name for people, such as `Verkehr`.
    pub name: String,
}

store!(
    /// The topics of the village.
    Topics as topics in Village, VillageTx
);

impl<S: InVillage> Topics<'_, S> {
    /// All topics, by name. A village has a few dozen at most.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(&self) -> Result<Vec<Topic>, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::VillageId.eq(self.0.village_id().0))
            .order_by_asc(row::Column::Name)
            .order_by_asc(row::Column::Id)
            .all(self.0.connection())
            .await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// The topic with this slug.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn by_slug(&self, slug: &str) -> Result<Option<Topic>, StoreError> {
        let row = row::Entity::find()
            .filter(row::Column::VillageId.eq(self.0.village_id().0))
            .filter(row::Column::Slug.eq(slug))
            .one(self.0.connection())
            .await?;
        Ok(row.map(Into::into))
    }
}

impl Topics<'_, VillageTx> {
    /// Adds a topic.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when the village has one with this slug.
    pub async fn create(&self, topic: Topic, now: DateTime<Utc>) -> Result<Topic, StoreError> {
        let row = row::Model {
            village_id: self.0.village_id().0,
            id: topic.id.0,
            slug: topic.slug,
            name: topic.name,
            created_at: millis(now),
        };
        let row = row.into_active_model().insert(self.0.connection()).await?;
        self.0.note_change();
        Ok(row.into())
    }

    /// Gives the topic with this slug another name; `None` when there is none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn rename(&self, slug: &str, name: &str) -> Result<Option<Topic>, StoreError> {
        let sql = "UPDATE topic SET name = $3 WHERE village_id = $1 AND slug = $2 RETURNING *";
        let values = vec![self.0.village_id().into(), slug.into(), name.into()];
        let row = self.0.connection().row::<row::Model>(sql, values).await?;
        self.0.note_change();
        Ok(row.map(Into::into))
    }

    /// Removes the topic with this slug, and everybody's following of it.
    ///
    /// # Errors
    /// [`StoreError::Referenced`] when posts are about it.
    pub async fn delete(&self, slug: &str) -> Result<(), StoreError> {
        let sql = "DELETE FROM topic WHERE village_id = $1 AND slug = $2";
        let values = vec![self.0.village_id().into(), slug.into()];
        self.0.note_change();
        self.0.connection().run(sql, values).await.map(drop)
    }
}

impl From<row::Model> for Topic {
    fn from(row: row::Model) -> Self {
        Self { id: row.id.into(), slug: row.slug, name: row.name }
    }
}
