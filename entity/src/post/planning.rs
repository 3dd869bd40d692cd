//! What is ahead: posts that wait for somebody, and posts with which something is planned.

use super::lists::{OwnPosts, only_own};
use super::{Joined, Post, Posts, select};
use crate::error::StoreError;
use crate::ids::{AccountId, PostId};
use crate::instant::{instant, millis};
use crate::scope::InVillage;
use crate::sql::{Sql, placeholders};
use chrono::{DateTime, Utc};
use sea_orm::{FromQueryResult, Value};
use std::collections::HashMap;
use uuid::Uuid;

/// A place in the queue: the post that came last on the page before.
#[derive(Clone, Copy, Debug)]
pub struct Waiting {
    /// Since when it waits.
    pub since: DateTime<Utc>,
    /// Its identifier.
    pub id: PostId,
}

/// A post that waits for somebody, or whose revision does.
#[derive(Clone, Debug)]
pub struct Waits {
    /// Since when.
    pub since: DateTime<Utc>,
    /// The post.
    pub post: Post,
}

#[derive(FromQueryResult)]
struct Since {
    since: i64,
    id: Uuid,
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
    /// Posts that wait for somebody, or have a revision that does.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn queue(&self, query: &QueueQuery) -> Result<Vec<Waits>, StoreError> {
        let mut values: Vec<Value> = vec![self.0.village_id().into()];
        // State 1 is published, 3 in review, 4 returned, 5 approved; of a revision 0 handed in, 1 returned; 1 of a club active.
        let (posts, revisions) = match &query.of {
            None => {
                values.push(query.account.into());
                let posts = "p.state IN (3, 4, 5) AND (p.state <> 4 OR p.author_id = $2)".to_owned();
                (posts, "r.state = 0 AND (c.id IS NULL OR c.state = 1)".to_owned())
            }
            Some(own) => {
                let own = only_own(own, &mut values);
                (format!("p.state = 4{own}"), format!("r.state = 1{own}"))
            }
        };
        let mut after = String::new();
        if let Some(place) = query.after {
            values.extend([millis(place.since).into(), place.id.into()]);
            after = format!("WHERE (since, id) > (${}, ${})", values.len() - 1, values.len());
        }
        values.push(i64::try_from(query.limit).unwrap_or(i64::MAX).into());
        let sql = format!(
            "SELECT since, id FROM (
               SELECT p.updated_at AS since, p.id FROM post p WHERE p.village_id = $1 AND {posts}
               UNION ALL
               SELECT r.since, p.id FROM post_revision r JOIN post p ON p.village_id = r.village_id AND p.id = r.post_id
               LEFT JOIN club c ON c.village_id = p.village_id AND c.id = p.club_id
               WHERE r.village_id = $1 AND p.state = 1 AND {revisions}) AS waits
             {after} ORDER BY since, id LIMIT ${}",
            values.len()
        );
        self.waits(self.0.connection().rows::<Since>(&sql, values).await?).await
    }

    /// The posts at these places, in their order.
    async fn waits(&self, places: Vec<Since>) -> Result<Vec<Waits>, StoreError> {
        if places.is_empty() {
            return Ok(Vec::new());
        }
        let mut values: Vec<Value> = vec![self.0.village_id().into()];
        values.extend(places.iter().map(|place| Value::from(place.id)));
        let sql = format!("{} AND p.id IN ({})", select(), placeholders(2, places.len()));
        let posts = self.with_media(self.0.connection().rows::<Joined>(&sql, values).await?).await?;
        let mut posts: HashMap<Uuid, Post> = posts.into_iter().map(|post| (post.id.0, post)).collect();
        let waits = |place: Since| Some(Waits { since: instant(place.since), post: posts.remove(&place.id)? });
        Ok(places.into_iter().filter_map(waits).collect())
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
