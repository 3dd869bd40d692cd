//! What is ahead, over HTTP: what waits for whom, what is planned for when, whom a post would reach, and how it would look.

use super::memory::seen;
use super::planning_view::{Audience, Entry, PlanView, PreviewView, QueueList};
use super::view::PostView;
use crate::app::App;
use crate::authority::Author;
use crate::contract::Group;
use crate::http::{Answer, Cursors, Item, Limit};
use crate::message::Matter;
use crate::problem::{Problem, ProblemKind};
use crate::text::Text;
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    Notification, NotificationKind, PlanQuery, Post, PostId, PostState, QueueQuery, SubscriptionId, Waiting, Waits,
};
use poem_openapi::OpenApi;
use poem_openapi::param::Query;
use uuid::Uuid;

/// The longest window of the editorial calendar.
const LONGEST: TimeDelta = TimeDelta::days(100);

/// Posts of each kind of entry that a window shows at most.
const MOST: u64 = 500;

/// The operations on what is ahead.
pub struct PlanningRoutes(pub App);

#[OpenApi]
impl PlanningRoutes {
    /// List what waits for you
    ///
    /// For editors what is in review, what is approved and not sent, public posts with a revision that was handed in, and what they
    /// got back; for authors what they got back. What waits longest comes first.
    #[oai(
        path = "/v1/admin/villages/:village/queue",
        method = "get",
        operation_id = "list_queue",
        tag = "Group::Staff"
    )]
    async fn list_queue(
        &self,
        #[oai(name = "village")] author: Author,
        /// Where the list goes on: `next_cursor` of the page before.
        cursor: Query<Option<String>>,
        /// At most this many, 1 to 100; 20 unless given.
        limit: Query<Option<u32>>,
    ) -> Result<Answer<200, QueueList>, Problem> {
        let limit = Limit::of(limit.0)?;
        let account = author.session.account;
        let cursors = Cursors::of(&self.0.secrets, format!("queue {} {account}", author.here.village.id));
        let after = cursors.read(cursor.0.as_deref(), waiting)?;
        let query = QueueQuery { account, of: super::own_posts(&author), after, limit: limit + 1 };
        let mut waits = author.here.scope.read().await?.posts().queue(&query).await?;
        let more = waits.len() as u64 > limit;
        waits.truncate(limit as usize);
        let next_cursor = waits.last().filter(|_| more).map(|last| cursors.write(&place(last)));
        let slug = &author.here.village.slug;
        let next =
            next_cursor.as_ref().map(|cursor| format!("/v1/admin/villages/{slug}/queue?cursor={cursor}&limit={limit}"));
        let items = waits.iter().map(|waits| PostView::for_staff(&waits.post, &author)).collect();
        Ok(Answer::of(&QueueList { items, next_cursor }).next(next))
    }

    /// Look at the editorial calendar
    ///
    /// What is planned in a window of at most 100 days: posts that go out or end by themselves, and events, in time order.
    #[oai(
        path = "/v1/admin/villages/:village/editorial-calendar",
        method = "get",
        operation_id = "get_editorial_calendar",
        tag = "Group::Staff"
    )]
    async fn get_editorial_calendar(
        &self,
        #[oai(name = "village")] author: Author,
        /// Only what is not before this instant.
        from: Query<DateTime<Utc>>,
        /// Only what is before this instant.
        until: Query<DateTime<Utc>>,
    ) -> Result<Answer<200, PlanView>, Problem> {
        let (from, until) = (from.0, until.0);
        if until < from || until.signed_duration_since(from) > LONGEST {
            let detail = Text::new("muss höchstens 100 Tage nach from liegen", "must be at most 100 days after from");
            return Err(Problem::with_fault(ProblemKind::InvalidParameter, "until", detail));
        }
        let query = PlanQuery { from, until, of: super::own_posts(&author), limit: MOST };
        let posts = author.here.scope.read().await?.posts().planned(&query).await?;
        let mut items: Vec<Entry> = posts.iter().flat_map(|post| Entry::all_of(post, &author, from, until)).collect();
        items.sort_by_key(Entry::at);
        Ok(Answer::of(&PlanView { items }))
    }

    /// Count whom a post would reach
    ///
    /// The subscriptions that would be told if it went out now, by channel: asked in the same words as when it does.
    #[oai(
        path = "/v1/admin/villages/:village/posts/:post/audience",
        method = "get",
        operation_id = "get_audience",
        tag = "Group::Staff"
    )]
    async fn get_audience(
        &self,
        #[oai(name = "village")] author: Author,
        post: Item<PostId>,
    ) -> Result<Answer<200, Audience>, Problem> {
        let (reader, post) = seen(&author, post.0).await?;
        Ok(Answer::of(&Audience::new(&reader.deliveries().audience(&post, self.0.clock.now()).await?)))
    }

    /// See a post as its readers will
    ///
    /// As the feed, a mail and a push show it if it goes out now, made by what makes the real ones. The link to unsubscribe is one
    /// that does nothing.
    #[oai(
        path = "/v1/admin/villages/:village/posts/:post/preview",
        method = "get",
        operation_id = "get_post_preview",
        tag = "Group::Staff"
    )]
    async fn get_post_preview(
        &self,
        #[oai(name = "village")] author: Author,
        post: Item<PostId>,
    ) -> Result<Answer<200, PreviewView>, Problem> {
        let (_, post) = seen(&author, post.0).await?;
        let now = self.0.clock.now();
        let post = match post.state {
            PostState::Published => post,
            _ => Post { state: PostState::Published, published_at: Some(now), ..post },
        };
        let village = &author.here.village;
        let feed = PostView::public(&post, village, now);
        let notification = Notification {
            id: Uuid::nil().into(),
            kind: NotificationKind::Published,
            post: Some(post.id),
            subscription: None,
            urgency: post.urgency(),
            planned: 0,
            created_at: now,
            expires_at: now,
            started_at: None,
            finished_at: None,
            joint_version: None,
        };
        let matter = Matter::of_post(village.as_ref().clone(), notification, post);
        let mail = matter.mail(&self.0, &village.language, SubscriptionId::from(Uuid::nil()))?;
        let push = String::from_utf8(matter.payload(&self.0.settings.public_url())).unwrap_or_default();
        Ok(Answer::of(&PreviewView::new(feed, mail, push)))
    }
}

fn place(last: &Waits) -> Vec<u8> {
    [last.since.timestamp_millis().to_be_bytes().as_slice(), last.post.id.0.as_bytes()].concat()
}

fn waiting(place: &[u8]) -> Option<Waiting> {
    let (since, id) = place.split_at_checked(8)?;
    let since = DateTime::from_timestamp_millis(i64::from_be_bytes(since.try_into().ok()?))?;
    Some(Waiting { since, id: Uuid::from_slice(id).ok()?.into() })
}
