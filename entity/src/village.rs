//! Villages: the tenants themselves.

use crate::error::StoreError;
use crate::ids::{MediaId, MunicipalityId, VillageId};
use crate::instant::{instant, millis};
use crate::media::MediaFormat;
use crate::scope::{Connected, Registry, RegistryTx, Village, VillageTx, store};
use crate::sql::Sql;
use chrono::{DateTime, Utc};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

pub(crate) mod row {
    use crate::media::MediaFormat;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "village")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub municipality_id: Uuid,
        #[sea_orm(unique)]
        pub slug: String,
        pub name: String,
        pub ags: String,
        pub zone: String,
        pub language: String,
        pub latitude: Option<f64>,
        pub longitude: Option<f64>,
        pub sender_name: String,
        pub sender_address: String,
        pub created_at: i64,
        pub logo_id: Option<Uuid>,
        pub logo_key: Option<String>,
        pub logo_format: Option<MediaFormat>,
        pub logo_alt: Option<String>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// What is known of a village.
#[derive(Clone, Debug, PartialEq)]
pub struct VillageRecord {
    /// Its identifier.
    pub id: VillageId,
    /// The municipality it belongs to.
    pub municipality: MunicipalityId,
    /// Its name in URLs, such as `luedenhausen`.
    pub slug: String,
    /// Its name, such as `Lüdenhausen`.
    pub name: String,
    /// The AGS of its municipality, eight digits.
    pub ags: String,
    /// Its IANA time zone.
    pub zone: String,
    /// The language its residents are addressed in, a BCP 47 tag.
    pub language: String,
    /// Degrees north and east (WGS 84).
    pub position: Option<(f64, f64)>,
    /// The name mails come from.
    pub sender_name: String,
    /// The address mails come from.
    pub sender_address: String,
    /// Its coat of arms or another sign of its own.
    pub logo: Option<Logo>,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
}

/// The image that stands for a village.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logo {
    /// The image.
    pub media: MediaId,
    /// Its name in URLs, as in [`crate::Media::key`].
    pub key: String,
    /// What it is served as.
    pub format: MediaFormat,
    /// What is seen on it.
    pub alt: String,
}

/// A village to be entered.
pub type NewVillage = VillageRecord;

/// Which villages to list, in the order of their names.
#[derive(Clone, Debug, Default)]
pub struct VillageQuery {
    /// Only those whose slug contains this. (SQLite folds the case of ASCII letters only, so names are not compared.)
    pub slug_contains: Option<String>,
    /// Only those after this name and identifier.
    pub after: Option<(String, VillageId)>,
    /// Nearest to this position first instead; then only the first page exists.
    pub near: Option<(f64, f64)>,
    /// At most this many.
    pub limit: u64,
}

store!(
    /// The villages.
    Villages as villages in Registry, RegistryTx, Village, VillageTx
);

