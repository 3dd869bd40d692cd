//! Many posts at once: the feed that residents read, and what staff sees.

use super::{Joined, Post, PostKind, PostState, Posts, select};
use crate::error::StoreError;
use crate::ids::{AccountId, ClubId, PostId, TopicId};
use crate::scope::InVillage;
use crate::sql::{Sql, placeholders};
use chrono::{DateTime, Utc};
use sea_orm::Value;

/// A place in a list of posts, newest first: the post that came last on the page before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Position {
    /// When that post became public.
    pub published_at: DateTime<Utc>,
    /// Its identifier.
    pub id: PostId,
}

/// Which public posts to list, newest first.
#[derive(Clone, Debug)]
pub struct FeedQuery {
    /// Only of this kind.
    pub kind: Option<PostKind>,
    /// Only about this topic.
    pub topic: Option<TopicId>,
    /// Only by this club.
    pub club: Option<ClubId>,
    /// Only those after this place.
    pub after: Option<Position>,
    /// At most this many.
    pub limit: u64,
    /// What has expired by now does not show.
    pub now: DateTime<Utc>,
}

/// Which posts in whatever state to list, the last created first.
#[derive(Clone, Debug)]
pub struct StaffQuery {
    /// Only in this state.
    pub state: Option<PostState>,
    /// Only what this author may see.
    pub of: Option<OwnPosts>,
    /// Only those before this one.
    pub after: Option<PostId>,
    /// At most this many.
    pub limit: u64,
}

/// What somebody who is no editor may see: posts of their clubs, and those they wrote for the town hall, not for all villages.
#[derive(Clone, Debug)]
pub struct OwnPosts {
    /// Who wrote for the town hall; `None` when they do not.
    pub author: Option<AccountId>,
    /// Their clubs.
    pub clubs: Vec<ClubId>,
}

/// The condition that a post is one of theirs. Adds its values to those of the statement.
pub(super) fn only_own(own: &OwnPosts, values: &mut Vec<Value>) -> String {
    values.push(own.author.map(|author| author.0).into());
    let mut sql = format!(" AND ((p.club_id IS NULL AND p.joint_post_id IS NULL AND p.author_id = ${})", values.len());
    if !own.clubs.is_empty() {
        let clubs = placeholders(values.len() + 1, own.clubs.len());
        values.extend(own.clubs.iter().map(|club| Value::from(*club)));
        sql.push_str(&format!(" OR p.club_id IN ({clubs})"));
    }
    sql.push(')');
    sql
}

impl<S: InVillage> Posts<'_, S> {
    /// Public posts, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn feed(&self, query: &FeedQuery) -> Result<Vec<Post>, StoreError> {
        let mut values: Vec<Value> = vec![self.0.village_id().into()];
        let public = query.public("p", &mut values);
        values.push(i64::try_from(query.limit).unwrap_or(i64::MAX).into());
        let sql = format!("{} AND {public} ORDER BY p.published_at DESC, p.id DESC LIMIT ${}", select(), values.len());
        self.with_media(self.0.connection().rows::<Joined>(&sql, values).await?).await
    }

    /// Posts in whatever state, the last created first: for staff.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(&self, query: &StaffQuery) -> Result<Vec<Post>, StoreError> {
        let mut sql = select();
        let mut values: Vec<Value> = vec![self.0.village_id().into()];
        if let Some(state) = query.state {
            values.push((state as i16).into());
            sql.push_str(&format!(" AND p.state = ${}", values.len()));
        }
        if let Some(own) = &query.of {
            sql.push_str(&only_own(own, &mut values));
        }
        if let Some(after) = query.after {
            values.push(after.into());
            sql.push_str(&format!(" AND p.id < ${}", values.len()));
        }
        values.push(i64::try_from(query.limit).unwrap_or(i64::MAX).into());
        sql.push_str(&format!(" ORDER BY p.id DESC LIMIT ${}", values.len()));
        self.with_media(self.0.connection().rows::<Joined>(&sql, values).await?).await
    }
}
