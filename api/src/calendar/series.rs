//! When and where an event of a calendar is: its first date, how it goes on, and what components say of single dates of it.

use super::events::{Looking, clean, names, titled};
use super::zones::{Clock, Written};
use super::{CalendarFile, Happening, SkipReason, text_of, value_of};
use crate::recurrence::{self, Refusal as RuleRefusal, Rule};
use calcard::icalendar::{ICalendarDuration, ICalendarPeriod, ICalendarProperty, ICalendarStatus, ICalendarValue};
use chrono::{NaiveDateTime, NaiveTime, TimeDelta};
use chrono_tz::Tz;
use entity::{EventDates, EventOverride, EventStatus, OccurrenceState};
use std::collections::{BTreeSet, HashSet};

/// Most further dates, left out dates and changed dates of a series.
const MOST_DATES: usize = 1_100;

/// The longest that one date may last.
const LONGEST: TimeDelta = TimeDelta::days(366);

impl CalendarFile {
    /// When and where something is, without changed dates.
    pub(super) fn dates(&self, main: &Happening, looking: &Looking) -> Result<EventDates, SkipReason> {
        let village = looking.zone;
        let starts = self.only(main, &ICalendarProperty::Dtstart, village)?.ok_or(SkipReason::NoStart)?;
        // A date of a series that came without it is that one date.
        let is_one_date = main.has(&ICalendarProperty::RecurrenceId);
        let rule = if is_one_date { None } else { rule(main, &starts)? };
        let recurs = !is_one_date && (rule.is_some() || main.has(&ICalendarProperty::Rdate));
        let zone = zone_of(&starts, recurs, (village, self.home(village)))?;
        let mut dates = EventDates {
            starts_local: starts.shown_in(zone),
            zone: zone.name().to_owned(),
            all_day: starts.is_day,
            rule: rule.as_ref().map(Rule::text),
            status: status(main),
            place: Some(clean(text_of(&main.component, &ICalendarProperty::Location), 200, false))
                .filter(|place| !place.is_empty()),
            position: position(main),
            ..EventDates::default()
        };
        dates.ends_local = self.end(main, &starts, (dates.starts_local, zone), village)?;
        if !recurs {
            return Ok(dates);
        }
        let further = self.all(main, &ICalendarProperty::Rdate, village)?;
        let further: BTreeSet<_> = further.iter().map(|at| as_date_of(&dates, at, zone)).collect();
        dates.extra_dates = further.into_iter().collect();
        let ends = rule.and_then(|rule| rule.until).map(|until| until.local(zone));
        if dates.extra_dates.is_empty() && ends.is_some_and(|ends| ends < dates.starts_local) {
            return Err(SkipReason::NoDates);
        }
        let instead = self.follow_own_clocks(&mut dates, main, &starts, looking)?;
        dates.except_dates = self.left_out(main, &dates, &starts, (zone, village))?;
        dates.except_dates.extend(instead);
        dates.except_dates.sort_unstable();
        if dates.extra_dates.len() > MOST_DATES {
            return Err(SkipReason::TooMany);
        }
        let old = dates.except_dates.len().saturating_sub(MOST_DATES);
        dates.except_dates.drain(..old);
        Ok(dates)
    }

    /// The end, if it is after the start. Of days it is the day after the last; a calendar that names the last day says the same of
    /// a single day as one that says nothing.
    fn end(
        &self,
        main: &Happening,
        starts: &Written,
        (starts_local, zone): (NaiveDateTime, Tz),
        village: Tz,
    ) -> Result<Option<NaiveDateTime>, SkipReason> {
        let end = match self.only(main, &ICalendarProperty::Dtend, village)? {
            Some(end) => Some(end.shown_in(zone)),
            None => match value_of(&main.component, &ICalendarProperty::Duration) {
                Some(ICalendarValue::Duration(lasts)) => starts_local.checked_add_signed(delta(lasts)),
                _ => None,
            },
        };
        let end = end.map(|end| if starts.is_day { end.date().and_time(NaiveTime::MIN) } else { end });
        let end = end.filter(|end| *end > starts_local);
        if end.is_some_and(|end| end - starts_local > LONGEST) { Err(SkipReason::TooLong) } else { Ok(end) }
    }

    /// The time of a property that stands once.
    fn only(&self, main: &Happening, property: &ICalendarProperty, village: Tz) -> Result<Option<Written>, SkipReason> {
        let entry = main.component.entries.iter().find(|entry| entry.name == *property);
        let Some(entry) = entry else { return Ok(None) };
        match entry.values.first() {
            Some(ICalendarValue::PartialDateTime(at)) => self.written(entry, at, village).map(Some),
            Some(_) => Err(SkipReason::AbsurdDate),
            None => Ok(None),
        }
    }

