//! How a definition of a zone sets its clocks as a rule, and which known zone does the same. Some programs write zones of their own,
//! such as `Customized Time Zone`, and only their rules say what is meant.

use chrono::{NaiveDate, NaiveTime, Offset, TimeZone};
use chrono_tz::Tz;

/// Zones that are thought of, after that of the village: those of most people, each with clocks of its own.
const KNOWN: [Tz; 24] = [
    Tz::Europe__Berlin,
    Tz::Europe__London,
    Tz::Europe__Athens,
    Tz::Europe__Moscow,
    Tz::America__New_York,
    Tz::America__Chicago,
    Tz::America__Denver,
    Tz::America__Los_Angeles,
    Tz::America__Anchorage,
    Tz::America__Halifax,
    Tz::America__St_Johns,
    Tz::America__Phoenix,
    Tz::America__Bogota,
    Tz::America__Argentina__Buenos_Aires,
    Tz::Africa__Lagos,
    Tz::Africa__Johannesburg,
    Tz::Asia__Dubai,
    Tz::Asia__Kolkata,
    Tz::Asia__Bangkok,
    Tz::Asia__Shanghai,
    Tz::Asia__Tokyo,
    Tz::Australia__Sydney,
    Tz::Australia__Adelaide,
    Tz::Pacific__Auckland,
];

/// A year in which the clocks of known zones are compared.
const COMPARED: i32 = 2024;

/// How far ahead of UTC clocks are in seconds, in winter and in summer, and in which month summer time begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clocks {
    standard: i32,
    summer: Option<(i32, u32)>,
}

impl Clocks {
    /// As the last rules inside a VTIMEZONE say.
    pub fn of(inside: &str) -> Option<Self> {
        let (mut standard, mut summer) = (None, None);
        let (mut is_summer, mut offset, mut month) = (false, None, None);
        for line in inside.lines() {
            let (name, value) = line.split_once(':').unwrap_or((line, ""));
            match name.split(';').next().unwrap_or("").to_ascii_uppercase().as_str() {
                "BEGIN" => {
                    is_summer = value.trim().eq_ignore_ascii_case("DAYLIGHT");
                    (offset, month) = (None, None);
                    if is_summer {
                        summer = None;
                    }
                }
                "TZOFFSETTO" => {
                    offset = seconds(value.trim());
                    match (is_summer, offset) {
                        (true, Some(offset)) => summer = Some((offset, month.unwrap_or(0))),
                        (false, Some(offset)) => standard = Some(offset),
                        _ => {}
                    }
                }
                "DTSTART" => month = month.or_else(|| value.trim().get(4..6)?.parse().ok()),
                "RRULE" => month = of_rule(value).or(month),
                _ => {}
            }
            if let (true, Some(offset), Some(month)) = (is_summer, offset, month) {
                summer = Some((offset, month));
            }
        }
        standard.map(|standard| Self { standard, summer: summer.filter(|(offset, _)| *offset != standard) })
    }

    /// The known zone with these clocks: one of the `first`, if there is one among them.
    pub fn zone(self, first: &[Tz]) -> Option<Tz> {
        let same = |zone: &Tz| clocks_of(*zone) == Some(self);
        first.iter().copied().chain(KNOWN).find(same)
    }
}

fn of_rule(rule: &str) -> Option<u32> {
    rule.split(';').find_map(|part| part.trim().strip_prefix("BYMONTH="))?.parse().ok()
}

/// `+0130` as seconds.
pub(super) fn seconds(text: &str) -> Option<i32> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("-", digits) => (-1, digits),
        ("+", digits) => (1, digits),
        _ => (1, text),
    };
    let hours: i32 = digits.get(..2)?.parse().ok()?;
    let minutes: i32 = digits.get(2..4)?.parse().ok()?;
    (hours <= 14 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

fn clocks_of(zone: Tz) -> Option<Clocks> {
    // As it is when the month is over.
    let offset = |month: u32| {
        let next = NaiveDate::from_ymd_opt(COMPARED + i32::from(month == 12), month % 12 + 1, 1)?;
        let day = next.and_time(NaiveTime::MIN);
        Some(zone.offset_from_utc_datetime(&day).fix().local_minus_utc())
    };
    let offsets: Vec<i32> = (1..=12u32).map(offset).collect::<Option<_>>()?;
    let (standard, summer) = (*offsets.iter().min()?, *offsets.iter().max()?);
    let begins = (0..12).find(|at| offsets[*at] == summer && offsets[(at + 11) % 12] != summer);
    let month = begins.map(|at| u32::try_from(at + 1).unwrap_or(1));
    Some(Clocks { standard, summer: month.map(|month| (summer, month)) })
}
