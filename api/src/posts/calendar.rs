//! The events of a village for calendars (iCalendar, RFC 5545, 7986): to be saved, or subscribed to and asked again.
//!
//! What was taken back, or is not shown with its club, is told for a while as cancelled, without a word of its text: calendars that follow would otherwise
//! keep the date, or lose it without anybody noticing.

mod event;

use super::ending;
use crate::app::App;
use crate::authority::InVillage;
use crate::http::{Look, PageCache, PageName, PublicPage};
use crate::ical::{Head, Writing};
use crate::message::{Words, Years};
use crate::problem::Problem;
use chrono::{DateTime, TimeDelta, Utc};
use entity::{CalendarQuery, Club, ClubState, Post, PostId, PostState};
use event::Context;
use std::sync::Arc;

/// How long what was taken back is told as cancelled.
const CANCELLED_FOR: TimeDelta = TimeDelta::days(30);

/// How long ago a date may be to be told at all.
const PAST: TimeDelta = TimeDelta::days(90);

/// Most events of one calendar.
const MOST: u64 = 2_000;

/// After how long a calendar that follows asks again.
const ASK_AGAIN: &str = "PT1H";

/// Which events of a village.
#[derive(Default)]
pub struct Wanted {
    /// Only about the topic with this slug.
    pub topic: Option<String>,
    /// Only of the club with this slug.
    pub club: Option<String>,
    /// Only the event of this post.
    pub post: Option<PostId>,
}

/// A calendar.
pub async fn calendar(app: &App, here: &InVillage, wanted: Wanted) -> Result<Arc<PublicPage>, Problem> {
    let now = app.clock.now();
    let name = PageName::Calendar { topic: wanted.topic.clone(), club: wanted.club.clone(), post: wanted.post };
    let making = match PageCache::look(app, here, name).await? {
        Look::Kept(page) => return Ok(page),
        Look::Missing(making) => making,
    };
    let reader = here.scope.read().await?;
    let topic = match &wanted.topic {
        Some(slug) => Some(reader.topics().by_slug(slug).await?.ok_or_else(Problem::not_found)?),
        None => None,
    };
    let club = match &wanted.club {
        Some(slug) => {
            let found = reader.clubs().by_slug(slug).await?.filter(has_been_followed);
            Some(found.ok_or_else(Problem::not_found)?)
        }
        None => None,
    };
    let query = CalendarQuery {
        topic: topic.as_ref().map(|topic| topic.id),
        club: club.as_ref().map(|club| club.id),
        post: wanted.post,
        now,
        since: now - PAST,
        withdrawn_since: now - CANCELLED_FOR,
        limit: MOST,
    };
    let posts = reader.posts().calendar(&query).await?;
    if let Some(post) = wanted.post.filter(|_| posts.is_empty()) {
        return Err(ending::gone_or_missing(&reader, post).await?);
    }
    let topics = reader.topics().list().await?;
    let words = Words::of(&here.village, now, Years::Always);
    let context = Context { village: here.village.as_ref(), public_url: app.settings.public_url(), topics, words };
    let about = [Some(here.village.name.clone()), topic.map(|topic| topic.name), club.map(|club| club.page.name)];
    let name = about.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let written = || {
        let text = written(&context, &name, &posts);
        PublicPage::file("text/calendar; charset=utf-8", text, &file_name(here, wanted.post), until(&posts))
    };
    Ok(making.page(written).await)
}

/// Whether somebody may follow its calendar: what it had planned is told as cancelled when it takes part no longer.
fn has_been_followed(club: &Club) -> bool {
    matches!(club.state, ClubState::Active | ClubState::Paused | ClubState::Off)
}

fn file_name(here: &InVillage, post: Option<PostId>) -> String {
    match post {
        Some(post) => format!("{}-{post}.ics", here.village.slug),
        None => format!("{}.ics", here.village.slug),
    }
}

/// The next instant at which an event expires, or is told as cancelled no longer.
fn until(posts: &[Post]) -> Option<DateTime<Utc>> {
    let ends = posts.iter().filter_map(|post| match post.state {
        PostState::Withdrawn => post.withdrawn_at.map(|at| at + CANCELLED_FOR),
        PostState::Hidden => Some(post.updated_at + CANCELLED_FOR),
        _ => post.expires_at,
    });
    ends.min()
}

/// A calendar, word for word.
fn written(context: &Context<'_>, name: &str, posts: &[Post]) -> String {
    let mut calendar = Writing::new(&Head { name, language: &context.village.language, ask_again: ASK_AGAIN });
    for post in posts {
        if let Some(dates) = &post.event {
            context.components(post, dates).into_iter().for_each(|component| calendar.add(component));
        }
    }
    calendar.finished()
}
