//! What travels about the event that a post is.

mod checked;
mod date_body;
mod examples;
mod left_out;
mod only;
mod repeats;

pub use checked::{DaysOff, Place};
pub use date_body::{DateBody, Following, Wish};
pub use only::{settled, taking_place};

use crate::local_time::written;
use crate::message::{self, Words};
use repeats::Repeats;

use chrono::NaiveDateTime;
use entity::{AccessFact, EventDates, EventIdentity, EventOverride, EventStatus, OccurrenceState};
use poem_openapi::{Enum, Object};
use serde::Deserialize;

/// When and where an event is. Times are those of the wall clock in `zone`; for whole days they are dates.
#[derive(Clone, Debug, Object)]
#[oai(rename = "Event", skip_serializing_if_is_none, example)]
pub struct EventView {
    /// Its start, as in `2026-12-06T15:00:00`; of a series, the start of its first date.
    starts_local: String,
    /// Its end, which is not part of it: for whole days the day after the last.
    ends_local: Option<String>,
    /// The IANA zone of all its times.
    zone: String,
    /// Whether it is about whole days.
    all_day: bool,
    /// How it recurs: the value of an RRULE (RFC 5545).
    rrule: Option<String>,
    /// How it recurs in words, by the clocks of the village and in its language: `Ab 1. Dezember 2026 jeden Dienstag um 19:00 Uhr bis
    /// 16. Juli 2027, nicht am 1. Mai`.
    summary: Option<String>,
    /// Starts of further dates.
    extra_dates: Vec<String>,
    /// Starts of dates that are left out.
    except_dates: Vec<String>,
    /// What is different at single dates. Of an event that happens once, only what is to be said about it.
    changed_dates: Vec<DateChange>,
    /// Whether it takes place.
    status: StatusName,
    /// Where it is, in words.
    place: Option<String>,
    /// The address of that place.
    address: Option<String>,
    /// The position of that place: degrees north (WGS 84).
    latitude: Option<f64>,
    /// Degrees east.
    longitude: Option<f64>,
    /// What somebody who needs it finds there.
    access: Vec<AccessName>,
    /// What it costs, in words.
    cost: Option<String>,
    /// Where to register.
    registration_url: Option<String>,
    /// How many people have room.
    capacity: Option<i32>,
    /// Its UID in calendars.
    uid: Option<String>,
    /// Its SEQUENCE in calendars: rises with every change of its dates.
    sequence: Option<i32>,
}

/// When and where an event is to be. Times are those of the wall clock in `zone`; for whole days they are dates.
#[derive(Clone, Debug, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(example)]
pub struct EventBody {
    /// Its start, as in `2026-12-06T15:00`; of a series, the start of its first date.
    #[oai(validator(max_length = 19))]
    starts_local: String,
    /// Its end, which is not part of it: for whole days the day after the last.
    #[serde(default)]
    #[oai(validator(max_length = 19))]
    ends_local: Option<String>,
    /// The IANA zone of all its times; the village's unless given.
    #[serde(default)]
    zone: Option<String>,
    /// Whether it is about whole days.
    #[serde(default)]
    #[oai(default)]
    all_day: bool,
    /// How it recurs: the value of an RRULE (RFC 5545), from daily to yearly.
    #[serde(default)]
    #[oai(validator(max_length = 400))]
    rrule: Option<String>,
    /// How it recurs, for people; instead of `rrule`.
    #[serde(default)]
    repeats: Option<Repeats>,
    /// Starts of further dates.
    #[serde(default)]
    #[oai(validator(max_items = 366), default)]
    extra_dates: Vec<String>,
    /// Dates that are left out: their starts, only the days, or days of every year such as `--05-01`.
    #[serde(default)]
    #[oai(validator(max_items = 366), default)]
    except_dates: Vec<String>,
    /// Whether it does not take place on public holidays of the Land, for twenty years from its start on. The answer has them in
    /// `except_dates`.
    #[serde(default)]
    #[oai(default)]
    except_holidays: bool,
    /// Whether it does not take place in school holidays of the Land, as far as they are entered today. The answer has the dates in
    /// `except_dates`.
    #[serde(default)]
    #[oai(default)]
    except_school_holidays: bool,
    /// What is different at single dates. In a change of a post, unless given, what is different now stays where there still is
    /// such a date. What is said of the only date of an event is taken over by the event itself.
    #[serde(default)]
    #[oai(validator(max_items = 366))]
    changed_dates: Option<Vec<DateChange>>,
    /// Whether it takes place; `confirmed` unless given.
    #[serde(default)]
    status: Option<StatusName>,
    /// Where it is, in words.
    #[serde(default)]
    #[oai(validator(max_length = 200))]
    place: Option<String>,
    /// The address of that place, in one line.
    #[serde(default)]
    #[oai(validator(max_length = 200))]
    address: Option<String>,
    /// The position of that place: degrees north (WGS 84).
    #[serde(default)]
    latitude: Option<f64>,
    /// Degrees east.
    #[serde(default)]
    longitude: Option<f64>,
    /// What somebody who needs it finds there.
    #[serde(default)]
    #[oai(validator(max_items = 7), default)]
    access: Vec<AccessName>,
    /// What it costs, in words.
    #[serde(default)]
    #[oai(validator(max_length = 200))]
    cost: Option<String>,
    /// Where to register: an address on the web.
    #[serde(default)]
    #[oai(validator(max_length = 500))]
    registration_url: Option<String>,
    /// How many people have room.
    #[serde(default)]
    capacity: Option<i32>,
}

