//! Which media a post shows, and in which order.

use crate::error::StoreError;
use crate::ids::{AccountId, ClubId, MediaId, PostId};
use crate::instant::millis;
use crate::media::{self, Media, MediaFiles};
use crate::post::Post;
use crate::row_lock;
use crate::scope::{Connected, InVillage, VillageTx};
use crate::sql::{Sql, placeholders};
use chrono::{DateTime, Utc};
use sea_orm::{FromQueryResult, Value};
use std::collections::HashMap;
use uuid::Uuid;

pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "post_media")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub post_id: Uuid,
        pub media_id: Uuid,
        pub position: i16,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

#[derive(FromQueryResult)]
struct Shown {
    post_id: Uuid,
    #[sea_orm(nested)]
    media: media::row::Model,
}

#[derive(FromQueryResult)]
struct Touched {
    id: Uuid,
}

/// Gives posts the media they show, all in one query.
pub(crate) async fn fill<S: InVillage>(scope: &S, posts: &mut [Post]) -> Result<(), StoreError> {
    if posts.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "SELECT a.post_id, m.* FROM post_media a
         JOIN media m ON m.village_id = a.village_id AND m.id = a.media_id
         WHERE a.village_id = $1 AND m.state = 1 AND a.post_id IN ({})
         ORDER BY a.post_id, a.position",
        placeholders(2, posts.len())
    );
    let mut values: Vec<Value> = vec![scope.village_id().into()];
    values.extend(posts.iter().map(|post| Value::from(post.id)));
    let mut of_post: HashMap<Uuid, Vec<Media>> = HashMap::new();
    for shown in scope.connection().rows::<Shown>(&sql, values).await? {
        of_post.entry(shown.post_id).or_default().push(Media::of(shown.media, true));
    }
    for post in posts {
        post.media = of_post.remove(&post.id.0).unwrap_or_default();
    }
    Ok(())
}

/// Something in front of other people that shows a file: a post in review, approved, planned or public, a revision, or the logo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MediaUse {
    /// The club whose it is; `None` for the town hall.
    pub club: Option<ClubId>,
}

#[derive(FromQueryResult)]
struct Use {
    club_id: Option<Uuid>,
}

impl MediaFiles<'_, VillageTx> {
    /// Whose posts and logos, that others see or review, show a file; each once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn uses(&self, id: MediaId) -> Result<Vec<MediaUse>, StoreError> {
        // State 1 is published, 3 in review, 5 approved, 6 scheduled.
        let sql = "SELECT p.club_id FROM post_media a
                     JOIN post p ON p.village_id = a.village_id AND p.id = a.post_id
                   WHERE a.village_id = $1 AND a.media_id = $2 AND p.state IN (1, 3, 5, 6)
                   UNION SELECT p.club_id FROM post_revision_media a
                     JOIN post_revision r ON r.village_id = a.village_id AND r.id = a.revision_id
                     JOIN post p ON p.village_id = r.village_id AND p.id = r.post_id
                   WHERE a.village_id = $1 AND a.media_id = $2 AND r.state = 0
                   UNION SELECT NULL FROM village v WHERE v.id = $1 AND v.logo_id = $2";
        let rows = self.0.connection().rows::<Use>(sql, vec![self.0.village_id().into(), id.into()]).await?;
        Ok(rows.into_iter().map(|row| MediaUse { club: row.club_id.map(Into::into) }).collect())
    }
}

impl MediaFiles<'_, VillageTx> {
    /// Makes these the media that a post shows, in this order; gives those that the village does not have. With `only_of`, only
    /// files that this account uploaded count, and what the post shows already. The caller holds the post by
    /// [`crate::Posts::find_for_change`], or has just made it.
    ///
    /// # Errors
    /// When the database fails, and [`StoreError::Taken`] when one of them comes twice.
    pub async fn attach(
        &self,
        post: PostId,
        media: &[MediaId],
        only_of: Option<AccountId>,
        now: DateTime<Utc>,
    ) -> Result<Vec<MediaId>, StoreError> {
        let missing = self.missing(post, media, only_of, now).await?;
        if !missing.is_empty() {
            return Ok(missing);
        }
        let sql = "DELETE FROM post_media WHERE village_id = $1 AND post_id = $2";
        self.0.connection().run(sql, vec![self.0.village_id().into(), post.into()]).await?;
        self.0.note_change();
        if !media.is_empty() {
            self.show(post, media).await?;
        }
        Ok(missing)
    }

    /// Which of these media a post could not show: the village does not have them, or, with `only_of`, this account did not upload
    /// them and the post does not show them already. The caller holds the post.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn missing(
        &self,
        post: PostId,
        media: &[MediaId],
        only_of: Option<AccountId>,
        now: DateTime<Utc>,
    ) -> Result<Vec<MediaId>, StoreError> {
        let held = self.hold(post, media, only_of, now).await?;
        Ok(media.iter().filter(|id| !held.contains(&id.0)).copied().collect())
    }

    /// Touches what a post shows and what it is to show; gives what there is of it. Touching holds: what is being collected at this
    /// moment is waited for, and then it is not there.
    async fn hold(
        &self,
        post: PostId,
        media: &[MediaId],
        only_of: Option<AccountId>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Uuid>, StoreError> {
        let mut those =
            String::from("id IN (SELECT a.media_id FROM post_media a WHERE a.village_id = $1 AND a.post_id = $2");
        let mut values: Vec<Value> = vec![post.into()];
        if !media.is_empty() {
            let them = placeholders(3, media.len());
            those.push_str(&format!(" UNION SELECT m.id FROM media m WHERE m.village_id = $1 AND m.id IN ({them})"));
            values.extend(media.iter().map(|id| Value::from(*id)));
            if let Some(account) = only_of {
                values.push(account.into());
                those.push_str(&format!(" AND m.uploaded_by = ${}", values.len() + 1));
            }
        }
        those.push(')');
        row_lock::media(self.0, &those, values.clone()).await?;
        values.insert(0, self.0.village_id().into());
        values.push(millis(now).into());
        let sql = format!(
            "UPDATE media SET touched_at = ${} WHERE village_id = $1 AND state = 1 AND {those} RETURNING id",
            values.len()
        );
        let rows = self.0.connection().rows::<Touched>(&sql, values).await?;
        Ok(rows.into_iter().map(|row| row.id).collect())
    }

    async fn show(&self, post: PostId, media: &[MediaId]) -> Result<(), StoreError> {
        let mut values: Vec<Value> = vec![self.0.village_id().into(), post.into()];
        let mut rows = Vec::with_capacity(media.len());
        for (position, id) in (0i16..).zip(media) {
            rows.push(format!("($1, ${}, $2, ${}, {position})", values.len() + 1, values.len() + 2));
            values.extend([Uuid::now_v7().into(), Value::from(*id)]);
        }
        let sql =
            format!("INSERT INTO post_media (village_id, id, post_id, media_id, position) VALUES {}", rows.join(", "));
        self.0.connection().run(&sql, values).await.map(drop)
    }
}