impl<S: Connected> Villages<'_, S> {
    /// The village with this name in URLs.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn by_slug(&self, slug: &str) -> Result<Option<VillageRecord>, StoreError> {
        let row = row::Entity::find().filter(row::Column::Slug.eq(slug)).one(self.0.connection()).await?;
        Ok(row.map(Into::into))
    }

    /// The village of this identifier.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(&self, id: VillageId) -> Result<Option<VillageRecord>, StoreError> {
        Ok(row::Entity::find_by_id(id.0).one(self.0.connection()).await?.map(Into::into))
    }

    /// The villages that a query asks for.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(&self, query: &VillageQuery) -> Result<Vec<VillageRecord>, StoreError> {
        let mut sql = String::from("SELECT * FROM village WHERE 1 = 1");
        let mut values: Vec<sea_orm::Value> = Vec::new();
        if let Some(part) = &query.slug_contains {
            values.push(format!("%{}%", escape_like(part)).into());
            sql.push_str(&format!(" AND slug LIKE ${} ESCAPE '!'", values.len()));
        }
        if let Some((name, id)) = &query.after {
            values.push(name.clone().into());
            values.push((*id).into());
            sql.push_str(&format!(" AND (name, id) > (${}, ${})", values.len() - 1, values.len()));
        }
        if let Some((latitude, longitude)) = query.near {
            // Equirectangular: good to a few metres over the distances at which one looks for a village.
            let shrink = latitude.to_radians().cos();
            values.extend([latitude.into(), (longitude * shrink).into(), shrink.into()]);
            let n = values.len();
            sql.push_str(&format!(
                " AND latitude IS NOT NULL ORDER BY (latitude - ${}) * (latitude - ${}) +
                  (longitude * ${n} - ${}) * (longitude * ${n} - ${}), id",
                n - 2,
                n - 2,
                n - 1,
                n - 1
            ));
        } else {
            sql.push_str(" ORDER BY name, id");
        }
        values.push(i64::try_from(query.limit).unwrap_or(i64::MAX).into());
        sql.push_str(&format!(" LIMIT ${}", values.len()));
        let rows = self.0.connection().rows::<row::Model>(&sql, values).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// The identifiers of the villages whose AGS begins so, in the order in which logs are held.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn with_ags(&self, beginning: &str) -> Result<Vec<VillageId>, StoreError> {
        use sea_orm::{QueryOrder, QuerySelect};
        let query = row::Entity::find().select_only().column(row::Column::Id);
        let query = query.filter(row::Column::Ags.starts_with(beginning)).order_by_asc(row::Column::Id);
        let ids: Vec<uuid::Uuid> = query.into_tuple().all(self.0.connection()).await?;
        Ok(ids.into_iter().map(Into::into).collect())
    }

    /// The identifiers of all villages, for work that goes through them one by one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn ids(&self) -> Result<Vec<VillageId>, StoreError> {
        use sea_orm::QuerySelect;
        let ids: Vec<uuid::Uuid> =
            row::Entity::find().select_only().column(row::Column::Id).into_tuple().all(self.0.connection()).await?;
        Ok(ids.into_iter().map(Into::into).collect())
    }
}

impl Villages<'_, RegistryTx> {
    /// Enters a village.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when the slug is in use, [`StoreError::Referenced`] when there is no such municipality.
    pub async fn create(&self, village: NewVillage) -> Result<VillageRecord, StoreError> {
        let row = row::Model {
            id: village.id.0,
            municipality_id: village.municipality.0,
            slug: village.slug,
            name: village.name,
            ags: village.ags,
            zone: village.zone,
            language: village.language,
            latitude: village.position.map(|(latitude, _)| latitude),
            longitude: village.position.map(|(_, longitude)| longitude),
            sender_name: village.sender_name,
            sender_address: village.sender_address,
            created_at: millis(village.created_at),
            logo_id: village.logo.as_ref().map(|logo| logo.media.0),
            logo_key: village.logo.as_ref().map(|logo| logo.key.clone()),
            logo_format: village.logo.as_ref().map(|logo| logo.format),
            logo_alt: village.logo.map(|logo| logo.alt),
        };
        Ok(row.into_active_model().insert(self.0.connection()).await?.into())
    }
}

/// Makes `%`, `_` and the escape itself ordinary characters of a `LIKE … ESCAPE '!'` pattern.
fn escape_like(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut pattern, character| {
        if matches!(character, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(character);
        pattern
    })
}

impl From<row::Model> for VillageRecord {
    fn from(row: row::Model) -> Self {
        let logo = match (row.logo_id, row.logo_key, row.logo_format, row.logo_alt) {
            (Some(id), Some(key), Some(format), Some(alt)) => Some(Logo { media: id.into(), key, format, alt }),
            _ => None,
        };
        Self {
            id: row.id.into(),
            municipality: row.municipality_id.into(),
            slug: row.slug,
            name: row.name,
            ags: row.ags,
            zone: row.zone,
            language: row.language,
            position: row.latitude.zip(row.longitude),
            sender_name: row.sender_name,
            sender_address: row.sender_address,
            logo,
            created_at: instant(row.created_at),
        }
    }
}
