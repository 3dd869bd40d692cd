//! Versions: what a post said each time it was saved. Content only; who may read it is as for the post.

use crate::error::StoreError;
use crate::event::EventDates;
use crate::ids::{AccountId, PostId};
use crate::instant::{instant, millis};
use crate::post::{Post, PostDelivery};
use crate::scope::{Connected, InVillage, Village, VillageTx, store};
use crate::sql::Sql;
use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "post_version")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub post_id: Uuid,
        pub version: i32,
        pub account_id: Uuid,
        pub saved_at: i64,
        #[sea_orm(column_type = "Text")]
        pub content: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// So many versions of a post are kept; the oldest goes when there would be more.
const KEPT: i64 = 200;

/// What a post says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PostContent {
    /// Its title.
    pub title: String,
    /// Its text, Markdown.
    pub body_markdown: String,
    /// The slug of what it is about, as it was then.
    pub topic: Option<String>,
    /// From when on it does not show any more.
    pub expires_at: Option<DateTime<Utc>>,
    /// Its dates, when it is an event.
    pub event: Option<EventDates>,
    /// How loudly it is told.
    pub delivery: PostDelivery,
    /// The images and documents it shows, in their order.
    #[serde(default)]
    pub media: Vec<Uuid>,
}

/// A version of a post.
#[derive(Clone, Debug, PartialEq)]
pub struct PostVersion {
    /// Its number: the post's version when it was saved.
    pub version: i32,
    /// Who saved it.
    pub account: AccountId,
    /// The name of who it was, while there is such an account.
    pub account_name: Option<String>,
    /// When.
    pub saved_at: DateTime<Utc>,
    /// What the post said.
    pub content: PostContent,
}

store!(
    /// The versions of the village's posts.
    PostVersions as post_versions in Village, VillageTx
);

#[derive(FromQueryResult)]
struct Joined {
    version: i32,
    account_id: Uuid,
    account_name: Option<String>,
    saved_at: i64,
    content: String,
}

const SELECT: &str = "SELECT v.version, v.account_id, a.name AS account_name, v.saved_at, v.content
                      FROM post_version v LEFT JOIN account a ON a.id = v.account_id
                      WHERE v.village_id = $1 AND v.post_id = $2";

impl From<&Post> for PostContent {
    fn from(post: &Post) -> Self {
        Self {
            title: post.title.clone(),
            body_markdown: post.body_markdown.clone(),
            topic: post.topic_slug.clone(),
            expires_at: post.expires_at,
            event: post.event.clone(),
            delivery: post.delivery,
            media: post.media.iter().map(|media| media.id.0).collect(),
        }
    }
}

/// The text that content is stored as.
pub(crate) fn to_text(content: &PostContent) -> Result<String, StoreError> {
    serde_json::to_string(content).map_err(unreadable)
}

/// The content that a stored text says.
pub(crate) fn of_text(text: &str) -> Result<PostContent, StoreError> {
    serde_json::from_str(text).map_err(unreadable)
}

fn unreadable(error: serde_json::Error) -> StoreError {
    StoreError::Unexpected(sea_orm::DbErr::Custom(format!("stored content: {error}")))
}

impl<S: InVillage> PostVersions<'_, S> {
    /// Versions of a post, the latest first: those before `before`, at most `limit`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(&self, post: PostId, before: i32, limit: u64) -> Result<Vec<PostVersion>, StoreError> {
        let sql = format!("{SELECT} AND v.version < $3 ORDER BY v.version DESC LIMIT $4");
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let values = vec![self.0.village_id().into(), post.into(), before.into(), limit.into()];
        self.0.connection().rows::<Joined>(&sql, values).await?.into_iter().map(TryInto::try_into).collect()
    }

    /// The version of a post with this number.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(&self, post: PostId, version: i32) -> Result<Option<PostVersion>, StoreError> {
        Ok(self.said_at(post, version).await?.filter(|found| found.version == version))
    }

    /// What a post said when it had this number: the latest version not after it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn said_at(&self, post: PostId, version: i32) -> Result<Option<PostVersion>, StoreError> {
        Ok(self.list(post, version.saturating_add(1), 1).await?.pop())
    }
}

impl PostVersions<'_, VillageTx> {
    /// Keeps what a post says now, saved by somebody.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep(&self, post: &Post, by: AccountId, now: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "INSERT INTO post_version (village_id, id, post_id, version, account_id, saved_at, content)
                   VALUES ($1, $2, $3, $4, $5, $6, $7)
                   ON CONFLICT (village_id, post_id, version) DO NOTHING";
        let values = vec![
            self.0.village_id().into(),
            Uuid::now_v7().into(),
            post.id.into(),
            post.version.into(),
            by.into(),
            millis(now).into(),
            to_text(&PostContent::from(post))?.into(),
        ];
        self.0.connection().run(sql, values).await?;
        let sql = "DELETE FROM post_version WHERE village_id = $1 AND post_id = $2 AND version <= (
                     SELECT version FROM post_version WHERE village_id = $1 AND post_id = $2
                     ORDER BY version DESC LIMIT 1 OFFSET $3)";
        let values = vec![self.0.village_id().into(), post.id.into(), KEPT.into()];
        self.0.connection().run(sql, values).await.map(drop)
    }
}

impl TryFrom<Joined> for PostVersion {
    type Error = StoreError;

    fn try_from(row: Joined) -> Result<Self, StoreError> {
        Ok(Self {
            version: row.version,
            account: row.account_id.into(),
            account_name: row.account_name,
            saved_at: instant(row.saved_at),
            content: of_text(&row.content)?,
        })
    }
}
