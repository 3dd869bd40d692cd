//! Announcing, describing and removing media.

use super::{Media, MediaFiles, MediaFormat, MediaState, MediaWords, row};
use crate::error::StoreError;
use crate::ids::{AccountId, MediaId};
use crate::instant::millis;
use crate::row_lock;
use crate::scope::{Connected, InVillage, VillageTx};
use crate::sql::{Sql, placeholders};
use chrono::{DateTime, Utc};
use sea_orm::{ActiveModelTrait, IntoActiveModel, Value};

/// A file that is about to be stored.
#[derive(Clone, Debug)]
pub struct NewMedia {
    /// Its identifier.
    pub id: MediaId,
    /// Who uploads it.
    pub uploaded_by: AccountId,
    /// What it is served as.
    pub format: MediaFormat,
    /// Its unguessable name.
    pub key: String,
    /// The name it is saved under.
    pub file_name: String,
    /// Its size in bytes, as served in full.
    pub bytes: u64,
    /// The bytes of everything that is stored of it.
    pub stored_bytes: u64,
    /// Width and height in pixels, when it is an image.
    pub size: Option<(u32, u32)>,
    /// What is said of it.
    pub words: MediaWords,
}

impl MediaFiles<'_, VillageTx> {
    /// Announces a file. Nobody sees it before [`MediaFiles::finish`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn announce(&self, new: NewMedia, now: DateTime<Utc>) -> Result<(), StoreError> {
        let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let pixels = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
        let row = row::Model {
            village_id: self.0.village_id().0,
            id: new.id.0,
            uploaded_by: new.uploaded_by.0,
            state: MediaState::Pending,
            format: new.format,
            key: new.key,
            file_name: new.file_name,
            bytes: number(new.bytes),
            stored_bytes: number(new.stored_bytes),
            width: new.size.map(|(width, _)| pixels(width)),
            height: new.size.map(|(_, height)| pixels(height)),
            alt: new.words.alt,
            credit: new.words.credit,
            licence: new.words.licence,
            version: 1,
            created_at: millis(now),
            touched_at: millis(now),
        };
        row.into_active_model().insert(self.0.connection()).await.map(drop).map_err(Into::into)
    }

    /// Says that all of an announced file is in the store. `None` when it took so long that it was given up.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn finish(&self, id: MediaId, now: DateTime<Utc>) -> Result<Option<Media>, StoreError> {
        let sql = "UPDATE media SET state = 1, touched_at = $3 WHERE village_id = $1 AND id = $2 AND state = 0";
        self.0.connection().run(sql, vec![self.0.village_id().into(), id.into(), millis(now).into()]).await?;
        self.find(id).await
    }

    /// A file that nobody else can change before this transaction ends.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_for_change(&self, id: MediaId) -> Result<Option<Media>, StoreError> {
        row_lock::media(self.0, "id = $2", [id.into()]).await?;
        self.find(id).await
    }

    /// Says something else of a file.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn describe(&self, id: MediaId, words: MediaWords) -> Result<(), StoreError> {
        let sql = "UPDATE media SET alt = $3, credit = $4, licence = $5, version = version + 1
                   WHERE village_id = $1 AND id = $2";
        let village = || self.0.village_id().into();
        let values = vec![village(), id.into(), words.alt.clone().into(), words.credit.into(), words.licence.into()];
        self.0.connection().run(sql, values).await?;
        let sql = "UPDATE village SET logo_alt = $3 WHERE id = $1 AND logo_id = $2";
        self.0.connection().run(sql, vec![village(), id.into(), words.alt.into()]).await?;
        self.0.note_change();
        Ok(())
    }

    /// Takes a file from every post and logo that shows it, to be removed for good.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn doom(&self, id: MediaId) -> Result<(), StoreError> {
        for sql in [
            "UPDATE media SET state = 2 WHERE village_id = $1 AND id = $2",
            "DELETE FROM post_media WHERE village_id = $1 AND media_id = $2",
            "DELETE FROM post_revision_media WHERE village_id = $1 AND media_id = $2",
            "UPDATE village SET logo_id = NULL, logo_key = NULL, logo_format = NULL, logo_alt = NULL
             WHERE id = $1 AND logo_id = $2",
            "UPDATE club SET logo_id = NULL, version = version + 1 WHERE village_id = $1 AND logo_id = $2",
        ] {
            self.0.connection().run(sql, vec![self.0.village_id().into(), id.into()]).await?;
        }
        self.0.note_change();
        Ok(())
    }

    /// Dooms what was announced before `given_up` and never finished, and what nothing shows and nobody has touched since
    /// `unused`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn doom_orphans(&self, given_up: DateTime<Utc>, unused: DateTime<Utc>) -> Result<u64, StoreError> {
        // Attaching touches: whoever attaches a file at this moment is waited for, and then it is not unused any more.
        let sql = "UPDATE media SET state = 2
                   WHERE village_id = $1 AND ((state = 0 AND created_at < $2) OR (state = 1 AND touched_at < $3
                     AND NOT EXISTS (
                       SELECT 1 FROM post_media a WHERE a.village_id = media.village_id AND a.media_id = media.id)
                     AND NOT EXISTS (
                       SELECT 1 FROM village v WHERE v.id = media.village_id AND v.logo_id = media.id)
                     AND NOT EXISTS (
                       SELECT 1 FROM post_revision_media r WHERE r.village_id = media.village_id AND r.media_id = media.id)
                     AND NOT EXISTS (
                       SELECT 1 FROM club c WHERE c.village_id = media.village_id AND c.logo_id = media.id)))";
        let values = vec![self.0.village_id().into(), millis(given_up).into(), millis(unused).into()];
        self.0.connection().run(sql, values).await
    }

    /// Forgets doomed files, after they were removed from the store.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget(&self, ids: &[MediaId]) -> Result<(), StoreError> {
        if ids.is_empty() {
            return Ok(());
        }
        let sql =
            format!("DELETE FROM media WHERE village_id = $1 AND state = 2 AND id IN ({})", placeholders(2, ids.len()));
        let mut values: Vec<Value> = vec![self.0.village_id().into()];
        values.extend(ids.iter().map(|id| Value::from(*id)));
        self.0.connection().run(&sql, values).await.map(drop)
    }

    /// Makes an image the village's logo, or takes the logo away. Whether there is such an image.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_logo(&self, logo: Option<MediaId>, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let touch = "UPDATE media SET touched_at = $2 WHERE village_id = $1 AND (
                       id = $3 OR id = (SELECT logo_id FROM village WHERE id = $1))";
        let village = || self.0.village_id().into();
        let id = || logo.map(|id| id.0).into();
        self.0.connection().run(touch, vec![village(), millis(now).into(), id()]).await?;
        let (sql, values) = match logo {
            Some(_) => (
                "UPDATE village SET (logo_id, logo_key, logo_format, logo_alt) = (
                   SELECT m.id, m.key, m.format, m.alt FROM media m WHERE m.village_id = $1 AND m.id = $2)
                 WHERE id = $1 AND EXISTS (
                   SELECT 1 FROM media m WHERE m.village_id = $1 AND m.id = $2 AND m.state = 1 AND m.format <> 2)",
                vec![village(), id()],
            ),
            None => (
                "UPDATE village SET logo_id = NULL, logo_key = NULL, logo_format = NULL, logo_alt = NULL WHERE id = $1",
                vec![village()],
            ),
        };
        self.0.note_change();
        Ok(self.0.connection().run(sql, values).await? > 0)
    }
}
