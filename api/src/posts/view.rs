//! What travels about posts.

mod all_clear;
mod checks;
mod examples;
mod names;

pub use all_clear::AllClearView;
pub use names::{Delivery, Kind, State, StepName};

use super::attached::{self, AttachedView};
use super::event_view::{EventBody, EventView, Place};
use super::outlook::EventOutlook;
use super::revision_view::RevisionStateName;
use crate::authority::Author;
use crate::instant::Instant;
use crate::markdown;
use crate::message::{Words, Years};
use crate::problem::Problem;
use crate::recurrence;
use crate::validate::Faults;
use checks::{on_every_channel, text};
use chrono::{DateTime, Utc};
use entity::{
    EventDates, MediaId, Neighbour, Post, PostChange, PostContent, PostDelivery, PostId, PostKind, TopicId,
    VillageRecord,
};
use names::steps_of;
use poem_openapi::Object;
use serde::{Deserialize, Deserializer};
use uuid::Uuid;

/// A post.
#[derive(Object)]
#[oai(rename = "Post", skip_serializing_if_is_none, example)]
pub struct PostView {
    /// Its identifier.
    id: Uuid,
    /// The village's name in URLs.
    village: String,
    /// What it is.
    kind: Kind,
    /// Where it is in its life.
    state: State,
    /// The slug of the club that publishes it; absent for the town hall.
    club: Option<String>,
    /// The municipality that published it in several villages at once; absent for the village's own.
    municipality: Option<String>,
    /// What it is about: the slug of a topic.
    topic: Option<String>,
    /// Its title, plain text.
    title: String,
    /// Its text as written, Markdown.
    body_markdown: String,
    /// Its text as sanitised HTML.
    body_html: String,
    /// Its dates; present exactly when `kind` is `event`.
    event: Option<EventView>,
    /// The post of the event that this one goes on from: its dates until they were changed for good.
    continues: Option<Uuid>,
    /// The post of the event that this one goes on as: its dates from then on.
    continued_by: Option<Uuid>,
    /// The images and documents it shows, the most important first.
    media: Vec<AttachedView>,
    /// Rises by one with every change; the `ETag` for staff.
    version: i32,
    /// When it was first saved.
    created_at: Instant,
    /// When it was last changed.
    updated_at: Instant,
    /// When it became public.
    published_at: Option<Instant>,
    /// When it was taken back; absent when it was hidden before.
    withdrawn_at: Option<Instant>,
    /// Why it was taken back, as everybody may read it.
    withdrawal_reason: Option<String>,
    /// That the danger is over which an alert is about.
    all_clear: Option<AllClearView>,
    /// From when on it does not show any more.
    expires_at: Option<Instant>,
    /// For staff: when it goes out by itself; while it is scheduled.
    publish_at: Option<Instant>,
    /// For staff: how loudly it is told.
    delivery: Option<Delivery>,
    /// For staff: the account that first saved it.
    author: Option<Uuid>,
    /// For staff: what you may do with it now. A step may still be refused for what it says, as a warning without the right.
    steps: Option<Vec<StepName>>,
    /// For staff: where what the public post is to say is, if somebody handed that in.
    revision: Option<RevisionStateName>,
    /// In the answer to saving an event: its next dates, and what else is on these days.
    outlook: Option<EventOutlook>,
    /// In the answer to a change of a date and all that follow: the post of these, where they are an event of their own now.
    following: Option<Uuid>,
}

/// A page of posts.
#[derive(Object)]
#[oai(skip_serializing_if_is_none, example)]
pub struct PostList {
    /// The posts.
    pub items: Vec<PostView>,
    /// The cursor of the next page, if there is one.
    pub next_cursor: Option<String>,
}

/// A draft to be saved.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(example)]
pub struct PostBody {
    /// What it is. It never changes.
    kind: Kind,
    /// The slug of the club it is written for; the town hall unless given, or the only club that its author writes for. It never
    /// changes.
    #[serde(default)]
    club: Option<String>,
    /// Its title: one line of plain text.
    #[oai(validator(min_length = 1, max_length = 200))]
    title: String,
    /// Its text, Markdown.
    #[serde(default)]
    #[oai(validator(max_length = 20000), default)]
    body_markdown: String,
    /// What it is about: the slug of a topic.
    #[serde(default)]
    topic: Option<String>,
    /// From when on it does not show any more.
    #[serde(default)]
    expires_at: Option<Instant>,
    /// Its dates; needed exactly when `kind` is `event`.
    #[serde(default)]
    event: Option<EventBody>,
    /// The images and documents it shows: what upload_media gave, the most important first.
    #[serde(default)]
    #[oai(validator(max_items = 10), default)]
    media: Vec<Uuid>,
    /// How loudly it is told; unless given `urgent` for an alert, otherwise `push_and_mail`.
    #[serde(default)]
    delivery: Option<Delivery>,
}

