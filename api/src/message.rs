//! What residents are told: prepared once per notification, the same for all but the language and the links.

mod collection;
mod heading;

use crate::app::App;
use crate::links;
use crate::markdown::{shortened, to_plain};
use crate::media_links::{self, MediaSize};
use crate::recurrence;
use crate::text::Language;
use crate::wishes;
use askama::Template;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use collection::Collection;
use entity::{
    EventDates, Media, MediaFormat, Notification, NotificationKind, Post, PostKind, PostState, StoreError,
    SubscriptionId, Urgency, VillageRecord, VillageTx, Wishes,
};
use heading::Dated;
use serde::Serialize;
use uuid::Uuid;

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
    wishes: Wishes,
}

/// A mail, before it is put into an envelope.
pub struct MailText {
    /// The subject, at most 78 characters.
    pub subject: String,
    /// The text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
    /// The link of one-click unsubscription; none before it is confirmed.
    pub unsubscribe: Option<String>,
}

/// The payload of a push: a Declarative Web Push message, which Safari shows by itself and service workers of other browsers
/// show from the same JSON.
#[derive(Serialize)]
struct Payload<'a> {
    web_push: u16,
    notification: Shown<'a>,
}

#[derive(Serialize)]
struct Shown<'a> {
    title: String,
    body: String,
    lang: &'a str,
    dir: &'a str,
    navigate: String,
    /// The same for every message about a post, so that a later one replaces the one before.
    tag: String,
    /// The first image of the post.
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<String>,
    /// The village's logo.
    #[serde(skip_serializing_if = "Option::is_none")]
    icon: Option<String>,
    data: About<'a>,
}

