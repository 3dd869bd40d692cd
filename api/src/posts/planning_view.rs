//! What travels about what is ahead.

mod examples;

use super::view::PostView;
use crate::authority::Author;
use crate::instant::Instant;
use crate::message::MailText;
use crate::recurrence::window_dates;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use entity::{Channel, OccurrenceState, Post, PostState};
use poem_openapi::{Enum, Object};

/// Dates of one event that are shown, at most.
const MOST_DATES: usize = 200;

/// Posts that wait for somebody, what waits longest first.
#[derive(Object)]
#[oai(rename = "PostQueue", skip_serializing_if_is_none, example)]
pub struct QueueList {
    /// The posts.
    pub items: Vec<PostView>,
    /// The cursor of the next page, if there is one.
    pub next_cursor: Option<String>,
}

/// What is planned in a window.
#[derive(Object)]
#[oai(rename = "EditorialCalendar", example)]
pub struct PlanView {
    /// The entries, in time order.
    pub items: Vec<Entry>,
}

/// Something that is planned.
#[derive(Object)]
#[oai(rename = "EditorialCalendarEntry", example)]
pub struct Entry {
    /// When.
    at: Instant,
    /// What happens then.
    what: Happening,
    /// To which post.
    post: PostView,
}

/// What happens at a planned time.
#[derive(Clone, Copy, Enum, PartialEq, Eq)]
#[oai(rename = "EditorialCalendarKind", rename_all = "snake_case")]
enum Happening {
    /// The post goes out.
    Publication,
    /// It ends.
    Expiry,
    /// The event that it is about begins.
    Event,
}

/// How many subscriptions a post would reach.
#[derive(Object)]
#[oai(example)]
pub struct Audience {
    /// By push.
    web_push: i64,
    /// By mail.
    email: i64,
    /// On all channels together.
    total: i64,
}

/// A post as its readers see it.
#[derive(Object)]
#[oai(rename = "PostPreview", example)]
pub struct PreviewView {
    /// As the feed shows it.
    feed: PostView,
    /// As a mail, in the village's language.
    mail: MailPreview,
    /// The JSON payload of a push, word for word; the identifier of the notification in it is not yet known.
    push: String,
}

/// A mail before it is sent.
#[derive(Object)]
#[oai(example)]
pub struct MailPreview {
    /// Its subject.
    subject: String,
    /// Its text part.
    text: String,
    /// Its HTML part.
    html: String,
}

impl Entry {
    /// Everything that is planned with a post in a window.
    pub fn all_of(post: &Post, by: &Author, from: DateTime<Utc>, until: DateTime<Utc>) -> Vec<Self> {
        let entry = |what, at| Self { at: Instant(at), what, post: PostView::for_staff(post, by) };
        let goes_on = matches!(post.state, PostState::Published | PostState::Scheduled | PostState::Approved);
        let publication = post.publish_at.filter(|_| post.state == PostState::Scheduled);
        let expiry = post.expires_at.filter(|_| goes_on);
        let one = [(Happening::Publication, publication), (Happening::Expiry, expiry)];
        let dates = event_starts(post, from, until).into_iter().map(|at| (Happening::Event, Some(at)));
        let all = one.into_iter().chain(dates).filter_map(|(what, at)| Some(entry(what, at?)));
        all.filter(|entry| from <= entry.at() && entry.at() < until).collect()
    }

    /// When it is.
    pub fn at(&self) -> DateTime<Utc> {
        self.at.0
    }
}

/// When the dates of a post's event begin that are in a window, or near it.
fn event_starts(post: &Post, from: DateTime<Utc>, until: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let Some(event) = &post.event else { return Vec::new() };
    let day = TimeDelta::days(1);
    let from = from.naive_utc().checked_sub_signed(day).unwrap_or(NaiveDateTime::MIN);
    let until = until.naive_utc().checked_add_signed(day).unwrap_or(NaiveDateTime::MAX);
    let dates = window_dates(event, from, until, MOST_DATES).map(|(dates, _)| dates).unwrap_or_default();
    dates.into_iter().filter(|date| date.state != OccurrenceState::Cancelled).map(|date| date.starts_at).collect()
}

impl Audience {
    /// The counts by channel.
    pub fn new(reached: &[(Channel, i64)]) -> Self {
        let on = |channel| reached.iter().filter(|(on, _)| *on == channel).map(|(_, count)| count).sum();
        let (web_push, email): (i64, i64) = (on(Channel::WebPush), on(Channel::Email));
        Self { web_push, email, total: web_push + email }
    }
}

impl PreviewView {
    /// What was made for the readers.
    pub fn new(feed: PostView, mail: MailText, push: String) -> Self {
        Self { feed, mail: MailPreview { subject: mail.subject, text: mail.text, html: mail.html }, push }
    }
}
