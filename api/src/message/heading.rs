//! What stands above the text of a post in a message: what it is, and which date it is about.

mod words;

use super::{Matter, dates};
use crate::markdown::{shortened, to_plain};
use crate::text::Language;
use chrono_tz::Tz;
use entity::{ChangedDate, EventChange, Fate, Notification, NotificationKind, Post, PostKind, StoreError, VillageTx};
use words::Words;

/// The dates that a notification is about.
pub enum Dated {
    /// One that is near.
    Near(ChangedDate),
    /// Those that were cancelled, moved or changed.
    Changed(EventChange),
}

/// What stands above the text of a post.
pub(super) struct Heading {
    /// What kind of message it is; nothing for plain news.
    pub label: Option<&'static str>,
    /// Whether it corrects what was told before.
    pub is_correction: bool,
    /// The title of the post or the date.
    pub title: String,
    /// The dates in words.
    pub dates: Option<String>,
    /// The subject of a mail.
    pub subject: String,
    /// Whether what the post says belongs to a short message too.
    pub with_text: bool,
    /// Whether what the post says, and what it shows, belongs to the message at all.
    pub with_post: bool,
}

impl Dated {
    /// The dates that a notification is about; nothing when it is about all of a post, or its date does not take place any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of(
        tx: &VillageTx,
        notification: &Notification,
        post: Option<&Post>,
    ) -> Result<Option<Self>, StoreError> {
        let Some(post) = post else { return Ok(None) };
        match notification.kind {
            NotificationKind::EventReminder => {
                let reminder = tx.event_reminders().of_notification(notification.id).await?;
                let Some(reminder) = reminder else { return Ok(None) };
                let date = tx.occurrences().at(post.id, reminder.starts_at).await?;
                let all_day = post.event.as_ref().is_some_and(|event| event.all_day);
                Ok(date.map(|date| Self::Near(ChangedDate::new(&date.is, all_day))))
            }
            NotificationKind::Changed | NotificationKind::Cancelled => {
                Ok(tx.event_changes().of_notification(notification.id).await?.map(Self::Changed))
            }
            _ => Ok(None),
        }
    }
}

impl Matter {
    /// What stands above the text of a post.
    pub(super) fn heading(&self, post: &Post, language: Language) -> Heading {
        let words = Words { language, zone: self.village.zone.parse().unwrap_or(Tz::UTC) };
        let place = post.event.as_ref().and_then(|event| event.place.as_deref());
        match self.notification.kind {
            NotificationKind::Withdrawn => return taken_back(&words, post),
            NotificationKind::AllClear => return cleared(&words, post),
            _ => {}
        }
        match &self.dated {
            Some(Dated::Near(date)) => near(&words, post, date, place),
            Some(Dated::Changed(change)) => changed(&words, post, change, place),
            None => whole(&words, post, self.notification.kind == NotificationKind::Changed),
        }
    }
}

/// Above all of a post.
fn whole(words: &Words, post: &Post, is_correction: bool) -> Heading {
    let changed = words.pick("Geändert", "Changed");
    let subject = if is_correction { format!("{changed}: {}", post.title) } else { post.title.clone() };
    let label = match post.kind {
        PostKind::News => None,
        PostKind::Notice => Some(words.pick("Aus den Vereinen", "From the clubs")),
        PostKind::Event => Some(words.pick("Termin", "Event")),
        PostKind::Alert => Some(words.pick("Warnung", "Warning")),
    };
    let dates = post.event.as_ref().map(|event| dates(event, words.language));
    Heading { label, is_correction, title: post.title.clone(), dates, subject, with_text: true, with_post: true }
}

/// That a post was taken back, and why; not a word of what it said.
fn taken_back(words: &Words, post: &Post) -> Heading {
    let unsaid = words.pick("Der Beitrag gilt nicht mehr", "What it said does not hold any more");
    ended(words.pick("Zurückgenommen", "Taken back"), post, post.withdrawal_reason.as_deref().unwrap_or(unsaid))
}

/// That a danger is over.
fn cleared(words: &Words, post: &Post) -> Heading {
    let said = post.all_clear.as_ref().map(|all_clear| all_clear.text.as_str()).filter(|text| !text.is_empty());
    let unsaid = words.pick("Die Gefahr ist vorüber", "The danger is over");
    ended(words.pick("Entwarnung", "All-clear"), post, said.unwrap_or(unsaid))
}

fn ended(label: &'static str, post: &Post, said: &str) -> Heading {
    Heading {
        label: Some(label),
        is_correction: false,
        title: post.title.clone(),
        dates: Some(said.trim_end_matches('.').to_owned()),
        subject: format!("{label}: {}", post.title),
        with_text: false,
        with_post: false,
    }
}

/// Above a reminder of a date.
fn near(words: &Words, post: &Post, date: &ChangedDate, place: Option<&str>) -> Heading {
    let label = words.pick("Erinnerung", "Reminder");
    let title = date.title.as_ref().unwrap_or(&post.title).clone();
    Heading {
        label: Some(label),
        is_correction: false,
        subject: format!("{label}: {title} {}", words.on(date)),
        title,
        dates: Some(words.noted(words.placed(date, place), date)),
        with_text: true,
        with_post: true,
    }
}

/// Above what has become of dates.
fn changed(words: &Words, post: &Post, change: &EventChange, place: Option<&str>) -> Heading {
    let label = match change.fate {
        Fate::Cancelled | Fate::DateCancelled | Fate::DatesCancelled | Fate::RestCancelled => {
            words.pick("Abgesagt", "Cancelled")
        }
        Fate::Postponed => words.pick("Verschoben", "Postponed"),
        Fate::Reinstated => words.pick("Findet statt", "Takes place"),
        Fate::Moved | Fate::DateMoved => words.pick("Verlegt", "Moved"),
        Fate::DateChanged => words.pick("Geändert", "Changed"),
    };
    let date = change.was.as_ref().or(change.is.as_ref());
    let title = date.and_then(|date| date.title.as_ref()).unwrap_or(&post.title).clone();
    let subject = match date.filter(|_| change.further == 0) {
        Some(date) => format!("{label}: {title} {}", words.on(date)),
        None => format!("{label}: {title}"),
    };
    let dates = Some(words.change(change, place));
    Heading { label: Some(label), is_correction: false, title, dates, subject, with_text: false, with_post: true }
}

impl Heading {
    /// The title with the village and what kind of message it is.
    pub fn titled(&self, village: &str) -> String {
        match self.label {
            Some(label) => format!("{village} · {label}: {}", self.title),
            None => format!("{village} · {}", self.title),
        }
    }

    /// What a short message says.
    pub fn summary(&self, post: &Post) -> String {
        let mut summary = String::new();
        if let Some(dates) = &self.dates {
            summary.push_str(dates);
            summary.push_str(". ");
        }
        if self.with_text {
            // In bytes, a character can take four, and JSON escapes more: 300 characters stay below 2 KiB in any script.
            summary.push_str(&to_plain(&post.body_markdown, 300));
        }
        shortened(summary.trim(), 300)
    }
}
