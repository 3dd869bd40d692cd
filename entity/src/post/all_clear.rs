//! What ends a post for its readers: that it was taken back, and why; that the danger of an alert is over.

use super::{Post, PostState, Posts};
use crate::error::StoreError;
use crate::ids::PostId;
use crate::instant::millis;
use crate::scope::{Connected, InVillage, VillageTx};
use crate::sql::Sql;
use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;

/// That the danger which an alert is about is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllClear {
    /// Since when.
    pub at: DateTime<Utc>,
    /// What there is to say about it, plain text; empty when nothing is.
    pub text: String,
}

/// A post that was public and was taken back.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct TakenBack {
    /// Why, as everybody may read it.
    pub withdrawal_reason: Option<String>,
}

impl<S: InVillage> Posts<'_, S> {
    /// A post that was public and was taken back; nothing of one that never was, or is only not shown.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn taken_back(&self, id: PostId) -> Result<Option<TakenBack>, StoreError> {
        let sql = "SELECT withdrawal_reason FROM post
                   WHERE village_id = $1 AND id = $2 AND state = 2 AND published_at IS NOT NULL";
        self.0.connection().row(sql, vec![self.0.village_id().into(), id.into()]).await
    }
}

impl Posts<'_, VillageTx> {
    /// Writes down why a post was taken back, as part of the version in which it was.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn say_why_taken_back(&self, id: PostId, reason: &str) -> Result<(), StoreError> {
        let sql = "UPDATE post SET withdrawal_reason = $3 WHERE village_id = $1 AND id = $2";
        self.0.connection().run(sql, vec![self.0.village_id().into(), id.into(), reason.into()]).await.map(drop)
    }

    /// Says of an alert that the danger is over. It is public, and shows until `until`. The caller holds it by
    /// [`Posts::find_for_change`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn clear(&self, post: &Post, all_clear: &AllClear, until: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "UPDATE post SET cleared_at = $3, all_clear = $4, expires_at = $5, updated_at = $3,
                     state = CASE WHEN state = 8 THEN 8 ELSE 1 END, version = version + 1
                   WHERE village_id = $1 AND id = $2";
        let values = vec![
            self.0.village_id().into(),
            post.id.into(),
            millis(all_clear.at).into(),
            all_clear.text.clone().into(),
            millis(until).into(),
        ];
        self.0.connection().run(sql, values).await?;
        self.0.note_change();
        let from = Some(post.state).filter(|from| *from == PostState::Expired);
        self.follow(post.id, from, None).await
    }
}
