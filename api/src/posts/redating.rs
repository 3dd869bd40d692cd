//! What a change of an event makes of its coming dates, for those who follow it: one thing to tell, however many dates it is about.

use crate::recurrence;
use chrono::{DateTime, NaiveDateTime, Utc};
use entity::{ChangedDate, EventChange, EventDates, EventStatus, Fate, NewOccurrence, OccurrenceState};
use std::collections::BTreeMap;

/// The coming dates of an event that take place, by the start that they have by the rule.
type Dates = BTreeMap<NaiveDateTime, NewOccurrence>;

/// What is different, by date.
struct Difference<'a> {
    /// Dates that do not take place any more.
    gone: Vec<&'a NewOccurrence>,
    /// Dates that did not take place before.
    added: Vec<&'a NewOccurrence>,
    /// Dates at another time: as they were, and as they are.
    moved: Vec<(&'a NewOccurrence, &'a NewOccurrence)>,
    /// Dates that begin when they did and are otherwise different, as they are.
    changed: Vec<&'a NewOccurrence>,
}

/// What has become of the dates of an event that had not passed; nothing when they are as before.
pub fn between(before: &EventDates, after: &EventDates, now: DateTime<Utc>) -> Option<EventChange> {
    if before == after {
        return None;
    }
    let fate = match after.status {
        EventStatus::Cancelled => Some(Fate::Cancelled),
        EventStatus::Postponed => Some(Fate::Postponed),
        EventStatus::Confirmed | EventStatus::Tentative => None,
    };
    if let Some(fate) = fate {
        // What was postponed and is cancelled now has its dates from before that.
        let dates = coming(&EventDates { status: EventStatus::Confirmed, ..before.clone() }, now)?;
        let first = dates.values().min_by_key(|date| date.starts_at).filter(|_| before.status != after.status);
        return first.map(|first| told(fate, before, after, (Some(first), None), dates.len()));
    }
    let (was, is) = (coming(before, now)?, coming(after, now)?);
    let difference = Difference::new(&was, &is);
    if matches!(before.status, EventStatus::Cancelled | EventStatus::Postponed) {
        let added = &difference.added;
        return added.first().map(|first| told(Fate::Reinstated, before, after, (None, Some(first)), added.len()));
    }
    difference.told(before, after, &is)
}

impl<'a> Difference<'a> {
    fn new(was: &'a Dates, is: &'a Dates) -> Self {
        let both = || is.iter().filter_map(|(date, now)| was.get(date).map(|then| (then, now)));
        let rest = |date: &NewOccurrence| (date.ends_at, date.title.clone(), date.place.clone(), date.note.clone());
        let mut found = Self {
            gone: was.iter().filter(|(date, _)| !is.contains_key(date)).map(|(_, date)| date).collect(),
            added: is.iter().filter(|(date, _)| !was.contains_key(date)).map(|(_, date)| date).collect(),
            moved: both().filter(|(then, now)| then.starts_at != now.starts_at).collect(),
            changed: both()
                .filter(|(then, now)| then.starts_at == now.starts_at && rest(then) != rest(now))
                .map(|(_, now)| now)
                .collect(),
        };
        found.gone.sort_by_key(|date| date.starts_at);
        found.added.sort_by_key(|date| date.starts_at);
        found.moved.sort_by_key(|(then, _)| then.starts_at);
        found
    }

    /// What is told of an event that takes place, before and after.
    fn told(&self, before: &EventDates, after: &EventDates, is: &Dates) -> Option<EventChange> {
        let say = |fate, dates, count| Some(told(fate, before, after, dates, count));
        match (self.gone.as_slice(), self.added.as_slice(), self.moved.as_slice()) {
            ([], [], []) => match self.changed.as_slice() {
                [one] => say(Fate::DateChanged, (None, Some(one)), 1),
                _ => None,
            },
            ([one], [], []) => say(Fate::DateCancelled, (Some(one), None), 1),
            ([first, ..], [], []) => {
                let goes_on = is.values().any(|date| date.starts_at > first.starts_at);
                let fate = if goes_on { Fate::DatesCancelled } else { Fate::RestCancelled };
                say(fate, (Some(first), None), self.gone.len())
            }
            ([], added, []) => {
                let again = |date: &&NewOccurrence| was_cancelled(before, date.recurrence_local);
                let first = added.first().filter(|_| added.iter().all(again));
                first.and_then(|first| say(Fate::Reinstated, (None, Some(first)), added.len()))
            }
            ([], [], [(then, now)]) => say(Fate::DateMoved, (Some(then), Some(now)), 1),
            (gone, added, moved) => {
                let then = gone.first().copied().into_iter().chain(moved.first().map(|(then, _)| *then));
                let now = added.first().copied().into_iter().chain(moved.first().map(|(_, now)| *now));
                let dates = (then.min_by_key(|date| date.starts_at), now.min_by_key(|date| date.starts_at));
                say(Fate::Moved, dates, gone.len().max(added.len()) + moved.len())
            }
        }
    }
}

fn was_cancelled(event: &EventDates, date: NaiveDateTime) -> bool {
    event.overrides.iter().any(|one| one.recurrence_local == date && one.state == OccurrenceState::Cancelled)
}

fn told(
    fate: Fate,
    before: &EventDates,
    after: &EventDates,
    (was, is): (Option<&NewOccurrence>, Option<&NewOccurrence>),
    count: usize,
) -> EventChange {
    let date = was.map(|date| date.recurrence_local);
    let mut was = was.map(|date| ChangedDate::new(date, before.all_day));
    if let Some(was) = &mut was {
        // Why a date does not take place is said of it now.
        let one = after.overrides.iter().find(|one| Some(one.recurrence_local) == date);
        was.note = one.and_then(|one| one.note.clone());
    }
    let is = is.map(|date| ChangedDate::new(date, after.all_day));
    EventChange { fate, was, is, further: count.saturating_sub(1) }
}

/// The dates of an event that are not over; nothing when they cannot be found out.
fn coming(event: &EventDates, now: DateTime<Utc>) -> Option<Dates> {
    let planned = recurrence::plan(event.clone(), now).ok()?;
    let comes = |date: &NewOccurrence| date.state != OccurrenceState::Cancelled && date.ends_at > now;
    Some(planned.occurrences.into_iter().filter(comes).map(|date| (date.recurrence_local, date)).collect())
}
