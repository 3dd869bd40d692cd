//! Times of the wall clock in a zone: read from bodies, and turned into instants. An hour that the clocks skip does not exist;
//! one that they repeat exists twice, and which is meant can be said.

use crate::validate::Faults;
use chrono::{DateTime, Datelike, LocalResult, NaiveDateTime, Offset, SecondsFormat, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use poem_openapi::Enum;
use serde::Deserialize;

/// Which of the two is meant when the clocks go back and an hour comes twice.
#[derive(Clone, Copy, Debug, Default, Deserialize, Enum, PartialEq, Eq)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Fold {
    /// The first, before the clocks go back.
    #[default]
    Earlier,
    /// The second.
    Later,
}

/// The zone of this name, a fault at `pointer` when there is none.
pub fn zone(faults: &mut Faults, pointer: &str, name: &str) -> Tz {
    name.parse().unwrap_or_else(|_| {
        faults.add(pointer, "ist keine IANA-Zeitzone", "is not an IANA time zone");
        Tz::UTC
    })
}

/// A time of the wall clock as it travels: for whole days a date.
pub fn written(at: NaiveDateTime, all_day: bool) -> String {
    at.format(if all_day { "%Y-%m-%d" } else { "%Y-%m-%dT%H:%M:%S" }).to_string()
}

/// The hour of a time of the wall clock as it travels: `19:00:00`.
pub fn written_hour(at: NaiveDateTime) -> String {
    at.format("%H:%M:%S").to_string()
}

/// A time of the wall clock with the offset that it has in a zone: `2026-12-06T15:00:00+01:00`.
pub fn with_offset(local: NaiveDateTime, zone: Tz) -> String {
    resolved(local, zone).1.with_timezone(&zone).to_rfc3339_opts(SecondsFormat::Secs, false)
}

/// Reads a time of the wall clock that exists in the zone: in the spring gap there is none.
pub fn local(faults: &mut Faults, pointer: &str, text: &str, zone: Tz) -> Option<NaiveDateTime> {
    let read = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .filter(|read| (1900..=2200).contains(&read.year()));
    let Some(read) = read else {
        faults.add(pointer, "ist keine Ortszeit wie 2026-12-06T15:00", "is not a local time such as 2026-12-06T15:00");
        return None;
    };
    if matches!(zone.from_local_datetime(&read), LocalResult::None) {
        faults.add(
            pointer,
            "gibt es nicht: in dieser Nacht werden die Uhren vorgestellt",
            "does not exist: the clocks go forward that night",
        );
    }
    Some(read)
}

/// The instant at which the wall clock shows this; `None` in the gap.
pub fn instant(local: NaiveDateTime, zone: Tz, fold: Fold) -> Option<DateTime<Utc>> {
    let found = zone.from_local_datetime(&local);
    let instant = match fold {
        Fold::Earlier => found.earliest(),
        Fold::Later => found.latest(),
    };
    instant.map(|at| at.with_timezone(&Utc))
}

/// What the wall clock shows when it is to be this time, and the instant: a time that is skipped is later by as much as is
/// skipped, one that comes twice is the first (RFC 5545, section 3.3.5).
pub fn resolved(local: NaiveDateTime, zone: Tz) -> (NaiveDateTime, DateTime<Utc>) {
    if let Some(at) = instant(local, zone, Fold::Earlier) {
        return (local, at);
    }
    let before = zone.offset_from_utc_datetime(&local.checked_sub_signed(TimeDelta::days(1)).unwrap_or(local)).fix();
    let at = local.checked_sub_offset(before).unwrap_or(local).and_utc();
    (at.with_timezone(&zone).naive_local(), at)
}
