//! Series in zones whose definitions say of the clocks what no known zone does, such as rules that were changed since. They are kept
//! in the zone that is called so; where its clocks show something else, the dates are written down one by one.

use super::definition::Definition;
use super::events::Looking;
use super::series::reason;
use super::zones::{Clock, Named, Written};
use super::{CalendarFile, Happening, SkipReason};
use crate::recurrence::{window_dates, written_down};
use calcard::icalendar::ICalendarProperty;
use chrono::NaiveDateTime;
use chrono_tz::Tz;
use entity::EventDates;
use std::collections::BTreeSet;

impl CalendarFile {
    /// The clocks of a series that no known zone has.
    pub(super) fn own_clocks(&self, main: &Happening, village: Tz) -> Option<&Definition> {
        let starts = main.component.entries.iter().find(|entry| entry.name == ICalendarProperty::Dtstart)?;
        match self.zone_of(starts, village)? {
            Named::Own(definition, _) if main.has(&ICalendarProperty::Rrule) => Some(definition),
            _ => None,
        }
    }

    /// Puts the dates of a series that are to be seen at the times that clocks of its own show, as further dates; gives back those in
    /// whose place they are.
    pub(super) fn follow_own_clocks(
        &self,
        series: &mut EventDates,
        main: &Happening,
        starts: &Written,
        looking: &Looking,
    ) -> Result<BTreeSet<NaiveDateTime>, SkipReason> {
        let Some(clocks) = self.own_clocks(main, looking.zone) else { return Ok(BTreeSet::new()) };
        let zone: Tz = series.zone.parse().map_err(|_| SkipReason::UnknownZone)?;
        let later = series.starts_local - starts.local;
        let (from, until) = written_down(looking.now);
        let by_rule = EventDates { extra_dates: Vec::new(), ..series.clone() };
        let (dates, _) = window_dates(&by_rule, from, until, usize::MAX - 1).map_err(reason)?;
        let (mut instead, mut moved) = (BTreeSet::new(), BTreeSet::new());
        for date in dates.into_iter().map(|date| date.recurrence_local) {
            let local = date - later;
            let Some(offset) = clocks.offset_at(local) else { continue };
            let shown = Written { local, clock: Clock::Ahead(offset, None), is_day: false }.shown_in(zone);
            if shown != date {
                instead.insert(date);
                moved.insert(shown);
            }
        }
        instead.retain(|date| !moved.contains(date));
        moved.extend(series.extra_dates.drain(..));
        series.extra_dates.extend(moved);
        Ok(instead)
    }
}