/// A change of a post: what is absent stays; null takes the topic or the expiry away.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(example)]
pub struct PostChangeBody {
    /// Its title from now on.
    #[serde(default)]
    #[oai(validator(min_length = 1, max_length = 200))]
    pub(super) title: Option<String>,
    /// Its text from now on, Markdown.
    #[serde(default)]
    #[oai(validator(max_length = 20000))]
    pub(super) body_markdown: Option<String>,
    /// What it is about from now on; null for nothing.
    #[serde(default, deserialize_with = "given")]
    #[oai(nullable)]
    pub(super) topic: Option<Option<String>>,
    /// From when on it does not show any more; null for never.
    #[serde(default, deserialize_with = "given")]
    #[oai(nullable)]
    pub(super) expires_at: Option<Option<Instant>>,
    /// Its dates from now on.
    #[serde(default)]
    pub(super) event: Option<EventBody>,
    /// The images and documents it shows from now on.
    #[serde(default)]
    #[oai(validator(max_items = 10))]
    pub(super) media: Option<Vec<Uuid>>,
    /// How loudly it is told from now on.
    #[serde(default)]
    pub(super) delivery: Option<Delivery>,
    /// Whether followers are told of the correction of a public post. Unless given, they are exactly when coming dates of an event
    /// are cancelled, postponed or moved by it. The message replaces the one they have.
    #[serde(default)]
    pub(super) notify: Option<bool>,
}

/// A draft, checked.
pub struct Draft {
    /// What it is.
    pub kind: PostKind,
    /// The slug of its club.
    pub club: Option<String>,
    /// Its content.
    pub content: Content,
}

/// The content of a post, checked.
#[derive(Clone)]
pub struct Content {
    /// The slug of its topic.
    pub topic: Option<String>,
    /// What it shows.
    pub media: Vec<MediaId>,
    title: String,
    body_markdown: String,
    expires_at: Option<DateTime<Utc>>,
    event: Option<EventDates>,
    delivery: PostDelivery,
}

/// Tells "absent" from "null".
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl PostBody {
    /// What a joint post says, to be checked as any other.
    pub fn of_joint(
        kind: Kind,
        (title, body_markdown): (String, String),
        topic: Option<String>,
        (expires_at, event): (Option<Instant>, Option<EventBody>),
        delivery: Option<Delivery>,
    ) -> Self {
        Self { kind, club: None, title, body_markdown, topic, expires_at, event, media: Vec::new(), delivery }
    }

    /// Checks the values of a draft for this place.
    pub fn checked(self, place: &Place) -> Result<Draft, Problem> {
        let mut faults = Faults::default();
        let title = faults.line("/title", &self.title, 1, 200);
        let body_markdown = text(&mut faults, &self.body_markdown);
        if (self.kind == Kind::Event) != self.event.is_some() {
            faults.add("/event", "gehört zu Veranstaltungen und nur zu ihnen", "belongs to events, and to them only");
        }
        let event = self.event.map(|event| event.checked(&mut faults, place, None));
        let media = attached::checked(&mut faults, &self.media);
        let usual = if self.kind == Kind::Alert { PostDelivery::Urgent } else { PostDelivery::PushAndMail };
        let delivery = self.delivery.map_or(usual, Into::into);
        on_every_channel(&mut faults, self.kind.into(), delivery);
        let (topic, expires_at) = (self.topic, self.expires_at.map(Into::into));
        let content = Content { topic, media, title, body_markdown, expires_at, event, delivery };
        faults.into_result(Draft { kind: self.kind.into(), club: self.club, content })
    }
}

impl PostChangeBody {
    /// What is said of a kind of post at this place with the change made to it, and whether to tell followers, if that is said.
    pub fn checked(
        self,
        kind: PostKind,
        before: PostContent,
        place: &Place,
    ) -> Result<(Content, Option<bool>), Problem> {
        let mut faults = Faults::default();
        let title = self.title.map_or(before.title, |title| faults.line("/title", &title, 1, 200));
        let body_markdown = self.body_markdown.map_or(before.body_markdown, |body| text(&mut faults, &body));
        if self.event.is_some() && kind != PostKind::Event {
            faults.add("/event", "gehört zu Veranstaltungen und nur zu ihnen", "belongs to events, and to them only");
        }
        let event = match self.event {
            Some(event) => Some(event.checked(&mut faults, place, before.event.as_ref())),
            None => before.event,
        };
        let media = match self.media {
            Some(media) => attached::checked(&mut faults, &media),
            None => before.media.into_iter().map(Into::into).collect(),
        };
        let content = Content {
            topic: self.topic.unwrap_or(before.topic),
            media,
            title,
            body_markdown,
            expires_at: self.expires_at.map_or(before.expires_at, |at| at.map(Into::into)),
            event,
            delivery: self.delivery.map_or(before.delivery, Into::into),
        };
        on_every_channel(&mut faults, kind, content.delivery);
        if self.notify == Some(true) && content.delivery == PostDelivery::Silent {
            faults.add("/notify", "geht nicht: der Beitrag ist still", "is not possible: the post is silent");
        }
        faults.into_result((content, self.notify))
    }
}

