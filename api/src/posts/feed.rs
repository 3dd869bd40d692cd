//! The feed: what residents read, newest first.

use super::ending;
use super::search::LookedFor;
use super::view::{Kind, PostList, PostView};
use crate::app::App;
use crate::authority::InVillage;
use crate::feed_links;
use crate::http::{Cursors, Look, PageCache, PageName, PublicPage};
use crate::problem::Problem;
use chrono::{DateTime, Utc};
use entity::{
    ClubId, ClubState, FeedQuery, FoundPosts, Neighbour, Position, Post, PostId, PostKind, PostState, SearchTerms,
    Village,
};
use form_urlencoded::byte_serialize;
use std::sync::Arc;
use uuid::Uuid;

/// How long the texts of one page may be together, in bytes. One post is always on it.
const LONGEST_PAGE: usize = 512 * 1024;

/// Which page of a feed.
pub struct FeedPage {
    /// Only of this kind.
    pub kind: Option<Kind>,
    /// Only about the topic with this slug.
    pub topic: Option<String>,
    /// Only with these words.
    pub q: Option<LookedFor>,
    /// Only by the club with this slug.
    pub club: Option<String>,
    /// Where it goes on.
    pub cursor: Option<String>,
    /// At most this many.
    pub limit: u64,
}

impl FeedPage {
    /// Its name among the pages of the village.
    pub fn name(&self, after: Option<Position>) -> PageName {
        PageName::Feed {
            kind: self.kind.map(Into::into),
            topic: self.topic.clone(),
            terms: self.terms(),
            club: self.club.clone(),
            after,
            limit: self.limit,
        }
    }

    /// The list a cursor belongs to.
    fn list(&self, here: &InVillage) -> String {
        format!("feed {} {:?} {:?} {:?} {:?}", here.village.id, self.kind, self.topic, self.club, self.terms())
    }

    fn terms(&self) -> SearchTerms {
        self.q.as_ref().map_or_else(SearchTerms::default, |q| q.terms.clone())
    }

    /// What narrows the feed, as it stands in a query: `&kind=news`.
    pub fn filters(&self) -> String {
        let mut filters = String::new();
        if let Some(kind) = self.kind {
            let kind = format!("{kind:?}").to_lowercase();
            filters.push_str(&format!("&kind={kind}"));
        }
        if let Some(topic) = &self.topic {
            filters.push_str(&format!("&topic={topic}"));
        }
        if let Some(club) = &self.club {
            filters.push_str(&format!("&club={club}"));
        }
        if let Some(q) = &self.q {
            filters.extend(["&q=", &byte_serialize(q.text.as_bytes()).collect::<String>()]);
        }
        filters
    }

    /// The values of `Link`: the next page, and the feed in other forms.
    fn links(&self, village: &str, next: Option<&String>) -> Vec<String> {
        let (limit, filters) = (self.limit, self.filters());
        let next = next.map(|cursor| {
            format!("</v1/villages/{village}/feed?cursor={cursor}&limit={limit}{filters}>; rel=\"next\"")
        });
        // What is found by words cannot be had in another form.
        let alternates = if self.q.is_none() { feed_links::alternates(village, &filters) } else { Vec::new() };
        next.into_iter().chain(alternates).collect()
    }
}

/// A page ends early where its posts are long: making, packing and sending it costs only so much. The next one goes on there.
fn not_too_long(found: FoundPosts) -> FoundPosts {
    let FoundPosts { mut posts, next } = found;
    let lengths = posts.iter().scan(0, |sum, post| {
        *sum += post.body_html.len() + post.body_markdown.len();
        Some(*sum)
    });
    let fit = lengths.take_while(|length| *length <= LONGEST_PAGE).count().max(1);
    if fit >= posts.len() {
        return FoundPosts { posts, next };
    }
    posts.truncate(fit);
    let next = posts.last().and_then(position_of);
    FoundPosts { posts, next }
}

fn position_of(post: &Post) -> Option<Position> {
    Some(Position { published_at: post.published_at?, id: post.id })
}

