//! What stands above the text of a post in a message: what it is, and which date it is about.

use super::Matter;
use super::change::{self, placed};
use super::facts::{self, Fact};
use super::telling::{Telling, Where, Whether};
use super::words::{Words, Years, capitalised};
use crate::text::Language;
use chrono_tz::Tz;
use entity::{ChangedDate, EventChange, Notification, NotificationKind, Post, PostKind, StoreError, VillageTx};

/// The dates that a notification is about.
pub enum Dated {
    /// One that is near.
    Near(ChangedDate),
    /// Those that were cancelled, moved or changed.
    Changed(EventChange),
}

/// What stands above the text of a post.
pub(super) struct Heading<'a> {
    /// What kind of message it is; nothing for plain news.
    pub label: Option<String>,
    /// The title of the post or the date.
    pub title: String,
    /// On which day it is, where it is about one date.
    on: Option<String>,
    /// Whether the title without the label would say something else than the message: that something takes place, or a danger.
    has_state: bool,
    /// When and where it is, what is to be said about that, and by whom: a line each.
    pub lines: Vec<String>,
    /// What somebody who wants to come has to know.
    pub facts: Vec<Fact<'a>>,
    /// Whether what the post says belongs to a short message too.
    pub with_text: bool,
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
    /// How days and times are said in its messages.
    pub(super) fn words(&self, language: Language) -> Words {
        let zone: Tz = self.village.zone.parse().unwrap_or(Tz::UTC);
        let told = self.notification.created_at.with_timezone(&zone).date_naive();
        Words { language, zone, told, years: Years::WhereNeeded }
    }

    /// What stands above the text of a post.
    pub(super) fn heading<'a>(&self, post: &'a Post, language: Language) -> Heading<'a> {
        let telling = Telling::of(post, self.words(language));
        match self.notification.kind {
            NotificationKind::Withdrawn => return taken_back(&telling, post),
            _ if !telling.holds() => return cleared(&telling),
            _ => {}
        }
        let heading = match &self.dated {
            Some(Dated::Near(date)) => near(&telling, post, date),
            Some(Dated::Changed(change)) => changed(&telling, post, change),
            None => whole(&telling, self.notification.kind),
        };
        heading.by(telling.club)
    }
}

/// Above all of a post.
fn whole<'a>(telling: &Telling<'a>, kind: NotificationKind) -> Heading<'a> {
    let words = &telling.words;
    let is_correction = kind == NotificationKind::Changed;
    let label = match (telling.label(), telling.kind) {
        (Some(_), PostKind::Alert) if is_correction => Some(words.pick("Warnung geändert", "Warning changed")),
        (Some(label), _) => Some(label),
        (None, _) if is_correction => Some(words.pick("Geändert", "Changed")),
        (None, PostKind::Event) => Some(words.pick("Termin", "Event")),
        (None, PostKind::Notice) => Some(telling.club.unwrap_or(words.pick("Aus den Vereinen", "From the clubs"))),
        (None, PostKind::News | PostKind::Alert) => None,
    };
    Heading {
        label: label.map(str::to_owned),
        title: telling.title.to_owned(),
        on: None,
        has_state: telling.label().is_some(),
        lines: telling.lines(),
        facts: telling.facts(),
        with_text: true,
    }
}

