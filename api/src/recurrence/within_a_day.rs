//! Rules that recur within a day: every so many hours, minutes or seconds. They are followed here and not by the library, which goes
//! through every second of years in which a rule means none. Whole days, hours and minutes that are not meant are passed over.

use super::rule::{Frequency, Rule};
use super::{Refusal, STEPS};
use chrono::{Datelike, NaiveDate, NaiveDateTime, TimeDelta, Timelike};
use std::collections::VecDeque;

/// The dates of a rule, one by one.
pub struct Steps<'a> {
    rule: &'a Rule,
    starts: NaiveDateTime,
    last: NaiveDateTime,
    /// The beginning of the hour, minute or second that is looked at.
    at: NaiveDateTime,
    hours: Vec<u32>,
    minutes: Vec<u32>,
    seconds: Vec<u32>,
    year_days: Vec<i16>,
    steps: usize,
    found: VecDeque<NaiveDateTime>,
}

impl Rule {
    /// Whether it recurs within a day.
    pub fn is_within_a_day(&self) -> bool {
        matches!(self.frequency, Frequency::Hourly | Frequency::Minutely | Frequency::Secondly)
    }

    /// Whether it names one time of a day at most.
    pub fn is_at_one_time_of_a_day(&self) -> bool {
        !self.is_within_a_day() && self.times_a_day() == 1
    }

    /// How often in a day it recurs at most.
    pub(super) fn times_a_day(&self) -> usize {
        let listed = |name: &str| self.part(name).map(|list| list.split(',').count());
        let (hours, minutes, seconds) = (listed("BYHOUR"), listed("BYMINUTE"), listed("BYSECOND"));
        let every = |of: usize| of.div_ceil(usize::from(self.interval));
        let of_days = hours.unwrap_or(24);
        let of_hours = minutes.unwrap_or(60);
        match self.frequency {
            Frequency::Hourly => every(24).min(of_days) * minutes.unwrap_or(1) * seconds.unwrap_or(1),
            Frequency::Minutely => every(1440).min(of_days * every(60).min(of_hours)) * seconds.unwrap_or(1),
            Frequency::Secondly => every(86_400).min(of_days * of_hours * every(60).min(seconds.unwrap_or(60))),
            _ => hours.unwrap_or(1) * minutes.unwrap_or(1) * seconds.unwrap_or(1),
        }
    }

    /// The numbers of one of its parts.
    fn numbers<T: std::str::FromStr>(&self, name: &str) -> Vec<T> {
        self.part(name).unwrap_or_default().split(',').filter_map(|number| number.parse().ok()).collect()
    }
}

impl<'a> Steps<'a> {
    /// Begins at `starts`, or, where dates need not be counted, at `from`. The last belongs to it.
    pub fn begin(rule: &'a Rule, starts: NaiveDateTime, (from, last): (NaiveDateTime, NaiveDateTime)) -> Self {
        let mut steps = Self {
            rule,
            starts,
            last,
            at: starts,
            hours: rule.numbers("BYHOUR"),
            minutes: rule.numbers("BYMINUTE"),
            seconds: rule.numbers("BYSECOND"),
            year_days: rule.numbers("BYYEARDAY"),
            steps: 0,
            found: VecDeque::new(),
        };
        let from = if rule.count.is_some() { starts } else { from.max(starts) };
        steps.at = steps.period_in(from - TimeDelta::seconds(steps.unit() - 1));
        steps
    }

    /// The next date.
    pub fn next(&mut self) -> Result<Option<NaiveDateTime>, Refusal> {
        loop {
            match self.found.pop_front() {
                Some(date) if date < self.starts => continue,
                Some(date) if date > self.last => return Ok(None),
                Some(date) => return Ok(Some(date)),
                None if self.at > self.last => return Ok(None),
                None => {}
            }
            self.steps += 1;
            if self.steps > STEPS {
                return Err(Refusal::TooMany);
            }
            self.step();
        }
    }

    /// Looks at one period, and goes on to the next, or to the first after an hour or day that is not meant.
    fn step(&mut self) {
        let at = self.at;
        let means = |list: &[u32], number: u32| list.is_empty() || list.contains(&number);
        let (of_hours, of_minutes) =
            (self.rule.frequency == Frequency::Hourly, self.rule.frequency == Frequency::Minutely);
        let missed = if !self.means_day(at.date()) {
            86_400 - i64::from(at.num_seconds_from_midnight())
        } else if !means(&self.hours, at.hour()) {
            3600 - i64::from(at.minute() * 60 + at.second())
        } else if !of_hours && !means(&self.minutes, at.minute()) {
            60 - i64::from(at.second())
        } else {
            if of_hours || of_minutes || means(&self.seconds, at.second()) {
                self.find(at);
            }
            1
        };
        self.at = self.period_in(at + TimeDelta::seconds(missed));
    }

    /// Finds the dates within a period. What the rule does not say, its start says.
    fn find(&mut self, at: NaiveDateTime) {
        let or = |list: &[u32], by_start: u32| if list.is_empty() { vec![by_start] } else { list.to_vec() };
        let (of_hours, of_seconds) =
            (self.rule.frequency == Frequency::Hourly, self.rule.frequency == Frequency::Secondly);
        let minutes = if of_hours { or(&self.minutes, self.starts.minute()) } else { vec![at.minute()] };
        let seconds = if of_seconds { vec![at.second()] } else { or(&self.seconds, self.starts.second()) };
        let times = minutes.iter().flat_map(|minute| seconds.iter().map(move |second| (*minute, *second)));
        let mut found: Vec<NaiveDateTime> =
            times.filter_map(|(minute, second)| at.date().and_hms_opt(at.hour(), minute, second)).collect();
        found.sort_unstable();
        found.dedup();
        self.found.extend(found);
    }

    /// The first period that is counted and begins at this time or later.
    fn period_in(&self, time: NaiveDateTime) -> NaiveDateTime {
        let unit = self.unit();
        let into = i64::from(self.starts.num_seconds_from_midnight()) % unit;
        let first = self.starts - TimeDelta::seconds(into);
        let every = unit * i64::from(self.rule.interval);
        let after = (time - first).num_seconds().max(0);
        first + TimeDelta::seconds((after + every - 1).div_euclid(every) * every)
    }

    /// How long a period is, in seconds.
    fn unit(&self) -> i64 {
        match self.rule.frequency {
            Frequency::Hourly => 3600,
            Frequency::Minutely => 60,
            _ => 1,
        }
    }

    fn means_day(&self, day: NaiveDate) -> bool {
        let rule = self.rule;
        let nth = |list: &[i16], at: u32, of: u32| {
            let (at, of) = (i64::from(at), i64::from(of));
            list.is_empty() || list.iter().any(|n| i64::from(*n) == at || i64::from(*n) == at - of - 1)
        };
        let month_length = u32::from(day.num_days_in_month());
        let year_length = if day.leap_year() { 366 } else { 365 };
        (rule.months.is_empty() || rule.months.iter().any(|month| i64::from(*month) == i64::from(day.month())))
            && (rule.weekdays.is_empty() || rule.weekdays.iter().any(|on| on.weekday == day.weekday()))
            && nth(&rule.month_days, day.day(), month_length)
            && nth(&self.year_days, day.ordinal(), year_length)
    }
}
