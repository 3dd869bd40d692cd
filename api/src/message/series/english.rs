//! How often something recurs, in English.

use super::{is_plain, unit, weekdays};
use crate::message::words::Words;
use crate::recurrence::{Frequency, Rule, WeekdayOf};
use chrono::{Datelike, NaiveDateTime};

/// `every Tuesday`
pub fn rhythm(rule: &Rule, start: NaiveDateTime, words: &Words) -> String {
    let known = match rule.frequency {
        _ if rule.has_more => None,
        Frequency::Secondly | Frequency::Minutely | Frequency::Hourly => {
            unit(rule, ["second", "minute", "hour"]).filter(|_| is_plain(rule)).map(|unit| every(rule, unit))
        }
        Frequency::Daily => is_plain(rule).then(|| every(rule, "day")),
        Frequency::Weekly => weekly(rule, start, words),
        Frequency::Monthly => monthly(rule, start, words),
        Frequency::Yearly => yearly(rule, start, words),
    };
    known.unwrap_or_else(|| "by a rule of its own".to_owned())
}

fn every(rule: &Rule, unit: &str) -> String {
    if rule.interval == 1 { format!("every {unit}") } else { format!("every {} {unit}s", rule.interval) }
}

fn weekly(rule: &Rule, start: NaiveDateTime, words: &Words) -> Option<String> {
    let names = weekdays(rule, start, words)?;
    Some(if rule.interval == 1 { format!("every {names}") } else { format!("{} on {names}", every(rule, "week")) })
}

fn monthly(rule: &Rule, start: NaiveDateTime, words: &Words) -> Option<String> {
    let which = match (rule.weekdays.as_slice(), rule.month_days.as_slice()) {
        _ if !rule.months.is_empty() => return None,
        ([_, ..], []) => words.and(&rule.weekdays.iter().map(|day| numbered(day, words)).collect::<Option<Vec<_>>>()?),
        ([], [-1]) => "last day".to_owned(),
        ([], []) => day_of_month(i64::from(start.day())),
        ([], [one]) if *one > 0 => day_of_month(i64::from(*one)),
        _ => return None,
    };
    Some(match (rule.interval, rule.weekdays.is_empty()) {
        (1, false) => format!("every {which} of the month"),
        (1, true) => format!("on the {which} of every month"),
        (_, _) => format!("{} on the {which}", every(rule, "month")),
    })
}

fn yearly(rule: &Rule, start: NaiveDateTime, words: &Words) -> Option<String> {
    let month = |number: &i16| Some(words.month(u32::try_from(*number).ok()?));
    let which = match (rule.weekdays.as_slice(), rule.month_days.as_slice(), rule.months.as_slice()) {
        ([], [], []) => words.date_of_any_year(start.date()),
        ([], [one], [of]) if *one > 0 => format!("{one} {}", month(of)?),
        ([day], [], [of]) => format!("the {} of {}", numbered(day, words)?, month(of)?),
        _ => return None,
    };
    Some(format!("{} on {which}", every(rule, "year")))
}

fn day_of_month(day: i64) -> String {
    let ending = match (day % 10, day) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{day}{ending}")
}

/// `second Tuesday`.
fn numbered(day: &WeekdayOf, words: &Words) -> Option<String> {
    let nth = match day.nth? {
        1 => "first",
        2 => "second",
        3 => "third",
        4 => "fourth",
        5 => "fifth",
        -1 => "last",
        -2 => "last but one",
        _ => return None,
    };
    Some(format!("{nth} {}", words.weekday(day.weekday)))
}
