//! When an event is, in words: its only date, or how it recurs. "ab 1. Dezember jeden Dienstag um 19:00 Uhr bis 16. Juli 2027, nicht
//! am 1. Mai".

mod english;
mod german;

use super::words::{Words, capitalised};
use crate::recurrence::{Frequency, Rule, window_dates};
use chrono::{Datelike, NaiveDate, NaiveDateTime, TimeDelta};
use chrono_tz::Tz;
use entity::{ChangedDate, EventDates, NewOccurrence};

/// Dates that are named, at most.
const NAMED: usize = 5;

/// For so long it is looked whether a series of another zone keeps its hour in the village's: longer than a year, in which clocks change.
const LOOKED_AT: TimeDelta = TimeDelta::days(800);

/// Dates of a series of another zone that are looked at, at most.
const MOST: usize = 500;

/// When an event is, as it stands within a sentence; nothing where that cannot be found out.
pub fn when(event: &EventDates, words: &Words) -> Option<String> {
    if event.recurs() {
        return sentence(event, words);
    }
    let (dates, _) = window_dates(event, NaiveDateTime::MIN, NaiveDateTime::MAX, 1).ok()?;
    dates.first().map(|date| words.when(&ChangedDate::new(date, event.all_day)))
}

/// How an event recurs, as it stands within a sentence; nothing for one that does not. A series whose hour is not always the same by
/// the clocks of the village is told by its next dates.
fn sentence(event: &EventDates, words: &Words) -> Option<String> {
    if !event.recurs() {
        return None;
    }
    let zone: Tz = event.zone.parse().unwrap_or(Tz::UTC);
    if event.all_day || zone == words.zone {
        return Some(rhythmic(event, words));
    }
    let until = event.starts_local.checked_add_signed(LOOKED_AT)?;
    let (dates, goes_on) = window_dates(&usual(event), NaiveDateTime::MIN, until, MOST).ok()?;
    let first = dates.first()?;
    let shift = |date: &NewOccurrence| date.starts_at.with_timezone(&words.zone).naive_local() - date.starts_local;
    let shifted = shift(first);
    let same_day = (first.starts_local + shifted).date() == first.starts_local.date();
    if same_day && dates.iter().all(|date| shift(date) == shifted) {
        return Some(rhythmic(&moved(event, words.zone, shifted), words));
    }
    Some(by_dates(&dates, goes_on, event, words))
}

/// How an event recurs, as a sentence of its own; nothing for one that does not.
pub fn summary(event: &EventDates, words: &Words) -> Option<String> {
    sentence(event, words).map(|said| capitalised(&said))
}

fn usual(event: &EventDates) -> EventDates {
    EventDates { overrides: Vec::new(), ..event.clone() }
}

/// The same series by the clocks of another zone, in which it is always this much later.
fn moved(event: &EventDates, zone: Tz, shift: TimeDelta) -> EventDates {
    let all = |dates: &[NaiveDateTime]| dates.iter().map(|date| *date + shift).collect();
    EventDates {
        zone: zone.to_string(),
        starts_local: event.starts_local + shift,
        ends_local: event.ends_local.map(|end| end + shift),
        extra_dates: all(&event.extra_dates),
        except_dates: all(&event.except_dates),
        ..usual(event)
    }
}

/// The next dates, those at the same hour together: "am 18. März und 25. März um 19:00 Uhr und am 1. April um 20:00 Uhr".
fn by_dates(dates: &[NewOccurrence], goes_on: bool, event: &EventDates, words: &Words) -> String {
    let local = |date: &NewOccurrence| date.starts_at.with_timezone(&words.zone).naive_local();
    let coming: Vec<NaiveDateTime> = dates.iter().map(local).filter(|at| at.date() >= words.told).collect();
    let told: Vec<NaiveDateTime> = if coming.is_empty() { dates.iter().map(local).collect() } else { coming };
    let named = &told[..told.len().min(NAMED)];
    let groups = named.chunk_by(|one, other| one.time() == other.time()).map(|same| {
        let days: Vec<String> = same.iter().map(|at| words.date(at.date())).collect();
        let at = same.first().map(|at| hours(words, at, length(event))).unwrap_or_default();
        format!("{} {}{at}", words.pick("am", "on"), words.and(&days))
    });
    let said = words.and(&groups.collect::<Vec<_>>());
    if told.len() > named.len() || goes_on {
        return format!("{said}; {}", words.pick("weitere Termine folgen", "further dates follow"));
    }
    said
}

/// The parts of a series that are told.
struct Told<'a> {
    event: &'a EventDates,
    words: &'a Words,
    rule: Option<Rule>,
    /// When the rule ends.
    ends: Option<NaiveDateTime>,
}

fn rhythmic(event: &EventDates, words: &Words) -> String {
    let rule = event.rule.as_deref().and_then(|rule| Rule::parse(rule).ok());
    let ends = rule.as_ref().and_then(|rule| rule.until).map(|until| until.local(words.zone));
    let told = Told { event, words, rule, ends };
    [told.begins(), told.until(), told.count(), told.left_out(), told.added()].concat()
}

/// How long each date is, as far as that is known.
fn length(event: &EventDates) -> Option<TimeDelta> {
    event.ends_local.map(|ends| ends - event.starts_local)
}

/// ` 19:00–20:30 Uhr`, or ` um 19:00 Uhr` of what has no known end within a day.
fn hours(words: &Words, at: &NaiveDateTime, length: Option<TimeDelta>) -> String {
    let lasts = length.filter(|length| *length > TimeDelta::zero() && *length < TimeDelta::days(1));
    match lasts.and_then(|length| at.checked_add_signed(length)) {
        Some(end) => format!(" {}–{}", at.format("%H:%M"), words.time(end.time())),
        None => at_hour(words, at),
    }
}

