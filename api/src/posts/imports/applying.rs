//! Making posts of the events of a calendar, and making them follow it. Each step is one that the author of the calendar could take
//! by hand; [`life`] says which.

use super::report::{Came, Outcome, Report};
use super::text;
use crate::app::App;
use crate::calendar::{CalendarEvents, EventRemark, FoundContent, FoundEvent, Says, SkipReason};
use crate::markdown;
use crate::posts::life::{self, Actor, Step, To};
use crate::posts::loudness::{self, Sender};
use crate::posts::{ending, telling};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    AccountId, EventCalendar, EventItem, EventStatus, NewOccurrence, NewPost, OccurrenceState, PlannedEvent, Post,
    PostChange, PostDelivery, PostId, PostKind, PostMove, PostState, StoreError, Topic, VillageTx,
};
use std::collections::HashMap;

/// Most posts that one import writes, and so many dates are enough; what is left over comes with the next.
const MOST: Written = Written { posts: 500, dates: 50_000, told: MOST_TOLD };

/// So many are enough for one transaction: nobody else writes until it ends. An import has as many of them as it needs.
const AT_ONCE: Written = Written { posts: 100, dates: 4_000, told: MOST_TOLD };

/// Most events that are known of one calendar.
const MOST_KNOWN: usize = 5_000;

/// A change of a date so near is told.
const SOON: TimeDelta = TimeDelta::days(7);

/// Most posts whose change one import tells: nobody wants more at once.
const MOST_TOLD: usize = 5;

/// What an import has written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Written {
    posts: usize,
    dates: usize,
    /// Posts whose change was told.
    told: usize,
}

/// An import under way: one transaction of it.
pub struct Import<'a> {
    /// The installation.
    pub app: &'a App,
    /// In which all of it happens.
    pub tx: &'a VillageTx,
    /// The calendar, which is held.
    pub calendar: &'a EventCalendar,
    /// What its author is to its posts.
    pub actor: Actor,
    /// Its author.
    pub account: AccountId,
    /// Now.
    pub now: DateTime<Utc>,
    /// What its transactions before have written.
    pub before: Written,
}

/// What an import knows and has done so far.
pub struct Progress {
    /// The events that are known of the calendar, by identity.
    pub known: HashMap<String, EventItem>,
    topics: Vec<Topic>,
    /// What it has written, in all and in this transaction.
    pub written: Written,
    now_written: Written,
    /// What is to be remembered of events.
    pub put: Vec<EventItem>,
    /// What came of the components.
    pub report: Report,
}

