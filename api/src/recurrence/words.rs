//! A series in words that people say: "jeden Dienstag um 19:00 Uhr bis 16. Juli 2027, nicht am 1. Mai".

use super::Rule;
use super::rule::{Frequency, Until, WeekdayOf};
use chrono::{Datelike, NaiveDate, NaiveDateTime, TimeDelta, Weekday};
use chrono_tz::Tz;
use entity::EventDates;

/// Dates that are left out and named, at most.
const NAMED: usize = 5;

/// The sentence of an event that recurs, in German; none for one that does not.
pub fn sentence(dates: &EventDates) -> Option<String> {
    if !dates.recurs() {
        return None;
    }
    let rule = dates.rule.as_deref().and_then(|rule| Rule::parse(rule).ok());
    let start = dates.starts_local;
    let mut words = match &rule {
        Some(rule) => rhythm(rule, start),
        None => format!("am {}", day_with_year(start.date())),
    };
    let within_a_day = rule.as_ref().is_some_and(Rule::is_within_a_day);
    let hour = |at: &NaiveDateTime| at.format(" um %H:%M Uhr").to_string();
    words.push_str(&match dates.all_day {
        true => ", ganztägig".to_owned(),
        false if within_a_day => format!(" ab {}{}", day_with_year(start.date()), hour(&start)),
        false => hour(&start),
    });
    let zone: Tz = dates.zone.parse().unwrap_or(Tz::UTC);
    let ends = rule.as_ref().and_then(|rule| rule.until).map(|until| until.local(zone));
    if let Some(ends) = ends {
        let until = if within_a_day { hour(&ends) } else { String::new() };
        words.push_str(&format!(" bis {}{until}", day_with_year(ends.date())));
    }
    let last = ends.map(|ends| ends.date());
    if let Some(count) = rule.as_ref().and_then(|rule| rule.count) {
        words.push_str(&format!(", {count}-mal"));
    }
    let short = last.is_some_and(|last| last - start.date() < TimeDelta::days(365));
    let day_of = |at: &NaiveDateTime| if short { day(at.date()) } else { day_with_year(at.date()) };
    let with_hour = |at: &NaiveDateTime| match at.time() == start.time() && !within_a_day {
        true => day_of(at),
        false => format!("{}{}", day_of(at), hour(at)),
    };
    let except = match within_a_day {
        true => names(&dates.except_dates, with_hour),
        false => left_out(&dates.except_dates, day_of),
    };
    words.push_str(&listed(", nicht am ", &except));
    let also = if rule.is_some() { ", auch am " } else { " und am " };
    words.push_str(&listed(also, &names(&dates.extra_dates, with_hour)));
    Some(words)
}

fn names(dates: &[NaiveDateTime], name: impl Fn(&NaiveDateTime) -> String) -> Vec<String> {
    dates.iter().map(name).collect()
}

/// Names of dates that are left out: a day that is left out in several years has one without a year.
fn left_out(dates: &[NaiveDateTime], name: impl Fn(&NaiveDateTime) -> String) -> Vec<String> {
    let same = |one: &NaiveDateTime, other: &NaiveDateTime| (one.month(), one.day()) == (other.month(), other.day());
    let mut said: Vec<NaiveDateTime> = Vec::new();
    let mut names = Vec::new();
    for date in dates {
        let often = dates.iter().any(|other| other.year() != date.year() && same(other, date));
        if !often {
            names.push(name(date));
        } else if !said.iter().any(|other| same(other, date)) {
            said.push(*date);
            names.push(day(date.date()));
        }
    }
    names
}

/// Some names after what is said `before` them; of many, how many more there are.
fn listed(before: &str, names: &[String]) -> String {
    let Some((last, rest)) = names.get(..names.len().min(NAMED)).and_then(|names| names.split_last()) else {
        return String::new();
    };
    let mut words = before.to_owned();
    if !rest.is_empty() {
        words.push_str(&rest.join(", "));
        words.push_str(if names.len() > NAMED { ", " } else { " und " });
    }
    words.push_str(last);
    if names.len() > NAMED {
        words.push_str(&format!(" und {} weiteren Tagen", names.len() - NAMED));
    }
    words
}

fn rhythm(rule: &Rule, start: NaiveDateTime) -> String {
    let known = match rule.frequency {
        _ if rule.has_more => None,
        Frequency::Secondly => within_a_day(rule, "Sekunde"),
        Frequency::Minutely => within_a_day(rule, "Minute"),
        Frequency::Hourly => within_a_day(rule, "Stunde"),
        Frequency::Daily => daily(rule),
        Frequency::Weekly => weekly(rule, start),
        Frequency::Monthly => monthly(rule, start),
        Frequency::Yearly => yearly(rule, start),
    };
    known.unwrap_or_else(|| "nach einer eigenen Regel".to_owned())
}

