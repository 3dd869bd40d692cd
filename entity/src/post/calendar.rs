//! The events of a village for calendars.

use super::{Joined, Post, Posts, select};
use crate::error::StoreError;
use crate::ids::{ClubId, PostId, TopicId};
use crate::instant::millis;
use crate::scope::InVillage;
use crate::sql::Sql;
use chrono::{DateTime, Utc};
use sea_orm::Value;

/// Which events to list: public ones, and those that were taken back, or hidden with their club, not long ago.
#[derive(Clone, Debug)]
pub struct CalendarQuery {
    /// Only about this topic.
    pub topic: Option<TopicId>,
    /// Only of this club.
    pub club: Option<ClubId>,
    /// Only this one, whenever it is.
    pub post: Option<PostId>,
    /// What has expired by now does not show.
    pub now: DateTime<Utc>,
    /// Only those with a date that is over at this instant or later.
    pub since: DateTime<Utc>,
    /// Of those taken back, or hidden with their club, only those that were at this instant or later.
    pub withdrawn_since: DateTime<Utc>,
    /// At most this many, the last created.
    pub limit: u64,
}

impl<S: InVillage> Posts<'_, S> {
    /// Events for a calendar, the last created first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn calendar(&self, query: &CalendarQuery) -> Result<Vec<Post>, StoreError> {
        let mut values: Vec<Value> =
            vec![self.0.village_id().into(), millis(query.now).into(), millis(query.withdrawn_since).into()];
        // Kind 2 is `event`; states 1, 2 and 8 are `published`, `withdrawn` and `hidden`.
        let mut sql = format!(
            "{} AND p.kind = 2 AND ((p.state = 1 AND (p.expires_at IS NULL OR p.expires_at > $2))
               OR (p.state = 2 AND p.published_at IS NOT NULL AND p.withdrawn_at >= $3)
               OR (p.state = 8 AND p.club_id IS NOT NULL AND p.updated_at >= $3))",
            select()
        );
        match query.post {
            Some(post) => {
                values.push(post.into());
                sql.push_str(" AND p.id = $4");
            }
            None => {
                values.push(millis(query.since).into());
                sql.push_str(
                    " AND EXISTS (SELECT 1 FROM occurrence o
                        WHERE o.village_id = p.village_id AND o.post_id = p.id AND o.ends_at >= $4)",
                );
            }
        }
        if let Some(topic) = query.topic {
            values.push(topic.into());
            sql.push_str(&format!(" AND p.topic_id = ${}", values.len()));
        }
        if let Some(club) = query.club {
            values.push(club.into());
            sql.push_str(&format!(" AND p.club_id = ${}", values.len()));
        }
        sql.push_str(&format!(" ORDER BY p.id DESC LIMIT {}", query.limit));
        self.with_media(self.0.connection().rows::<Joined>(&sql, values).await?).await
    }
}
