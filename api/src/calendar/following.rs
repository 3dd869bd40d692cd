//! Changes of a date of a series and of all that follow (RANGE=THISANDFUTURE, RFC 5545, section 3.2.13). The dates keep their rule and
//! are written down one by one as far as they are to be seen; a series that goes on behind that ends there until it is imported again.

use super::events::Looking;
use super::series::{MOST_DATES, reason};
use super::{CalendarFile, Happening, SkipReason};
use crate::recurrence::{Rule, window_dates, written_down};
use chrono::{NaiveDateTime, TimeDelta};
use chrono_tz::Tz;
use entity::{EventDates, EventOverride};

impl CalendarFile {
    /// Notes what a component says of one date of a series and of all that follow.
    pub(super) fn change_following(
        &self,
        series: &mut EventDates,
        main: &Happening,
        change: &Happening,
        looking: &Looking,
    ) -> Result<(), SkipReason> {
        let first = self.difference(series, main, change, looking.zone)?;
        let later = first.starts_local.map_or(TimeDelta::zero(), |starts| starts - first.recurrence_local);
        let lasts = first.ends_local.map(|ends| ends - (first.recurrence_local + later));
        let (from, until) = written_down(looking.now);
        let by_rule = EventDates { overrides: Vec::new(), ..series.clone() };
        let (dates, goes_on) =
            window_dates(&by_rule, from.max(first.recurrence_local), until, MOST_DATES).map_err(reason)?;
        series.overrides.retain(|one| one.recurrence_local < first.recurrence_local);
        let last = dates.last().map_or(first.recurrence_local, |date| date.recurrence_local);
        series.overrides.extend(dates.into_iter().map(|date| {
            let starts = date.recurrence_local + later;
            EventOverride {
                recurrence_local: date.recurrence_local,
                starts_local: Some(starts).filter(|starts| *starts != date.recurrence_local),
                ends_local: lasts.map(|lasts| starts + lasts),
                ..first.clone()
            }
        }));
        if goes_on { end_with(series, last) } else { Ok(()) }
    }
}

/// Makes this the last date of a series.
fn end_with(series: &mut EventDates, last: NaiveDateTime) -> Result<(), SkipReason> {
    let zone: Tz = series.zone.parse().map_err(|_| SkipReason::UnknownZone)?;
    let Some(rule) = series.rule.as_deref() else { return Ok(()) };
    let rule = Rule::parse(rule).map_err(reason)?;
    let ending = rule.ending_with(last, last + TimeDelta::days(1), zone, series.all_day).map_err(reason)?;
    series.rule = Some(ending.text());
    series.extra_dates.retain(|date| *date <= last);
    Ok(())
}
