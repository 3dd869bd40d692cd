//! Media: images and PDF files that posts and logos show.
//!
//! The files themselves are in a store of the program's own choosing; here is what is known of them. A row is there before its
//! files are written and goes after they are removed, so a crash at any moment leaves no file that nobody knows of:
//! [`MediaState::Pending`] → [`MediaState::Ready`] → [`MediaState::Doomed`] → gone. `writing` takes those steps.

mod writing;

pub use writing::NewMedia;

use crate::error::StoreError;
use crate::ids::{AccountId, MediaId};
use crate::instant::{instant, millis};
use crate::scope::{InVillage, Village, VillageTx, store};
use crate::sql::{Sql, Sum};
use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use sea_orm::entity::prelude::*;

pub(crate) mod row {
    use super::{MediaFormat, MediaState};
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "media")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub uploaded_by: Uuid,
        pub state: MediaState,
        pub format: MediaFormat,
        pub key: String,
        pub file_name: String,
        pub bytes: i64,
        pub stored_bytes: i64,
        pub width: Option<i32>,
        pub height: Option<i32>,
        pub alt: String,
        pub credit: Option<String>,
        pub licence: Option<String>,
        pub version: i32,
        pub created_at: i64,
        pub touched_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Where a file is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum MediaState {
    /// Announced; its files may be there in part.
    Pending = 0,
    /// Complete.
    Ready = 1,
    /// To be removed; its files may be gone in part.
    Doomed = 2,
}

/// What a file is served as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum MediaFormat {
    /// An image without transparency.
    Jpeg = 0,
    /// An image, transparent in places or made of few colours.
    Png = 1,
    /// A document.
    Pdf = 2,
}

/// What is known of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// Its identifier.
    pub id: MediaId,
    /// Who uploaded it.
    pub uploaded_by: AccountId,
    /// What it is served as.
    pub format: MediaFormat,
    /// Its unguessable name in URLs and in the store: 32 hexadecimal digits.
    pub key: String,
    /// The name it is saved under by whoever downloads it.
    pub file_name: String,
    /// Its size in bytes, as served in full.
    pub bytes: u64,
    /// Width and height in pixels, when it is an image.
    pub size: Option<(u32, u32)>,
    /// What is seen on it, for those who do not see it; never empty for an image.
    pub alt: String,
    /// Who made it.
    pub credit: Option<String>,
    /// Under which terms it may be used.
    pub licence: Option<String>,
    /// Rises by one with every change.
    pub version: i32,
    /// When it was uploaded.
    pub created_at: DateTime<Utc>,
    /// Whether a post, in whatever state, or a logo shows it.
    pub in_use: bool,
}

/// What is said of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MediaWords {
    /// What is seen on it.
    pub alt: String,
    /// Who made it.
    pub credit: Option<String>,
    /// Under which terms it may be used.
    pub licence: Option<String>,
}

/// The files that are to be removed from the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoomedMedia {
    /// Whose.
    pub id: MediaId,
    /// Their name.
    pub key: String,
}

store!(
    /// The media of the village.
    MediaFiles as media in Village, VillageTx
);

/// With `in_use`, as [`Found`] wants it.
const SELECT: &str = "SELECT m.*, (EXISTS (
      SELECT 1 FROM post_media a WHERE a.village_id = m.village_id AND a.media_id = m.id
    ) OR EXISTS (SELECT 1 FROM village v WHERE v.id = m.village_id AND v.logo_id = m.id)
      OR EXISTS (SELECT 1 FROM club c WHERE c.village_id = m.village_id AND c.logo_id = m.id)) AS in_use
    FROM media m WHERE m.village_id = $1 AND m.state = 1";

