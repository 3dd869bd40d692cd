//! What all components of a series together say of its dates: which of them are different, which are further ones, and which old changes
//! are of dates that it does not have any more.

use super::events::Looking;
use super::grouping::Group;
use super::series::{MOST_DATES, as_date_of, reason};
use super::{CalendarFile, Happening, SkipReason};
use crate::recurrence::{self, Rule};
use calcard::icalendar::ICalendarProperty;
use chrono::{NaiveDateTime, TimeDelta};
use chrono_tz::Tz;
use entity::{EventDates, OccurrenceState};
use std::collections::{HashMap, HashSet};

impl CalendarFile {
    /// Notes what the components of a group say of dates of its series; gives those that were left out, and which dates are none of
    /// its own.
    pub(super) fn settle<'a>(
        &self,
        dates: &mut EventDates,
        group: &Group<'a>,
        looking: &Looking,
    ) -> Result<(LeftOut<'a>, Elsewhere), SkipReason> {
        let main = group.main;
        let mut left_out = Vec::new();
        let mut old: HashMap<NaiveDateTime, &Happening> = HashMap::new();
        let elsewhere = self.leave_out(dates, &group.instead, looking.zone)?;
        let (mut following, single): (Vec<&Happening>, Vec<&Happening>) =
            group.changes.iter().partition(|change| change.is_this_and_following());
        following.sort_by_key(|change| change.text_line("RECURRENCE-ID"));
        for change in following {
            if let Err(why) = self.change_following(dates, main, change, looking) {
                left_out.push((change, why));
            }
        }
        for change in single {
            if change.is_about_others() {
                left_out.push((change, SkipReason::ThisAndFollowing));
                continue;
            }
            match self.change(dates, main, change, looking.zone) {
                Ok(date) if change.is_older_than(main) => drop(old.insert(date, change)),
                Ok(date) => drop(old.remove(&date)),
                Err(why) => left_out.push((change, why)),
            }
        }
        let stale = settle_changes(dates, |date| old.contains_key(&date))?;
        left_out.extend(stale.iter().filter_map(|date| old.get(date)).map(|change| (*change, SkipReason::Stale)));
        Ok((left_out, elsewhere))
    }

    /// Leaves out the dates that are events of their own, or hidden.
    fn leave_out(&self, dates: &mut EventDates, instead: &[&Happening], village: Tz) -> Result<Elsewhere, SkipReason> {
        let zone: Tz = dates.zone.parse().map_err(|_| SkipReason::UnknownZone)?;
        let mut elsewhere = Elsewhere::default();
        for one in instead {
            if let Ok(Some(which)) = self.only(one, &ICalendarProperty::RecurrenceId, village) {
                let date = as_date_of(dates, &which, zone);
                elsewhere.dates.insert(date);
                if one.is_this_and_following() {
                    elsewhere.from = Some(elsewhere.from.map_or(date, |from| from.min(date)));
                }
            }
        }
        elsewhere.take_off(dates)?;
        Ok(elsewhere)
    }
}

/// What was left out, and why.
type LeftOut<'a> = Vec<(&'a Happening, SkipReason)>;

/// Dates of a series that are none of its own: events of their own, or hidden. Nobody is told that they are gone.
#[derive(Clone, Debug, Default)]
pub struct Elsewhere {
    dates: HashSet<NaiveDateTime>,
    /// From here on all of them.
    from: Option<NaiveDateTime>,
}

impl Elsewhere {
    /// Whether a date, by its start by the rule, is one of them.
    pub fn has(&self, date: NaiveDateTime) -> bool {
        self.dates.contains(&date) || self.from.is_some_and(|from| date >= from)
    }

    /// Takes these dates off a series.
    ///
    /// # Errors
    /// When its zone or rule is not known.
    pub fn take_off(&self, dates: &mut EventDates) -> Result<(), SkipReason> {
        let zone: Tz = dates.zone.parse().map_err(|_| SkipReason::UnknownZone)?;
        if let Some(from) = self.from {
            end_before(dates, from, zone)?;
        }
        dates.except_dates.extend(&self.dates);
        dates.except_dates.sort_unstable();
        dates.except_dates.dedup();
        dates.overrides.retain(|one| !self.has(one.recurrence_local));
        Ok(())
    }
}

/// Ends a series before this date.
fn end_before(dates: &mut EventDates, date: NaiveDateTime, zone: Tz) -> Result<(), SkipReason> {
    dates.extra_dates.retain(|extra| *extra < date);
    if let Some(rule) = dates.rule.as_deref() {
        let rule = Rule::parse(rule).map_err(reason)?;
        let last = date - TimeDelta::seconds(1);
        dates.rule = Some(rule.ending_with(last, date, zone, dates.all_day).map_err(reason)?.text());
    }
    if dates.starts_local >= date {
        dates.except_dates.push(dates.starts_local);
    }
    Ok(())
}

/// When the dates of a series begin up to this time, those that are left out too.
pub fn starts_until(dates: &EventDates, last: NaiveDateTime) -> Result<HashSet<NaiveDateTime>, SkipReason> {
    let without = EventDates { overrides: Vec::new(), except_dates: Vec::new(), ..dates.clone() };
    let (there, _) =
        recurrence::window_dates(&without, NaiveDateTime::MIN, last + TimeDelta::seconds(1), usize::MAX - 1)
            .map_err(reason)?;
    Ok(there.into_iter().map(|date| date.recurrence_local).collect())
}

/// What is changed at a date is one of the series, or else a further date, unless it is old; the last say counts. Gives the old ones.
fn settle_changes(
    dates: &mut EventDates,
    is_old: impl Fn(NaiveDateTime) -> bool,
) -> Result<Vec<NaiveDateTime>, SkipReason> {
    dates.overrides.sort_by_key(|one| one.recurrence_local);
    dates.overrides.dedup_by_key(|one| one.recurrence_local);
    let over = dates.overrides.len().saturating_sub(MOST_DATES);
    dates.overrides.drain(..over);
    let Some(last) = dates.overrides.last().map(|one| one.recurrence_local) else { return Ok(Vec::new()) };
    let there = starts_until(dates, last)?;
    let further = dates.overrides.iter().filter(|one| !there.contains(&one.recurrence_local));
    let further: Vec<_> = further.map(|one| (one.recurrence_local, one.state)).collect();
    let mut stale = Vec::new();
    for (date, state) in further {
        if is_old(date) {
            stale.push(date);
        }
        if state == OccurrenceState::Cancelled || is_old(date) {
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
    Ok(stale)
}