#[derive(Serialize)]
struct About<'a> {
    village: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    post: Option<String>,
    kind: &'a str,
    notification: String,
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
        let wishes = match (notification.kind, notification.subscription) {
            (NotificationKind::Confirmation, Some(id)) => tx.subscriptions().wishes(id).await?,
            _ => Wishes::default(),
        };
        Ok(Self { village, notification, post, collection, dated, wishes })
    }

    /// A notification of a post.
    pub fn of_post(village: VillageRecord, notification: Notification, post: Post) -> Self {
        Self { village, notification, post: Some(post), collection: None, dated: None, wishes: Wishes::default() }
    }

    /// Whether it is still to be told: in time, of a post that is public, of waste that is collected, of a date that takes place.
    pub fn is_current(&self, now: DateTime<Utc>) -> bool {
        let shows =
            |post: &Post| post.state == PostState::Published && post.expires_at.is_none_or(|expiry| now < expiry);
        let takes_place = match self.notification.kind {
            NotificationKind::WasteReminder => self.collection.is_some(),
            NotificationKind::EventReminder => self.dated.is_some(),
            _ => true,
        };
        now < self.notification.expires_at && self.post.as_ref().is_none_or(shows) && takes_place
    }

    /// What makes messages replace each other: the same for all about a post, and about the copies of a joint post, which one device
    /// may be told of by one village and then by another.
    pub fn about(&self) -> Uuid {
        let joint = |post: &Post| post.joint.as_ref().map_or(post.id.0, |joint| joint.id.0);
        self.post.as_ref().map_or(self.notification.id.0, joint)
    }

    /// The payload of a push, in the village's language. Well below what push services take.
    pub fn payload(&self, public_url: &str) -> Vec<u8> {
        if let Some(collection) = &self.collection {
            return self.collection_payload(collection, public_url);
        }
        let Some(post) = &self.post else { return Vec::new() };
        let language = Language::of_tag(&self.village.language);
        let slug = &self.village.slug;
        let heading = self.heading(post, language);
        let payload = Payload {
            web_push: 8030,
            notification: Shown {
                title: shortened(&heading.titled(&self.village.name), 120),
                body: heading.summary(post),
                lang: language.tag(),
                dir: "auto",
                navigate: format!("{public_url}/v1/villages/{slug}/posts/{}", post.id),
                tag: self.about().to_string(),
                image: self.image(post, public_url),
                icon: media_links::logo_path(&self.village, MediaSize::Thumbnail)
                    .map(|(path, _)| format!("{public_url}{path}")),
                data: About {
                    village: slug,
                    post: Some(post.id.to_string()),
                    kind: name(post.kind),
                    notification: self.notification.id.to_string(),
                },
            },
        };
        serde_json::to_vec(&payload).unwrap_or_default()
    }

    /// The post's first image, in the size that suits a message.
    fn image(&self, post: &Post, public_url: &str) -> Option<String> {
        let image = post.media.iter().find(|media| media.format != MediaFormat::Pdf)?;
        Some(format!("{public_url}{}", media_links::path(&self.village.slug, image, MediaSize::Medium)))
    }

    /// How soon push services should deliver (RFC 8030, section 5.3).
    pub fn urgency(&self) -> &'static str {
        if self.notification.urgency == Urgency::High { "high" } else { "normal" }
    }

    /// Seconds for which a push service should keep it for a device that is off.
    pub fn ttl_s(&self, now: DateTime<Utc>) -> i64 {
        (self.notification.expires_at - now).num_seconds().clamp(0, 28 * 24 * 3600)
    }

    /// The mail for one recipient.
    ///
    /// # Errors
    /// When a template fails, which is a defect.
    pub fn mail(&self, app: &App, language: &str, to: SubscriptionId) -> anyhow::Result<MailText> {
        let language = Language::of_tag(language);
        match (&self.post, self.notification.kind) {
            (Some(post), _) => self.post_mail(app, to, post, language),
            (None, NotificationKind::WasteReminder) => match &self.collection {
                Some(collection) => self.collection_mail(app, to, collection, language),
                None => anyhow::bail!("a reminder of nothing"),
            },
            (None, NotificationKind::Confirmation) => self.confirmation_mail(app, to, language),
            (None, _) => anyhow::bail!("a notification about nothing"),
        }
    }

    fn post_mail(&self, app: &App, to: SubscriptionId, post: &Post, language: Language) -> anyhow::Result<MailText> {
        let public_url = app.settings.public_url();
        let unsubscribe = links::unsubscribe_link(&app.secrets, &public_url, &self.village, to);
        let heading = self.heading(post, language);
        let text = PostText {
            german: language == Language::German,
            village: &self.village.name,
            sender: &self.village.sender_name,
            label: heading.label,
            changed: heading.is_correction,
            title: &heading.title,
            dates: heading.dates.clone(),
            text: to_plain(&post.body_markdown, crate::markdown::LONGEST),
            html: &post.body_html,
            media: post.media.iter().map(|media| ShownMedia::new(media, &self.village.slug, &public_url)).collect(),
            logo: media_links::logo_path(&self.village, MediaSize::Thumbnail)
                .map(|(path, logo)| (format!("{public_url}{path}"), logo.alt.as_str())),
            language: language.tag(),
            unsubscribe: &unsubscribe,
        };
        Ok(MailText {
            subject: shortened(&heading.subject, 78),
            text: text.render()?,
            html: PostHtml { it: &text }.render()?,
            unsubscribe: Some(unsubscribe),
        })
    }

    fn confirmation_mail(&self, app: &App, to: SubscriptionId, language: Language) -> anyhow::Result<MailText> {
        let public_url = app.settings.public_url();
        let until = self.notification.expires_at;
        let link = links::confirmation_link(&app.secrets, &public_url, &self.village, to, until);
        let german = language == Language::German;
        let subject = if german { "Bitte bestätigen Sie Ihr Abonnement" } else { "Please confirm your subscription" };
        let text = ConfirmText {
            german,
            village: &self.village.name,
            sender: &self.village.sender_name,
            language: language.tag(),
            hours: app.settings.retention.unconfirmed_h,
            link: &link,
            wishes: wishes::lines(&self.wishes, language),
        };
        Ok(MailText {
            subject: shortened(&format!("{subject}: {}", self.village.name), 78),
            text: text.render()?,
            html: ConfirmHtml { it: &text }.render()?,
            unsubscribe: None,
        })
    }
}