impl<S: InVillage> MediaFiles<'_, S> {
    /// A file, whoever may see it: for staff.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(&self, id: MediaId) -> Result<Option<Media>, StoreError> {
        let sql = format!("{SELECT} AND m.id = $2");
        let row = self.0.connection().row::<Found>(&sql, vec![self.0.village_id().into(), id.into()]).await?;
        Ok(row.map(Into::into))
    }

    /// The file of this name, if a post that is public now, the village's logo, or that of a club that takes part shows it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_public(&self, key: &str, now: DateTime<Utc>) -> Result<Option<Media>, StoreError> {
        let sql = format!(
            "{SELECT} AND m.key = $2 AND (EXISTS (
               SELECT 1 FROM post_media a JOIN post p ON p.village_id = a.village_id AND p.id = a.post_id
               WHERE a.village_id = m.village_id AND a.media_id = m.id
                 AND p.state = 1 AND (p.expires_at IS NULL OR p.expires_at > $3)
             ) OR EXISTS (SELECT 1 FROM village v WHERE v.id = m.village_id AND v.logo_id = m.id)
               OR EXISTS (SELECT 1 FROM club c
                 WHERE c.village_id = m.village_id AND c.logo_id = m.id AND c.state = 1))"
        );
        let values = vec![self.0.village_id().into(), key.into(), millis(now).into()];
        Ok(self.0.connection().row::<Found>(&sql, values).await?.map(Into::into))
    }

    /// All files, or those that somebody uploaded, the last one first: for staff.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(
        &self,
        uploaded_by: Option<AccountId>,
        after: Option<MediaId>,
        limit: u64,
    ) -> Result<Vec<Media>, StoreError> {
        let mut sql = SELECT.to_owned();
        let mut values: Vec<Value> = vec![self.0.village_id().into()];
        if let Some(account) = uploaded_by {
            values.push(account.into());
            sql.push_str(&format!(" AND m.uploaded_by = ${}", values.len()));
        }
        if let Some(after) = after {
            values.push(after.into());
            sql.push_str(&format!(" AND m.id < ${}", values.len()));
        }
        values.push(i64::try_from(limit).unwrap_or(i64::MAX).into());
        sql.push_str(&format!(" ORDER BY m.id DESC LIMIT ${}", values.len()));
        let rows = self.0.connection().rows::<Found>(&sql, values).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Some of what is doomed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn doomed(&self, limit: u64) -> Result<Vec<DoomedMedia>, StoreError> {
        let sql = "SELECT * FROM media WHERE village_id = $1 AND state = 2 AND state <> 1 LIMIT $2";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = self.0.connection().rows::<row::Model>(sql, vec![self.0.village_id().into(), limit.into()]).await?;
        Ok(rows.into_iter().map(|row| DoomedMedia { id: row.id.into(), key: row.key }).collect())
    }

    /// How many bytes the village has in the store.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn stored_bytes(&self) -> Result<u64, StoreError> {
        let sql = "SELECT CAST(COALESCE(SUM(stored_bytes), 0) AS BIGINT) AS total FROM media WHERE village_id = $1";
        let sum = self.0.connection().row::<Sum>(sql, vec![self.0.village_id().into()]).await?;
        Ok(sum.map_or(0, |sum| u64::try_from(sum.total).unwrap_or_default()))
    }
}

#[derive(FromQueryResult)]
struct Found {
    #[sea_orm(nested)]
    media: row::Model,
    in_use: bool,
}

impl From<Found> for Media {
    fn from(found: Found) -> Self {
        Self::of(found.media, found.in_use)
    }
}

impl Media {
    pub(crate) fn of(row: row::Model, in_use: bool) -> Self {
        let pixels = |n: i32| u32::try_from(n).unwrap_or_default();
        Self {
            id: row.id.into(),
            uploaded_by: row.uploaded_by.into(),
            format: row.format,
            key: row.key,
            file_name: row.file_name,
            bytes: u64::try_from(row.bytes).unwrap_or_default(),
            size: row.width.map(pixels).zip(row.height.map(pixels)),
            alt: row.alt,
            credit: row.credit,
            licence: row.licence,
            version: row.version,
            created_at: instant(row.created_at),
            in_use,
        }
    }
}
