//! What a post says: what it is, whether it takes place, when and where, and by whom. Whoever tells of it, in whatever form, has it
//! from here.

use super::change;
use super::facts::{self, Fact};
use super::series;
use super::words::{Words, capitalised, sentences};
use crate::recurrence;
use chrono::{NaiveDateTime, TimeDelta};
use entity::{
    AccessFact, ChangedDate, EventChange, EventDates, EventOverride, EventStatus, Fate, NewOccurrence, OccurrenceState,
    Post, PostKind,
};

/// Dates of a series that are different and named, at most.
const NAMED: usize = 3;

/// What a post says.
#[derive(Clone, Copy)]
pub struct Telling<'a> {
    /// What it is.
    pub kind: PostKind,
    /// Its title.
    pub title: &'a str,
    /// Whether it takes place.
    pub whether: Whether,
    /// The club by which it is, by name; the town hall's without.
    pub club: Option<&'a str>,
    /// Of a danger that is over, what is said about that; then nothing else that the post says holds any more.
    pub all_clear: Option<&'a str>,
    /// How days and times are said.
    pub words: Words,
    event: Option<&'a EventDates>,
}

/// Whether something takes place. News and what else has no date always does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whether {
    /// It does.
    TakesPlace,
    /// It may.
    Perhaps,
    /// It does not when it was to, but some day.
    Postponed,
    /// It does not.
    Cancelled,
}

/// Where something takes place, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Where<'a> {
    /// The place in words.
    pub place: Option<&'a str>,
    /// The address of that place.
    pub address: Option<&'a str>,
    /// The position of that place (WGS 84): latitude and longitude.
    pub position: Option<(f64, f64)>,
    /// What somebody who needs it finds there.
    pub access: &'a [AccessFact],
}

impl<'a> Telling<'a> {
    /// What a post says.
    pub fn of(post: &'a Post, words: Words) -> Self {
        let event = post.event.as_ref();
        Self {
            kind: post.kind,
            title: &post.title,
            whether: event.map_or(Whether::TakesPlace, |event| Whether::of(event.status)),
            club: post.club_name.as_deref(),
            all_clear: post.all_clear.as_ref().map(|all_clear| all_clear.text.as_str()),
            words,
            event,
        }
    }

    /// The title, with what nobody may miss before it: that it is off, a warning, or that a danger is over.
    pub fn headline(&self) -> String {
        self.label().map_or_else(|| self.title.to_owned(), |label| format!("{label}: {}", self.title))
    }

    /// What nobody may miss, before the title.
    pub fn label(&self) -> Option<&'static str> {
        match (self.all_clear, self.kind) {
            (Some(_), _) => Some(self.words.pick("Entwarnung", "All-clear")),
            (None, PostKind::Alert) => Some(self.words.pick("Warnung", "Warning")),
            (None, _) => self.whether.label(&self.words),
        }
    }

    /// Whether what the post says and shows still holds.
    pub fn holds(&self) -> bool {
        self.all_clear.is_none()
    }

    /// That a danger is over; when and where it is, whether it takes place and what is different at single dates: a line each.
    pub fn lines(&self) -> Vec<String> {
        match (self.all_clear, self.event) {
            (Some(""), _) => vec![self.words.pick("Die Gefahr ist vorüber.", "The danger is over.").to_owned()],
            (Some(said), _) => vec![said.to_owned()],
            (None, Some(event)) => self.dates(event),
            (None, None) => Vec::new(),
        }
    }

    /// What somebody who wants to come has to know.
    pub fn facts(&self) -> Vec<Fact<'a>> {
        self.event.map_or_else(Vec::new, |event| facts::of(event, &event.access, &self.words))
    }

    fn dates(&self, event: &EventDates) -> Vec<String> {
        let place = Where::of(event).in_words();
        let when = [series::when(event, &self.words), place].into_iter().flatten().collect::<Vec<_>>().join(", ");
        let mut lines = vec![match self.whether {
            Whether::TakesPlace => capitalised(&when),
            Whether::Perhaps => {
                format!("{} ({})", capitalised(&when), self.words.pick("noch nicht sicher", "not yet certain"))
            }
            Whether::Cancelled => format!("{}: {when}", self.words.pick("Fällt aus", "Is off")),
            Whether::Postponed => format!(
                "{}: {when}; {}",
                self.words.pick("Fällt aus", "Is off"),
                self.words.pick("wann es nachgeholt wird, steht noch nicht fest", "the new date is not known yet")
            ),
        }];
        lines.extend(event.note().map(str::to_owned));
        if matches!(self.whether, Whether::TakesPlace | Whether::Perhaps) {
            lines.extend(self.different(event));
        }
        lines
    }

    /// What is different at dates of a series that are still to come.
    fn different(&self, event: &EventDates) -> Vec<String> {
        let to_come = |one: &&EventOverride| {
            let latest = one.starts_local.map_or(one.recurrence_local, |at| at.max(one.recurrence_local));
            latest.date() >= self.words.told
        };
        let mut changes =
            event.overrides.iter().filter(|_| event.recurs()).filter(to_come).filter_map(|one| fate(event, one));
        let line = |one: EventChange| {
            let said = match change::lines(&self.words, &one, Where::of(event)).as_slice() {
                [line] => line.clone(),
                lines => sentences(lines.iter().map(String::as_str)),
            };
            let title = one.is.and_then(|date| date.title);
            title.map_or_else(|| said.clone(), |title| format!("{title}: {said}"))
        };
        let mut lines: Vec<String> = changes.by_ref().take(NAMED).map(line).collect();
        let further = changes.count();
        if further > 0 {
            lines.push(match (further, self.words.is_german()) {
                (1, true) => "1 weiterer Termin ist anders.".to_owned(),
                (1, false) => "1 more date is different.".to_owned(),
                (_, true) => format!("{further} weitere Termine sind anders."),
                (_, false) => format!("{further} more dates are different."),
            });
        }
        lines
    }
}

