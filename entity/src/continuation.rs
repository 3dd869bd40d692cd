//! Which event goes on as which other: a series that was changed from a date on is two posts, and each knows the other.

use crate::error::StoreError;
use crate::ids::PostId;
use crate::instant::instant;
use crate::post::{Post, PostState};
use crate::scope::{Connected, InVillage, Village, VillageTx, store};
use crate::sql::{Sql, placeholders};
use chrono::{DateTime, Utc};
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "continuation")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub post_id: Uuid,
        pub earlier_id: Uuid,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// The post before or after another, as far as it has to be known to show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Neighbour {
    /// Its identifier.
    pub id: PostId,
    /// Where it is in its life.
    pub state: PostState,
    /// From when on it does not show any more.
    pub expires_at: Option<DateTime<Utc>>,
}

impl Neighbour {
    /// Whether everybody may see it.
    pub fn is_public(&self, now: DateTime<Utc>) -> bool {
        self.state == PostState::Published && self.expires_at.is_none_or(|expiry| now < expiry)
    }
}

store!(
    /// Which events of the village go on as which others.
    Continuations as continuations in Village, VillageTx
);

#[derive(FromQueryResult)]
struct Later {
    id: Uuid,
}

impl<S: InVillage> Continuations<'_, S> {
    /// All posts as which this one goes on, one after the other.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn after(&self, post: PostId) -> Result<Vec<PostId>, StoreError> {
        let sql = "WITH RECURSIVE later (id, nth) AS (
                     SELECT c.post_id, 1 FROM continuation c WHERE c.village_id = $1 AND c.earlier_id = $2
                     UNION ALL
                     SELECT c.post_id, l.nth + 1 FROM continuation c JOIN later l ON c.earlier_id = l.id
                     WHERE c.village_id = $1)
                   SELECT id FROM later ORDER BY nth";
        let rows = self.0.connection().rows::<Later>(sql, vec![self.0.village_id().into(), post.into()]).await?;
        Ok(rows.into_iter().map(|row| row.id.into()).collect())
    }
}

impl Continuations<'_, VillageTx> {
    /// Notes that `earlier` goes on as `post`. What it went on as before comes after that.
    ///
    /// # Errors
    /// [`StoreError::Referenced`] when one of them is not there.
    pub async fn begin(&self, post: PostId, earlier: PostId) -> Result<(), StoreError> {
        let sql = "UPDATE continuation SET earlier_id = $3 WHERE village_id = $1 AND earlier_id = $2";
        let village = self.0.village_id();
        self.0.connection().run(sql, vec![village.into(), earlier.into(), post.into()]).await?;
        let sql = "INSERT INTO continuation (village_id, id, post_id, earlier_id) VALUES ($1, $2, $3, $4)";
        let values = vec![village.into(), Uuid::now_v7().into(), post.into(), earlier.into()];
        self.0.connection().run(sql, values).await.map(drop)
    }
}

#[derive(FromQueryResult)]
struct Pair {
    post_id: Uuid,
    post_state: PostState,
    post_expires_at: Option<i64>,
    earlier_id: Uuid,
    earlier_state: PostState,
    earlier_expires_at: Option<i64>,
}

/// Gives events those before and after them, all in one query.
pub(crate) async fn fill<S: InVillage>(scope: &S, posts: &mut [Post]) -> Result<(), StoreError> {
    let events: Vec<PostId> = posts.iter().filter(|post| post.event.is_some()).map(|post| post.id).collect();
    if events.is_empty() {
        return Ok(());
    }
    let ids = placeholders(2, events.len());
    let sql = format!(
        "SELECT c.post_id, p.state AS post_state, p.expires_at AS post_expires_at,
                c.earlier_id, e.state AS earlier_state, e.expires_at AS earlier_expires_at
         FROM continuation c
         JOIN post p ON p.village_id = c.village_id AND p.id = c.post_id
         JOIN post e ON e.village_id = c.village_id AND e.id = c.earlier_id
         WHERE c.village_id = $1 AND (c.post_id IN ({ids}) OR c.earlier_id IN ({ids}))"
    );
    let mut values: Vec<Value> = vec![scope.village_id().into()];
    values.extend(events.into_iter().map(Value::from));
    let pairs = scope.connection().rows::<Pair>(&sql, values).await?;
    for pair in pairs {
        let neighbour = |id: Uuid, state, expires_at: Option<i64>| Neighbour {
            id: id.into(),
            state,
            expires_at: expires_at.map(instant),
        };
        for post in posts.iter_mut() {
            if post.id.0 == pair.post_id {
                post.continues = Some(neighbour(pair.earlier_id, pair.earlier_state, pair.earlier_expires_at));
            }
            if post.id.0 == pair.earlier_id {
                post.continued_by = Some(neighbour(pair.post_id, pair.post_state, pair.post_expires_at));
            }
        }
    }
    Ok(())
}
