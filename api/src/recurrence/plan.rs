//! The dates that follow from an event, as instants, with what is different at some of them.

use super::{Refusal, Rule, Series};
use crate::local_time::resolved;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use entity::{EventDates, EventOverride, EventStatus, NewOccurrence, OccurrenceState, PlannedEvent};
use std::collections::HashMap;

/// Dates are written down from so long ago on.
const BACK: TimeDelta = TimeDelta::days(370);

/// Dates are written down so far ahead.
const AHEAD: TimeDelta = TimeDelta::days(800);

/// How often the horizon is moved.
const RENEWED: TimeDelta = TimeDelta::days(30);

/// Dates of one event that are written down, at most.
const MOST: usize = 1500;

/// A date of an event, by the wall clock and as instants.
struct Date {
    starts_local: NaiveDateTime,
    ends_local: Option<NaiveDateTime>,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
}

/// The event with its dates from about a year ago to about two years ahead.
///
/// # Errors
/// When its rule cannot be expanded.
pub fn plan(dates: EventDates, now: DateTime<Utc>) -> Result<PlannedEvent, Refusal> {
    check_end(&dates)?;
    let (from, until) = if dates.recurs() { written_down(now) } else { (NaiveDateTime::MIN, NaiveDateTime::MAX) };
    let (mut occurrences, goes_on) = window_dates(&dates, from, until, usize::MAX - 1)?;
    // Of more dates than are written down, those that are over go first.
    let more = occurrences.len().saturating_sub(MOST);
    let over = occurrences.iter().take(more).take_while(|date| date.ends_at < now).count();
    occurrences.drain(..over);
    occurrences.truncate(MOST);
    Ok(PlannedEvent { dates, occurrences, renew_at: (goes_on || more > over).then(|| now + RENEWED) })
}

/// What is many times a day has to be over soon.
fn check_end(dates: &EventDates) -> Result<(), Refusal> {
    let rule = dates.rule.as_deref().map(Rule::parse).transpose()?;
    if !rule.as_ref().is_some_and(Rule::is_many_times_a_day) {
        return Ok(());
    }
    let zone: Tz = dates.zone.parse().map_err(|_| Refusal::UnknownZone)?;
    let series = Series { starts: dates.starts_local, zone, rule: rule.as_ref(), extra: &[], except: &[] };
    let all = series.between(dates.starts_local, NaiveDateTime::MAX, MOST)?;
    if all.goes_on { Err(Refusal::TooOften) } else { Ok(()) }
}

/// From when until when the dates of series are written down.
pub fn written_down(now: DateTime<Utc>) -> (NaiveDateTime, NaiveDateTime) {
    (now.naive_utc() - BACK, now.naive_utc() + AHEAD)
}

/// The dates of an event whose start by the rule is in a window of the wall clock, in the order of these, and whether there may be
/// more after it.
///
/// # Errors
/// When its rule cannot be expanded.
pub fn window_dates(
    dates: &EventDates,
    from: NaiveDateTime,
    until: NaiveDateTime,
    most: usize,
) -> Result<(Vec<NewOccurrence>, bool), Refusal> {
    let zone: Tz = dates.zone.parse().map_err(|_| Refusal::UnknownZone)?;
    let rule = dates.rule.as_deref().map(Rule::parse).transpose()?;
    let series = Series {
        starts: dates.starts_local,
        zone,
        rule: rule.as_ref(),
        extra: &dates.extra_dates,
        except: &dates.except_dates,
    };
    let found = series.between(from, until, most)?;
    let overrides: HashMap<NaiveDateTime, &EventOverride> =
        dates.overrides.iter().map(|one| (one.recurrence_local, one)).collect();
    let within_a_day = rule.as_ref().is_some_and(Rule::is_within_a_day);
    // What is every hour is once in the hour that the clocks skip and the next.
    let twice = |start: &NaiveDateTime| {
        let (local, _) = resolved(*start, zone);
        within_a_day && local != *start && found.dates.binary_search(&local).is_ok()
    };
    let one = |start: &NaiveDateTime| occurrence(dates, zone, *start, overrides.get(start).copied());
    Ok((found.dates.iter().filter(|start| !twice(start)).map(one).collect(), found.goes_on))
}

/// When the last date of an event is over; never for one that goes on for ever.
///
/// # Errors
/// When its rule cannot be expanded.
pub fn all_over_at(dates: &EventDates) -> Result<Option<DateTime<Utc>>, Refusal> {
    let rule = dates.rule.as_deref().map(Rule::parse).transpose()?;
    if rule.is_some_and(|rule| rule.count.is_none() && rule.until.is_none()) {
        return Ok(None);
    }
    let (all, _) = window_dates(dates, NaiveDateTime::MIN, NaiveDateTime::MAX, usize::MAX - 1)?;
    Ok(all.into_iter().map(|date| date.ends_at).max())
}

/// The date of an event whose start by the rule is this.
fn date_of(dates: &EventDates, zone: Tz, start: NaiveDateTime, end: Option<NaiveDateTime>) -> Date {
    let (starts_local, starts_at) = resolved(start, zone);
    let end = end.map(|end| resolved(end, zone));
    let starts_local = if dates.all_day { start } else { starts_local };
    let ends_at = match end {
        Some((_, at)) => at,
        None if dates.all_day => resolved(start + TimeDelta::days(1), zone).1,
        None => starts_at,
    };
    Date { starts_local, ends_local: end.map(|(local, _)| local), starts_at, ends_at: ends_at.max(starts_at) }
}

fn occurrence(
    dates: &EventDates,
    zone: Tz,
    recurrence_local: NaiveDateTime,
    different: Option<&EventOverride>,
) -> NewOccurrence {
    let start = different.and_then(|one| one.starts_local).unwrap_or(recurrence_local);
    let usual = dates.ends_local.map(|end| start + (end - dates.starts_local));
    let end = different.and_then(|one| one.ends_local).or(usual);
    let date = date_of(dates, zone, start, end);
    let state = match dates.status {
        EventStatus::Cancelled | EventStatus::Postponed => OccurrenceState::Cancelled,
        _ => different.map_or(OccurrenceState::Planned, |one| one.state),
    };
    NewOccurrence {
        recurrence_local,
        starts_local: date.starts_local,
        ends_local: date.ends_local,
        starts_at: date.starts_at,
        ends_at: date.ends_at,
        state,
        title: different.and_then(|one| one.title.clone()),
        place: different.and_then(|one| one.place.clone()),
        note: different.and_then(|one| one.note.clone()),
    }
}
