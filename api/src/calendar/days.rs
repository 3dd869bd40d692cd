//! On which days the components of a calendar fall: one-off ones, series with their exceptions and moved dates, and what lasts
//! several days. Times are read in the village's zone.

use super::{CalendarFile, EVENT, Happening, SkipReason, Skipped, value_of};
use calcard::common::PartialDateTime;
use calcard::icalendar::dates::{CalendarExpand, TimeOrDelta};
use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarFrequency, ICalendarProperty, ICalendarRecurrenceRule, ICalendarValue,
};
use chrono::{Datelike, NaiveDate};
use chrono_tz::Tz;
use std::collections::{BTreeSet, HashMap};
use std::ops::RangeInclusive;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Days that one series is followed for: thirty years, if it is daily.
const MOST_OF_A_SERIES: usize = 11_000;

/// Days that all series of a file are followed for.
const MOST_OF_A_FILE: usize = 400_000;

/// Longest that something may last, in days.
const LONGEST_D: i64 = 14;

/// A day on which a component falls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dated {
    /// Its place among the happenings.
    pub happening: usize,
    /// The day.
    pub day: NaiveDate,
}

/// The days on which the components of a calendar fall.
#[derive(Default)]
pub struct Days {
    /// Those that are public.
    pub dated: Vec<Dated>,
    /// The components that fall on none.
    pub skipped: Vec<Skipped>,
    /// Those that are not for the public, with all that their components are called.
    pub hidden: BTreeSet<(NaiveDate, String)>,
}

impl CalendarFile {
    /// The days within `range` on which the components fall.
    pub fn days(&self, zone: Tz, range: &RangeInclusive<NaiveDate>) -> Days {
        let mut days = Days::default();
        let mut room = MOST_OF_A_FILE;
        for group in self.groups() {
            let mut sound = Vec::new();
            for index in &group {
                match fault(&self.happenings[*index]) {
                    Some(why) => days.skipped.push(self.happenings[*index].skipped(why)),
                    None => sound.push(*index),
                }
            }
            let mut dated = Vec::new();
            self.days_of(&sound, zone, range, &mut room, (&mut dated, &mut days.skipped));
            self.hide(&group, &mut dated, &mut days);
            days.dated.extend(dated);
        }
        days.dated.sort_by_key(|dated| (dated.happening, dated.day));
        days.skipped.sort_by_key(|skipped| skipped.number);
        days
    }

    /// Takes from the days of a group those that are not for the public: of all of it, if what happens once or the series itself is not.
    fn hide(&self, group: &[usize], dated: &mut Vec<Dated>, days: &mut Days) {
        let private: Vec<usize> = group.iter().copied().filter(|index| self.happenings[*index].is_private()).collect();
        if private.is_empty() {
            return;
        }
        let hides_all = private.iter().any(|index| self.hides_a_series(*index));
        let following = private.iter().map(|index| &self.happenings[*index]).filter(|one| one.is_this_and_following());
        let from = following.filter_map(|one| day_of(one, &ICalendarProperty::RecurrenceId)).min();
        let (hidden, shown): (Vec<Dated>, Vec<Dated>) = dated.iter().partition(|dated| {
            hides_all || private.contains(&dated.happening) || from.is_some_and(|from| dated.day >= from)
        });
        *dated = shown;
        let of_series =
            private.iter().filter_map(|index| day_of(&self.happenings[*index], &ICalendarProperty::RecurrenceId));
        let on = hidden.iter().map(|dated| dated.day).chain(of_series);
        for day in on {
            days.hidden.extend(group.iter().map(|index| (day, self.happenings[*index].summary.clone())));
        }
        let left_out = if hides_all { group } else { &private };
        for index in left_out {
            let skipped = self.happenings[*index].skipped(SkipReason::Private);
            days.skipped.retain(|other| other.number != skipped.number);
            days.skipped.push(skipped);
        }
    }

    /// Whether what is not for the public is all of a series, or something that happens once.
    fn hides_a_series(&self, index: usize) -> bool {
        let happening = &self.happenings[index];
        happening.is_private() && !happening.has(&ICalendarProperty::RecurrenceId)
    }

    /// A series and its moved dates belong together by their UID; what has none, or repeats another's, stands alone.
    fn groups(&self) -> Vec<Vec<usize>> {
        let mut groups: Vec<Vec<usize>> = Vec::new();
        let mut by_uid: HashMap<String, usize> = HashMap::new();
        for (index, happening) in self.happenings.iter().enumerate() {
            let uid = happening.uid();
            let part = happening.has(&ICalendarProperty::RecurrenceId) || happening.has(&ICalendarProperty::Rrule);
            if uid.is_empty() || !part {
                groups.push(vec![index]);
                continue;
            }
            let group = *by_uid.entry(uid).or_insert_with(|| {
                groups.push(Vec::new());
                groups.len() - 1
            });
            groups[group].push(index);
        }
        groups
    }

