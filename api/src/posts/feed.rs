//! The feed: what residents read, newest first.

use super::view::{Kind, PostList, PostView};
use crate::app::App;
use crate::authority::InVillage;
use crate::http::{Cursors, PageKey, PageName, PublicPage};
use crate::problem::Problem;
use chrono::{DateTime, Utc};
use entity::{FeedQuery, Position, Post, PostId, PostKind};
use std::sync::Arc;
use uuid::Uuid;

/// Which page of a feed.
pub struct FeedPage {
    /// Only of this kind.
    pub kind: Option<Kind>,
    /// Only about the topic with this slug.
    pub topic: Option<String>,
    /// Where it goes on.
    pub cursor: Option<String>,
    /// At most this many.
    pub limit: u64,
}

impl FeedPage {
    fn name(&self, after: Option<Position>) -> PageName {
        PageName::Feed { kind: self.kind.map(Into::into), topic: self.topic.clone(), after, limit: self.limit }
    }

    /// The list a cursor belongs to.
    fn list(&self, here: &InVillage) -> String {
        format!("feed {} {:?} {:?}", here.village.id, self.kind, self.topic)
    }

    fn link(&self, village: &str, cursor: &str) -> String {
        let mut link = format!("/v1/villages/{village}/feed?cursor={cursor}&limit={}", self.limit);
        if let Some(kind) = self.kind {
            let kind = format!("{kind:?}").to_lowercase();
            link.push_str(&format!("&kind={kind}"));
        }
        if let Some(topic) = &self.topic {
            link.push_str(&format!("&topic={topic}"));
        }
        link
    }
}

/// A page of the feed.
pub async fn feed(app: &App, here: &InVillage, wanted: &FeedPage) -> Result<Arc<PublicPage>, Problem> {
    let now = app.clock.now();
    let cursors = || Cursors::of(&app.secrets, wanted.list(here));
    let after = match &wanted.cursor {
        Some(cursor) => cursors().read(Some(cursor), position)?,
        None => None,
    };
    let key = app.database.generation(here.village.id).map(|generation| PageKey {
        village: here.village.id,
        generation,
        page: wanted.name(after),
    });
    if let Some(page) = app.pages.get(key.as_ref(), now).await {
        return Ok(page);
    }
    let reader = here.scope.read().await?;
    let topic = match &wanted.topic {
        Some(slug) => Some(reader.topics().by_slug(slug).await?.ok_or_else(Problem::not_found)?.id),
        None => None,
    };
    let kind = wanted.kind.map(PostKind::from);
    let query = FeedQuery { kind, topic, after, limit: wanted.limit + 1, now };
    let mut posts = reader.posts().feed(&query).await?;
    let more = posts.len() as u64 > wanted.limit;
    posts.truncate(wanted.limit as usize);
    let next_cursor = posts.last().filter(|_| more).and_then(place).map(|place| cursors().write(&place));
    let next = next_cursor.as_ref().map(|cursor| wanted.link(&here.village.slug, cursor));
    let items = posts.iter().map(|post| PostView::new(post, &here.village.slug)).collect();
    let page = PublicPage::list(&PostList { items, next_cursor }, next, next_expiry(&posts));
    app.pages.keep(key, &page).await;
    Ok(page)
}

/// A public post.
pub async fn post(app: &App, here: &InVillage, id: PostId) -> Result<Arc<PublicPage>, Problem> {
    let now = app.clock.now();
    let key = app.database.generation(here.village.id).map(|generation| PageKey {
        village: here.village.id,
        generation,
        page: PageName::Post(id),
    });
    if let Some(page) = app.pages.get(key.as_ref(), now).await {
        return Ok(page);
    }
    let post = here.scope.read().await?.posts().find_public(id, now).await?.ok_or_else(Problem::not_found)?;
    let page = PublicPage::json(&PostView::new(&post, &here.village.slug), post.expires_at);
    app.pages.keep(key, &page).await;
    Ok(page)
}

/// The next instant at which a post on the page expires.
fn next_expiry(posts: &[Post]) -> Option<DateTime<Utc>> {
    posts.iter().filter_map(|post| post.expires_at).min()
}

fn place(post: &Post) -> Option<Vec<u8>> {
    let published_at = post.published_at?.timestamp_millis();
    Some([published_at.to_be_bytes().as_slice(), post.id.0.as_bytes()].concat())
}

fn position(place: &[u8]) -> Option<Position> {
    let (published_at, id) = place.split_at_checked(8)?;
    let published_at = DateTime::from_timestamp_millis(i64::from_be_bytes(published_at.try_into().ok()?))?;
    Some(Position { published_at, id: Uuid::from_slice(id).ok()?.into() })
}
