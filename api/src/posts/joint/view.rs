//! What travels about joint posts.

mod examples;

use super::Slugs;
use crate::instant::Instant;
use crate::posts::event_view::{EventBody, EventView, Place};
use crate::posts::view::{AllClearView, Delivery, Kind, PostBody, PostChangeBody, State};
use crate::problem::Problem;
use crate::validate::Faults;
use entity::{DeliveryState, JointPost, JointState, Post, PostContent, PostKind, Reason, Tally};
use poem_openapi::{Enum, Object};
use serde::{Deserialize, Deserializer};
use uuid::Uuid;

/// A post that a municipality publishes in several of its villages.
#[derive(Object)]
#[oai(rename = "JointPost", skip_serializing_if_is_none, example)]
pub struct JointPostView {
    /// Its identifier.
    id: Uuid,
    /// The identifier of the municipality.
    municipality: Uuid,
    /// The villages it is for, by their names in URLs.
    villages: Vec<String>,
    /// What it is.
    kind: Kind,
    /// Where it is in its life.
    state: JointStateName,
    /// What it is about: the slug of a topic, in the villages that have it.
    topic: Option<String>,
    /// Its title, plain text.
    title: String,
    /// Its text as written, Markdown.
    body_markdown: String,
    /// Its dates; present exactly when `kind` is `event`.
    event: Option<EventView>,
    /// How loudly it is told.
    delivery: Delivery,
    /// Rises by one with every change; the `ETag`.
    version: i32,
    /// The account that first saved it.
    author: Uuid,
    /// When it was first saved.
    created_at: Instant,
    /// When it was last changed.
    updated_at: Instant,
    /// When it was published.
    published_at: Option<Instant>,
    /// When it was taken back.
    withdrawn_at: Option<Instant>,
    /// Why it was taken back, as everybody may read it.
    withdrawal_reason: Option<String>,
    /// That the danger is over which an alert is about.
    all_clear: Option<AllClearView>,
    /// From when on it does not show any more.
    expires_at: Option<Instant>,
    /// What became of it in each village; present when one joint post is read.
    pub results: Option<Vec<JointResult>>,
}

/// What became of a joint post in one village.
#[derive(Object)]
#[oai(skip_serializing_if_is_none, example)]
pub struct JointResult {
    /// The village's name in URLs.
    pub village: String,
    /// The identifier of the post there, when there is one.
    post: Option<Uuid>,
    /// The state of the post there.
    state: Option<State>,
    /// The version that the village has followed.
    version: Option<i32>,
    /// Whether the village has followed the latest version; it is tried again until it has.
    up_to_date: bool,
    /// How many deliveries are still to be tried.
    pending: i64,
    /// How many subscriptions were told.
    delivered: i64,
    /// How many were not, since the same device or mailbox was told in another village.
    told_elsewhere: i64,
    /// How many were not for another reason.
    undelivered: i64,
}

/// A page of joint posts.
#[derive(Object)]
#[oai(skip_serializing_if_is_none, example)]
pub struct JointPostList {
    /// The joint posts.
    pub items: Vec<JointPostView>,
    /// The cursor of the next page, if there is one.
    pub next_cursor: Option<String>,
}

/// Where a joint post is in its life.
#[derive(Clone, Copy, Enum, PartialEq, Eq)]
#[oai(rename = "JointPostState", rename_all = "snake_case")]
enum JointStateName {
    /// Being written.
    Draft,
    /// Public in its villages, unless one of them hides it.
    Published,
    /// Taken back in all of them.
    Withdrawn,
}

/// A joint post to be saved.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(rename = "JointPostBody", example)]
pub struct JointBody {
    /// The villages it is for, by their names in URLs; all of the municipality unless given. They never change.
    #[serde(default)]
    #[oai(validator(min_items = 1, max_items = 200))]
    villages: Option<Vec<String>>,
    /// What it is. It never changes.
    kind: Kind,
    /// Its title: one line of plain text.
    #[oai(validator(min_length = 1, max_length = 200))]
    title: String,
    /// Its text, Markdown.
    #[serde(default)]
    #[oai(validator(max_length = 20000), default)]
    body_markdown: String,
    /// What it is about: the slug of a topic. A village that has none of this name shows it without.
    #[serde(default)]
    #[oai(validator(max_length = 64))]
    topic: Option<String>,
    /// From when on it does not show any more.
    #[serde(default)]
    expires_at: Option<Instant>,
    /// Its dates; needed exactly when `kind` is `event`.
    #[serde(default)]
    event: Option<EventBody>,
    /// How loudly it is told; unless given `urgent` for an alert, otherwise `push_and_mail`. It never changes.
    #[serde(default)]
    delivery: Option<Delivery>,
}

