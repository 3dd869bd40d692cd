//! Recurrence (RFC 5545): which dates follow from a rule. The only module that knows the library that expands rules.
//!
//! Everything here is about times of the wall clock; the library never sees a zone, so that a series keeps its hour when the
//! clocks change. What instants these are, [`plan`] says: a time in the spring gap moves forward by the gap, one that comes
//! twice in autumn is the first.
//!
//! Rules come from strangers. They are checked before the library sees them ([`Rule::parse`]), expanded no further than asked
//! and in a bounded number of steps, and should the library fall over one all the same, that is a refusal.

mod going_on;
mod library;
mod plan;
mod rule;
mod within_a_day;

pub use going_on::Turn;
pub use plan::{all_over_at, plan, window_dates, written_down};
pub use rule::{Frequency, Rule, WeekdayOf};

use crate::text::Text;
use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use chrono_tz::Tz;
use library::Library;
use std::collections::BTreeSet;
use within_a_day::Steps;

/// Dates that are looked at for one series, at most: every day for more than 160 years.
const STEPS: usize = 60_000;

/// Nothing is looked for after this.
const FURTHEST: NaiveDateTime = NaiveDate::from_ymd_opt(9999, 12, 31).expect("a day").and_time(NaiveTime::MIN);

/// Why a series cannot be expanded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is not a rule of RFC 5545.
    Unreadable,
    /// It recurs too often in a day.
    TooOften,
    /// It has parts that other standards add.
    Unsupported,
    /// It has more dates than are looked at.
    TooMany,
    /// Its zone is none that is known.
    UnknownZone,
}

impl Refusal {
    /// The same in words.
    pub fn text(self) -> Text {
        match self {
            Self::Unreadable => Text::new("ist keine RRULE nach RFC 5545", "is not an RRULE of RFC 5545"),
            Self::TooOften => {
                Text::new("wiederholt sich öfter als 24-mal am Tag", "recurs more often than 24 times a day")
            }
            Self::Unsupported => {
                Text::new("hat Teile, die hier nicht unterstützt werden", "has parts that are not supported here")
            }
            Self::TooMany => Text::new("ergibt zu viele Termine", "has too many dates"),
            Self::UnknownZone => Text::new("ist keine IANA-Zeitzone", "is not an IANA time zone"),
        }
    }
}

/// A series of dates, by their starts.
#[derive(Clone, Copy, Debug)]
pub struct Series<'a> {
    /// The first. It is always one of them, and counts.
    pub starts: NaiveDateTime,
    /// The zone: what a rule's end in UTC means.
    pub zone: Tz,
    /// How it goes on.
    pub rule: Option<&'a Rule>,
    /// Further ones.
    pub extra: &'a [NaiveDateTime],
    /// Those that are left out.
    pub except: &'a [NaiveDateTime],
}

/// The part of a series that is in a window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dates {
    /// The starts, in time order.
    pub dates: Vec<NaiveDateTime>,
    /// Whether there may be more after the window.
    pub goes_on: bool,
}

impl Series<'_> {
    /// Its dates from `from` on and before `until`, at most `most` of them.
    ///
    /// # Errors
    /// When the rule cannot be expanded.
    pub fn between(&self, from: NaiveDateTime, until: NaiveDateTime, most: usize) -> Result<Dates, Refusal> {
        let mut goes_on = self.extra.iter().any(|extra| *extra >= until);
        let mut dates: BTreeSet<NaiveDateTime> = self.extra.iter().copied().collect();
        dates.insert(self.starts);
        if let Some(rule) = self.rule {
            goes_on |= self.follow(rule, (from, until), &mut dates)?;
        }
        for except in self.except {
            dates.remove(except);
        }
        let mut dates: Vec<NaiveDateTime> = dates.range(from..until.max(from)).take(most + 1).copied().collect();
        goes_on |= dates.len() > most;
        dates.truncate(most);
        Ok(Dates { dates, goes_on })
    }

    /// Adds the dates of the rule before `until`, of those before `from` not always all; whether there may be more.
    fn follow(
        &self,
        rule: &Rule,
        (from, until): (NaiveDateTime, NaiveDateTime),
        dates: &mut BTreeSet<NaiveDateTime>,
    ) -> Result<bool, Refusal> {
        let end = rule.until.map(|end| end.local(self.zone));
        let ends_before = end.is_some_and(|end| end < until);
        let last = if ends_before { end.unwrap_or(until) } else { until.min(FURTHEST) - TimeDelta::seconds(1) };
        if last < self.starts {
            return Ok(!ends_before);
        }
        let most = rule.count.map_or(usize::MAX, |count| count as usize);
        // The first date counts, whether the rule hits it or not.
        let mut seen = 1;
        let mut latest = self.starts;
        let mut after = Expansion::begin(rule, self.starts, (from, last))?;
        for steps in 0.. {
            if seen >= most {
                return Ok(false);
            }
            let Some(date) = after.next()? else { break };
            if steps >= STEPS {
                return Err(Refusal::TooMany);
            }
            if date > latest {
                seen += 1;
                latest = date;
                dates.insert(date);
            }
        }
        Ok(!ends_before)
    }

    /// Whether the rule itself hits the first date.
    ///
    /// # Errors
    /// When the rule cannot be expanded.
    pub fn rule_hits_start(&self) -> Result<bool, Refusal> {
        let Some(rule) = self.rule else { return Ok(true) };
        Ok(Expansion::begin(rule, self.starts, (self.starts, self.starts))?.next()? == Some(self.starts))
    }
}

/// The dates of a rule, one by one.
enum Expansion<'a> {
    /// Those of one that recurs by days or more.
    OfDays(Box<Library>),
    /// Those of one that recurs within a day.
    WithinDays(Steps<'a>),
}

impl<'a> Expansion<'a> {
    fn begin(
        rule: &'a Rule,
        starts: NaiveDateTime,
        (from, last): (NaiveDateTime, NaiveDateTime),
    ) -> Result<Self, Refusal> {
        Ok(match rule.is_within_a_day() {
            true => Self::WithinDays(Steps::begin(rule, starts, (from, last))),
            false => Self::OfDays(Box::new(Library::begin(rule, starts, last)?)),
        })
    }

    fn next(&mut self) -> Result<Option<NaiveDateTime>, Refusal> {
        match self {
            Self::OfDays(dates) => dates.next(),
            Self::WithinDays(dates) => dates.next(),
        }
    }
}
