//! Events that a message calls off (METHOD:CANCEL): as if their publisher had done it in the calendar.

use super::applying::{Import, Progress};
use super::hiding::with_event;
use super::removing::Removal;
use super::report::{Came, Outcome};
use crate::calendar::{CalledOff, CalledOffDate, SkipReason};
use crate::posts::life::{self, Step};
use crate::recurrence;
use chrono::NaiveDateTime;
use entity::{EventDates, EventItem, EventOverride, EventStatus, NewOccurrence, OccurrenceState, Post, StoreError};

impl Import<'_> {
    /// Calls off an event that is known by this, or a date of it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn call_off(
        &self,
        identity: &str,
        what: &CalledOff,
        progress: &mut Progress,
    ) -> Result<Came, StoreError> {
        let series = progress.known.get(identity).cloned();
        let (item, date) = match (series, what) {
            (Some(item), CalledOff::Everything) => (item, None),
            (Some(item), CalledOff::Date(date)) => (item, Some(date)),
            (None, CalledOff::Date(date)) => match progress.known.get(&date.alone).cloned() {
                Some(item) => (item, None),
                None => return Ok(Came::left_out(SkipReason::Cancelled, None)),
            },
            (None, CalledOff::Everything) => return Ok(Came::left_out(SkipReason::Cancelled, None)),
        };
        let Some(post) = self.tx.posts().find_for_change(item.post).await? else {
            return Ok(Came::left_out(SkipReason::RemovedHere, None));
        };
        if !progress.has_room(true) {
            return Ok(Came::left_out(SkipReason::TooMany, Some(post.id)));
        }
        match date {
            None => self.call_off_all(&item, progress).await,
            Some(date) => self.call_off_date(item, &post, date, progress).await,
        }
    }

    async fn call_off_all(&self, item: &EventItem, progress: &mut Progress) -> Result<Came, StoreError> {
        let said_nothing = EventItem { said: String::new(), ..item.clone() };
        match self.remove_all_of(item, progress).await?.0 {
            Removal::Cancelled => progress.put.push(said_nothing),
            Removal::Gone => {
                self.tx.event_items().forget(self.calendar.id, std::slice::from_ref(&item.identity)).await?
            }
            Removal::None => return Ok(Came::left_out(SkipReason::OutOfRange, Some(item.post))),
        }
        Ok(Came::of(Outcome::Changed, item.post))
    }

    async fn call_off_date(
        &self,
        item: EventItem,
        post: &Post,
        date: &CalledOffDate,
        progress: &mut Progress,
    ) -> Result<Came, StoreError> {
        let before: Vec<NewOccurrence> =
            self.tx.occurrences().of_post(post.id).await?.into_iter().map(|date| date.is).collect();
        let (Ok(to), Some(dates)) = (life::lead(Step::Change, post.state, self.actor), &post.event) else {
            return Ok(Came::left_out(SkipReason::NeedsEditor, Some(post.id)));
        };
        let there: Vec<_> = before.iter().map(|one| one.recurrence_local).filter(|at| date.means(dates, *at)).collect();
        let mut dates = dates.clone();
        there.iter().for_each(|at| cancel(&mut dates, *at));
        let Ok(event) = recurrence::plan(dates, self.now) else {
            return Ok(Came::left_out(SkipReason::UnknownRule, Some(post.id)));
        };
        if there.is_empty() {
            return Ok(Came::left_out(SkipReason::Cancelled, Some(post.id)));
        }
        self.write(post, with_event(post, event), to, &before, progress).await?;
        progress.put.push(EventItem { said: String::new(), ..item });
        Ok(Came::of(Outcome::Changed, post.id))
    }
}

/// Calls off a date of a series; of what takes place once, all.
fn cancel(dates: &mut EventDates, at: NaiveDateTime) {
    if !dates.recurs() {
        dates.status = EventStatus::Cancelled;
        return;
    }
    match dates.overrides.iter_mut().find(|one| one.recurrence_local == at) {
        Some(one) => one.state = OccurrenceState::Cancelled,
        None => dates.overrides.push(EventOverride {
            recurrence_local: at,
            state: OccurrenceState::Cancelled,
            starts_local: None,
            ends_local: None,
            title: None,
            place: None,
            note: None,
        }),
    }
    dates.overrides.sort_by_key(|one| one.recurrence_local);
}