#[derive(Template)]
#[template(path = "post.txt", escape = "none")]
struct PostText<'a> {
    german: bool,
    village: &'a str,
    sender: &'a str,
    label: Option<&'a str>,
    changed: bool,
    title: &'a str,
    dates: Option<String>,
    text: String,
    html: &'a str,
    media: Vec<ShownMedia<'a>>,
    /// Where the village's logo is, and what is seen on it.
    logo: Option<(String, &'a str)>,
    language: &'a str,
    unsubscribe: &'a str,
}

/// An image or document of a post, in a mail: loaded or opened by its link, which is the same for every reader.
struct ShownMedia<'a> {
    is_image: bool,
    /// What is seen on it, or what it is called.
    words: &'a str,
    credit: Option<&'a str>,
    /// Where it is in full.
    url: String,
    /// Where an image is in the width of a mail.
    medium_url: String,
}

impl<'a> ShownMedia<'a> {
    fn new(media: &'a Media, village: &str, public_url: &str) -> Self {
        let url = |size| format!("{public_url}{}", media_links::path(village, media, size));
        let is_image = media.format != MediaFormat::Pdf;
        Self {
            is_image,
            words: if media.alt.is_empty() { &media.file_name } else { &media.alt },
            credit: media.credit.as_deref(),
            url: url(MediaSize::Full),
            medium_url: if is_image { url(MediaSize::Medium) } else { String::new() },
        }
    }
}

#[derive(Template)]
#[template(path = "post.html")]
struct PostHtml<'a> {
    it: &'a PostText<'a>,
}

#[derive(Template)]
#[template(path = "confirm.txt", escape = "none")]
struct ConfirmText<'a> {
    german: bool,
    village: &'a str,
    sender: &'a str,
    language: &'a str,
    hours: u32,
    link: &'a str,
    /// What is to be confirmed, a line each.
    wishes: Vec<String>,
}

#[derive(Template)]
#[template(path = "confirm.html")]
struct ConfirmHtml<'a> {
    it: &'a ConfirmText<'a>,
}

fn name(kind: PostKind) -> &'static str {
    match kind {
        PostKind::News => "news",
        PostKind::Notice => "notice",
        PostKind::Event => "event",
        PostKind::Alert => "alert",
    }
}

/// The dates of an event in words: `06.12.2026, 15:00–18:00 Uhr, Dorfplatz`.
pub fn dates(event: &EventDates, language: Language) -> String {
    let german = language == Language::German;
    let day = |at: NaiveDateTime| at.format(if german { "%d.%m.%Y" } else { "%-d %B %Y" }).to_string();
    let words = match recurrence::sentence(event).filter(|_| german) {
        Some(series) => format!("{series}, ab {}", day(event.starts_local)),
        None => first_date(event, german, day),
    };
    [Some(words), event.place.clone()].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// The first date, or the only one: its days, and its hours unless it takes whole days.
fn first_date(event: &EventDates, german: bool, day: impl Fn(NaiveDateTime) -> String) -> String {
    let (start, end) = (event.starts_local, event.ends_local.filter(|end| *end != event.starts_local));
    if event.all_day {
        // The end of whole days is the day after the last.
        let last = end.map(|end| end - TimeDelta::days(1)).filter(|last| *last > start);
        return last.map_or_else(|| day(start), |last| format!("{} – {}", day(start), day(last)));
    }
    let time = |at: NaiveDateTime| at.format("%H:%M").to_string();
    let mut words = format!("{}, {}", day(start), time(start));
    match end {
        Some(end) if end.date() == start.date() => words.push_str(&format!("–{}", time(end))),
        Some(end) => words.push_str(&format!(" – {}, {}", day(end), time(end))),
        None => {}
    }
    if german {
        words.push_str(" Uhr");
    }
    words
}