/// A change of a joint post: what is absent stays; null takes the topic or the expiry away.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(rename = "JointPostChangeBody", example)]
pub struct JointChangeBody {
    /// Its title from now on.
    #[serde(default)]
    #[oai(validator(min_length = 1, max_length = 200))]
    title: Option<String>,
    /// Its text from now on, Markdown.
    #[serde(default)]
    #[oai(validator(max_length = 20000))]
    body_markdown: Option<String>,
    /// What it is about from now on; null for nothing.
    #[serde(default, deserialize_with = "given")]
    #[oai(nullable)]
    topic: Option<Option<String>>,
    /// From when on it does not show any more; null for never.
    #[serde(default, deserialize_with = "given")]
    #[oai(nullable)]
    expires_at: Option<Option<Instant>>,
    /// Its dates from now on.
    #[serde(default)]
    event: Option<EventBody>,
    /// Whether followers in all villages are told of the correction of a published post. Unless given, they are exactly when coming
    /// dates of an event are cancelled, postponed or moved by it.
    #[serde(default)]
    notify: Option<bool>,
}

/// A joint post to be saved, checked.
pub struct JointDraft {
    /// The slugs of its villages; all when absent.
    pub villages: Option<Vec<String>>,
    /// What it is.
    pub kind: PostKind,
    /// What it says.
    pub content: PostContent,
}

/// Tells "absent" from "null".
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl JointBody {
    /// Checks the values, as those of any post.
    pub fn checked(self, place: &Place) -> Result<JointDraft, Problem> {
        let mut faults = Faults::default();
        if self.villages.as_ref().is_some_and(|villages| villages.is_empty() || villages.len() > 200) {
            faults.add("/villages", "müssen 1 bis 200 sein", "must be 1 to 200");
        }
        if let Some(topic) = &self.topic {
            faults.slug("/topic", topic);
        }
        faults.into_result(())?;
        let body = PostBody::of_joint(
            self.kind,
            (self.title, self.body_markdown),
            self.topic,
            (self.expires_at, self.event),
            self.delivery,
        );
        let draft = body.checked(place)?;
        Ok(JointDraft { villages: self.villages, kind: draft.kind, content: draft.content.said() })
    }
}

impl JointChangeBody {
    /// What `joint` says with the change made to it, and whether to tell followers, if that is said.
    pub fn checked(self, joint: &JointPost, place: &Place) -> Result<(PostContent, Option<bool>), Problem> {
        if let Some(Some(topic)) = &self.topic {
            let mut faults = Faults::default();
            faults.slug("/topic", topic);
            faults.into_result(())?;
        }
        let change = PostChangeBody {
            title: self.title,
            body_markdown: self.body_markdown,
            topic: self.topic,
            expires_at: self.expires_at,
            event: self.event,
            media: None,
            delivery: None,
            notify: self.notify,
        };
        let (content, notify) = change.checked(joint.kind, joint.content.clone(), place)?;
        Ok((content.said(), notify))
    }
}

impl JointPostView {
    /// A joint post, without its results.
    pub fn new(joint: &JointPost, slugs: &Slugs) -> Self {
        let mut villages: Vec<String> = joint.villages.iter().filter_map(|id| slugs.get(id).cloned()).collect();
        villages.sort();
        let content = joint.content.clone();
        Self {
            id: joint.id.0,
            municipality: joint.municipality.0,
            villages,
            kind: joint.kind.into(),
            state: match joint.state {
                JointState::Draft => JointStateName::Draft,
                JointState::Published => JointStateName::Published,
                JointState::Withdrawn => JointStateName::Withdrawn,
            },
            topic: content.topic,
            title: content.title,
            body_markdown: content.body_markdown,
            event: content.event.as_ref().map(|event| EventView::new(event, None)),
            delivery: content.delivery.into(),
            version: joint.version,
            author: joint.author.0,
            created_at: joint.created_at.into(),
            updated_at: joint.updated_at.into(),
            published_at: joint.published_at.map(Into::into),
            withdrawn_at: joint.withdrawn_at.map(Into::into),
            withdrawal_reason: joint.withdrawal_reason.clone(),
            all_clear: joint.all_clear.as_ref().map(Into::into),
            expires_at: content.expires_at.map(Into::into),
            results: None,
        }
    }
}

impl JointResult {
    /// The result in a village: its copy, if there is one, and the counts of what was told of it.
    pub fn new(joint: &JointPost, village: String, copy: Option<&Post>, tallies: &[Tally]) -> Self {
        let count = |which: &dyn Fn(&Tally) -> bool| -> i64 {
            tallies.iter().filter(|tally| which(tally)).map(|tally| tally.deliveries).sum()
        };
        let delivered = count(&|tally| tally.state == DeliveryState::Sent);
        let pending = count(&|tally| tally.state == DeliveryState::Pending);
        let told_elsewhere = count(&|tally| tally.reason == Reason::ToldElsewhere);
        let version = copy.and_then(|copy| copy.joint.as_ref()).map(|done| done.version);
        let nothing_to_do = copy.is_none() && joint.state != JointState::Published;
        Self {
            village,
            post: copy.map(|copy| copy.id.0),
            state: copy.map(|copy| copy.state.into()),
            version,
            up_to_date: nothing_to_do || version == Some(joint.version),
            pending,
            delivered,
            told_elsewhere,
            undelivered: count(&|_| true) - delivered - pending - told_elsewhere,
        }
    }
}
