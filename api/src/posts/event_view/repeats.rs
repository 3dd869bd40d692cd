//! How an event recurs, as people say it.

use crate::recurrence::Rule;
use crate::validate::Faults;
use chrono::{Datelike, NaiveDate, NaiveDateTime, Weekday};
use chrono_tz::Tz;
use poem_openapi::types::Example;
use poem_openapi::{Enum, Object};
use serde::Deserialize;

/// How an event recurs, without an RRULE. Days on which it does not take place are `except_dates` of the event.
#[derive(Clone, Debug, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(rename = "EventRepeats", example)]
pub struct Repeats {
    /// How often.
    frequency: FrequencyName,
    /// Every how many days, weeks, months or years; 1 unless given.
    #[serde(default)]
    #[oai(validator(minimum(value = "1"), maximum(value = "999")))]
    interval: Option<u16>,
    /// On which weekdays; that of the start unless given. With `daily` and `yearly` not to be given.
    #[serde(default)]
    #[oai(validator(max_items = 7), default)]
    weekdays: Vec<WeekdayName>,
    /// With `monthly`: on which of these weekdays in the month, 1 to 5, or -1 for the last. Unless given, it is the day of the month of
    /// the start.
    #[serde(default)]
    nth: Option<i16>,
    /// Until which day, which belongs to it; such as the last before the summer holidays.
    #[serde(default)]
    until: Option<String>,
    /// How many dates in all, with the first.
    #[serde(default)]
    #[oai(validator(minimum(value = "1"), maximum(value = "1000")))]
    count: Option<u32>,
}

/// How often something recurs.
#[derive(Clone, Copy, Debug, Deserialize, Enum, PartialEq, Eq)]
#[oai(rename = "EventFrequency", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
enum FrequencyName {
    /// Every day.
    Daily,
    /// Every week.
    Weekly,
    /// Every month.
    Monthly,
    /// Every year.
    Yearly,
}

/// A weekday.
#[derive(Clone, Copy, Debug, Deserialize, Enum, PartialEq, Eq)]
#[oai(rename = "Weekday", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
enum WeekdayName {
    /// Monday.
    Monday,
    /// Tuesday.
    Tuesday,
    /// Wednesday.
    Wednesday,
    /// Thursday.
    Thursday,
    /// Friday.
    Friday,
    /// Saturday.
    Saturday,
    /// Sunday.
    Sunday,
}

impl WeekdayName {
    fn code(self) -> &'static str {
        match self {
            Self::Monday => "MO",
            Self::Tuesday => "TU",
            Self::Wednesday => "WE",
            Self::Thursday => "TH",
            Self::Friday => "FR",
            Self::Saturday => "SA",
            Self::Sunday => "SU",
        }
    }

    fn of(day: Weekday) -> Self {
        match day {
            Weekday::Mon => Self::Monday,
            Weekday::Tue => Self::Tuesday,
            Weekday::Wed => Self::Wednesday,
            Weekday::Thu => Self::Thursday,
            Weekday::Fri => Self::Friday,
            Weekday::Sat => Self::Saturday,
            Weekday::Sun => Self::Sunday,
        }
    }
}

impl Repeats {
    /// The rule that says the same.
    pub fn rule(&self, faults: &mut Faults, starts: NaiveDateTime, zone: Tz, all_day: bool) -> Option<String> {
        let monthly = self.frequency == FrequencyName::Monthly;
        let by_weekday = self.frequency == FrequencyName::Weekly || (monthly && self.nth.is_some());
        if !self.weekdays.is_empty() && !by_weekday {
            faults.add("/event/repeats/weekdays", "passt nicht dazu", "does not go with it");
        }
        if self.nth.is_some_and(|nth| !monthly || !(nth == -1 || (1..=5).contains(&nth))) {
            faults.add(
                "/event/repeats/nth",
                "ist 1 bis 5 oder -1, und nur monatlich",
                "is 1 to 5 or -1, and only monthly",
            );
        }
        if self.until.is_some() && self.count.is_some() {
            faults.add("/event/repeats/count", "geht nicht mit until zusammen", "does not go with until");
        }
        if self.interval == Some(0) || self.count == Some(0) {
            faults.add("/event/repeats", "hat eine Null, die nichts bedeutet", "has a nought that means nothing");
        }
        let mut rule = format!("FREQ={}", format!("{:?}", self.frequency).to_uppercase());
        if let Some(interval) = self.interval.filter(|interval| *interval != 1) {
            rule.push_str(&format!(";INTERVAL={interval}"));
        }
        if by_weekday {
            rule.push_str(&format!(";BYDAY={}", self.days(starts).join(",")));
        }
        if let Some(count) = self.count {
            rule.push_str(&format!(";COUNT={count}"));
        }
        if let Some(until) = &self.until {
            rule.push_str(&until_part(faults, until, starts, zone, all_day)?);
        }
        let read = Rule::parse(&rule).ok().map(|rule| rule.text());
        if read.is_none() && faults.is_empty() {
            faults.add("/event/repeats", "ergibt keine Regel", "makes no rule");
        }
        read
    }

    fn days(&self, starts: NaiveDateTime) -> Vec<String> {
        let nth = self.nth.map_or_else(String::new, |nth| nth.to_string());
        let start = [WeekdayName::of(starts.weekday())];
        let days = if self.weekdays.is_empty() { &start } else { self.weekdays.as_slice() };
        days.iter().map(|day| format!("{nth}{}", day.code())).collect()
    }
}

fn until_part(faults: &mut Faults, text: &str, starts: NaiveDateTime, zone: Tz, all_day: bool) -> Option<String> {
    let Some(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|day| day.year() <= 2200) else {
        faults.add("/event/repeats/until", "ist kein Tag wie 2027-07-16", "is not a day such as 2027-07-16");
        return None;
    };
    if day < starts.date() {
        faults.add("/event/repeats/until", "liegt vor dem Beginn", "is before the start");
    }
    Some(format!(";UNTIL={}", Rule::until_text(day, zone, all_day)))
}

impl Example for Repeats {
    fn example() -> Self {
        Self {
            frequency: FrequencyName::Weekly,
            interval: Some(1),
            weekdays: vec![WeekdayName::Sunday],
            nth: None,
            until: Some("2026-12-20".to_owned()),
            count: None,
        }
    }
}