/// ` um 19:00 Uhr`
fn at_hour(words: &Words, at: &NaiveDateTime) -> String {
    format!(" {} {}", words.pick("um", "at"), words.time(at.time()))
}

impl Told<'_> {
    fn is_within_a_day(&self) -> bool {
        self.rule.as_ref().is_some_and(Rule::is_within_a_day)
    }

    /// From when on it is, how often, and at which hour.
    fn begins(&self) -> String {
        let (words, start) = (self.words, self.event.starts_local);
        let first = words.date(start.date());
        let Some(rule) = &self.rule else {
            return format!("{} {first}{}", words.pick("am", "on"), self.hour());
        };
        let rhythm =
            if words.is_german() { german::rhythm(rule, start, words) } else { english::rhythm(rule, start, words) };
        let from = words.pick("ab", "from");
        match self.is_within_a_day() {
            true => format!("{from} {first}{} {rhythm}", self.hour()),
            false => format!("{from} {first} {rhythm}{}", self.hour()),
        }
    }

    fn hour(&self) -> String {
        match self.event.all_day {
            true => self.words.pick(", ganztägig", ", all day").to_owned(),
            false if self.is_within_a_day() => at_hour(self.words, &self.event.starts_local),
            false => hours(self.words, &self.event.starts_local, length(self.event)),
        }
    }

    fn until(&self) -> String {
        let Some(ends) = self.ends else { return String::new() };
        let hour = if self.is_within_a_day() { at_hour(self.words, &ends) } else { String::new() };
        format!(" {} {}{hour}", self.words.pick("bis", "until"), self.words.date(ends.date()))
    }

    fn count(&self) -> String {
        let count = self.rule.as_ref().and_then(|rule| rule.count);
        count.map_or_else(String::new, |count| match self.words.is_german() {
            true => format!(", {count}-mal"),
            false => format!(", {count} times"),
        })
    }

    fn left_out(&self) -> String {
        let names = match self.is_within_a_day() {
            true => self.event.except_dates.iter().map(|at| self.with_hour(at)).collect(),
            false => left_out(&self.event.except_dates, |at| self.day_of(at), |day| self.words.date_of_any_year(day)),
        };
        self.listed(self.words.pick(", nicht am ", ", not on "), &names)
    }

    fn added(&self) -> String {
        let before = match self.rule {
            Some(_) => self.words.pick(", auch am ", ", also on "),
            None => self.words.pick(" und am ", " and on "),
        };
        self.listed(before, &self.event.extra_dates.iter().map(|at| self.with_hour(at)).collect::<Vec<_>>())
    }

    /// A day of the series: of one that ends within a year, the year goes without saying.
    fn day_of(&self, at: &NaiveDateTime) -> String {
        let short = self.ends.is_some_and(|last| last.date() - self.event.starts_local.date() < TimeDelta::days(365));
        if short { self.words.date_of_any_year(at.date()) } else { self.words.date(at.date()) }
    }

    fn with_hour(&self, at: &NaiveDateTime) -> String {
        let usual = at.time() == self.event.starts_local.time() && !self.is_within_a_day();
        if usual { self.day_of(at) } else { format!("{}{}", self.day_of(at), at_hour(self.words, at)) }
    }

    /// Some names after what is said `before` them; of many, how many more there are.
    fn listed(&self, before: &str, names: &[String]) -> String {
        let Some(more) = names.len().checked_sub(NAMED + 1).map(|more| more + 1) else {
            return if names.is_empty() { String::new() } else { format!("{before}{}", self.words.and(names)) };
        };
        let days = if self.words.is_german() { format!("{more} weiteren Tagen") } else { format!("{more} more days") };
        let named = names.iter().take(NAMED).cloned().chain([days]).collect::<Vec<_>>();
        format!("{before}{}", self.words.and(&named))
    }
}

/// Names of dates that are left out: a day that is left out in several years has one without a year.
fn left_out(
    dates: &[NaiveDateTime],
    name: impl Fn(&NaiveDateTime) -> String,
    of_any_year: impl Fn(NaiveDate) -> String,
) -> Vec<String> {
    let same = |one: &NaiveDateTime, other: &NaiveDateTime| (one.month(), one.day()) == (other.month(), other.day());
    let mut said: Vec<NaiveDateTime> = Vec::new();
    let mut names = Vec::new();
    for date in dates {
        let often = dates.iter().any(|other| other.year() != date.year() && same(other, date));
        if !often {
            names.push(name(date));
        } else if !said.iter().any(|other| same(other, date)) {
            said.push(*date);
            names.push(of_any_year(date.date()));
        }
    }
    names
}

/// Whether a rule says nothing but how often.
fn is_plain(rule: &Rule) -> bool {
    rule.weekdays.is_empty() && rule.months.is_empty() && rule.month_days.is_empty()
}

/// The weekdays of a weekly rule, in order; nothing for one with more to it.
fn weekdays(rule: &Rule, start: NaiveDateTime, words: &Words) -> Option<String> {
    let mut days: Vec<_> = rule.weekdays.iter().map(|day| day.weekday).collect();
    if days.is_empty() {
        days.push(start.weekday());
    }
    days.sort_by_key(chrono::Weekday::num_days_from_monday);
    let names: Vec<String> = days.into_iter().map(|day| words.weekday(day).to_owned()).collect();
    rule.months.is_empty().then(|| words.and(&names))
}

/// Within a day: the unit in which a rule counts.
fn unit<'a>(rule: &Rule, units: [&'a str; 3]) -> Option<&'a str> {
    match rule.frequency {
        Frequency::Secondly => units.first(),
        Frequency::Minutely => units.get(1),
        Frequency::Hourly => units.get(2),
        _ => None,
    }
    .copied()
}
