//! What is said of an event that was taken though not all of it could be understood as it is written.

use super::grouping::Group;
use super::series::delta;
use super::zones::Named;
use super::{CalendarFile, Happening, value_of};
use calcard::icalendar::{ICalendarEntry, ICalendarProperty, ICalendarValue};
use chrono::TimeDelta;
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
    /// A date that is further or left out (RDATE, EXDATE) cannot be read: it is as if it were not there.
    UnreadableDate,
    /// Its end cannot be read or is before its start: it has none here.
    NoEnd,
    /// It was changed from a date on and goes on for ever: its dates up to two years ahead are known, and later ones with a later import.
    FollowedSoFar,
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
    /// What is odd about an event.
    pub(super) fn remarks(&self, group: &Group<'_>, village: Tz) -> Vec<EventRemark> {
        let main = group.main;
        let any = |is: &dyn Fn(&Happening) -> bool| std::iter::once(&main).chain(&group.changes).any(|one| is(one));
        let nobody_knows = |entry: &ICalendarEntry| {
            TIMES.contains(&entry.name) && matches!(self.zone_of(entry, village), Some(Named::Nothing))
        };
        let rule = main.rule_text();
        let endless = rule
            .as_ref()
            .is_some_and(|(rule, _)| !["COUNT=", "UNTIL="].iter().any(|end| rule.to_ascii_uppercase().contains(end)));
        let remarks = [
            (any(&|one| one.component.entries.iter().any(nobody_knows)), EventRemark::UnknownZone),
            (self.own_clocks(main, village).is_some(), EventRemark::OwnClocks),
            (rule.is_some_and(|(_, other)| other), EventRemark::RuleInPart),
            (any(&|one| self.has_unreadable_date(one, village)), EventRemark::UnreadableDate),
            (any(&|one| self.has_no_end(one, village)), EventRemark::NoEnd),
            (endless && group.is_written_down(), EventRemark::FollowedSoFar),
        ];
        remarks.into_iter().filter(|(is_so, _)| *is_so).map(|(_, remark)| remark).collect()
    }

    fn has_unreadable_date(&self, happening: &Happening, village: Tz) -> bool {
        let lists = [ICalendarProperty::Rdate, ICalendarProperty::Exdate];
        let entries = happening.component.entries.iter().filter(|entry| lists.contains(&entry.name));
        let mut values = entries.flat_map(|entry| entry.values.iter().map(move |value| (entry, value)));
        values.any(|(entry, value)| {
            let says_nothing = value.as_text().is_some_and(|text| text.trim().is_empty());
            !says_nothing && self.further(entry, value, village).is_none()
        })
    }

    /// Whether it says when it ends, and that cannot be so.
    fn has_no_end(&self, happening: &Happening, village: Tz) -> bool {
        let Ok(Some(starts)) = self.only(happening, &ICalendarProperty::Dtstart, village) else { return false };
        let lasts = value_of(&happening.component, &ICalendarProperty::Duration);
        match (self.written_end(happening, &starts, village), lasts) {
            (Err(_), _) => true,
            (Ok(Some(ends)), _) => ends.shown_in(village) < starts.shown_in(village),
            (Ok(None), Some(ICalendarValue::Duration(lasts))) => delta(lasts) < TimeDelta::zero(),
            (Ok(None), lasts) => lasts.is_some(),
        }
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