impl Content {
    /// What was said before, with these media.
    pub fn of(content: PostContent, media: Vec<MediaId>) -> Self {
        Self {
            topic: content.topic,
            media,
            title: content.title,
            body_markdown: content.body_markdown,
            expires_at: content.expires_at,
            event: content.event,
            delivery: content.delivery,
        }
    }

    /// What is said, without how it is rendered.
    pub fn said(self) -> PostContent {
        PostContent {
            title: self.title,
            body_markdown: self.body_markdown,
            topic: self.topic,
            expires_at: self.expires_at,
            event: self.event,
            delivery: self.delivery,
            media: self.media.iter().map(|media| media.0).collect(),
        }
    }

    /// The content as it is stored: rendered once, here, and its dates with it.
    pub fn change(self, topic: Option<TopicId>, now: DateTime<Utc>) -> Result<PostChange, Problem> {
        let event = self.event.map(|dates| recurrence::plan(dates, now)).transpose();
        let event = event.map_err(super::refused)?;
        Ok(PostChange {
            topic,
            title: self.title,
            body_html: markdown::to_html(&self.body_markdown),
            body_markdown: self.body_markdown,
            expires_at: self.expires_at,
            event,
            delivery: self.delivery,
        })
    }

    /// Refuses what a club may not ask for.
    pub fn for_club(&self, kind: PostKind) -> Result<(), Problem> {
        let mut faults = Faults::default();
        if kind == PostKind::Alert {
            faults.add("/kind", "geht nicht für einen Verein", "is not for a club");
        }
        if self.delivery == PostDelivery::Urgent {
            faults.add("/delivery", "geht nicht für einen Verein", "is not for a club");
        }
        faults.into_result(())
    }
}

impl PostView {
    /// A post as everybody sees it.
    pub fn public(post: &Post, village: &VillageRecord, now: DateTime<Utc>) -> Self {
        let public = |it: &Option<Neighbour>| it.as_ref().filter(|it| it.is_public(now)).map(|it| it.id.0);
        Self {
            continues: public(&post.continues),
            continued_by: public(&post.continued_by),
            ..Self::alone(post, village, now)
        }
    }

    /// A post without those before and after it.
    fn alone(post: &Post, village: &VillageRecord, now: DateTime<Utc>) -> Self {
        let words = Words::of(village, now, Years::Always);
        let event = |event| EventView::new(event, post.event_identity.as_ref()).said_by(event, &words);
        Self {
            id: post.id.0,
            village: village.slug.clone(),
            kind: post.kind.into(),
            state: post.state.into(),
            club: post.club_slug.clone(),
            municipality: post.joint.as_ref().map(|joint| joint.municipality.clone()),
            topic: post.topic_slug.clone(),
            title: post.title.clone(),
            body_markdown: post.body_markdown.clone(),
            body_html: post.body_html.clone(),
            event: post.event.as_ref().map(event),
            continues: None,
            continued_by: None,
            media: post.media.iter().map(|media| AttachedView::new(media, &village.slug)).collect(),
            version: post.version,
            created_at: post.created_at.into(),
            updated_at: post.updated_at.into(),
            published_at: post.published_at.map(Into::into),
            withdrawn_at: post.withdrawn_at.map(Into::into),
            withdrawal_reason: post.withdrawal_reason.clone(),
            all_clear: post.all_clear.as_ref().map(Into::into),
            expires_at: post.expires_at.map(Into::into),
            publish_at: None,
            delivery: None,
            author: None,
            steps: None,
            revision: None,
            outlook: None,
            following: None,
        }
    }

    /// A post as somebody of the staff sees it.
    pub fn for_staff(post: &Post, by: &Author) -> Self {
        Self {
            publish_at: post.publish_at.map(Into::into),
            delivery: Some(post.delivery.into()),
            author: Some(post.author.0),
            steps: Some(steps_of(post, by)),
            revision: post.revision.map(Into::into),
            continues: post.continues.as_ref().map(|other| other.id.0),
            continued_by: post.continued_by.as_ref().map(|other| other.id.0),
            ..Self::alone(post, &by.here.village, post.updated_at)
        }
    }

    /// The same with what only the answer to saving it says.
    pub fn saved(self, outlook: Option<EventOutlook>, following: Option<PostId>) -> Self {
        Self { outlook, following: following.map(|post| post.0), ..self }
    }
}
