//! When and where an event of a calendar is: its first date, how it goes on, and what components say of single dates of it.

use super::content_line::name;
use super::events::{Looking, clean, titled};
use super::settling::starts_until;
use super::zones::{Clock, Written};
use super::{CalendarFile, Happening, SkipReason, value_of};
use crate::recurrence::{Refusal as RuleRefusal, Rule};
use calcard::common::PartialDateTime;
use calcard::icalendar::{
    ICalendarDuration, ICalendarEntry, ICalendarPeriod, ICalendarProperty, ICalendarStatus, ICalendarValue,
};
use chrono::{NaiveDateTime, NaiveTime, TimeDelta};
use chrono_tz::Tz;
use entity::{EventDates, EventOverride, EventStatus, OccurrenceState};
use std::collections::BTreeSet;

/// Most further dates, left out dates and changed dates of a series.
pub(super) const MOST_DATES: usize = 1_100;

/// A further date, and when it ends if it lasts otherwise than the first.
pub(super) struct Further {
    starts: Written,
    ends: Option<Ends>,
}

/// When a period ends.
enum Ends {
    At(Written),
    After(TimeDelta),
}

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
        let further = if is_one_date { Vec::new() } else { self.all(main, &ICalendarProperty::Rdate, village) };
        let recurs = rule.is_some() || !further.is_empty();
        let zone = zone_of(&starts, recurs, (village, self.home(village)))?;
        let mut dates = EventDates {
            starts_local: starts.shown_in(zone),
            zone: zone.name().to_owned(),
            all_day: starts.is_day,
            rule: rule.as_ref().map(Rule::text),
            status: status(main),
            place: Some(main.place()).filter(|place| !place.is_empty()),
            position: position(main),
            ..EventDates::default()
        };
        dates.ends_local = self.end(main, &starts, (dates.starts_local, zone), village)?;
        if !recurs {
            return Ok(dates);
        }
        let starts_of_further: BTreeSet<_> = further.iter().map(|one| as_date_of(&dates, &one.starts, zone)).collect();
        dates.extra_dates = starts_of_further.into_iter().collect();
        dates.overrides = further.iter().filter_map(|one| of_its_own_length(&dates, one, zone)).collect();
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
        // An end that cannot be read costs no more than the end.
        let end = match self.written_end(main, starts, village).unwrap_or(None) {
            Some(end) if starts.is_day => Some(end.day_in(zone).and_time(NaiveTime::MIN)),
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

    /// The end as it is written. One that names no zone is by the clock of the start.
    pub(super) fn written_end(
        &self,
        main: &Happening,
        starts: &Written,
        village: Tz,
    ) -> Result<Option<Written>, SkipReason> {
        let end = self.only(main, &ICalendarProperty::Dtend, village)?;
        Ok(end.map(|end| if end.clock == Clock::Floating { Written { clock: starts.clock, ..end } } else { end }))
    }

    /// The time of a property that stands once.
    pub(super) fn only(
        &self,
        main: &Happening,
        property: &ICalendarProperty,
        village: Tz,
    ) -> Result<Option<Written>, SkipReason> {
        let entry = main.component.entries.iter().find(|entry| entry.name == *property);
        let Some(entry) = entry else { return Ok(None) };
        match entry.values.first() {
            Some(ICalendarValue::PartialDateTime(at)) => self.written(entry, at, village).map(Some),
            Some(_) => Err(SkipReason::AbsurdDate),
            None => Ok(None),
        }
    }

    /// The times of a property that stands often. One that cannot be read costs no more than itself.
    fn all(&self, main: &Happening, property: &ICalendarProperty, village: Tz) -> Vec<Further> {
        let entries = main.component.entries.iter().filter(|entry| entry.name == *property);
        let values = entries.flat_map(|entry| entry.values.iter().map(move |value| (entry, value)));
        values.filter_map(|(entry, value)| self.further(entry, value, village)).collect()
    }

    /// One of them; nothing for what cannot be read.
    pub(super) fn further(&self, entry: &ICalendarEntry, value: &ICalendarValue, village: Tz) -> Option<Further> {
        let written = |at: &PartialDateTime| self.written(entry, at, village).ok();
        let (starts, ends) = match value {
            ICalendarValue::PartialDateTime(at) => (written(at)?, None),
            ICalendarValue::Period(ICalendarPeriod::Range { start, end }) => {
                (written(start)?, written(end).map(Ends::At))
            }
            ICalendarValue::Period(ICalendarPeriod::Duration { start, duration }) => {
                (written(start)?, Some(Ends::After(delta(duration))))
            }
            _ => return None,
        };
        Some(Further { starts, ends })
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
        for at in self.all(main, &ICalendarProperty::Exdate, village).into_iter().map(|one| one.starts) {
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

    /// Notes what a component says of one date of a series; gives its start by the rule.
    pub(super) fn change(
        &self,
        series: &mut EventDates,
        main: &Happening,
        change: &Happening,
        village: Tz,
    ) -> Result<NaiveDateTime, SkipReason> {
        let one = self.difference(series, main, change, village)?;
        let date = one.recurrence_local;
        series.overrides.retain(|other| other.recurrence_local != date);
        series.overrides.push(one);
        Ok(date)
    }

    /// What is different at a date of a series as a component says.
    pub(super) fn difference(
        &self,
        series: &EventDates,
        main: &Happening,
        change: &Happening,
        village: Tz,
    ) -> Result<EventOverride, SkipReason> {
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
        let place = change.place();
        let note = if change.description == main.description { "" } else { change.description.as_str() };
        Ok(EventOverride {
            recurrence_local: date,
            state: if change.cancelled { OccurrenceState::Cancelled } else { OccurrenceState::Changed },
            starts_local: Some(starts_local).filter(|start| *start != date),
            ends_local: ends_local.filter(|end| Some(*end) != usual),
            title: own(clean(&change.summary, 200, false), &titled(main)),
            place: own(place, series.place.as_deref().unwrap_or_default()),
            note: own(clean(note, 500, true), ""),
        })
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
pub(super) fn as_date_of(series: &EventDates, at: &Written, zone: Tz) -> NaiveDateTime {
    let local = at.shown_in(zone);
    match (series.all_day, at.is_day) {
        (true, _) => at.day_in(zone).and_time(NaiveTime::MIN),
        (false, true) => local.date().and_time(series.starts_local.time()),
        (false, false) => local,
    }
}

/// What is different at a further date that lasts otherwise than the first.
fn of_its_own_length(series: &EventDates, one: &Further, zone: Tz) -> Option<EventOverride> {
    let starts = as_date_of(series, &one.starts, zone);
    let ends = match one.ends.as_ref().filter(|_| !series.all_day)? {
        Ends::At(end) => end.shown_in(zone),
        Ends::After(lasts) => starts.checked_add_signed(*lasts)?,
    };
    let usual = series.ends_local.map(|end| starts + (end - series.starts_local));
    (ends > starts && ends - starts <= LONGEST && Some(ends) != usual).then_some(EventOverride {
        recurrence_local: starts,
        state: OccurrenceState::Planned,
        starts_local: None,
        ends_local: Some(ends),
        title: None,
        place: None,
        note: None,
    })
}

/// The rule of a series, as it is written: our own reading of rules is the stricter one. Its end is in UTC where the start has a zone
/// (RFC 5545, section 3.3.10), and is read so where a program forgot to say it.
fn rule(main: &Happening, starts: &Written) -> Result<Option<Rule>, SkipReason> {
    let once = |name: &str| main.text.lines().filter(|line| self::name(line).eq_ignore_ascii_case(name)).count();
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
        let line = self.text_line("RRULE");
        let parts = line.split(';').filter(|part| !part.trim().is_empty());
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

pub(super) fn delta(lasts: &ICalendarDuration) -> TimeDelta {
    let seconds =
        [(lasts.weeks, 604_800), (lasts.days, 86_400), (lasts.hours, 3600), (lasts.minutes, 60), (lasts.seconds, 1)];
    let seconds: i64 = seconds.iter().map(|(count, each)| i64::from(*count) * each).sum();
    TimeDelta::try_seconds(if lasts.neg { -seconds } else { seconds }).unwrap_or_default()
}
