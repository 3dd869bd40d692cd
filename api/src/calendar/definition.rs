//! The definition of a zone that comes with a calendar (VTIMEZONE): how far ahead of UTC its clocks are, and when they are changed.

use super::clocks::{Clocks, seconds};
use crate::recurrence::{Frequency, Rule, Series};
use chrono::{Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use chrono_tz::Tz;
use std::sync::OnceLock;

/// Most changes of its clocks that one rule of a definition makes.
const MOST_CHANGES: usize = 400;

/// Most rules of a definition.
const MOST_RULES: usize = 200;

/// The years within which calendars have dates.
const YEARS: (i32, i32) = (1900, 2201);

/// The definition of a zone.
pub struct Definition {
    clocks: Clocks,
    observances: Vec<Observance>,
    changes: OnceLock<Vec<Change>>,
    known: OnceLock<Option<Tz>>,
}

/// Clocks as they are for a part of the year (STANDARD or DAYLIGHT), and when they are changed to it.
#[derive(Default)]
struct Observance {
    starts: Option<NaiveDateTime>,
    before: Option<i32>,
    after: Option<i32>,
    rule: Option<String>,
    further: Vec<NaiveDateTime>,
}

/// A change of clocks.
struct Change {
    /// When, as the clocks showed before.
    at: NaiveDateTime,
    /// How far ahead of UTC they were before it, in seconds.
    before: i32,
    /// How far they are after it.
    after: i32,
}

impl Definition {
    /// Reads what is inside a VTIMEZONE. One that does not say how its clocks are is none.
    pub fn of(inside: &str) -> Option<Self> {
        let mut observances: Vec<Observance> = Vec::new();
        for line in inside.lines() {
            let (name, value) = line.split_once(':').unwrap_or((line, ""));
            let name = name.split(';').next().unwrap_or("").to_ascii_uppercase();
            if name == "BEGIN" {
                observances.push(Observance::default());
            } else if let Some(observance) = observances.last_mut() {
                observance.note(&name, value.trim());
            }
        }
        observances.retain(|observance| observance.starts.is_some() && observance.after.is_some());
        observances.truncate(MOST_RULES);
        let clocks = Clocks::of(inside).filter(|_| !observances.is_empty())?;
        Some(Self { clocks, observances, changes: OnceLock::new(), known: OnceLock::new() })
    }

    /// The known zone whose clocks are changed as these are: one of the `first`, if there is one among them.
    pub fn known(&self, first: &[Tz]) -> Option<Tz> {
        *self.known.get_or_init(|| self.clocks.zone(first))
    }

    /// How far ahead of UTC its clocks are when they show this.
    pub fn offset_at(&self, local: NaiveDateTime) -> Option<FixedOffset> {
        let changes = self.changes.get_or_init(|| self.changes());
        let gone = changes.partition_point(|change| change.at <= local);
        let seconds = match gone.checked_sub(1) {
            Some(last) => changes.get(last).map(|change| change.after),
            None => changes.first().map(|change| change.before),
        };
        FixedOffset::east_opt(seconds?)
    }

    fn changes(&self) -> Vec<Change> {
        let mut changes: Vec<Change> = self.observances.iter().flat_map(Observance::changes).collect();
        changes.sort_by_key(|change| change.at);
        changes
    }
}

impl Observance {
    fn note(&mut self, name: &str, value: &str) {
        match name {
            "DTSTART" => self.starts = time(value),
            "TZOFFSETFROM" => self.before = seconds(value),
            "TZOFFSETTO" => self.after = seconds(value),
            "RRULE" => self.rule = Some(value.to_owned()),
            "RDATE" => self.further.extend(value.split(',').take(MOST_CHANGES).filter_map(time)),
            _ => {}
        }
    }

    fn changes(&self) -> Vec<Change> {
        let (Some(starts), Some(after)) = (self.starts, self.after) else { return Vec::new() };
        let before = self.before.unwrap_or(after);
        let mut times = vec![starts];
        times.extend(&self.further);
        times.extend(self.by_rule(starts, before).unwrap_or_default());
        times.into_iter().map(|at| Change { at, before, after }).collect()
    }

    /// When the clocks are changed by the rule. Of one that began before there were calendars, what is of interest.
    fn by_rule(&self, starts: NaiveDateTime, before: i32) -> Option<Vec<NaiveDateTime>> {
        let starts = starts.with_year(starts.year().max(YEARS.0))?;
        let (ends, rest): (Vec<&str>, Vec<&str>) =
            self.rule.as_deref()?.split(';').partition(|part| part.to_ascii_uppercase().starts_with("UNTIL="));
        let rule = Rule::parse(&rest.join(";")).ok().filter(changes_clocks)?;
        let ends = ends.first().and_then(|end| {
            // An end in UTC is of an hour that these clocks do not show.
            let ahead = if end.ends_with('Z') { before } else { 0 };
            time(end.get(6..)?)?.checked_add_signed(TimeDelta::seconds(i64::from(ahead) + 1))
        });
        let last = NaiveDate::from_ymd_opt(YEARS.1, 1, 1)?.and_time(NaiveTime::MIN);
        let until = ends.into_iter().chain([last]).min()?;
        let series = Series { starts, zone: Tz::UTC, rule: Some(&rule), extra: &[], except: &[] };
        let dates = series.between(starts, until, MOST_CHANGES).ok()?.dates;
        // Where it starts it may not be by its rule.
        Some(dates.into_iter().skip(1).collect())
    }
}

/// Whether clocks may be changed by such a rule: on a day of each year, at one time of it. Others would only cost time.
fn changes_clocks(rule: &Rule) -> bool {
    rule.frequency == Frequency::Yearly
        && rule.months.len() <= 1
        && rule.weekdays.len() <= 1
        && rule.is_at_one_time_of_a_day()
}

/// A time of the wall clock, or a day.
fn time(text: &str) -> Option<NaiveDateTime> {
    let text = text.trim().trim_end_matches('Z');
    let time = NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%S").ok();
    time.or_else(|| NaiveDate::parse_from_str(text, "%Y%m%d").ok()?.and_hms_opt(0, 0, 0))
}
