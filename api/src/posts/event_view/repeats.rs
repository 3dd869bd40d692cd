//! How an event recurs, as people say it.

use crate::holidays::HolidayName;
use crate::recurrence::Rule;
use crate::validate::Faults;
use chrono::{Datelike, NaiveDate, NaiveDateTime, Weekday};
use chrono_tz::Tz;
use entity::SchoolHoliday;
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
    /// Until the next such school holidays of the Land that begin after the start: the last date is the last one before them. The
    /// answer has the day in `until` of its rule. With `other` not to be given.
    #[serde(default)]
    until_holidays: Option<HolidayName>,
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

/// What begins: its first date.
pub struct Begins<'a> {
    /// Its start.
    pub starts: NaiveDateTime,
    /// The zone of its times.
    pub zone: Tz,
    /// Whether it is about whole days.
    pub all_day: bool,
    /// The school holidays there, in the order of their days.
    pub school: &'a [SchoolHoliday],
}

impl Repeats {
    /// The rule that says the same, for what begins so. `pointer` is where this stands in the body.
    pub fn rule(&self, faults: &mut Faults, pointer: &str, begins: &Begins<'_>) -> Option<String> {
        let found = faults.count();
        self.check(faults, pointer);
        let until = self.last_day(faults, pointer, begins);
        if faults.count() > found {
            return None;
        }
        let mut rule = format!("FREQ={}", format!("{:?}", self.frequency).to_uppercase());
        if let Some(interval) = self.interval.filter(|interval| *interval != 1) {
            rule.push_str(&format!(";INTERVAL={interval}"));
        }
        if self.by_weekday() {
            rule.push_str(&format!(";BYDAY={}", self.days(begins.starts).join(",")));
        }
        if let Some(count) = self.count {
            rule.push_str(&format!(";COUNT={count}"));
        }
        if let Some(day) = until {
            rule.push_str(&format!(";UNTIL={}", Rule::until_text(day, begins.zone, begins.all_day)));
        }
        let read = Rule::parse(&rule).ok().map(|rule| rule.text());
        if read.is_none() {
            faults.add(pointer, "ergibt keine Regel", "makes no rule");
        }
        read
    }

    /// The last day of the series, if it is said.
    fn last_day(&self, faults: &mut Faults, pointer: &str, begins: &Begins<'_>) -> Option<NaiveDate> {
        match (&self.until, self.until_holidays) {
            (Some(until), _) => said_day(faults, &format!("{pointer}/until"), until, begins),
            (None, Some(name)) => before_holidays(faults, &format!("{pointer}/until_holidays"), name, begins),
            (None, None) => None,
        }
    }

    fn by_weekday(&self) -> bool {
        self.frequency == FrequencyName::Weekly || (self.frequency == FrequencyName::Monthly && self.nth.is_some())
    }

    /// What does not go together.
    fn check(&self, faults: &mut Faults, pointer: &str) {
        let at = |name: &str| format!("{pointer}/{name}");
        if !self.weekdays.is_empty() && !self.by_weekday() {
            faults.add(at("weekdays"), "passt nicht dazu", "does not go with it");
        }
        let twice = |day: &WeekdayName| self.weekdays.iter().filter(|other| *other == day).count() > 1;
        if self.weekdays.iter().any(twice) {
            faults.add(at("weekdays"), "nennt einen Tag zweimal", "names a day twice");
        }
        let monthly = self.frequency == FrequencyName::Monthly;
        if self.nth.is_some_and(|nth| !monthly || !(nth == -1 || (1..=5).contains(&nth))) {
            faults.add(at("nth"), "ist 1 bis 5 oder -1, und nur monatlich", "is 1 to 5 or -1, and only monthly");
        }
        if self.interval.is_some_and(|interval| !(1..=999).contains(&interval)) {
            faults.add(at("interval"), "muss zwischen 1 und 999 liegen", "must be between 1 and 999");
        }
        if self.count.is_some_and(|count| !(1..=1000).contains(&count)) {
            faults.add(at("count"), "muss zwischen 1 und 1000 liegen", "must be between 1 and 1000");
        }
        if self.until.is_some() && self.count.is_some() {
            faults.add(at("count"), "geht nicht mit until zusammen", "does not go with until");
        }
        if self.until_holidays.is_some() && (self.until.is_some() || self.count.is_some()) {
            let (de, en) = ("geht nicht mit until und count zusammen", "does not go with until and count");
            faults.add(at("until_holidays"), de, en);
        }
    }

    fn days(&self, starts: NaiveDateTime) -> Vec<String> {
        let nth = self.nth.map_or_else(String::new, |nth| nth.to_string());
        let start = [WeekdayName::of(starts.weekday())];
        let days = if self.weekdays.is_empty() { &start } else { self.weekdays.as_slice() };
        days.iter().map(|day| format!("{nth}{}", day.code())).collect()
    }
}

/// Such holidays begin at least so many days after those of the year before, and at most so many: their dates move by weeks.
const LEAST_APART_D: i64 = 300;
const MOST_APART_D: i64 = 430;

/// The first school holidays of this name that begin after the start, if none before them can be missing.
fn next_holidays<'a>(name: HolidayName, begins: &Begins<'a>) -> Option<&'a SchoolHoliday> {
    let start = begins.starts.date();
    let such = || begins.school.iter().filter(|holiday| holiday.name == name.into() && name != HolidayName::Other);
    let next = such().find(|holiday| holiday.first > start)?;
    let apart = |day: NaiveDate| next.first.signed_duration_since(day).num_days();
    let last = such().take_while(|holiday| holiday.first <= start).last();
    let is_known = last.is_some_and(|last| apart(last.first) <= MOST_APART_D);
    (is_known || apart(start) <= LEAST_APART_D).then_some(next)
}

/// The day before the next school holidays of this name.
fn before_holidays(faults: &mut Faults, pointer: &str, name: HolidayName, begins: &Begins<'_>) -> Option<NaiveDate> {
    let next = next_holidays(name, begins);
    if next.is_none() {
        let (de, en) = (
            "sind für dieses Land nach dem Beginn nicht eingetragen; das tut, wer den Dienst betreibt",
            "are not entered for this Land after the start; the operator does that",
        );
        faults.add(pointer, de, en);
    }
    next?.first.pred_opt()
}

fn said_day(faults: &mut Faults, pointer: &str, text: &str, begins: &Begins<'_>) -> Option<NaiveDate> {
    let Some(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|day| (1900..=2200).contains(&day.year()))
    else {
        faults.add(pointer, "ist kein Tag wie 2027-07-16", "is not a day such as 2027-07-16");
        return None;
    };
    if day < begins.starts.date() {
        faults.add(pointer, "liegt vor dem Beginn", "is before the start");
        return None;
    }
    Some(day)
}

impl Example for Repeats {
    fn example() -> Self {
        Self {
            frequency: FrequencyName::Weekly,
            interval: Some(1),
            weekdays: vec![WeekdayName::Sunday],
            nth: None,
            until: Some("2026-12-20".to_owned()),
            until_holidays: None,
            count: None,
        }
    }
}