/// That a post was taken back, and why; not a word of what it said.
fn taken_back<'a>(telling: &Telling<'_>, post: &Post) -> Heading<'a> {
    let words = &telling.words;
    let (german, english) = match telling.kind {
        PostKind::Alert => (("diese Warnung", "Diese Warnung"), "this warning"),
        PostKind::Event => (("diesen Termin", "Dieser Termin"), "this event"),
        PostKind::News | PostKind::Notice => (("diesen Beitrag", "Dieser Beitrag"), "this post"),
    };
    // What a club wrote may be taken back by others than the club.
    let told = match (words.is_german(), telling.club) {
        (true, None) => format!("Das Rathaus hat {} zurückgenommen.", german.0),
        (true, Some(_)) => format!("{} wurde zurückgenommen.", german.1),
        (false, None) => format!("The town hall has taken {english} back."),
        (false, Some(_)) => format!("{} was taken back.", capitalised(english)),
    };
    let why = match post.withdrawal_reason.as_deref() {
        Some(reason) => format!("{}: {reason}", words.pick("Grund", "Reason")),
        None => words.pick("Was darin stand, gilt nicht mehr.", "What it said does not hold any more.").to_owned(),
    };
    ended(words.pick("Zurückgenommen", "Taken back"), telling, vec![told, why])
}

/// That a danger is over.
fn cleared<'a>(telling: &Telling<'_>) -> Heading<'a> {
    ended(telling.label().unwrap_or_default(), telling, telling.lines())
}

fn ended<'a>(label: &str, telling: &Telling<'_>, lines: Vec<String>) -> Heading<'a> {
    Heading {
        label: Some(label.to_owned()),
        title: telling.title.to_owned(),
        on: None,
        has_state: true,
        lines,
        facts: Vec::new(),
        with_text: false,
    }
}

/// Above a reminder of a date.
fn near<'a>(telling: &Telling<'_>, post: &'a Post, date: &ChangedDate) -> Heading<'a> {
    let words = &telling.words;
    let place = usual(post).or_at(date.place.as_deref());
    let mut when = placed(words, date, usual(post));
    if telling.whether == Whether::Perhaps {
        when.push_str(words.pick(" (noch nicht sicher)", " (not yet certain)"));
    }
    Heading {
        label: Some(words.pick("Erinnerung", "Reminder").to_owned()),
        title: date.title.as_ref().unwrap_or(&post.title).clone(),
        on: Some(words.on(date)),
        has_state: false,
        lines: [Some(when), date.note.clone()].into_iter().flatten().collect(),
        facts: post.event.as_ref().map_or_else(Vec::new, |event| facts::of(event, place.access, words)),
        with_text: true,
    }
}

/// Above what has become of dates.
fn changed<'a>(telling: &Telling<'_>, post: &Post, change: &EventChange) -> Heading<'a> {
    let words = &telling.words;
    let date = change.was.as_ref().or(change.is.as_ref());
    Heading {
        label: Some(change::label(words, change)),
        title: date.and_then(|date| date.title.as_ref()).unwrap_or(&post.title).clone(),
        on: change::on(words, change),
        has_state: true,
        lines: change::lines(words, change, usual(post)),
        facts: Vec::new(),
        with_text: false,
    }
}

/// Where the dates of an event are, unless something else is said of one.
fn usual(post: &Post) -> Where<'_> {
    post.event.as_ref().map_or(Where { place: None, address: None, position: None, access: &[] }, Where::of)
}

impl Heading<'_> {
    /// With the club by which it is, unless that was said already.
    fn by(mut self, club: Option<&str>) -> Self {
        let club = club.filter(|club| self.label.as_deref() != Some(club));
        self.lines.extend(club.map(str::to_owned));
        self
    }

    /// The title with what kind of message it is.
    pub fn labelled(&self) -> String {
        match &self.label {
            Some(label) => format!("{label}: {}", self.title),
            None => self.title.clone(),
        }
    }

    /// The title, with the label where nobody may miss it.
    pub fn headline(&self) -> String {
        if self.has_state { self.labelled() } else { self.title.clone() }
    }

    /// What kind of message it is, where the headline does not say so.
    pub fn label_beside(&self) -> Option<&str> {
        self.label.as_deref().filter(|_| !self.has_state)
    }

    /// The subject of a mail.
    pub fn subject(&self) -> String {
        match &self.on {
            Some(on) => format!("{} {on}", self.labelled()),
            None => self.labelled(),
        }
    }
}
