//! What a calendar does not have any more.

use super::applying::{Import, Progress};
use super::hiding::with_event;
use super::report::{Came, Outcome};
use crate::posts::life::{self, Step};
use entity::{EventDates, EventItem, EventStatus, NewOccurrence, Post, PostState, StoreError};
use std::collections::HashSet;

/// So many events make a calendar, of which not all are called off at once by chance.
const A_CALENDAR: usize = 3;

/// What has become of a post that its calendar does not have any more.
pub enum Removal {
    /// It shows as cancelled.
    Cancelled,
    /// It was removed or taken back.
    Gone,
    /// Nothing.
    None,
}

impl Import<'_> {
    /// What the calendar does not have any more, and would still take place, does not: unless the calendar is empty.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn follow_removals(
        &self,
        mentioned: &HashSet<String>,
        progress: &mut Progress,
    ) -> Result<(), StoreError> {
        if mentioned.is_empty() {
            return Ok(());
        }
        // A calendar without any event of before is another one: nobody is told that all of the old one is off.
        if progress.known.len() >= A_CALENDAR && !progress.known.keys().any(|identity| mentioned.contains(identity)) {
            progress.tells_no_more();
        }
        let is_gone = |item: &&EventItem| !mentioned.contains(&item.identity) && !item.said.is_empty();
        let mut gone: Vec<EventItem> = progress.known.values().filter(is_gone).cloned().collect();
        gone.sort_by(|one, other| one.identity.cmp(&other.identity));
        let (mut put, mut forget) = (Vec::new(), Vec::new());
        for item in gone {
            let (removal, title) = self.remove_all_of(&item, progress).await?;
            if let Some(title) = title {
                progress.report.component(None, &title, Came::of(Outcome::Removed, item.post));
            }
            match removal {
                Removal::Cancelled => put.push(EventItem { said: String::new(), ..item }),
                Removal::Gone => forget.push(item.identity),
                Removal::None => {}
            }
        }
        self.tx.event_items().put(self.calendar.id, &put).await?;
        self.tx.event_items().forget(self.calendar.id, &forget).await
    }

    /// Removes the post of an event, and what it goes on as here; gives what it was called, if it was there. The past stays.
    pub async fn remove_all_of(
        &self,
        item: &EventItem,
        progress: &mut Progress,
    ) -> Result<(Removal, Option<String>), StoreError> {
        let Some(post) = self.tx.posts().find_for_change(item.post).await?.filter(|_| progress.has_room(true)) else {
            return Ok((Removal::None, None));
        };
        let dates = self.tx.occurrences().of_post(item.post).await?;
        let dates: Vec<NewOccurrence> = dates.into_iter().map(|date| date.is).collect();
        progress.writes_dates(dates.len());
        let rest = self.rest_of(&post).await?;
        let rest_is_off = self.remove_rest(&rest, progress).await?;
        let is_over = dates.iter().all(|date| date.ends_at < self.now);
        let removal = if is_over { Removal::None } else { self.remove(&post, &dates, progress).await? };
        if matches!(removal, Removal::None) {
            return Ok((if rest_is_off { Removal::Cancelled } else { Removal::None }, None));
        }
        Ok((removal, Some(post.title)))
    }

    /// What is public shows as cancelled, or is taken back where its author may not change it; what never was public goes.
    pub async fn remove(
        &self,
        post: &Post,
        before: &[NewOccurrence],
        progress: &mut Progress,
    ) -> Result<Removal, StoreError> {
        let state = post.state;
        if matches!(state, PostState::Withdrawn | PostState::Expired) {
            return Ok(Removal::None);
        }
        if state != PostState::Published {
            if !self.may_delete(post) {
                return Ok(Removal::None);
            }
            self.tx.posts().delete(post.id).await?;
            return Ok(Removal::Gone);
        }
        let (Ok(to), Some(dates)) = (life::lead(Step::Change, state, self.actor), &post.event) else {
            return Ok(if self.take_back(post).await? { Removal::Gone } else { Removal::None });
        };
        let dates = EventDates { status: EventStatus::Cancelled, ..dates.clone() };
        let Ok(event) = crate::recurrence::plan(dates, self.now) else { return Ok(Removal::None) };
        self.write(post, with_event(post, event), to, before, progress).await?;
        Ok(Removal::Cancelled)
    }
}