/// What has become of one date of a series.
fn fate(event: &EventDates, one: &EventOverride) -> Option<EventChange> {
    let usual = EventDates { overrides: Vec::new(), ..event.clone() };
    let (was, is) = (date_at(&usual, one.recurrence_local)?, date_at(event, one.recurrence_local)?);
    let moved = was.starts_at != is.starts_at;
    let of = |date: &NewOccurrence| Some(ChangedDate::new(date, event.all_day));
    let (fate, was, is) = match (one.state, moved) {
        (OccurrenceState::Cancelled, _) => (Fate::DateCancelled, of(&is), None),
        (_, true) => (Fate::DateMoved, of(&was), of(&is)),
        (_, false) => (Fate::DateChanged, None, of(&is)),
    };
    Some(EventChange { fate, was, is, further: 0 })
}

fn date_at(event: &EventDates, at: NaiveDateTime) -> Option<NewOccurrence> {
    let until = at.checked_add_signed(TimeDelta::seconds(1))?;
    recurrence::window_dates(event, at, until, 1).ok()?.0.pop()
}

impl Whether {
    /// Whether an event takes place.
    pub fn of(status: EventStatus) -> Self {
        match status {
            EventStatus::Confirmed => Self::TakesPlace,
            EventStatus::Tentative => Self::Perhaps,
            EventStatus::Postponed => Self::Postponed,
            EventStatus::Cancelled => Self::Cancelled,
        }
    }

    /// Whether a date of an event takes place.
    pub fn of_date(event: EventStatus, date: OccurrenceState) -> Self {
        match (Self::of(event), date) {
            (Self::Postponed, _) => Self::Postponed,
            (_, OccurrenceState::Cancelled) => Self::Cancelled,
            (whether, _) => whether,
        }
    }

    /// A title, with what stands before it.
    pub fn before(self, title: &str, words: &Words) -> String {
        self.label(words).map_or_else(|| title.to_owned(), |label| format!("{label}: {title}"))
    }

    /// What stands before a title; nothing before that of what takes place.
    pub fn label(self, words: &Words) -> Option<&'static str> {
        let (german, english) = match self {
            Self::TakesPlace | Self::Perhaps => return None,
            Self::Postponed => ("Verschoben", "Postponed"),
            Self::Cancelled => ("Abgesagt", "Cancelled"),
        };
        Some(if words.is_german() { german } else { english })
    }
}

impl<'a> Where<'a> {
    /// Where an event is.
    pub fn of(event: &'a EventDates) -> Self {
        Self {
            place: event.place.as_deref(),
            address: event.address.as_deref(),
            position: event.position,
            access: &event.access,
        }
    }

    /// Where a date of it is, which may have another place: of that, nothing but its name is known.
    pub fn or_at(self, other: Option<&'a str>) -> Self {
        match other {
            Some(other) if self.place != Some(other) => {
                Self { place: Some(other), address: None, position: None, access: &[] }
            }
            _ => self,
        }
    }

    /// `Gemeindehaus, Am Dorfplatz 1`
    pub fn in_words(self) -> Option<String> {
        let words: Vec<&str> = [self.place, self.address].into_iter().flatten().collect();
        (!words.is_empty()).then(|| words.join(", "))
    }
}