/// What is different at one date of an event that recurs.
#[derive(Clone, Debug, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(rename = "EventDateChange", skip_serializing_if_is_none, example)]
pub struct DateChange {
    /// The start that the date has by the rule: which date it is.
    #[oai(validator(max_length = 19))]
    date: String,
    /// Whether it is cancelled or only changed.
    state: ChangeName,
    /// Another start.
    #[serde(default)]
    #[oai(validator(max_length = 19))]
    starts_local: Option<String>,
    /// Another end; where only the start is another, it lasts as long as usual.
    #[serde(default)]
    #[oai(validator(max_length = 19))]
    ends_local: Option<String>,
    /// Another title.
    #[serde(default)]
    #[oai(validator(max_length = 200))]
    title: Option<String>,
    /// Another place.
    #[serde(default)]
    #[oai(validator(max_length = 200))]
    place: Option<String>,
    /// What is to be said about it, such as why it is cancelled.
    #[serde(default)]
    #[oai(validator(max_length = 500))]
    note: Option<String>,
}

/// What has become of a date of an event.
#[derive(Clone, Copy, Debug, Deserialize, Enum, PartialEq, Eq)]
#[oai(rename = "EventDateChangeState", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ChangeName {
    /// It was moved or is otherwise different.
    Changed,
    /// It does not take place.
    Cancelled,
}

/// Whether an event takes place.
#[derive(Clone, Copy, Debug, Deserialize, Enum, PartialEq, Eq)]
#[oai(rename = "EventStatus", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum StatusName {
    /// It does.
    Confirmed,
    /// It may.
    Tentative,
    /// It does not: none of its dates.
    Cancelled,
    /// It will, at a time that is not known yet.
    Postponed,
}

/// What somebody who needs it finds there.
#[derive(Clone, Copy, Debug, Deserialize, Enum, PartialEq, Eq)]
#[oai(rename = "AccessFact", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum AccessName {
    /// No steps on the way in.
    StepFree,
    /// A toilet for people in wheelchairs.
    AccessibleToilet,
    /// Parking for people with disabilities.
    AccessibleParking,
    /// An induction loop.
    HearingLoop,
    /// Interpretation into sign language.
    SignLanguage,
    /// Easy language (Leichte Sprache).
    EasyLanguage,
    /// Guide and assistance dogs are welcome.
    AssistanceDogs,
}

impl EventView {
    /// An event, and by what calendars know it.
    pub fn new(dates: &EventDates, identity: Option<&EventIdentity>) -> Self {
        let text = |at: NaiveDateTime| written(at, dates.all_day);
        Self {
            starts_local: text(dates.starts_local),
            ends_local: dates.ends_local.map(text),
            zone: dates.zone.clone(),
            all_day: dates.all_day,
            rrule: dates.rule.clone(),
            summary: message::summary(dates, &Words::of_event(dates)),
            extra_dates: dates.extra_dates.iter().copied().map(text).collect(),
            except_dates: dates.except_dates.iter().copied().map(text).collect(),
            changed_dates: dates.overrides.iter().map(|one| DateChange::new(one, dates.all_day)).collect(),
            status: dates.status.into(),
            place: dates.place.clone(),
            address: dates.address.clone(),
            latitude: dates.position.map(|(latitude, _)| latitude),
            longitude: dates.position.map(|(_, longitude)| longitude),
            access: dates.access.iter().copied().map(Into::into).collect(),
            cost: dates.cost.clone(),
            registration_url: dates.registration_url.clone(),
            capacity: dates.capacity,
            uid: identity.map(|identity| identity.uid.clone()),
            sequence: identity.map(|identity| identity.sequence),
        }
    }

    /// The same, with its summary as the residents of a village read it.
    pub fn said_by(self, dates: &EventDates, words: &Words) -> Self {
        Self { summary: message::summary(dates, words), ..self }
    }
}

impl DateChange {
    fn new(one: &EventOverride, all_day: bool) -> Self {
        let text = |at: NaiveDateTime| written(at, all_day);
        Self {
            date: text(one.recurrence_local),
            state: if one.state == OccurrenceState::Cancelled { ChangeName::Cancelled } else { ChangeName::Changed },
            starts_local: one.starts_local.map(text),
            ends_local: one.ends_local.map(text),
            title: one.title.clone(),
            place: one.place.clone(),
            note: one.note.clone(),
        }
    }
}

/// Turns names into what is stored and back, one by one.
macro_rules! names {
    ($name:ident, $stored:ident, [$($one:ident),+]) => {
        impl From<$stored> for $name {
            fn from(stored: $stored) -> Self {
                match stored {
                    $($stored::$one => Self::$one),+
                }
            }
        }

        impl From<$name> for $stored {
            fn from(name: $name) -> Self {
                match name {
                    $($name::$one => Self::$one),+
                }
            }
        }
    };
}

names!(StatusName, EventStatus, [Confirmed, Tentative, Cancelled, Postponed]);
names!(
    AccessName,
    AccessFact,
    [StepFree, AccessibleToilet, AccessibleParking, HearingLoop, SignLanguage, EasyLanguage, AssistanceDogs]
);
