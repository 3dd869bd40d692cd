//! What is said of an event that was taken though not all of it could be understood as it is written.

use super::zones::Named;
use super::{CalendarFile, Happening};
use calcard::icalendar::{ICalendarEntry, ICalendarProperty, ICalendarValue};
use chrono_tz::Tz;
use poem_openapi::Enum;
use serde::{Deserialize, Serialize};

/// What is odd about an event that was taken all the same.
#[derive(Clone, Copy, Debug, Deserialize, Enum, PartialEq, Eq, Serialize)]
#[oai(rename = "EventImportRemark", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum EventRemark {
    /// It has times in a zone that nobody knows: they were read as times of the zone that the calendar says it is in, or else of the
    /// village.
    UnknownZone,
    /// Its zone comes with clocks that no known zone has. Its dates up to two years ahead are at the times that they show; later ones are
    /// at the times of the zone that is called so.
    OwnClocks,
    /// Its rule has parts that are none and were left out.
    RuleInPart,
}

/// The properties that have times.
const TIMES: [ICalendarProperty; 5] = [
    ICalendarProperty::Dtstart,
    ICalendarProperty::Dtend,
    ICalendarProperty::Rdate,
    ICalendarProperty::Exdate,
    ICalendarProperty::RecurrenceId,
];

impl CalendarFile {
    /// What is odd about a component that says when something is, and those that change dates of it.
    pub(super) fn remarks<'a>(
        &self,
        main: &'a Happening,
        changes: impl Iterator<Item = &'a Happening>,
        village: Tz,
    ) -> Vec<EventRemark> {
        let mut remarks = Vec::new();
        let nobody_knows = |entry: &ICalendarEntry| {
            TIMES.contains(&entry.name) && matches!(self.zone_of(entry, village), Some(Named::Nothing))
        };
        let mut all = std::iter::once(main).chain(changes);
        if all.any(|happening| happening.component.entries.iter().any(nobody_knows)) {
            remarks.push(EventRemark::UnknownZone);
        }
        if self.own_clocks(main, village).is_some() {
            remarks.push(EventRemark::OwnClocks);
        }
        if main.rule_text().is_some_and(|(_, other)| other) {
            remarks.push(EventRemark::RuleInPart);
        }
        remarks
    }

    /// What the zone means that the times of a property name; nothing for days, and for times that need none.
    pub(super) fn zone_of(&self, entry: &ICalendarEntry, village: Tz) -> Option<Named<'_>> {
        let named = match entry.values.first()? {
            ICalendarValue::PartialDateTime(at) => at.hour.is_some() && at.tz_hour.is_none(),
            _ => true,
        };
        let name = entry.tz_id().filter(|_| named)?;
        Some(self.named(name, village))
    }
}