    fn days_of(
        &self,
        group: &[usize],
        zone: Tz,
        range: &RangeInclusive<NaiveDate>,
        room: &mut usize,
        (dated, skipped): (&mut Vec<Dated>, &mut Vec<Skipped>),
    ) {
        let most = MOST_OF_A_SERIES.min(*room);
        let Some(expanded) = self.expanded(group, zone, most) else {
            skipped.extend(group.iter().map(|index| self.happenings[*index].skipped(SkipReason::Unreadable)));
            return;
        };
        *room -= expanded.events.len().min(*room);
        let mut why: HashMap<usize, SkipReason> = HashMap::new();
        for error in &expanded.errors {
            why.insert(error.comp_id as usize, SkipReason::UnknownRule);
        }
        let mut found = vec![false; group.len()];
        for event in &expanded.events {
            let place = event.comp_id as usize;
            let Some(index) = group.get(place) else { continue };
            let start = event.start.naive_local();
            let start =
                if event.start.timezone().is_utc() { event.start.with_timezone(&zone).naive_local() } else { start };
            let lasts = match event.end {
                TimeOrDelta::Time(end) => end.signed_duration_since(event.start).num_days(),
                TimeOrDelta::Delta(delta) => delta.num_days(),
            };
            if lasts > LONGEST_D {
                why.insert(place, SkipReason::TooLong);
                continue;
            }
            // An end that is the start, as in calendars of holidays that name the last day, still is one day.
            for day in start.date().iter_days().take(usize::try_from(lasts.max(1)).unwrap_or(1)) {
                if range.contains(&day) {
                    dated.push(Dated { happening: *index, day });
                    found[place] = true;
                }
            }
        }
        // The dates of a series that does not reach far enough would be missing from it.
        if expanded.events.len() >= most && expanded.events.iter().all(|event| event.start.date_naive() < *range.end())
        {
            why.entry(0).or_insert(SkipReason::TooOften);
        }
        for (place, index) in group.iter().enumerate() {
            if !found[place] {
                let why = why.get(&place).copied().unwrap_or(SkipReason::OutOfRange);
                skipped.push(self.happenings[*index].skipped(why));
            }
        }
    }

    /// Lets the parser follow a series and its moved dates. One that makes it panic is not understood.
    fn expanded(&self, group: &[usize], zone: Tz, most: usize) -> Option<CalendarExpand> {
        let mut components: Vec<ICalendarComponent> =
            group.iter().map(|index| plain(&self.happenings[*index].component)).collect();
        let zones = components.iter().flat_map(|component| &component.entries).filter_map(|entry| entry.tz_id());
        let mut named: Vec<&str> = zones.collect();
        named.sort_unstable();
        named.dedup();
        let known: Vec<ICalendarComponent> =
            named.into_iter().filter_map(|name| self.zones.get(name)).cloned().collect();
        components.extend(known);
        let calendar = ICalendar { components };
        catch_unwind(AssertUnwindSafe(|| calendar.expand_dates(zone, most))).ok()
    }
}

/// A component with nothing but its dates. Without its SEQUENCE, which the parser would take for a part of the identity of a
/// moved date.
fn plain(component: &ICalendarComponent) -> ICalendarComponent {
    let dates = [
        ICalendarProperty::Dtstart,
        ICalendarProperty::Dtend,
        ICalendarProperty::Duration,
        ICalendarProperty::Rrule,
        ICalendarProperty::Rdate,
        ICalendarProperty::Exdate,
        ICalendarProperty::RecurrenceId,
    ];
    let entries = component.entries.iter().filter(|entry| dates.contains(&entry.name)).cloned().collect();
    ICalendarComponent { component_type: EVENT, entries, component_ids: Vec::new() }
}

/// The day of a time as it is written.
fn day(at: &PartialDateTime) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(i32::from(at.year?), u32::from(at.month?), u32::from(at.day?))
}

fn day_of(happening: &Happening, property: &ICalendarProperty) -> Option<NaiveDate> {
    match value_of(&happening.component, property)? {
        ICalendarValue::PartialDateTime(at) => day(at),
        _ => None,
    }
}

/// What is wrong with the dates of a component.
fn fault(happening: &Happening) -> Option<SkipReason> {
    let mut begins = false;
    for entry in &happening.component.entries {
        for value in &entry.values {
            match (&entry.name, value) {
                (ICalendarProperty::Dtstart, ICalendarValue::PartialDateTime(at)) => {
                    begins = true;
                    if !day(at).is_some_and(|day| (1900..=2200).contains(&day.year())) {
                        return Some(SkipReason::AbsurdDate);
                    }
                }
                (ICalendarProperty::Rrule, ICalendarValue::RecurrenceRule(rule)) => {
                    if let Some(why) = rule_fault(rule) {
                        return Some(why);
                    }
                }
                (ICalendarProperty::Rrule, _) => return Some(SkipReason::UnknownRule),
                _ => {}
            }
        }
    }
    (!begins).then_some(SkipReason::NoStart)
}

/// Rules that repeat within a day are nothing that people go by, and cost the most.
fn rule_fault(rule: &ICalendarRecurrenceRule) -> Option<SkipReason> {
    let within_a_day =
        matches!(rule.freq, ICalendarFrequency::Secondly | ICalendarFrequency::Minutely | ICalendarFrequency::Hourly)
            || rule.byhour.len() > 1
            || rule.byminute.len() > 1
            || rule.bysecond.len() > 1;
    within_a_day.then_some(SkipReason::TooOften)
}