    /// The times of a property that stands often.
    fn all(&self, main: &Happening, property: &ICalendarProperty, village: Tz) -> Result<Vec<Written>, SkipReason> {
        let mut found = Vec::new();
        for entry in main.component.entries.iter().filter(|entry| entry.name == *property) {
            for value in &entry.values {
                found.push(match value {
                    ICalendarValue::PartialDateTime(at) => self.written(entry, at, village)?,
                    ICalendarValue::Period(
                        ICalendarPeriod::Range { start, .. } | ICalendarPeriod::Duration { start, .. },
                    ) => self.written(entry, start, village)?,
                    _ => return Err(SkipReason::AbsurdDate),
                });
            }
        }
        Ok(found)
    }

    /// The dates that are left out of a series. One that is said by another clock is the date at that instant; where there is none, the
    /// one that has the same hour: some programs write EXDATEs of any clock so. What is said of a series in a zone that nobody
    /// knows cannot be an instant of it.
    fn left_out(
        &self,
        main: &Happening,
        series: &EventDates,
        starts: &Written,
        (zone, village): (Tz, Tz),
    ) -> Result<Vec<NaiveDateTime>, SkipReason> {
        let mut found = BTreeSet::new();
        let mut either = Vec::new();
        for at in self.all(main, &ICalendarProperty::Exdate, village)? {
            let same_hour = as_date_of(series, &Written { clock: Clock::Floating, ..at }, zone);
            match as_date_of(series, &at, zone) {
                _ if starts.clock == Clock::Unknown => drop(found.insert(same_hour)),
                instant if instant == same_hour => drop(found.insert(instant)),
                instant => either.push((instant, same_hour)),
            }
        }
        if let Some(last) = either.iter().map(|(instant, same_hour)| *instant.max(same_hour)).max() {
            let there = starts_until(series, last)?;
            let meant = |(instant, same_hour): (NaiveDateTime, NaiveDateTime)| {
                if !there.contains(&instant) && there.contains(&same_hour) { same_hour } else { instant }
            };
            found.extend(either.into_iter().map(meant));
        }
        Ok(found.into_iter().collect())
    }

    /// Notes what a component says of one date of a series.
    pub(super) fn change(
        &self,
        series: &mut EventDates,
        main: &Happening,
        change: &Happening,
        village: Tz,
    ) -> Result<(), SkipReason> {
        let zone: Tz = series.zone.parse().map_err(|_| SkipReason::UnknownZone)?;
        let which = self.only(change, &ICalendarProperty::RecurrenceId, village)?.ok_or(SkipReason::NoStart)?;
        let date = as_date_of(series, &which, zone);
        let start = self.only(change, &ICalendarProperty::Dtstart, village)?;
        let starts_local = start.map_or(date, |start| as_date_of(series, &start, zone));
        let ends_local = match &start {
            Some(start) => self.end(change, start, (starts_local, zone), village)?,
            None => None,
        };
        let usual = series.ends_local.map(|end| starts_local + (end - series.starts_local));
        let own = |text: String, usual: &str| Some(text).filter(|text| !text.is_empty() && text != usual);
        let place = clean(text_of(&change.component, &ICalendarProperty::Location), 200, false);
        let note = if change.description == main.description { "" } else { change.description.as_str() };
        series.overrides.push(EventOverride {
            recurrence_local: date,
            state: if change.cancelled { OccurrenceState::Cancelled } else { OccurrenceState::Changed },
            starts_local: Some(starts_local).filter(|start| *start != date),
            ends_local: ends_local.filter(|end| Some(*end) != usual),
            title: own(clean(&change.summary, 200, false), &titled(main)),
            place: own(place, series.place.as_deref().unwrap_or_default()),
            note: own(clean(note, 500, true), ""),
        });
        Ok(())
    }
}

/// The zone that a series lives in; what is once, in UTC or by a clock of its own, is shown as the village's clock shows it. Times of
/// no known clock are those of `home`.
fn zone_of(starts: &Written, recurs: bool, (village, home): (Tz, Tz)) -> Result<Tz, SkipReason> {
    match starts.clock {
        _ if starts.is_day => Ok(village),
        Clock::Floating | Clock::Unknown => Ok(home),
        Clock::Of(Tz::UTC) | Clock::Ahead(..) if !recurs => Ok(village),
        Clock::Of(zone) | Clock::Ahead(_, Some(zone)) => Ok(zone),
        Clock::Ahead(offset, None) => {
            let (hours, rest) = (offset.local_minus_utc() / 3600, offset.local_minus_utc() % 3600);
            let name = format!("Etc/GMT{:+}", -hours);
            name.parse().ok().filter(|_| rest == 0).ok_or(SkipReason::UnknownZone)
        }
    }
}

/// A time as a date of a series: of days the day, of hours that of the series where only the day is said.
fn as_date_of(series: &EventDates, at: &Written, zone: Tz) -> NaiveDateTime {
    let local = at.shown_in(zone);
    match (series.all_day, at.is_day) {
        (true, _) => local.date().and_time(NaiveTime::MIN),
        (false, true) => local.date().and_time(series.starts_local.time()),
        (false, false) => local,
    }
}

