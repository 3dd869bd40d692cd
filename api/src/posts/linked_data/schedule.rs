//! How an event recurs, as schema.org says it: a `Schedule`.

use crate::local_time::{written, written_hour};
use crate::recurrence::{Frequency, Rule, WeekdayOf};
use chrono::Weekday;
use chrono_tz::Tz;
use entity::EventDates;
use serde_json::{Map, Value, json};

/// The schedule of a series; none for one without a rule or with one that `Schedule` has no words for.
pub fn of(dates: &EventDates) -> Option<Value> {
    let rule = Rule::parse(dates.rule.as_deref()?).ok().filter(|rule| !rule.has_more)?;
    let zone: Tz = dates.zone.parse().unwrap_or(Tz::UTC);
    let mut schedule = Map::new();
    schedule.insert("@type".to_owned(), json!("Schedule"));
    schedule.insert("repeatFrequency".to_owned(), json!(every(&rule)));
    let by = [
        ("byDay", rule.weekdays.iter().map(|day| json!(weekday(*day))).collect::<Vec<_>>()),
        ("byMonthDay", rule.month_days.iter().map(|day| json!(day)).collect()),
        ("byMonth", rule.months.iter().map(|month| json!(month)).collect()),
    ];
    schedule.extend(by.into_iter().filter(|(_, on)| !on.is_empty()).map(|(name, on)| (name.to_owned(), json!(on))));
    schedule.insert("startDate".to_owned(), json!(written(dates.starts_local, true)));
    // Of what recurs within a day, a day says too little.
    let when = |at| written(at, !rule.is_within_a_day());
    if let Some(until) = rule.until {
        schedule.insert("endDate".to_owned(), json!(when(until.local(zone))));
    }
    if let Some(count) = rule.count {
        schedule.insert("repeatCount".to_owned(), json!(count));
    }
    if !dates.except_dates.is_empty() {
        schedule.insert("exceptDate".to_owned(), dates.except_dates.iter().map(|at| json!(when(*at))).collect());
    }
    if !dates.all_day {
        schedule.insert("startTime".to_owned(), json!(written_hour(dates.starts_local)));
        if let Some(ends) = dates.ends_local {
            schedule.insert("endTime".to_owned(), json!(written_hour(ends)));
        }
    }
    schedule.insert("scheduleTimezone".to_owned(), json!(dates.zone));
    Some(schedule.into())
}

/// How often, as a duration of ISO 8601.
fn every(rule: &Rule) -> String {
    let (period, unit) = match rule.frequency {
        Frequency::Secondly => ("PT", 'S'),
        Frequency::Minutely => ("PT", 'M'),
        Frequency::Hourly => ("PT", 'H'),
        Frequency::Daily => ("P", 'D'),
        Frequency::Weekly => ("P", 'W'),
        Frequency::Monthly => ("P", 'M'),
        Frequency::Yearly => ("P", 'Y'),
    };
    format!("{period}{}{unit}", rule.interval)
}

/// A weekday of schema.org, or one of them in a month as iCalendar writes it.
fn weekday(of: WeekdayOf) -> String {
    let (name, short) = match of.weekday {
        Weekday::Mon => ("Monday", "MO"),
        Weekday::Tue => ("Tuesday", "TU"),
        Weekday::Wed => ("Wednesday", "WE"),
        Weekday::Thu => ("Thursday", "TH"),
        Weekday::Fri => ("Friday", "FR"),
        Weekday::Sat => ("Saturday", "SA"),
        Weekday::Sun => ("Sunday", "SU"),
    };
    of.nth.map_or_else(|| format!("https://schema.org/{name}"), |nth| format!("{nth}{short}"))
}
