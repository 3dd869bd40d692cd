//! What travels about school holidays.

mod examples;

use crate::holidays::{HolidayName, Land};
use crate::problem::Problem;
use crate::validate::Faults;
use chrono::{Datelike, NaiveDate};
use entity::{LandHolidays, SchoolHoliday};
use poem_openapi::Object;
use serde::Deserialize;

/// Periods of a Land, at most.
const MOST: usize = 400;

/// Days of one period, at most.
const LONGEST_D: i64 = 100;

/// Days without school.
#[derive(Clone, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(rename = "SchoolHoliday", example)]
pub struct HolidayView {
    /// Which holidays they are.
    name: HolidayName,
    /// The first day, such as `2027-07-19`.
    #[oai(validator(max_length = 10))]
    first: String,
    /// The last day, which belongs to them.
    #[oai(validator(max_length = 10))]
    last: String,
}

/// All school holidays of a Land.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(rename = "LandHolidaysBody", example)]
pub struct LandHolidaysBody {
    /// In whatever order; no day is in two of them.
    #[oai(validator(max_items = 400))]
    periods: Vec<HolidayView>,
}

/// The school holidays of a Land, as far as they are entered.
#[derive(Object)]
#[oai(rename = "LandHolidays", skip_serializing_if_is_none, example)]
pub struct LandHolidaysView {
    /// The Land (ISO 3166-2); absent where the village's key names none.
    land: Option<String>,
    /// In the order of their days.
    periods: Vec<HolidayView>,
    /// Rises with every change; 0 before the first.
    version: i32,
}

impl LandHolidaysBody {
    /// Checks the values; gives them in the order of their days.
    pub fn checked(self) -> Result<Vec<SchoolHoliday>, Problem> {
        let mut faults = Faults::default();
        if self.periods.len() > MOST {
            faults.add("/periods", format!("sind mehr als {MOST}"), format!("are more than {MOST}"));
            return faults.into_result(Vec::new());
        }
        let read = |(at, period): (usize, HolidayView)| Some((at, period.checked(&mut faults, at)?));
        let mut periods: Vec<(usize, SchoolHoliday)> = self.periods.into_iter().enumerate().filter_map(read).collect();
        periods.sort_by_key(|(_, period)| period.first);
        for two in periods.windows(2).filter(|two| two[1].1.first <= two[0].1.last) {
            let pointer = format!("/periods/{}/first", two[1].0);
            faults.add(pointer, "liegt in anderen Ferien", "is in other holidays");
        }
        faults.into_result(periods.into_iter().map(|(_, period)| period).collect())
    }
}

impl HolidayView {
    fn checked(self, faults: &mut Faults, at: usize) -> Option<SchoolHoliday> {
        let first = day(faults, &format!("/periods/{at}/first"), &self.first);
        let pointer = format!("/periods/{at}/last");
        let last = day(faults, &pointer, &self.last);
        let (first, last) = (first?, last?);
        if last < first {
            faults.add(pointer, "liegt vor dem ersten Tag", "is before the first day");
        } else if (last - first).num_days() >= LONGEST_D {
            let (de, en) = (format!("sind mehr als {LONGEST_D} Tage"), format!("are more than {LONGEST_D} days"));
            faults.add(pointer, de, en);
        }
        Some(SchoolHoliday { name: self.name.into(), first, last })
    }
}

fn day(faults: &mut Faults, pointer: &str, text: &str) -> Option<NaiveDate> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|day| (1900..=2200).contains(&day.year()));
    if day.is_none() {
        faults.add(pointer, "ist kein Tag wie 2027-07-19", "is not a day such as 2027-07-19");
    }
    day
}

impl LandHolidaysView {
    /// The holidays of a Land.
    pub fn new(land: Option<Land>, holidays: &LandHolidays) -> Self {
        Self {
            land: land.map(|land| land.code().to_owned()),
            periods: holidays.periods.iter().map(Into::into).collect(),
            version: holidays.version,
        }
    }
}

impl From<&SchoolHoliday> for HolidayView {
    fn from(holiday: &SchoolHoliday) -> Self {
        Self { name: holiday.name.into(), first: holiday.first.to_string(), last: holiday.last.to_string() }
    }
}
