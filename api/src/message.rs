//! What people are told: the one place that says what a post says, when and where it takes place and whether it does, and by whom, for
//! everybody who tells of it: pushes, mails and reminders, the preview, the feed in all its forms, calendars and linked data. Nobody
//! else formats a day, an hour or a state for people.

pub mod asked_for;
mod change;
mod collection;
pub mod facts;
mod heading;
mod mail;
mod push;
mod series;
mod telling;
mod words;

pub use mail::MailText;
pub use series::summary;
pub use telling::{Telling, Where, Whether};
pub use words::{Words, Years};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, NaiveDateTime, Utc};
use collection::Collection;
use entity::{
    AskedFor, EventChange, Fate, Notification, NotificationKind, Post, PostKind, PostState, StoreError, Urgency,
    VillageRecord, VillageTx,
};
use heading::Dated;
use sha2::{Digest, Sha256};

/// What a lane sends: a notification with everything that has to be known for it.
pub struct Matter {
    /// The village it is from.
    pub village: VillageRecord,
    /// The notification.
    pub notification: Notification,
    /// The post it is about; none for a confirmation or a reminder.
    pub post: Option<Post>,
    collection: Option<Collection>,
    dated: Option<Dated>,
    /// What is to be confirmed, for a confirmation.
    asked_for: AskedFor,
}

impl Matter {
    /// A notification with what it is about.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(tx: &VillageTx, village: VillageRecord, notification: Notification) -> Result<Self, StoreError> {
        let post = match notification.post {
            Some(post) => tx.posts().find(post).await?,
            None => None,
        };
        let collection = match notification.kind {
            NotificationKind::WasteReminder => Collection::of(tx, notification.id).await?,
            _ => None,
        };
        let dated = Dated::of(tx, &notification, post.as_ref()).await?;
        let asked_for = match (notification.kind, notification.subscription) {
            (NotificationKind::Confirmation, Some(id)) => tx.subscriptions().asked_for(id).await?,
            _ => AskedFor::default(),
        };
        Ok(Self { village, notification, post, collection, dated, asked_for })
    }

    /// A notification of a post.
    pub fn of_post(village: VillageRecord, notification: Notification, post: Post) -> Self {
        Self { village, notification, post: Some(post), collection: None, dated: None, asked_for: AskedFor::default() }
    }

    /// Whether it is still to be told: in time, of a post that is public, or was and is taken back; of waste that is collected, of a
    /// date that takes place, of a danger that is not over.
    pub fn is_current(&self, now: DateTime<Utc>) -> bool {
        let is_public =
            |post: &Post| post.state == PostState::Published && post.expires_at.is_none_or(|expiry| now < expiry);
        let shows = |post: &Post| match self.notification.kind {
            NotificationKind::Withdrawn => post.state == PostState::Withdrawn,
            // Who was warned hears it, also where the warning is hidden by now.
            NotificationKind::AllClear => is_public(post) || post.state == PostState::Hidden,
            _ => is_public(post) && post.all_clear.is_none(),
        };
        let takes_place = match self.notification.kind {
            NotificationKind::WasteReminder => self.collection.is_some(),
            NotificationKind::EventReminder => self.dated.is_some(),
            _ => true,
        };
        now < self.notification.expires_at && self.post.as_ref().is_none_or(shows) && takes_place
    }

    /// Whether it is about a danger: the alert itself, a change of it, or that it is over.
    pub fn is_alert(&self) -> bool {
        self.post.as_ref().is_some_and(|post| post.kind == PostKind::Alert)
    }

    /// Whether what the post says and shows belongs to its messages: not, once it was taken back or its danger is over.
    fn tells_post(&self) -> bool {
        let is_over = self.post.as_ref().is_some_and(|post| post.all_clear.is_some());
        !is_over && self.notification.kind != NotificationKind::Withdrawn
    }

    /// What makes messages replace each other: the same for all about one matter, which is a post, or one date of a series; and for
    /// the copies of a joint post, of which one device may be told by one village and then by another.
    pub fn tag(&self) -> String {
        let Some(post) = &self.post else {
            return self.collection.as_ref().map_or_else(|| self.notification.id.to_string(), Collection::tag);
        };
        let about = post.joint.as_ref().map_or(post.id.0, |joint| joint.id.0);
        match self.date(post) {
            Some(date) => format!("{about}-{}", date.format("%Y%m%dT%H%M")),
            None => about.to_string(),
        }
    }

    /// The tag as push services take it (RFC 8030, section 5.4): 32 characters of base64url.
    pub fn topic(&self) -> String {
        URL_SAFE_NO_PAD.encode(&Sha256::digest(self.tag().as_bytes())[..24])
    }

    /// The date of a series that it is about, the first of several; none when it is about all of the post.
    fn date(&self, post: &Post) -> Option<NaiveDateTime> {
        let date = match self.dated.as_ref().filter(|_| post.event.as_ref().is_some_and(|event| event.recurs()))? {
            Dated::Near(date) => Some(date),
            Dated::Changed(EventChange { fate: Fate::Cancelled | Fate::Postponed | Fate::Moved, .. }) => None,
            Dated::Changed(EventChange { fate: Fate::Reinstated, further: 1.., .. }) => None,
            Dated::Changed(change) => change.was.as_ref().or(change.is.as_ref()),
        };
        date.and_then(|date| date.date)
    }

    /// How soon push services should deliver (RFC 8030, section 5.3).
    pub fn urgency(&self) -> &'static str {
        if self.notification.urgency == Urgency::High { "high" } else { "normal" }
    }

    /// Seconds for which a push service should keep it for a device that is off.
    pub fn ttl_s(&self, now: DateTime<Utc>) -> i64 {
        (self.notification.expires_at - now).num_seconds().clamp(0, 28 * 24 * 3600)
    }
}
