//! What is ahead: posts that wait for somebody, and posts with which something is planned.

use super::lists::{OwnPosts, only_own};
use super::{Joined, Post, Posts, select};
use crate::error::StoreError;
use crate::ids::{AccountId, PostId};
use crate::instant::millis;
use crate::scope::InVillage;
use crate::sql::Sql;
use chrono::{DateTime, Utc};
use sea_orm::Value;

/// A place in the queue: the post that came last on the page before.
#[derive(Clone, Copy, Debug)]
pub struct Waiting {
    /// Since when it waits.
    pub since: DateTime<Utc>,
    /// Its identifier.
    pub id: PostId,
}

/// Which posts wait for somebody, what waits longest first.
#[derive(Clone, Debug)]
pub struct QueueQuery {
    /// Who.
    pub account: AccountId,
    /// What they may see; `None` for editors, for whom what is in review or approved waits too.
    pub of: Option<OwnPosts>,
    /// Only those after this place.
    pub after: Option<Waiting>,
    /// At most this many.
    pub limit: u64,
}

/// With which posts something is planned in a window.
#[derive(Clone, Debug)]
pub struct PlanQuery {
    /// From this instant on.
    pub from: DateTime<Utc>,
    /// Before this instant.
    pub until: DateTime<Utc>,
    /// Only what this author may see.
    pub of: Option<OwnPosts>,
    /// At most this many.
    pub limit: u64,
}

impl<S: InVillage> Posts<'_, S> {
    /// Posts that wait for somebody.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn queue(&self, query: &QueueQuery) -> Result<Vec<Post>, StoreError> {
        let mut sql = select();
        let mut values: Vec<Value> = vec![self.0.village_id().into()];
        match &query.of {
            // State 3 is in review, 4 returned, 5 approved.
            None => {
                values.push(query.account.into());
                sql.push_str(" AND p.state IN (3, 4, 5) AND (p.state <> 4 OR p.author_id = $2)");
            }
            Some(own) => sql.push_str(&format!(" AND p.state = 4{}", only_own(own, &mut values))),
        }
        if let Some(after) = query.after {
            values.extend([millis(after.since).into(), after.id.into()]);
            sql.push_str(&format!(" AND (p.updated_at, p.id) > (${}, ${})", values.len() - 1, values.len()));
        }
        values.push(i64::try_from(query.limit).unwrap_or(i64::MAX).into());
        sql.push_str(&format!(" ORDER BY p.updated_at, p.id LIMIT ${}", values.len()));
        self.with_media(self.0.connection().rows::<Joined>(&sql, values).await?).await
    }

    /// Posts with which something is planned in a window.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn planned(&self, query: &PlanQuery) -> Result<Vec<Post>, StoreError> {
        let mut values: Vec<Value> =
            vec![self.0.village_id().into(), millis(query.from).into(), millis(query.until).into()];
        // State 2 is withdrawn, 7 expired, 8 hidden.
        let mut sql = format!(
            "{} AND p.state NOT IN (2, 7, 8) AND ((p.publish_at >= $2 AND p.publish_at < $3)
               OR (p.expires_at >= $2 AND p.expires_at < $3) OR EXISTS (
                 SELECT 1 FROM occurrence o WHERE o.village_id = p.village_id AND o.post_id = p.id
                   AND o.starts_at >= $2 AND o.starts_at < $3))",
            select()
        );
        if let Some(own) = &query.of {
            sql.push_str(&only_own(own, &mut values));
        }
        values.push(i64::try_from(query.limit).unwrap_or(i64::MAX).into());
        sql.push_str(&format!(" ORDER BY p.id DESC LIMIT ${}", values.len()));
        self.with_media(self.0.connection().rows::<Joined>(&sql, values).await?).await
    }
}
