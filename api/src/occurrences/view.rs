//! What travels about dates.

mod examples;

use crate::authority::Author;
use crate::instant::Instant;
use crate::local_time::written;
use entity::{EventStatus, ListedOccurrence, OccurrenceState, PostState};
use poem_openapi::{Enum, Object};
use uuid::Uuid;

/// One date of an event.
#[derive(Object)]
#[oai(rename = "Occurrence", skip_serializing_if_is_none, example)]
pub struct OccurrenceView {
    /// Its identifier; it stays while the event has this date.
    id: Uuid,
    /// The post of its event.
    post: Uuid,
    /// The start that it has by the rule of its event: which date of it this is.
    date: String,
    /// The wall clock at its start; for whole days a date.
    starts_local: String,
    /// The wall clock at its end, which is not part of it; for whole days the day after the last.
    ends_local: Option<String>,
    /// The IANA zone of these times.
    zone: String,
    /// Whether it is about whole days.
    all_day: bool,
    /// When it begins.
    starts_at: Instant,
    /// When it is over; when it begins, where no end is known.
    ends_at: Instant,
    /// What is to be expected of it.
    state: DateState,
    /// Its title, plain text.
    title: String,
    /// Where it is, in words.
    place: Option<String>,
    /// What is to be said about this date, such as why it is cancelled.
    note: Option<String>,
    /// The slug of the club whose it is; absent for the town hall.
    club: Option<String>,
    /// The slug of what it is about.
    topic: Option<String>,
}

/// What is to be expected of a date.
#[derive(Clone, Copy, Enum, PartialEq, Eq)]
#[oai(rename = "OccurrenceState", rename_all = "snake_case")]
enum DateState {
    /// It is as its event says.
    Planned,
    /// It may take place.
    Tentative,
    /// It was moved, or something else is different.
    Changed,
    /// It does not take place now, but at a time that is not known yet.
    Postponed,
    /// It does not take place.
    Cancelled,
}

/// A page of dates, in time order.
#[derive(Object)]
#[oai(skip_serializing_if_is_none, example)]
pub struct OccurrenceList {
    /// The dates.
    pub items: Vec<OccurrenceView>,
    /// The cursor of the next page, if there is one.
    pub next_cursor: Option<String>,
}

/// A date that somebody plans. `title` and `post` are present when it is public or yours to see.
#[derive(Object)]
#[oai(rename = "PlannedDate", skip_serializing_if_is_none, example)]
pub struct PlannedDateView {
    /// The wall clock at its start; for whole days a date.
    starts_local: String,
    /// The wall clock at its end, which is not part of it.
    ends_local: Option<String>,
    /// Whether it is about whole days.
    all_day: bool,
    /// When it begins.
    starts_at: Instant,
    /// When it is over.
    ends_at: Instant,
    /// Where it is, in words.
    place: Option<String>,
    /// The slug of the club whose it is; absent for the town hall.
    club: Option<String>,
    /// Whether it is public.
    public: bool,
    /// Its title.
    title: Option<String>,
    /// The post of its event.
    post: Option<Uuid>,
}

/// Dates that are planned, in time order.
#[derive(Object)]
#[oai(rename = "PlannedDateList", example)]
pub struct PlannedDates {
    /// The dates; at most 1000 of them.
    pub items: Vec<PlannedDateView>,
}

impl OccurrenceView {
    /// A date as everybody sees it.
    pub fn new(date: &ListedOccurrence) -> Self {
        let is = &date.occurrence.is;
        let text = |at| written(at, date.all_day);
        Self {
            id: date.occurrence.id.0,
            post: date.occurrence.post.0,
            date: text(is.recurrence_local),
            starts_local: text(is.starts_local),
            ends_local: is.ends_local.map(text),
            zone: date.zone.clone(),
            all_day: date.all_day,
            starts_at: is.starts_at.into(),
            ends_at: is.ends_at.into(),
            state: match (date.status, is.state) {
                (EventStatus::Postponed, _) => DateState::Postponed,
                (_, OccurrenceState::Cancelled) => DateState::Cancelled,
                (_, OccurrenceState::Changed) => DateState::Changed,
                (EventStatus::Tentative, OccurrenceState::Planned) => DateState::Tentative,
                (_, OccurrenceState::Planned) => DateState::Planned,
            },
            title: date.title.clone(),
            place: date.place.clone(),
            note: is.note.clone(),
            club: date.club_slug.clone(),
            topic: date.topic_slug.clone(),
        }
    }
}

impl PlannedDateView {
    /// A date as somebody sees it who plans another.
    pub fn new(date: &ListedOccurrence, by: &Author) -> Self {
        let is = &date.occurrence.is;
        let text = |at| written(at, date.all_day);
        let public = date.post_state == PostState::Published;
        let seen = public || by.sees_what(date.club, date.author);
        Self {
            starts_local: text(is.starts_local),
            ends_local: is.ends_local.map(text),
            all_day: date.all_day,
            starts_at: is.starts_at.into(),
            ends_at: is.ends_at.into(),
            place: date.place.clone(),
            club: date.club_slug.clone(),
            public,
            title: seen.then(|| date.title.clone()),
            post: seen.then_some(date.occurrence.post.0),
        }
    }
}
