//! The Länder of Germany and their holidays. School holidays are entered by the operator; public holidays are as the laws of the
//! federation and of the Länder have them. Where one is only in some municipalities of a Land (Assumption Day in Bavaria, Corpus Christi
//! in Saxony and Thuringia), it is left out.

use chrono::{Datelike, NaiveDate, Weekday};
use entity::SchoolHolidayName;
use poem_openapi::Enum;
use serde::Deserialize;
use std::str::FromStr;

/// The Länder: the first two digits of the AGS, and ISO 3166-2.
const LANDS: [(&str, &str); 16] = [
    ("01", "DE-SH"),
    ("02", "DE-HH"),
    ("03", "DE-NI"),
    ("04", "DE-HB"),
    ("05", "DE-NW"),
    ("06", "DE-HE"),
    ("07", "DE-RP"),
    ("08", "DE-BW"),
    ("09", "DE-BY"),
    ("10", "DE-SL"),
    ("11", "DE-BE"),
    ("12", "DE-BB"),
    ("13", "DE-MV"),
    ("14", "DE-SN"),
    ("15", "DE-ST"),
    ("16", "DE-TH"),
];

/// A Land of the Federal Republic of Germany.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Land(&'static str);

impl Land {
    /// That of the municipality with this AGS, if it is one.
    pub fn of(ags: &str) -> Option<Self> {
        LANDS.iter().find(|(digits, _)| ags.get(..2) == Some(digits)).map(|(_, code)| Self(code))
    }

    /// What the AGS of its municipalities begin with.
    pub fn digits(self) -> &'static str {
        LANDS.iter().find(|(_, code)| *code == self.0).map_or("", |(digits, _)| digits)
    }

    /// Its code (ISO 3166-2), such as `DE-NW`.
    pub fn code(self) -> &'static str {
        self.0
    }
}

impl FromStr for Land {
    type Err = ();

    fn from_str(code: &str) -> Result<Self, ()> {
        LANDS.iter().find(|(_, known)| *known == code).map(|(_, code)| Self(code)).ok_or(())
    }
}

/// Which school holidays they are.
#[derive(Clone, Copy, Debug, Deserialize, Enum, PartialEq, Eq)]
#[oai(rename = "SchoolHolidayName", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum HolidayName {
    /// Winterferien, Halbjahresferien.
    Winter,
    /// Osterferien, Frühjahrsferien.
    Easter,
    /// Pfingstferien.
    Pentecost,
    /// Sommerferien.
    Summer,
    /// Herbstferien.
    Autumn,
    /// Weihnachtsferien.
    Christmas,
    /// A day or more without a name of their own.
    Other,
}

/// Everywhere.
const ALL: &[&str] = &[];

/// Days after Easter Sunday, and the Länder that have them as holidays, by the first two digits of the AGS.
const MOVING: [(i64, &[&str]); 7] = [
    (-2, ALL),
    (0, &["12"]),
    (1, ALL),
    (39, ALL),
    (49, &["12"]),
    (50, ALL),
    (60, &["05", "06", "07", "08", "09", "10"]),
];

/// Months and days.
const FIXED: [(u32, u32, &[&str]); 11] = [
    (1, 1, ALL),
    (1, 6, &["08", "09", "15"]),
    (3, 8, &["11", "13"]),
    (5, 1, ALL),
    (8, 15, &["10"]),
    (9, 20, &["16"]),
    (10, 3, ALL),
    (10, 31, &["01", "02", "03", "04", "12", "13", "14", "15", "16"]),
    (11, 1, &["05", "07", "08", "09", "10"]),
    (12, 25, ALL),
    (12, 26, ALL),
];

/// Whether a day is a public holiday in the whole Land of the municipality with this AGS; of an unknown one, in all of Germany.
pub fn is_public_holiday(day: NaiveDate, ags: &str) -> bool {
    let land = ags.get(..2).unwrap_or_default();
    let there = |lands: &[&str]| lands.is_empty() || lands.contains(&land);
    let after_easter = easter(day.year()).map(|easter| day.signed_duration_since(easter).num_days());
    MOVING.iter().any(|(after, lands)| Some(*after) == after_easter && there(lands))
        || FIXED.iter().any(|(month, date, lands)| (*month, *date) == (day.month(), day.day()) && there(lands))
        || (land == "14" && is_repentance_day(day))
        || (land == "11" && NaiveDate::from_ymd_opt(2028, 6, 17) == Some(day))
}

/// The Wednesday before 23 November.
fn is_repentance_day(day: NaiveDate) -> bool {
    day.month() == 11 && (16..=22).contains(&day.day()) && day.weekday() == Weekday::Wed
}

/// Easter Sunday by the Gregorian calendar (Meeus, Astronomical Algorithms, chapter 8).
fn easter(year: i32) -> Option<NaiveDate> {
    let (golden, century, rest) = (year % 19, year / 100, year % 100);
    let shift = (century - (century + 8) / 25 + 1) / 3;
    let moon = (19 * golden + century - century / 4 - shift + 15) % 30;
    let weekday = (32 + 2 * (century % 4) + 2 * (rest / 4) - moon - rest % 4) % 7;
    let late = (golden + 11 * moon + 22 * weekday) / 451;
    let days = u32::try_from(moon + weekday - 7 * late + 114).ok()?;
    NaiveDate::from_ymd_opt(year, days / 31, days % 31 + 1)
}

macro_rules! same_names {
    ($($word:ident),+) => {
        impl From<SchoolHolidayName> for HolidayName {
            fn from(name: SchoolHolidayName) -> Self {
                match name { $(SchoolHolidayName::$word => Self::$word),+ }
            }
        }

        impl From<HolidayName> for SchoolHolidayName {
            fn from(name: HolidayName) -> Self {
                match name { $(HolidayName::$word => Self::$word),+ }
            }
        }
    };
}

same_names!(Winter, Easter, Pentecost, Summer, Autumn, Christmas, Other);