/// The rule of a series, as it is written: our own reading of rules is the stricter one. Its end is in UTC where the start has a zone
/// (RFC 5545, section 3.3.10), and is read so where a program forgot to say it.
fn rule(main: &Happening, starts: &Written) -> Result<Option<Rule>, SkipReason> {
    let once = |name: &str| main.text.lines().filter(|line| names(line).eq_ignore_ascii_case(name)).count();
    if once("RRULE") > 1 || once("EXRULE") > 0 {
        return Err(SkipReason::UnknownRule);
    }
    let Some((text, _)) = main.rule_text() else { return Ok(None) };
    let rule = Rule::parse(&text).map_err(reason)?;
    if rule.is_within_a_day() && starts.is_day {
        return Err(SkipReason::UnknownRule);
    }
    let has_zone = matches!(starts.clock, Clock::Of(_) | Clock::Ahead(..)) && !starts.is_day;
    Ok(Some(if has_zone { rule.ending_in_utc() } else { rule }))
}

impl Happening {
    /// Its rule without what is no part of a rule, and whether there was such.
    pub(super) fn rule_text(&self) -> Option<(String, bool)> {
        let line = self.text.lines().find(|line| names(line).eq_ignore_ascii_case("RRULE"))?;
        let parts = line.split_once(':')?.1.trim().split(';').filter(|part| !part.trim().is_empty());
        let (parts, others): (Vec<&str>, Vec<&str>) = parts.partition(|part| part.contains('='));
        let said = !parts.is_empty() || !others.is_empty();
        said.then(|| (parts.join(";"), !others.is_empty()))
    }
}

/// Why a series is left out whose rule is refused.
pub fn reason(refusal: RuleRefusal) -> SkipReason {
    match refusal {
        RuleRefusal::TooOften | RuleRefusal::TooMany => SkipReason::TooOften,
        RuleRefusal::Unreadable | RuleRefusal::Unsupported => SkipReason::UnknownRule,
        RuleRefusal::UnknownZone => SkipReason::UnknownZone,
    }
}

/// When the dates of a series begin up to this time, those that are left out too.
fn starts_until(dates: &EventDates, last: NaiveDateTime) -> Result<HashSet<NaiveDateTime>, SkipReason> {
    let without = EventDates { overrides: Vec::new(), except_dates: Vec::new(), ..dates.clone() };
    let (there, _) =
        recurrence::window_dates(&without, NaiveDateTime::MIN, last + TimeDelta::seconds(1), usize::MAX - 1)
            .map_err(reason)?;
    Ok(there.into_iter().map(|date| date.recurrence_local).collect())
}

/// What is changed at a date is one of the series, or else a further date; the last say counts.
pub fn settle_changes(dates: &mut EventDates) -> Result<(), SkipReason> {
    dates.overrides.sort_by_key(|one| one.recurrence_local);
    dates.overrides.dedup_by_key(|one| one.recurrence_local);
    let old = dates.overrides.len().saturating_sub(MOST_DATES);
    dates.overrides.drain(..old);
    let Some(last) = dates.overrides.last().map(|one| one.recurrence_local) else { return Ok(()) };
    let there = starts_until(dates, last)?;
    let further = dates.overrides.iter().filter(|one| !there.contains(&one.recurrence_local));
    let further: Vec<_> = further.map(|one| (one.recurrence_local, one.state)).collect();
    for (date, state) in further {
        if state == OccurrenceState::Cancelled {
            dates.overrides.retain(|one| one.recurrence_local != date);
        } else {
            dates.extra_dates.push(date);
        }
    }
    // Only what recurs has dates that are different.
    if !dates.recurs() && !dates.overrides.is_empty() {
        dates.extra_dates.push(dates.starts_local);
    }
    dates.extra_dates.sort_unstable();
    let changed: HashSet<NaiveDateTime> = dates.overrides.iter().map(|one| one.recurrence_local).collect();
    dates.except_dates.retain(|date| !changed.contains(date));
    Ok(())
}

fn status(main: &Happening) -> EventStatus {
    match value_of(&main.component, &ICalendarProperty::Status) {
        Some(ICalendarValue::Status(ICalendarStatus::Cancelled)) => EventStatus::Cancelled,
        Some(ICalendarValue::Status(ICalendarStatus::Tentative)) => EventStatus::Tentative,
        _ => EventStatus::Confirmed,
    }
}

/// Where it is on earth.
fn position(main: &Happening) -> Option<(f64, f64)> {
    let text = main.text_line("GEO");
    let (latitude, longitude) = text.split_once(';')?;
    let (latitude, longitude): (f64, f64) = (latitude.trim().parse().ok()?, longitude.trim().parse().ok()?);
    let on_earth = (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude);
    (on_earth && (latitude, longitude) != (0.0, 0.0)).then_some((latitude, longitude))
}

fn delta(lasts: &ICalendarDuration) -> TimeDelta {
    let seconds =
        [(lasts.weeks, 604_800), (lasts.days, 86_400), (lasts.hours, 3600), (lasts.minutes, 60), (lasts.seconds, 1)];
    let seconds: i64 = seconds.iter().map(|(count, each)| i64::from(*count) * each).sum();
    TimeDelta::try_seconds(if lasts.neg { -seconds } else { seconds }).unwrap_or_default()
}
