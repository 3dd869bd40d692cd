//! Finding public posts by words, newest first, at a bounded price: however large a village is, and whatever is looked for, a
//! page looks at so many posts and no more. What it could not look at is on the next page.

mod meant;
mod wanted;

use self::wanted::Wanted;
use super::{FeedQuery, Joined, Position, Post, PostState, Posts, select};
use crate::due_work::DueWork;
use crate::error::StoreError;
use crate::ids::PostId;
use crate::instant::{instant, millis};
use crate::scope::{Connected, InVillage, VillageTx};
use crate::search_word::{self, SearchTerms};
use crate::sql::{Sql, placeholders};
use chrono::{DateTime, Utc};
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

/// Posts looked at for one page.
const MOST: u64 = 5_000;

/// A page of posts, and the place after which there may be more.
#[derive(Clone, Debug, Default)]
pub struct FoundPosts {
    /// The posts, at most as many as were asked for.
    pub posts: Vec<Post>,
    /// After which place to go on; `None` at the end.
    pub next: Option<Position>,
}

#[derive(FromQueryResult)]
struct Place {
    id: Uuid,
    published_at: i64,
}

impl Place {
    fn position(&self) -> Position {
        Position { published_at: instant(self.published_at), id: self.id.into() }
    }
}

impl<S: InVillage> Posts<'_, S> {
    /// Public posts that have all these words, newest first. A page may be short, or empty, and there may be more all the same.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn search(&self, query: &FeedQuery, terms: &SearchTerms) -> Result<FoundPosts, StoreError> {
        let limit = query.limit as usize;
        let wanted = self.wanted(terms, query.now, MOST).await?;
        let few = wanted.iter().filter(|(_, count)| *count <= MOST as i64);
        let rare = few.min_by_key(|(_, count)| *count).map(|(wanted, _)| wanted);
        let all: Vec<&Wanted> = wanted.iter().map(|(wanted, _)| wanted).collect();
        let mut places = match rare {
            Some(rare) => self.among_hits(query, rare, &all).await?,
            None => self.among_newest(query, &all).await?,
        };
        let next = if places.len() > limit {
            places.truncate(limit);
            places.last().map(Place::position)
        } else if rare.is_none() {
            self.last_looked_at(query).await?
        } else {
            None
        };
        Ok(FoundPosts { posts: self.at(&places).await?, next })
    }

    /// Of the posts that have a rare word, those that have the others too: from the word to its posts.
    async fn among_hits(&self, query: &FeedQuery, rare: &Wanted, all: &[&Wanted]) -> Result<Vec<Place>, StoreError> {
        let mut values = vec![self.0.village_id().into()];
        let hits = rare.hits(&mut values);
        let public = query.public("p", &mut values);
        let others = others(all, Some(rare), "p", &mut values);
        // What is no more than that ([`Self::rarest`]) is not cut off by the limit, which has SQLite look for the word first; the
        // cross join has it keep to this order. No statistics would tell it to.
        let sql = format!(
            "SELECT p.id, p.published_at FROM (SELECT DISTINCT h.post_id FROM ({hits} LIMIT {MOST}) h) hit CROSS JOIN post p
             WHERE p.village_id = $1 AND p.id = hit.post_id AND {public}{others}
             ORDER BY p.published_at DESC, p.id DESC LIMIT {}",
            query.limit + 1
        );
        self.0.connection().rows(&sql, values).await
    }

    /// Of the newest posts, those that have the words, all of which many have: from each post to its words.
    async fn among_newest(&self, query: &FeedQuery, all: &[&Wanted]) -> Result<Vec<Place>, StoreError> {
        let mut values = vec![self.0.village_id().into()];
        let public = query.public("p", &mut values);
        let words = others(all, None, "c", &mut values);
        let sql = format!(
            "SELECT c.id, c.published_at FROM (
               SELECT p.id, p.published_at, p.club_id FROM post p WHERE p.village_id = $1 AND {public}
               ORDER BY p.published_at DESC, p.id DESC LIMIT {MOST}) c
             WHERE 1 = 1{words} ORDER BY c.published_at DESC, c.id DESC LIMIT {}",
            query.limit + 1
        );
        self.0.connection().rows(&sql, values).await
    }

    /// Where [`Self::among_newest`] stopped looking; `None` when it came to the end.
    async fn last_looked_at(&self, query: &FeedQuery) -> Result<Option<Position>, StoreError> {
        let mut values = vec![self.0.village_id().into()];
        let public = query.public("p", &mut values);
        let sql = format!(
            "SELECT p.id, p.published_at FROM post p WHERE p.village_id = $1 AND {public}
             ORDER BY p.published_at DESC, p.id DESC LIMIT 1 OFFSET {}",
            MOST - 1
        );
        Ok(self.0.connection().row::<Place>(&sql, values).await?.map(|place| place.position()))
    }

    /// The posts at these places, in their order.
    async fn at(&self, places: &[Place]) -> Result<Vec<Post>, StoreError> {
        if places.is_empty() {
            return Ok(Vec::new());
        }
        let mut values: Vec<Value> = vec![self.0.village_id().into()];
        values.extend(places.iter().map(|place| Value::from(place.id)));
        let ids = placeholders(2, places.len());
        let sql = format!("{} AND p.id IN ({ids}) ORDER BY p.published_at DESC, p.id DESC", select());
        self.with_media(self.0.connection().rows::<Joined>(&sql, values).await?).await
    }
}

