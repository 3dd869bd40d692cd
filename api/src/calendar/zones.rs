//! Times as calendars write them: days, times in UTC, of a named zone, or of wherever one is.

use super::{CalendarFile, SkipReason};
use crate::local_time::resolved;
use calcard::common::PartialDateTime;
use calcard::common::timezone::Tz as Named;
use calcard::icalendar::ICalendarEntry;
use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use std::str::FromStr;

/// Whose wall clock a time is one of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// That of wherever one is.
    Floating,
    /// That of a zone.
    Of(Tz),
    /// One that is never changed.
    Fixed(FixedOffset),
}

/// A time as a calendar writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// What the clock shows; midnight for a day.
    pub local: NaiveDateTime,
    /// Which clock.
    pub clock: Clock,
    /// Whether it is a day.
    pub is_day: bool,
}

impl CalendarFile {
    /// A time of a property.
    pub(super) fn written(
        &self,
        entry: &ICalendarEntry,
        value: &PartialDateTime,
        village: Tz,
    ) -> Result<Written, SkipReason> {
        let day = value.year.zip(value.month).zip(value.day).and_then(|((year, month), day)| {
            NaiveDate::from_ymd_opt(i32::from(year), u32::from(month), u32::from(day))
        });
        let day = day.filter(|day| (1900..=2200).contains(&day.year())).ok_or(SkipReason::AbsurdDate)?;
        let Some(hour) = value.hour else {
            return Ok(Written { local: day.and_time(NaiveTime::MIN), clock: Clock::Floating, is_day: true });
        };
        let part = |part: Option<u8>| u32::from(part.unwrap_or(0));
        // A leap second is the last of its minute.
        let time = NaiveTime::from_hms_opt(u32::from(hour), part(value.minute), part(value.second).min(59));
        let local = day.and_time(time.ok_or(SkipReason::AbsurdDate)?);
        Ok(Written { local, clock: self.clock(entry, value, village)?, is_day: false })
    }

    fn clock(&self, entry: &ICalendarEntry, value: &PartialDateTime, village: Tz) -> Result<Clock, SkipReason> {
        if let Some(hours) = value.tz_hour {
            let seconds = i32::from(hours) * 3600 + i32::from(value.tz_minute.unwrap_or(0)) * 60;
            let seconds = if value.tz_minus { -seconds } else { seconds };
            return match seconds {
                0 => Ok(Clock::Of(Tz::UTC)),
                _ => FixedOffset::east_opt(seconds).map(Clock::Fixed).ok_or(SkipReason::AbsurdDate),
            };
        }
        match entry.tz_id() {
            Some(name) => self.zone(name, village),
            None => Ok(Clock::Floating),
        }
    }

    /// The zone of a name: an IANA name is one whatever definition comes with it; then names of Windows and others that the
    /// parser knows, then what the definition says.
    fn zone(&self, name: &str, village: Tz) -> Result<Clock, SkipReason> {
        if let Some(zone) = iana(name.trim().trim_matches('"')) {
            return Ok(Clock::Of(zone));
        }
        let defined = self.zones.get(name).and_then(|zone| zone.timezone()).map(|(_, zone)| zone);
        match Named::from_str(name).ok().or(defined) {
            Some(Named::Tz(zone)) => return Ok(Clock::Of(zone)),
            Some(Named::Fixed(offset)) => return Ok(Clock::Fixed(offset)),
            Some(Named::Floating) | None => {}
        }
        if let Some(offset) = offset(name) {
            return Ok(Clock::Fixed(offset));
        }
        self.clocks.get(name).and_then(|clocks| clocks.clock(village)).ok_or(SkipReason::UnknownZone)
    }
}

/// A zone of IANA by its name, or as some programs write it: `US-Eastern`, `Argentina/Buenos_Aires`.
fn iana(name: &str) -> Option<Tz> {
    let written = [name.to_owned(), name.replacen('-', "/", 1), format!("America/{name}")];
    written.iter().find_map(|name| name.parse().ok())
}

/// A zone that is called what it is ahead of UTC, such as `UTC+01:00`.
fn offset(name: &str) -> Option<FixedOffset> {
    let name = name.trim().trim_matches(['"', '(', ')']);
    let (sign, digits) = match name.strip_prefix("UTC").or(name.strip_prefix("GMT"))?.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let digits = digits.replace(':', "");
    let (hours, minutes) = digits.split_at_checked(2).unwrap_or((&digits, ""));
    let hours: i32 = hours.parse().ok()?;
    let minutes: i32 = if minutes.is_empty() { 0 } else { minutes.parse().ok()? };
    ((0..=14).contains(&hours) && (0..60).contains(&minutes))
        .then(|| FixedOffset::east_opt(sign * (hours * 3600 + minutes * 60)))?
}

impl Written {
    /// What the wall clock of `zone` shows then; a day is the same everywhere.
    pub fn shown_in(&self, zone: Tz) -> NaiveDateTime {
        match self.clock {
            _ if self.is_day => self.local,
            Clock::Floating => self.local,
            Clock::Of(own) if own == zone => self.local,
            Clock::Of(own) => resolved(self.local, own).1.with_timezone(&zone).naive_local(),
            Clock::Fixed(offset) => self.instant(offset).with_timezone(&zone).naive_local(),
        }
    }

    fn instant(&self, offset: FixedOffset) -> DateTime<Utc> {
        offset.from_local_datetime(&self.local).earliest().map_or(self.local.and_utc(), |at| at.with_timezone(&Utc))
    }
}
