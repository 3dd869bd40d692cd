//! What is to become of single dates of an event, as it comes in.

use super::checked::{Times, read_rule};
use super::repeats::{Begins, Repeats};
use super::{ChangeName, DateChange};
use crate::validate::Faults;
use chrono::NaiveDateTime;
use chrono_tz::Tz;
use entity::{EventDates, EventOverride, SchoolHoliday};
use poem_openapi::{Enum, Object};
use serde::Deserialize;

/// What is to become of one date of an event, or of it and all that follow.
#[derive(Clone, Debug, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(rename = "EventDateBody", example)]
pub struct DateBody {
    /// The start that the date has by the rule: which date it is. `date` of an occurrence.
    #[oai(validator(max_length = 19))]
    pub(super) date: String,
    /// What is to become of it.
    pub(super) state: DateStateName,
    /// Another start.
    #[serde(default)]
    #[oai(validator(max_length = 19))]
    pub(super) starts_local: Option<String>,
    /// Another end; where only the start is another, it lasts as long as usual.
    #[serde(default)]
    #[oai(validator(max_length = 19))]
    pub(super) ends_local: Option<String>,
    /// Another title.
    #[serde(default)]
    #[oai(validator(max_length = 200))]
    pub(super) title: Option<String>,
    /// Another place. Of a series that goes on there, the address, the position and what is found there are unknown then.
    #[serde(default)]
    #[oai(validator(max_length = 200))]
    pub(super) place: Option<String>,
    /// What is to be said about this one date, such as why it is cancelled.
    #[serde(default)]
    #[oai(validator(max_length = 500))]
    pub(super) note: Option<String>,
    /// How it goes on from this date: the value of an RRULE (RFC 5545). Only for this and the following.
    #[serde(default)]
    #[oai(validator(max_length = 400))]
    pub(super) rrule: Option<String>,
    /// How it goes on from this date, for people; instead of `rrule`. Unless either is given it goes on as before, on the weekday of
    /// the new start.
    #[serde(default)]
    pub(super) repeats: Option<Repeats>,
    /// For which dates; `this` unless given.
    #[serde(default)]
    pub(super) reach: Option<Reach>,
    /// Whether followers of a public post are told; they are unless this is false. The message replaces the one they have.
    #[serde(default)]
    pub(super) notify: Option<bool>,
}

/// What is to become of a date of an event.
#[derive(Clone, Copy, Debug, Deserialize, Enum, PartialEq, Eq)]
#[oai(rename = "EventDateWish", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum DateStateName {
    /// It is again as its series says.
    Planned,
    /// It is moved or otherwise different.
    Changed,
    /// It does not take place.
    Cancelled,
}

/// For which dates something is to be different.
#[derive(Clone, Copy, Debug, Default, Deserialize, Enum, PartialEq, Eq)]
#[oai(rename = "EventDateReach", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// Only for this one.
    #[default]
    This,
    /// For this one and all that follow: what is changed goes on as an event of its own, what is cancelled ends.
    ThisAndFollowing,
}

/// What is to become of dates, checked.
pub enum Wish {
    /// This date is again as its series says.
    AsUsual(NaiveDateTime),
    /// This date is different.
    Different(EventOverride),
    /// The series ends before this date.
    End(NaiveDateTime),
    /// The series goes on differently.
    GoOn(Following),
}

/// How a series goes on from one of its dates.
pub struct Following {
    /// The start that this date has by the rule.
    pub at: NaiveDateTime,
    /// The start that it gets.
    pub starts: NaiveDateTime,
    /// Its end, if another is given.
    pub ends: Option<NaiveDateTime>,
    /// The title from then on, if another is given.
    pub title: Option<String>,
    /// The place from then on, if another is given.
    pub place: Option<String>,
    /// The rule from then on, if another is given.
    pub rule: Option<String>,
}

impl Wish {
    /// The start by the rule of the date it is about.
    pub fn at(&self) -> NaiveDateTime {
        match self {
            Self::AsUsual(at) | Self::End(at) => *at,
            Self::Different(one) => one.recurrence_local,
            Self::GoOn(following) => following.at,
        }
    }
}

impl DateBody {
    /// Whether followers are to be told.
    pub fn notify(&self) -> bool {
        self.notify.unwrap_or(true)
    }

    /// What is to become of a date of this event.
    pub fn checked(self, faults: &mut Faults, event: &EventDates, school: &[SchoolHoliday]) -> Option<Wish> {
        let times = Times { zone: event.zone.parse().unwrap_or(Tz::UTC), all_day: event.all_day };
        let (state, reach) = (self.state, self.reach.unwrap_or_default());
        self.check(faults, reach);
        let (rrule, repeats) = (self.rrule.clone(), self.repeats.clone());
        let one = self.change().checked(faults, "", &times)?;
        let at = one.recurrence_local;
        Some(match (state, reach) {
            (DateStateName::Planned, _) => Wish::AsUsual(at),
            (DateStateName::Cancelled, Reach::ThisAndFollowing) => Wish::End(at),
            (_, Reach::This) => Wish::Different(one),
            (DateStateName::Changed, Reach::ThisAndFollowing) => {
                let starts = one.starts_local.unwrap_or(at);
                let begins = Begins { starts, zone: times.zone, all_day: times.all_day, school };
                let rule = match (rrule, repeats) {
                    (Some(rule), _) => read_rule(faults, "/rrule", &rule),
                    (None, Some(repeats)) => repeats.rule(faults, "/repeats", &begins),
                    (None, None) => None,
                };
                Wish::GoOn(Following { at, starts, ends: one.ends_local, title: one.title, place: one.place, rule })
            }
        })
    }

    /// What does not go together.
    fn check(&self, faults: &mut Faults, reach: Reach) {
        let following = reach == Reach::ThisAndFollowing;
        let goes_on = following && self.state == DateStateName::Changed;
        if following && self.state == DateStateName::Planned {
            faults.add("/reach", "geht nur für einen einzelnen Termin", "is only for a single date");
        }
        if self.rrule.is_some() && self.repeats.is_some() {
            faults.add("/repeats", "geht nicht mit rrule zusammen", "does not go with rrule");
        }
        let ends = following && self.state == DateStateName::Cancelled;
        let surplus = [
            ("/starts_local", self.starts_local.is_some() && (ends || self.state == DateStateName::Planned)),
            ("/ends_local", self.ends_local.is_some() && (ends || self.state == DateStateName::Planned)),
            ("/title", self.title.is_some() && (ends || self.state == DateStateName::Planned)),
            ("/place", self.place.is_some() && (ends || self.state == DateStateName::Planned)),
            ("/note", self.note.is_some() && (following || self.state == DateStateName::Planned)),
            ("/rrule", self.rrule.is_some() && !goes_on),
            ("/repeats", self.repeats.is_some() && !goes_on),
        ];
        for (pointer, _) in surplus.into_iter().filter(|(_, surplus)| *surplus) {
            faults.add(pointer, "passt nicht zu state und reach", "does not go with state and reach");
        }
    }

    fn change(self) -> DateChange {
        let state = match self.state {
            DateStateName::Cancelled => ChangeName::Cancelled,
            DateStateName::Changed | DateStateName::Planned => ChangeName::Changed,
        };
        let Self { date, starts_local, ends_local, title, place, note, .. } = self;
        DateChange { date, state, starts_local, ends_local, title, place, note }
    }
}
