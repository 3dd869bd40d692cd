//! Times as calendars write them: days, times in UTC, of a named zone, or of wherever one is.

use super::definition::Definition;
use super::{CalendarFile, SkipReason, names};
use crate::local_time::resolved;
use calcard::common::PartialDateTime;
use calcard::common::timezone::Tz as Known;
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
    /// One that is so far ahead of UTC then. It is called as this zone is, whose clocks may show something else.
    Ahead(FixedOffset, Option<Tz>),
    /// That of a zone that nobody knows.
    Unknown,
}

/// What a name of a zone means in a calendar.
pub(super) enum Named<'a> {
    /// A zone of IANA.
    Zone(Tz),
    /// Clocks that are never changed.
    Fixed(FixedOffset),
    /// Clocks of the calendar's own, which no known zone has; it is called as this zone is.
    Own(&'a Definition, Option<Tz>),
    /// Nothing.
    Nothing,
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
        Ok(Written { local, clock: self.clock(entry, value, local, village)?, is_day: false })
    }

    fn clock(
        &self,
        entry: &ICalendarEntry,
        value: &PartialDateTime,
        local: NaiveDateTime,
        village: Tz,
    ) -> Result<Clock, SkipReason> {
        if let Some(hours) = value.tz_hour {
            let seconds = i32::from(hours) * 3600 + i32::from(value.tz_minute.unwrap_or(0)) * 60;
            let seconds = if value.tz_minus { -seconds } else { seconds };
            return match seconds {
                0 => Ok(Clock::Of(Tz::UTC)),
                _ => FixedOffset::east_opt(seconds).map(ahead).ok_or(SkipReason::AbsurdDate),
            };
        }
        let Some(name) = entry.tz_id() else { return Ok(Clock::Floating) };
        Ok(match self.named(name, village) {
            Named::Zone(zone) => Clock::Of(zone),
            Named::Fixed(offset) => ahead(offset),
            Named::Own(definition, zone) => {
                definition.offset_at(local).map_or(Clock::Unknown, |offset| Clock::Ahead(offset, zone))
            }
            Named::Nothing => Clock::Unknown,
        })
    }

    /// What a name of a zone means, by what says it first:
    ///
    /// 1. the name itself, if it is one of IANA: it beats the definition that came with it, which may be old;
    /// 2. the definition: the known zone whose clocks are changed in the same way, or its own clocks;
    /// 3. the name, if it is one of Windows or of cities, or one of IANA as some programs write it (`US-Eastern`);
    /// 4. what the name says of being ahead of UTC (`UTC+01:00`).
    pub(super) fn named(&self, name: &str, village: Tz) -> Named<'_> {
        let plain = key(name);
        if let Ok(zone) = plain.parse() {
            return Named::Zone(zone);
        }
        let called = self.called(name, village);
        let zone = if let Some(Known::Tz(zone)) = called { Some(zone) } else { None };
        if let Some(definition) = self.definitions.get(plain) {
            let first: Vec<Tz> = zone.into_iter().chain([village]).collect();
            return match definition.known(&first) {
                Some(zone) => Named::Zone(zone),
                None => Named::Own(definition, zone),
            };
        }
        match (called, offset(name)) {
            (Some(Known::Tz(zone)), _) => Named::Zone(zone),
            (Some(Known::Fixed(offset)), _) | (_, Some(offset)) => Named::Fixed(offset),
            _ => Named::Nothing,
        }
    }

    /// The zone that is called so, by programs other than those that know IANA.
    fn called(&self, name: &str, village: Tz) -> Option<Known> {
        let defined = || self.zones.get(name).and_then(|zone| zone.timezone()).map(|(_, zone)| zone);
        let plain = key(name);
        let by_name = |name: &str| names::called(name, village).map(Known::Tz).or_else(|| Known::from_str(name).ok());
        by_name(plain).or_else(|| by_name(names::unnumbered(plain)?)).or_else(defined)
    }

    /// The zone in which times are meant that name none, or one that nobody knows: the calendar's, if it says one, or the village's.
    pub(super) fn home(&self, village: Tz) -> Tz {
        match self.about.zone.as_deref().map(|name| self.named(name, village)) {
            Some(Named::Zone(zone)) => zone,
            _ => village,
        }
    }
}

fn ahead(offset: FixedOffset) -> Clock {
    Clock::Ahead(offset, None)
}

/// A name of a zone without what some programs put around it.
pub(super) fn key(name: &str) -> &str {
    name.trim().trim_matches('"').trim()
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
    /// The day that is meant where whole days are: the one that is written, in whatever zone; of a time in UTC the day here.
    pub fn day_in(&self, zone: Tz) -> NaiveDate {
        match self.clock {
            Clock::Of(Tz::UTC) if !self.is_day && self.local.time() != NaiveTime::MIN => self.shown_in(zone).date(),
            _ => self.local.date(),
        }
    }

    /// What the wall clock of `zone` shows then; a day is the same everywhere.
    pub fn shown_in(&self, zone: Tz) -> NaiveDateTime {
        match self.clock {
            _ if self.is_day => self.local,
            Clock::Floating | Clock::Unknown => self.local,
            Clock::Of(own) if own == zone => self.local,
            Clock::Of(own) => resolved(self.local, own).1.with_timezone(&zone).naive_local(),
            Clock::Ahead(offset, _) => self.instant(offset).with_timezone(&zone).naive_local(),
        }
    }

    fn instant(&self, offset: FixedOffset) -> DateTime<Utc> {
        offset.from_local_datetime(&self.local).earliest().map_or(self.local.and_utc(), |at| at.with_timezone(&Utc))
    }
}
