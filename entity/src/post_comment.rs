//! Comments: what the desk and the authors of a post say to each other about it. Residents never see them.

use crate::error::StoreError;
use crate::ids::{AccountId, PostCommentId, PostId};
use crate::instant::{instant, millis};
use crate::scope::{Connected, InVillage, Village, VillageTx, store};
use crate::sql::Sql;
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;
use sea_orm::{FromQueryResult, IntoActiveModel};

pub(crate) mod row {
    use super::CommentKind;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "post_comment")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub post_id: Uuid,
        pub account_id: Uuid,
        pub kind: CommentKind,
        #[sea_orm(column_type = "Text")]
        pub text: String,
        pub created_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Why something was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum CommentKind {
    /// A remark.
    Remark = 0,
    /// Why the post was returned to its author.
    Return = 1,
}

/// Something said about a post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostComment {
    /// Its identifier; later ones are greater.
    pub id: PostCommentId,
    /// Who said it.
    pub account: AccountId,
    /// The name of who it was, while there is such an account.
    pub account_name: Option<String>,
    /// Why.
    pub kind: CommentKind,
    /// What was said, plain text.
    pub text: String,
    /// When.
    pub created_at: DateTime<Utc>,
}

store!(
    /// What was said about the village's posts.
    PostComments as post_comments in Village, VillageTx
);

#[derive(FromQueryResult)]
struct Joined {
    id: Uuid,
    account_id: Uuid,
    account_name: Option<String>,
    kind: CommentKind,
    text: String,
    created_at: i64,
}

impl<S: InVillage> PostComments<'_, S> {
    /// What was said about a post, the first first: what came after `after`, at most `limit`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(
        &self,
        post: PostId,
        after: Option<PostCommentId>,
        limit: u64,
    ) -> Result<Vec<PostComment>, StoreError> {
        let sql = "SELECT c.id, c.account_id, a.name AS account_name, c.kind, c.text, c.created_at
                   FROM post_comment c LEFT JOIN account a ON a.id = c.account_id
                   WHERE c.village_id = $1 AND c.post_id = $2 AND c.id > $3 ORDER BY c.id LIMIT $4";
        let after = after.map_or_else(Uuid::nil, |after| after.0);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let values = vec![self.0.village_id().into(), post.into(), after.into(), limit.into()];
        Ok(self.0.connection().rows::<Joined>(sql, values).await?.into_iter().map(Into::into).collect())
    }
}

impl PostComments<'_, VillageTx> {
    /// Somebody says something about a post.
    ///
    /// # Errors
    /// [`StoreError::Referenced`] when there is no such post.
    pub async fn add(
        &self,
        post: PostId,
        by: AccountId,
        kind: CommentKind,
        text: String,
        now: DateTime<Utc>,
    ) -> Result<PostCommentId, StoreError> {
        let id = PostCommentId::generate();
        let row = row::Model {
            village_id: self.0.village_id().0,
            id: id.0,
            post_id: post.0,
            account_id: by.0,
            kind,
            text,
            created_at: millis(now),
        };
        row.into_active_model().insert(self.0.connection()).await?;
        Ok(id)
    }
}

impl From<Joined> for PostComment {
    fn from(row: Joined) -> Self {
        Self {
            id: row.id.into(),
            account: row.account_id.into(),
            account_name: row.account_name,
            kind: row.kind,
            text: row.text,
            created_at: instant(row.created_at),
        }
    }
}
