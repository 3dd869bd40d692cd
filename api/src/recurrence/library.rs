//! The library that expands rules, asked so that it answers as RFC 5545 has it. In three cases it needs other words for the same
//! rule; a property test over an independent reading of the RFC holds that nothing else differs.

use super::Refusal;
use super::rule::{Frequency, Rule, WeekdayOf, letters};
use chrono::{DateTime, Datelike, NaiveDateTime, TimeDelta, Utc, Weekday};
use rrule::{RRule, RRuleSet, Unvalidated};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The library's dates of a rule, one by one.
pub struct Library {
    dates: rrule::RRuleSetIter,
    starts: NaiveDateTime,
}

impl Library {
    /// Begins to expand a rule from `starts` up to `last`, which belongs to it.
    pub fn begin(rule: &Rule, starts: NaiveDateTime, last: NaiveDateTime) -> Result<Self, Refusal> {
        let utc = |local: NaiveDateTime| -> DateTime<rrule::Tz> {
            DateTime::<Utc>::from_naive_utc_and_offset(local, Utc).with_timezone(&rrule::Tz::UTC)
        };
        let begin = || -> Option<Self> {
            let begins = begins(rule, starts);
            let rule: RRule<Unvalidated> = spelled_out(rule, starts.weekday()).parse().ok()?;
            let set: RRuleSet = rule.until(utc(last)).build(utc(begins)).ok()?;
            Some(Self { dates: (&set.limit()).into_iter(), starts })
        };
        catch_unwind(AssertUnwindSafe(begin)).ok().flatten().ok_or(Refusal::Unreadable)
    }

    /// The next date.
    pub fn next(&mut self) -> Result<Option<NaiveDateTime>, Refusal> {
        loop {
            let next = catch_unwind(AssertUnwindSafe(|| self.dates.next())).map_err(|_| Refusal::Unreadable)?;
            match next.map(|date| date.naive_utc()) {
                Some(date) if date < self.starts => {}
                date => return Ok(date),
            }
        }
    }
}

/// Where the library is to begin. It counts BYSETPOS in the first week from its start on; the RFC counts in the whole week.
fn begins(rule: &Rule, starts: NaiveDateTime) -> NaiveDateTime {
    if rule.frequency != Frequency::Weekly || rule.part("BYSETPOS").is_none() {
        return starts;
    }
    starts - TimeDelta::days(i64::from(starts.weekday().days_since(rule.week_start())))
}

/// The text of a rule without an end, for a series that starts on such a weekday.
fn spelled_out(rule: &Rule, starts: Weekday) -> String {
    let text = rule.endless();
    let weekdays: Vec<String> = weekdays(rule, starts).iter().map(written).collect();
    if weekdays.is_empty() { text } else { format!("{text};BYDAY={}", weekdays.join(",")) }
}

/// The weekdays of a rule. Weeks without a weekday mean that of the start, where the library takes the whole week for weeks by
/// number. And of weekdays of which only some are numbered, the library would take the numbered ones alone.
fn weekdays(rule: &Rule, starts: Weekday) -> Vec<WeekdayOf> {
    let weeks = rule.frequency == Frequency::Weekly || rule.part("BYWEEKNO").is_some();
    let said = ["BYDAY", "BYMONTHDAY", "BYYEARDAY"].iter().any(|name| rule.part(name).is_some());
    if weeks && !said {
        return vec![WeekdayOf { nth: None, weekday: starts }];
    }
    if !rule.weekdays.iter().any(|day| day.nth.is_some()) {
        return rule.weekdays.clone();
    }
    let most = if rule.frequency == Frequency::Yearly && rule.months.is_empty() { 53 } else { 5 };
    let numbered = |day: &WeekdayOf| match day.nth {
        None => (1..=most).map(|nth| WeekdayOf { nth: Some(nth), ..*day }).collect(),
        Some(_) => vec![*day],
    };
    rule.weekdays.iter().flat_map(numbered).collect()
}

/// A weekday as it is written in a rule.
fn written(day: &WeekdayOf) -> String {
    let letters = letters(day.weekday);
    day.nth.map_or_else(|| letters.to_owned(), |nth| format!("{nth}{letters}"))
}