impl Import<'_> {
    /// Makes the posts of a calendar what it says.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn apply(&self, found: CalendarEvents) -> Result<Report, StoreError> {
        let known = self.tx.event_items().of_calendar(self.calendar.id).await?;
        let mut progress = Progress {
            known: known.into_iter().map(|item| (item.identity.clone(), item)).collect(),
            topics: self.tx.topics().list().await?,
            written: self.before,
            now_written: Written::default(),
            put: Vec::new(),
            report: Report::default(),
        };
        found.skipped.iter().for_each(|skipped| progress.report.skipped(skipped));
        self.recognise(&found, &mut progress).await?;
        self.hide(&found.hidden, &mut progress).await?;
        for event in found.events {
            let (mut lines, remarks) = (event.parts.clone(), event.remarks.clone());
            progress.report.is_cut_short |= remarks.contains(&EventRemark::FollowedSoFar);
            lines.insert(0, (event.number, event.title.clone()));
            let came = self.take(event, &mut progress).await?;
            lines.iter().for_each(|(number, title)| progress.report.remarked(Some(*number), title, came, &remarks));
        }
        progress.report.summary.remarks = found.remarks;
        self.tx.event_items().put(self.calendar.id, &progress.put).await?;
        if found.tells_all {
            self.follow_removals(&found.mentioned, &mut progress).await?;
        }
        progress.report.written = progress.written;
        Ok(progress.report)
    }

    async fn take(&self, event: FoundEvent, progress: &mut Progress) -> Result<Came, StoreError> {
        let item = progress.known.get(&event.identity).cloned();
        let (identity, said, likeness) = (event.identity, event.said, Some(event.likeness));
        let here =
            |post| EventItem { identity: identity.clone(), post, said: said.clone(), likeness: likeness.clone() };
        let content = match event.says {
            Says::CalledOff(what) => return self.call_off(&identity, &what, progress).await,
            Says::Content(content) if item.as_ref().is_none_or(|item| item.said != said) => content,
            Says::AsBefore | Says::Content(_) => {
                let Some(item) = item else { return Ok(Came::left_out(SkipReason::Repeated, None)) };
                if item != here(item.post) {
                    progress.put.push(here(item.post));
                }
                return Ok(Came::of(Outcome::Unchanged, item.post));
            }
        };
        if !progress.has_room(item.is_some()) {
            return Ok(Came::left_out(SkipReason::TooMany, item.map(|item| item.post)));
        }
        if item.is_none() && self.is_over(&content.event) {
            return Ok(Came::left_out(SkipReason::OutOfRange, None));
        }
        progress.writes_dates(content.event.occurrences.len());
        let came = match item {
            None => self.add(event.uid, event.title, *content, progress).await?,
            Some(item) => self.change(item.post, event.title, *content, progress).await?,
        };
        if let (Outcome::Imported | Outcome::Changed | Outcome::Unchanged, Some(post)) = (came.outcome, came.post) {
            self.tx.events().raise_sequence(post, event.sequence).await?;
            progress.put.push(here(post));
        }
        Ok(came)
    }

    /// Whether all of its dates are over: the past stays as it is.
    fn is_over(&self, event: &PlannedEvent) -> bool {
        event.renew_at.is_none() && event.occurrences.iter().all(|date| date.ends_at < self.now)
    }

    async fn add(
        &self,
        uid: Option<String>,
        title: String,
        content: FoundContent,
        progress: &mut Progress,
    ) -> Result<Came, StoreError> {
        // Another calendar may have the same event. Both are told apart, so that nobody can take a UID from somebody else.
        let event_uid = match uid {
            Some(uid) if self.tx.events().by_uid(&uid).await?.is_none() => Some(uid),
            _ => None,
        };
        let (is_public, step, to) = match life::lead(Step::Publish, PostState::Draft, self.actor) {
            Ok(To::State(to)) => (true, Step::Publish, to),
            _ => (false, Step::Submit, PostState::InReview),
        };
        // What editors let out one by one would be told one by one.
        let delivery = if is_public { PostDelivery::PushAndMail } else { PostDelivery::Silent };
        let topic = progress.topic_of(&content, self.calendar);
        let body_markdown = text::markdown(&content.text, content.url.as_deref());
        let change = PostChange {
            topic,
            title,
            body_html: markdown::to_html(&body_markdown),
            body_markdown,
            expires_at: None,
            event: Some(content.event),
            delivery,
        };
        let new = NewPost {
            kind: PostKind::Event,
            author: self.account,
            club: self.calendar.club,
            event_uid,
            content: change,
        };
        let id = self.tx.posts().create(new, self.now).await?;
        let lets_out = step == Step::Publish && matches!(self.actor, Actor::Editor | Actor::OwnEditor);
        let approved_by = lets_out.then_some(self.account);
        let moved = PostMove { from: PostState::Draft, to, publish_at: None, approved_by };
        self.tx.posts().move_to(id, moved, self.now).await?;
        self.keep_version(id).await?;
        progress.writes_post();
        Ok(Came::of(Outcome::Imported, id))
    }

    async fn change(
        &self,
        id: PostId,
        title: String,
        content: FoundContent,
        progress: &mut Progress,
    ) -> Result<Came, StoreError> {
        let Some(post) = self.tx.posts().find_for_change(id).await? else {
            return Ok(Came::left_out(SkipReason::RemovedHere, None));
        };
        if matches!(post.state, PostState::Withdrawn | PostState::Expired) {
            return Ok(Came::left_out(SkipReason::RemovedHere, Some(id)));
        }
        let rest = self.rest_of(&post).await?;
        let before = self.tx.occurrences().of_post(id).await?.into_iter().map(|date| date.is);
        let mut before: Vec<NewOccurrence> = before.chain(rest.dates().cloned()).collect();
        if self.is_over(&content.event) && before.iter().all(|date| date.ends_at < self.now) {
            return Ok(Came::left_out(SkipReason::OutOfRange, Some(id)));
        }
        let cancelled = content.event.dates.status == EventStatus::Cancelled;
        before.retain(|date| !content.elsewhere.has(date.recurrence_local));
        let elsewhere = content.elsewhere.clone();
        let told_of = self.without(&post, &elsewhere);
        let change = changed(&post, title, content, progress, self.calendar);
        if says_the_same(&post, &change) && rest.is_empty() {
            return Ok(Came::of(Outcome::Unchanged, id));
        }
        let to = life::lead(Step::Change, post.state, self.actor);
        let done = match to {
            _ if !self.may_take_off(&rest) => false,
            Ok(to) => self.write(&told_of, change, to, &before, progress).await.map(|()| true)?,
            Err(_) => cancelled && self.take_back(&post).await?,
        };
        if !done {
            self.hide_dates(&post, &elsewhere, progress).await?;
            return Ok(Came::left_out(SkipReason::NeedsEditor, Some(id)));
        }
        self.take_off(&rest, progress).await?;
        Ok(Came::of(Outcome::Changed, id))
    }

    /// Gives a post other content. Whoever follows it is told of what is different soon.
    pub async fn write(
        &self,
        post: &Post,
        change: PostChange,
        to: To,
        before: &[NewOccurrence],
        progress: &mut Progress,
    ) -> Result<(), StoreError> {
        let is_soon = change.event.as_ref().is_some_and(|after| self.is_different_soon(post, before, after));
        self.tx.posts().change(post.id, change, self.now).await?;
        if let To::State(to) = to {
            self.tx.posts().review_again(post.id, post.state, to).await?;
        }
        let after_change = self.keep_version(post.id).await?;
        progress.writes_post();
        if post.state == PostState::Published
            && progress.written.told < MOST.told
            && is_soon
            && let Some(now) = after_change
            && loudness::may_tell_by_calendar(self.app, self.tx, self.sender(), self.now).await?
        {
            telling::announce_change(self.app, self.tx, (post, &now), Some(true), self.now).await?;
            progress.written.told += 1;
        }
        Ok(())
    }

    /// Whether a date of the coming days is cancelled, moved or gone.
    fn is_different_soon(&self, post: &Post, before: &[NewOccurrence], event: &PlannedEvent) -> bool {
        let after: HashMap<_, &NewOccurrence> =
            event.occurrences.iter().map(|date| (date.recurrence_local, date)).collect();
        let usual_before = post.event.as_ref().and_then(|event| event.place.as_deref());
        before
            .iter()
            .filter(|date| date.state != OccurrenceState::Cancelled)
            .filter(|date| date.ends_at >= self.now && date.starts_at <= self.now + SOON)
            .any(|date| {
                after.get(&date.recurrence_local).is_none_or(|now| {
                    now.state == OccurrenceState::Cancelled
                        || now.starts_at != date.starts_at
                        || now.place.as_deref().or(event.dates.place.as_deref())
                            != date.place.as_deref().or(usual_before)
                })
            })
    }

    fn sender(&self) -> Sender {
        self.calendar.club.map_or(Sender::Account(self.account), Sender::Club)
    }

    pub async fn keep_version(&self, id: PostId) -> Result<Option<Post>, StoreError> {
        let post = self.tx.posts().find(id).await?;
        if let Some(post) = &post {
            self.tx.post_versions().keep(post, self.account, self.now).await?;
        }
        Ok(post)
    }

    /// Takes a post back from the public, if its author may; whether it was. Those who were told of it are told.
    pub async fn take_back(&self, post: &Post) -> Result<bool, StoreError> {
        if !self.take_down(post).await? {
            return Ok(false);
        }
        ending::tell_taken_back(self.app, self.tx, post, self.now).await?;
        Ok(true)
    }

    /// Takes a post from the public whose dates another says from now on, if its author may; whether it was.
    pub async fn take_down(&self, post: &Post) -> Result<bool, StoreError> {
        if life::lead(Step::Withdraw, post.state, self.actor).is_err() {
            return Ok(false);
        }
        self.tx.posts().take_down(post, self.now).await?;
        self.tx.notifications().cancel_for_post(post.id, self.now).await?;
        Ok(true)
    }
}

