//! How often something recurs, in German.

use super::{is_plain, unit, weekdays};
use crate::message::words::Words;
use crate::recurrence::{Frequency, Rule, WeekdayOf};
use chrono::{Datelike, NaiveDateTime};

/// `jeden Dienstag`
pub fn rhythm(rule: &Rule, start: NaiveDateTime, words: &Words) -> String {
    let known = match rule.frequency {
        _ if rule.has_more => None,
        Frequency::Secondly | Frequency::Minutely | Frequency::Hourly => within_a_day(rule),
        Frequency::Daily => daily(rule),
        Frequency::Weekly => weekly(rule, start, words),
        Frequency::Monthly => monthly(rule, start, words),
        Frequency::Yearly => yearly(rule, start, words),
    };
    known.unwrap_or_else(|| "nach einer eigenen Regel".to_owned())
}

fn within_a_day(rule: &Rule) -> Option<String> {
    let unit = unit(rule, ["Sekunde", "Minute", "Stunde"]).filter(|_| is_plain(rule))?;
    Some(if rule.interval == 1 { format!("jede {unit}") } else { format!("alle {} {unit}n", rule.interval) })
}

fn daily(rule: &Rule) -> Option<String> {
    is_plain(rule)
        .then(|| if rule.interval == 1 { "täglich".to_owned() } else { format!("alle {} Tage", rule.interval) })
}

fn weekly(rule: &Rule, start: NaiveDateTime, words: &Words) -> Option<String> {
    let names = weekdays(rule, start, words)?;
    Some(if rule.interval == 1 {
        format!("jeden {names}")
    } else {
        format!("alle {} Wochen am {names}", rule.interval)
    })
}

fn monthly(rule: &Rule, start: NaiveDateTime, words: &Words) -> Option<String> {
    let which = match (rule.weekdays.as_slice(), rule.month_days.as_slice()) {
        _ if !rule.months.is_empty() => return None,
        ([_, ..], []) => words.and(&rule.weekdays.iter().map(|day| numbered(day, words)).collect::<Option<Vec<_>>>()?),
        ([], [-1]) => "letzten Tag".to_owned(),
        ([], []) => format!("{}.", start.day()),
        ([], [one]) if *one > 0 => format!("{one}."),
        _ => return None,
    };
    Some(match (rule.interval, rule.weekdays.is_empty()) {
        (1, false) => format!("jeden {which} im Monat"),
        (1, true) => format!("am {which} jedes Monats"),
        (n, _) => format!("alle {n} Monate am {which}"),
    })
}

fn yearly(rule: &Rule, start: NaiveDateTime, words: &Words) -> Option<String> {
    let month = |number: &i16| Some(words.month(u32::try_from(*number).ok()?));
    let which = match (rule.weekdays.as_slice(), rule.month_days.as_slice(), rule.months.as_slice()) {
        ([], [], []) => words.date_of_any_year(start.date()),
        ([], [one], [of]) if *one > 0 => format!("{one}. {}", month(of)?),
        ([day], [], [of]) => format!("{} im {}", numbered(day, words)?, month(of)?),
        _ => return None,
    };
    Some(match rule.interval {
        1 => format!("jedes Jahr am {which}"),
        n => format!("alle {n} Jahre am {which}"),
    })
}

/// `zweiten Dienstag`.
fn numbered(day: &WeekdayOf, words: &Words) -> Option<String> {
    let nth = match day.nth? {
        1 => "ersten",
        2 => "zweiten",
        3 => "dritten",
        4 => "vierten",
        5 => "fünften",
        -1 => "letzten",
        -2 => "vorletzten",
        _ => return None,
    };
    Some(format!("{nth} {}", words.weekday(day.weekday)))
}