impl Posts<'_, VillageTx> {
    /// Makes some public posts be found anew, as they are found now, those after `after`; gives the last of them, or nothing when
    /// all are done. The due work is removed then.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn index_some(&self, after: Option<PostId>, limit: u64) -> Result<Option<PostId>, StoreError> {
        let lock = if self.0.connection().is_postgres() { "FOR UPDATE" } else { "" };
        let sql = format!(
            "SELECT p.id, p.published_at FROM post p WHERE p.village_id = $1 AND p.state = $2 AND p.id > $3
             ORDER BY p.id LIMIT {limit} {lock}"
        );
        let village = self.0.village_id();
        let after = after.map_or(Uuid::nil(), |post| post.0);
        let values = vec![village.into(), (PostState::Published as i16).into(), after.into()];
        let places = self.0.connection().rows::<Place>(&sql, values).await?;
        for post in self.at(&places).await? {
            search_word::set(self.0, &post).await?;
        }
        if places.is_empty() {
            self.0.due_works().remove(DueWork::Index, village.0).await?;
        }
        self.0.note_change();
        Ok(places.last().map(|place| place.id.into()))
    }
}

impl FeedQuery {
    /// The condition that a post is public and one of those. Adds its values to those of the statement.
    pub(super) fn public(&self, post: &str, values: &mut Vec<Value>) -> String {
        let now: DateTime<Utc> = self.now;
        values.push(millis(now).into());
        let expiry = format!("{post}.expires_at IS NULL OR {post}.expires_at > ${}", values.len());
        let mut sql = format!("{post}.state = 1 AND ({expiry})");
        if let Some(kind) = self.kind {
            values.push((kind as i16).into());
            sql.push_str(&format!(" AND {post}.kind = ${}", values.len()));
        }
        if let Some(topic) = self.topic {
            values.push(topic.into());
            sql.push_str(&format!(" AND {post}.topic_id = ${}", values.len()));
        }
        if let Some(club) = self.club {
            values.push(club.into());
            sql.push_str(&format!(" AND {post}.club_id = ${}", values.len()));
        }
        if let Some(after) = self.after {
            values.push(millis(after.published_at).into());
            values.push(after.id.into());
            let place = format!("(${}, ${})", values.len() - 1, values.len());
            sql.push_str(&format!(" AND ({post}.published_at, {post}.id) < {place}"));
        }
        sql
    }
}

/// The condition that a post has all that is wanted but one thing.
fn others(all: &[&Wanted], but: Option<&Wanted>, post: &str, values: &mut Vec<Value>) -> String {
    let others = all.iter().filter(|wanted| Some(**wanted) != but);
    others.map(|wanted| format!(" AND {}", wanted.is_had_by(post, values))).collect()
}
