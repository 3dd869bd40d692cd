//! Dates of a series that are left out: named one by one, the same day of every year, or all public or school holidays.

use super::checked::{DaysOff, MOST, Times, day};
use crate::holidays::is_public_holiday;
use crate::recurrence::{Rule, Series};
use crate::validate::Faults;
use chrono::{Datelike, Months, NaiveDate, NaiveDateTime};
use chrono_tz::Tz;
use entity::{EventDates, SchoolHoliday};
use std::collections::BTreeSet;

/// For so many months from the first date on, dates are left out that are not named by their year.
const MONTHS: Months = Months::new(240);

/// What somebody says is left out.
pub struct LeftOut<'a> {
    /// Starts, days, or days of every year.
    pub dates: &'a [String],
    /// Whether all public holidays.
    pub holidays: bool,
    /// Whether all school holidays.
    pub school_holidays: bool,
    /// Which these are.
    pub days_off: &'a DaysOff,
}

/// A date as somebody names it.
enum Named {
    /// By its start, or the day.
    Once(NaiveDateTime),
    /// By a day of every year.
    Yearly(u32, u32),
}

impl LeftOut<'_> {
    /// The starts that are left out of a series, which is known so far without them.
    pub fn of(&self, faults: &mut Faults, series: &EventDates) -> Vec<NaiveDateTime> {
        const POINTER: &str = "/event/except_dates";
        let named = self.named(faults, series);
        let mut once: BTreeSet<NaiveDateTime> = BTreeSet::new();
        let mut yearly = Vec::new();
        for named in named {
            match named {
                Named::Once(start) => drop(once.insert(start)),
                Named::Yearly(month, day) => yearly.push((month, day)),
            }
        }
        let is_over = |holiday: &SchoolHoliday| holiday.last < series.starts_local.date();
        if self.school_holidays && self.days_off.school.iter().all(is_over) {
            let (de, en) = (
                "sind für dieses Land nach dem Beginn nicht eingetragen; das tut, wer den Dienst betreibt",
                "are not entered for this Land after the start; the operator does that",
            );
            faults.add("/event/except_school_holidays", de, en);
        }
        if self.holidays || self.school_holidays || !yearly.is_empty() {
            let is_left_out = |day: NaiveDate| {
                yearly.contains(&(day.month(), day.day()))
                    || (self.holidays && is_public_holiday(day, &self.days_off.ags))
                    || (self.school_holidays && self.days_off.school.iter().any(|holiday| holiday.has(day)))
            };
            once.extend(starts(series).into_iter().filter(|start| is_left_out(start.date())));
        }
        if once.len() > MOST {
            faults.add(POINTER, format!("sind mehr als {MOST}"), format!("are more than {MOST}"));
        }
        once.into_iter().take(MOST).collect()
    }

    fn named(&self, faults: &mut Faults, series: &EventDates) -> Vec<Named> {
        if self.dates.len() > MOST {
            faults.add("/event/except_dates", format!("sind mehr als {MOST}"), format!("are more than {MOST}"));
            return Vec::new();
        }
        let read = |(at, text): (usize, &String)| named(faults, &format!("/event/except_dates/{at}"), text, series);
        self.dates.iter().enumerate().filter_map(read).collect()
    }
}

/// A day without a year is written as `--05-01`; a day means the hour of the event.
fn named(faults: &mut Faults, pointer: &str, text: &str, series: &EventDates) -> Option<Named> {
    if let Some(yearless) = text.strip_prefix("--") {
        // 2000 had a 29 February.
        let day = NaiveDate::parse_from_str(&format!("2000-{yearless}"), "%Y-%m-%d").ok();
        let day = day.filter(|_| yearless.len() == 5);
        if day.is_none() {
            faults.add(pointer, "ist kein Tag im Jahr wie --05-01", "is not a day of the year such as --05-01");
        }
        return day.map(|day| Named::Yearly(day.month(), day.day()));
    }
    match day(text) {
        Some(day) => Some(Named::Once(day.and_time(series.starts_local.time()))),
        // A date in the night when the clocks go forward is left out by the hour that it does not have.
        None => Times { zone: Tz::UTC, all_day: series.all_day }.read(faults, pointer, text).map(Named::Once),
    }
}

/// The dates of a series with all that is left out; none of one that cannot be expanded, which is refused elsewhere.
fn starts(series: &EventDates) -> Vec<NaiveDateTime> {
    let rule = series.rule.as_deref().and_then(|rule| Rule::parse(rule).ok());
    let zone: Tz = series.zone.parse().unwrap_or(Tz::UTC);
    let (starts, extra) = (series.starts_local, &series.extra_dates);
    let all = Series { starts, zone, rule: rule.as_ref(), extra, except: &[] };
    let until = starts.checked_add_months(MONTHS).unwrap_or(starts);
    all.between(starts, until, usize::MAX - 1).map(|found| found.dates).unwrap_or_default()
}