impl Written {
    fn is_enough(self, most: Self) -> bool {
        self.posts >= most.posts || self.dates >= most.dates
    }

    /// Whether an import that has something left and wrote this in all goes on: it wrote something since `before`, and may write more.
    pub fn goes_on(self, before: Self) -> bool {
        (self.posts > before.posts || self.dates > before.dates) && !self.is_enough(MOST)
    }
}

impl Progress {
    /// Counts a post that is written.
    pub fn writes_post(&mut self) {
        self.written.posts += 1;
        self.now_written.posts += 1;
    }

    /// Tells of nothing from here on.
    pub fn tells_no_more(&mut self) {
        self.written.told = MOST.told;
    }

    /// Counts dates that are written.
    pub fn writes_dates(&mut self, dates: usize) {
        self.written.dates += dates;
        self.now_written.dates += dates;
    }

    /// Whether one more may be written: if not, it is left for the next transaction, or the next import. What is not known yet has to be remembered too.
    pub fn has_room(&mut self, is_known: bool) -> bool {
        let is_full = self.written.is_enough(MOST) || self.now_written.is_enough(AT_ONCE);
        self.report.is_cut_short |= is_full;
        !is_full && (is_known || self.known.len() + self.put.len() < MOST_KNOWN)
    }

    /// What an event is about: the topic that one of its categories names, or that of its calendar.
    fn topic_of(&self, content: &FoundContent, calendar: &EventCalendar) -> Option<entity::TopicId> {
        let named = |name: &str| {
            let same = |text: &str| text.to_lowercase() == name.to_lowercase();
            self.topics.iter().find(|topic| same(&topic.slug) || same(&topic.name))
        };
        let topic = content.categories.iter().find_map(|category| named(category));
        topic.or_else(|| calendar.topic.as_deref().and_then(named)).map(|topic| topic.id)
    }
}

