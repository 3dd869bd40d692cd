//! A series that ends before one of its dates, or goes on in another way from it. What goes on is an event of its own, with a UID of
//! its own, as calendars have it: what was before stays as people had it.

use crate::posts::event_view::Following;
use crate::posts::refused;
use crate::problem::{Problem, ProblemKind};
use crate::recurrence::{self, Rule, Series, Turn};
use crate::text::Text;
use chrono::{NaiveDateTime, TimeDelta};
use chrono_tz::Tz;
use entity::{EventDates, EventOverride};
use std::collections::BTreeSet;

/// Whether an event has no date before this one.
pub fn is_first(event: &EventDates, at: NaiveDateTime) -> Result<bool, Problem> {
    let (before, _) = recurrence::window_dates(event, NaiveDateTime::MIN, at, 1).map_err(refused)?;
    Ok(before.is_empty())
}

/// The series up to one of its dates, which does not belong to it any more.
pub fn ended(event: &EventDates, at: NaiveDateTime) -> Result<EventDates, Problem> {
    let mut event = event.clone();
    let zone = zone(&event);
    if let Some(rule) = &event.rule {
        let rule = Rule::parse(rule).map_err(refused)?;
        let series = Series { starts: event.starts_local, zone, rule: Some(&rule), extra: &[], except: &[] };
        let before = series.between(NaiveDateTime::MIN, at, usize::MAX - 1).map_err(refused)?.dates;
        let last = before.last().copied().unwrap_or(event.starts_local);
        let shorter = match rule.count {
            Some(_) if rule.is_within_a_day() => rule.ending_after(before.len()),
            _ => rule.ending_with(last, at, zone, event.all_day),
        };
        event.rule = Some(shorter.map_err(refused)?.text());
    }
    event.extra_dates.retain(|date| *date < at);
    event.except_dates.retain(|date| *date < at);
    event.overrides.retain(|one| one.recurrence_local < at);
    Ok(event)
}

/// The series from one of its dates on, as it is to be. What is left out or different at later dates goes with them.
pub fn begun(event: &EventDates, wish: &Following) -> Result<EventDates, Problem> {
    let zone = zone(event);
    let turn = Turn { at: wish.at, starts: wish.starts, zone, all_day: event.all_day };
    let rule = match (&event.rule, &wish.rule) {
        (Some(rule), given) => {
            let rule = Rule::parse(rule).map_err(refused)?;
            let after = dates_before(event, &rule, &turn)?;
            match given {
                Some(given) => Some(given.clone()),
                None => Some(rule.going_on(&turn, after).map_err(refused)?.text()),
            }
        }
        (None, given) => given.clone(),
    };
    let lasts = event.ends_local.map(|end| end - event.starts_local);
    let later = Later { event, wish };
    let mut begun = EventDates {
        starts_local: wish.starts,
        ends_local: wish.ends.or(lasts.map(|lasts| wish.starts + lasts)),
        rule,
        extra_dates: later.extra_dates(),
        except_dates: Vec::new(),
        overrides: Vec::new(),
        ..event.clone()
    };
    if let Some(place) = &wish.place {
        begun.place = Some(place.clone());
        (begun.address, begun.position, begun.access) = (None, None, Vec::new());
    }
    let starts = later.starts(&begun, &turn)?;
    begun.except_dates = later.except_dates(&starts);
    begun.overrides = later.overrides(&starts);
    recurrence::all_over_at(&begun).map_err(refused)?;
    Ok(begun)
}

fn zone(event: &EventDates) -> Tz {
    event.zone.parse().unwrap_or(Tz::UTC)
}

/// How many dates of the rule come before the turn, which must be one of them itself.
fn dates_before(event: &EventDates, rule: &Rule, turn: &Turn) -> Result<usize, Problem> {
    let series = Series { starts: event.starts_local, zone: turn.zone, rule: Some(rule), extra: &[], except: &[] };
    let until = turn.at + TimeDelta::seconds(1);
    let dates = series.between(NaiveDateTime::MIN, until, usize::MAX - 1).map_err(refused)?.dates;
    match dates.split_last() {
        Some((last, before)) if *last == turn.at => Ok(before.len()),
        _ => Err(fault("/date", "ist ein einzelner weiterer Termin", "is a further date by itself")),
    }
}

/// What belongs to the dates after a turn.
struct Later<'a> {
    event: &'a EventDates,
    wish: &'a Following,
}

impl Later<'_> {
    /// Further dates at the usual hour keep it; all stay on their day.
    fn extra_dates(&self) -> Vec<NaiveDateTime> {
        let dates = self.event.extra_dates.iter().filter(|date| **date > self.wish.at);
        dates.map(|date| self.moved(*date)).collect()
    }

    /// When a date begins from now on.
    fn moved(&self, date: NaiveDateTime) -> NaiveDateTime {
        let hour = date.date().and_time(self.wish.starts.time());
        let is_extra = self.event.extra_dates.contains(&date);
        match (is_extra, &self.wish.rule) {
            (true, _) if date.time() != self.wish.at.time() => date,
            (true, _) | (false, Some(_)) => hour,
            (false, None) => date + (self.wish.starts - self.wish.at),
        }
    }

    /// All dates of what begins, as far as there is something about them, with those that are left out.
    fn starts(&self, begun: &EventDates, turn: &Turn) -> Result<BTreeSet<NaiveDateTime>, Problem> {
        let rule = begun.rule.as_deref().map(Rule::parse).transpose().map_err(refused)?;
        let (starts, extra) = (begun.starts_local, &begun.extra_dates);
        let series = Series { starts, zone: turn.zone, rule: rule.as_ref(), extra, except: &[] };
        if !series.rule_hits_start().map_err(refused)? {
            return Err(fault(
                "/starts_local",
                "passt nicht zur Regel; sagen Sie mit repeats, wie es weitergeht",
                "is not a date of the rule; say by repeats how it goes on",
            ));
        }
        if rule.as_ref().and_then(|rule| rule.until).is_some_and(|until| until.local(turn.zone) < starts) {
            return Err(fault("/rrule", "endet vor dem Beginn", "ends before the start"));
        }
        let overrides = self.event.overrides.iter().map(|one| one.recurrence_local);
        let last = self.event.except_dates.iter().copied().chain(overrides).map(|date| self.moved(date)).max();
        let until = last.unwrap_or(starts).max(starts) + TimeDelta::seconds(1);
        let dates = series.between(starts, until, usize::MAX - 1).map_err(refused)?.dates;
        Ok(dates.into_iter().collect())
    }

    fn except_dates(&self, starts: &BTreeSet<NaiveDateTime>) -> Vec<NaiveDateTime> {
        let dates = self.event.except_dates.iter().filter(|date| **date > self.wish.at).map(|date| self.moved(*date));
        dates.filter(|date| starts.contains(date)).collect()
    }

    fn overrides(&self, starts: &BTreeSet<NaiveDateTime>) -> Vec<EventOverride> {
        let later = self.event.overrides.iter().filter(|one| one.recurrence_local > self.wish.at);
        let moved =
            later.map(|one| EventOverride { recurrence_local: self.moved(one.recurrence_local), ..one.clone() });
        moved.filter(|one| starts.contains(&one.recurrence_local)).collect()
    }
}

fn fault(pointer: &str, de: &'static str, en: &'static str) -> Problem {
    Problem::with_fault(ProblemKind::Unprocessable, pointer, Text::new(de, en))
}
