//! Revisions: what a public post is to say from now on, handed in by somebody whose texts are reviewed. The post stays as it is until an
//! editor approves it. A post has one at most; it goes when it was approved, when its author takes it back, and with the post.

use crate::error::StoreError;
use crate::ids::{AccountId, MediaId, PostId};
use crate::instant::{instant, millis};
use crate::post_version::{PostContent, of_text, to_text};
use crate::scope::{Connected, InVillage, Village, VillageTx, store};
use crate::sql::Sql;
use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use sea_orm::entity::prelude::*;

pub(crate) mod row {
    use super::RevisionState;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "post_revision")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub post_id: Uuid,
        pub account_id: Uuid,
        pub state: RevisionState,
        pub based_on: i32,
        pub version: i32,
        #[sea_orm(column_type = "Text")]
        pub content: String,
        pub since: i64,
        pub notify: Option<bool>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// The images and documents that a revision is to show, so that they are kept until it is decided.
pub(crate) mod media_row {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "post_revision_media")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub revision_id: Uuid,
        pub media_id: Uuid,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Where a revision is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum RevisionState {
    /// It waits for an editor.
    #[sea_orm(num_value = 0)]
    HandedIn,
    /// An editor gave it back, with a comment.
    #[sea_orm(num_value = 1)]
    Returned,
}

/// What a public post is to say.
#[derive(Clone, Debug, PartialEq)]
pub struct PostRevision {
    /// The post.
    pub post: PostId,
    /// Who handed it in.
    pub account: AccountId,
    /// The name of who it was, while there is such an account.
    pub account_name: Option<String>,
    /// Where it is in its life.
    pub state: RevisionState,
    /// The version of the post that it was made from.
    pub based_on: i32,
    /// Rises by one each time it is handed in or given back.
    pub version: i32,
    /// What the post is to say.
    pub content: PostContent,
    /// Since when it is in its state.
    pub since: DateTime<Utc>,
    /// Whether followers are to be told, if whoever handed it in says so.
    pub notify: Option<bool>,
}

store!(
    /// What public posts of the village are to say.
    PostRevisions as post_revisions in Village, VillageTx
);

#[derive(FromQueryResult)]
struct Joined {
    post_id: Uuid,
    account_id: Uuid,
    account_name: Option<String>,
    state: RevisionState,
    based_on: i32,
    version: i32,
    content: String,
    since: i64,
    notify: Option<bool>,
}

#[derive(FromQueryResult)]
struct Id {
    id: Uuid,
}

impl<S: InVillage> PostRevisions<'_, S> {
    /// The revision of a post.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of(&self, post: PostId) -> Result<Option<PostRevision>, StoreError> {
        let sql =
            "SELECT r.post_id, r.account_id, a.name AS account_name, r.state, r.based_on, r.version, r.content, r.since,
                     r.notify
                   FROM post_revision r LEFT JOIN account a ON a.id = r.account_id
                   WHERE r.village_id = $1 AND r.post_id = $2";
        let row = self.0.connection().row::<Joined>(sql, vec![self.0.village_id().into(), post.into()]).await?;
        row.map(TryInto::try_into).transpose()
    }
}

impl PostRevisions<'_, VillageTx> {
    /// Makes this the revision of its post, in place of one there was. The caller holds the post by
    /// [`crate::Posts::find_for_change`], and has made sure that there are these media.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn hand_in(&self, revision: &PostRevision) -> Result<(), StoreError> {
        let sql =
            "INSERT INTO post_revision (village_id, id, post_id, account_id, state, based_on, version, content, since,
                     notify)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                   ON CONFLICT (village_id, post_id) DO UPDATE SET account_id = excluded.account_id,
                     state = excluded.state, based_on = excluded.based_on, version = excluded.version,
                     content = excluded.content, since = excluded.since, notify = excluded.notify
                   RETURNING id";
        let values = vec![
            self.0.village_id().into(),
            Uuid::now_v7().into(),
            revision.post.into(),
            revision.account.into(),
            (revision.state as i16).into(),
            revision.based_on.into(),
            revision.version.into(),
            to_text(&revision.content)?.into(),
            millis(revision.since).into(),
            revision.notify.into(),
        ];
        let Some(Id { id }) = self.0.connection().row::<Id>(sql, values).await? else { return Ok(()) };
        let sql = "DELETE FROM post_revision_media WHERE village_id = $1 AND revision_id = $2";
        self.0.connection().run(sql, vec![self.0.village_id().into(), id.into()]).await?;
        for media in &revision.content.media {
            let sql = "INSERT INTO post_revision_media (village_id, id, revision_id, media_id) VALUES ($1, $2, $3, $4)";
            let media = MediaId(*media);
            let values = vec![self.0.village_id().into(), Uuid::now_v7().into(), id.into(), media.into()];
            self.0.connection().run(sql, values).await?;
        }
        Ok(())
    }

    /// Gives a revision back to whoever handed it in.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn give_back(&self, post: PostId, now: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "UPDATE post_revision SET state = 1, since = $3, version = version + 1
                   WHERE village_id = $1 AND post_id = $2";
        self.0.connection().run(sql, vec![self.0.village_id().into(), post.into(), millis(now).into()]).await.map(drop)
    }

    /// Removes the revision of a post, if it has one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove(&self, post: PostId) -> Result<(), StoreError> {
        let sql = "DELETE FROM post_revision WHERE village_id = $1 AND post_id = $2";
        self.0.connection().run(sql, vec![self.0.village_id().into(), post.into()]).await.map(drop)
    }
}

impl TryFrom<Joined> for PostRevision {
    type Error = StoreError;

    fn try_from(row: Joined) -> Result<Self, StoreError> {
        Ok(Self {
            post: row.post_id.into(),
            account: row.account_id.into(),
            account_name: row.account_name,
            state: row.state,
            based_on: row.based_on,
            version: row.version,
            content: of_text(&row.content)?,
            since: instant(row.since),
            notify: row.notify,
        })
    }
}