/// The content of a post as the calendar says it now. What the calendar knows nothing of stays.
fn changed(
    post: &Post,
    title: String,
    content: FoundContent,
    progress: &Progress,
    calendar: &EventCalendar,
) -> PostChange {
    let topic = progress.topic_of(&content, calendar).or(post.topic);
    let body_markdown = text::markdown(&content.text, content.url.as_deref());
    let mut event = content.event;
    if let Some(before) = &post.event {
        // Of another place it is not known where it is and what is found there.
        if event.dates.place == before.place {
            event.dates.address = before.address.clone();
            event.dates.access = before.access.clone();
            event.dates.position = event.dates.position.or(before.position);
        }
        event.dates.cost = before.cost.clone();
        event.dates.registration_url = before.registration_url.clone();
        event.dates.capacity = before.capacity;
    }
    PostChange {
        topic,
        title,
        body_html: markdown::to_html(&body_markdown),
        body_markdown,
        expires_at: post.expires_at,
        event: Some(event),
        delivery: post.delivery,
    }
}

fn says_the_same(post: &Post, change: &PostChange) -> bool {
    post.title == change.title
        && post.body_markdown == change.body_markdown
        && post.topic == change.topic
        && post.event.as_ref() == change.event.as_ref().map(|event| &event.dates)
}