fn within_a_day(rule: &Rule, unit: &str) -> Option<String> {
    let plain = rule.weekdays.is_empty() && rule.months.is_empty() && rule.month_days.is_empty();
    plain.then(|| if rule.interval == 1 { format!("jede {unit}") } else { format!("alle {} {unit}n", rule.interval) })
}

fn daily(rule: &Rule) -> Option<String> {
    let plain = rule.weekdays.is_empty() && rule.months.is_empty() && rule.month_days.is_empty();
    plain.then(|| if rule.interval == 1 { "täglich".to_owned() } else { format!("alle {} Tage", rule.interval) })
}

fn weekly(rule: &Rule, start: NaiveDateTime) -> Option<String> {
    if !rule.months.is_empty() {
        return None;
    }
    let mut days: Vec<Weekday> = rule.weekdays.iter().map(|day| day.weekday).collect();
    if days.is_empty() {
        days.push(start.weekday());
    }
    days.sort_by_key(Weekday::num_days_from_monday);
    let names = and(&days.into_iter().map(|day| weekday(day).to_owned()).collect::<Vec<_>>());
    Some(if rule.interval == 1 {
        format!("jeden {names}")
    } else {
        format!("alle {} Wochen am {names}", rule.interval)
    })
}

fn monthly(rule: &Rule, start: NaiveDateTime) -> Option<String> {
    let which = match (rule.weekdays.as_slice(), rule.month_days.as_slice()) {
        _ if !rule.months.is_empty() => return None,
        ([_, ..], []) => and(&rule.weekdays.iter().map(numbered).collect::<Option<Vec<_>>>()?),
        ([], [-1]) => "letzten Tag".to_owned(),
        ([], []) => format!("{}.", start.day()),
        ([], [one]) if *one > 0 => format!("{one}."),
        _ => return None,
    };
    let is_weekday = !rule.weekdays.is_empty();
    Some(match (rule.interval, is_weekday) {
        (1, true) => format!("jeden {which} im Monat"),
        (1, false) => format!("am {which} jedes Monats"),
        (n, _) => format!("alle {n} Monate am {which}"),
    })
}

/// `zweiten Dienstag`.
fn numbered(day: &WeekdayOf) -> Option<String> {
    Some(format!("{} {}", ordinal(day.nth?)?, weekday(day.weekday)))
}

fn yearly(rule: &Rule, start: NaiveDateTime) -> Option<String> {
    let which = match (rule.weekdays.as_slice(), rule.month_days.as_slice(), rule.months.as_slice()) {
        ([], [], []) => day(start.date()),
        ([], [one], [of]) if *one > 0 => format!("{one}. {}", month(u32::try_from(*of).ok()?)),
        ([day], [], [of]) => format!("{} im {}", numbered(day)?, month(u32::try_from(*of).ok()?)),
        _ => return None,
    };
    Some(if rule.interval == 1 {
        format!("jedes Jahr am {which}")
    } else {
        format!("alle {} Jahre am {which}", rule.interval)
    })
}

fn and(names: &[String]) -> String {
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} und {last}", rest.join(", ")),
        None => String::new(),
    }
}

fn ordinal(nth: i16) -> Option<&'static str> {
    Some(match nth {
        1 => "ersten",
        2 => "zweiten",
        3 => "dritten",
        4 => "vierten",
        5 => "fünften",
        -1 => "letzten",
        -2 => "vorletzten",
        _ => return None,
    })
}

fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "Montag",
        Weekday::Tue => "Dienstag",
        Weekday::Wed => "Mittwoch",
        Weekday::Thu => "Donnerstag",
        Weekday::Fri => "Freitag",
        Weekday::Sat => "Samstag",
        Weekday::Sun => "Sonntag",
    }
}

fn month(number: u32) -> &'static str {
    const NAMES: [&str; 12] = [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ];
    NAMES.get((number as usize).wrapping_sub(1)).copied().unwrap_or_default()
}

fn day(date: NaiveDate) -> String {
    format!("{}. {}", date.day(), month(date.month()))
}

fn day_with_year(date: NaiveDate) -> String {
    format!("{} {}", day(date), date.year())
}

impl Rule {
    /// The end of a rule that says "until this day", as RFC 5545 wants it: with the zone's offset, or for whole days as a day.
    pub fn until_text(day: NaiveDate, zone: Tz, all_day: bool) -> String {
        if all_day {
            return day.format("%Y%m%d").to_string();
        }
        let (_, at) = crate::local_time::resolved(Until::Day(day).local(zone), zone);
        at.format("%Y%m%dT%H%M%SZ").to_string()
    }
}