/// A page of the feed.
pub async fn feed(app: &App, here: &InVillage, wanted: &FeedPage) -> Result<Arc<PublicPage>, Problem> {
    let now = app.clock.now();
    let cursors = || Cursors::of(&app.secrets, wanted.list(here));
    let after = match &wanted.cursor {
        Some(cursor) => cursors().read(Some(cursor), position)?,
        None => None,
    };
    let making = match PageCache::look(app, here, wanted.name(after)).await? {
        Look::Kept(page) => return Ok(page),
        Look::Missing(making) => making,
    };
    let reader = here.scope.read().await?;
    let FoundPosts { posts, next } = not_too_long(posts(&reader, wanted, after, now).await?);
    // Another page may be made with the connection.
    drop(reader);
    let next_cursor = next.map(|next| cursors().write(&place(next)));
    let links = wanted.links(&here.village.slug, next_cursor.as_ref());
    let written = || {
        let items = posts.iter().map(|post| PostView::public(post, &here.village, now)).collect();
        PublicPage::linked(&PostList { items, next_cursor }, &links, next_expiry(&posts))
    };
    Ok(making.page(written).await)
}

/// The posts of a page, and where it goes on.
pub async fn posts(
    reader: &Village,
    wanted: &FeedPage,
    after: Option<Position>,
    now: DateTime<Utc>,
) -> Result<FoundPosts, Problem> {
    let topic = match &wanted.topic {
        Some(slug) => Some(reader.topics().by_slug(slug).await?.ok_or_else(Problem::not_found)?.id),
        None => None,
    };
    let club = match &wanted.club {
        Some(slug) => Some(active_club(reader, slug).await?),
        None => None,
    };
    let kind = wanted.kind.map(PostKind::from);
    let query = FeedQuery { kind, topic, club, after, limit: wanted.limit, now };
    if let Some(q) = &wanted.q {
        return Ok(reader.posts().search(&query, &q.terms).await?);
    }
    let mut posts = reader.posts().feed(&FeedQuery { limit: wanted.limit + 1, ..query }).await?;
    let more = posts.len() as u64 > wanted.limit;
    posts.truncate(wanted.limit as usize);
    let next = posts.last().filter(|_| more).and_then(position_of);
    Ok(FoundPosts { posts, next })
}

/// A club that takes part.
async fn active_club(reader: &Village, slug: &str) -> Result<ClubId, Problem> {
    let club = reader.clubs().by_slug(slug).await?.filter(|club| club.state == ClubState::Active);
    Ok(club.ok_or_else(Problem::not_found)?.id)
}

/// A public post.
pub async fn post(app: &App, here: &InVillage, id: PostId) -> Result<Arc<PublicPage>, Problem> {
    let now = app.clock.now();
    let making = match PageCache::look(app, here, PageName::Post(id)).await? {
        Look::Kept(page) => return Ok(page),
        Look::Missing(making) => making,
    };
    let reader = here.scope.read().await?;
    let Some(post) = reader.posts().find_public(id, now).await? else {
        return Err(ending::gone_or_missing(&reader, id).await?);
    };
    let view = PostView::public(&post, &here.village, now);
    Ok(making.page(|| PublicPage::json(&view, next_expiry(std::slice::from_ref(&post)))).await)
}

/// The next instant at which a post on the page expires, or one that it leads to.
pub fn next_expiry(posts: &[Post]) -> Option<DateTime<Utc>> {
    let shows = |other: &&Neighbour| other.state == PostState::Published;
    let others =
        |post: &Post| [&post.continues, &post.continued_by].map(|other| other.as_ref().filter(shows)?.expires_at);
    posts.iter().flat_map(|post| others(post).into_iter().chain([post.expires_at])).flatten().min()
}

fn place(position: Position) -> Vec<u8> {
    let published_at = position.published_at.timestamp_millis();
    [published_at.to_be_bytes().as_slice(), position.id.0.as_bytes()].concat()
}

fn position(place: &[u8]) -> Option<Position> {
    let (published_at, id) = place.split_at_checked(8)?;
    let published_at = DateTime::from_timestamp_millis(i64::from_be_bytes(published_at.try_into().ok()?))?;
    Some(Position { published_at, id: Uuid::from_slice(id).ok()?.into() })
}
