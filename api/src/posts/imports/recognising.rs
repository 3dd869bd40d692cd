//! Events whose UIDs are others with each download, as some programs make them: they are recognised by what they are, so that nothing is
//! cancelled and made anew.

use super::applying::{Import, Progress};
use crate::calendar::{CalendarEvents, FoundEvent, Says};
use chrono::NaiveDateTime;
use entity::{EventItem, StoreError};
use std::collections::HashMap;

/// What the calendar does not have any more by the identities that it had.
struct Gone {
    items: Vec<EventItem>,
    by_likeness: HashMap<String, Vec<usize>>,
    by_name: HashMap<(String, NaiveDateTime), Vec<usize>>,
}

impl Import<'_> {
    /// Lets what is known by an identity that the calendar does not have any more be known by that of an event that is called the same
    /// and begins at the same time.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn recognise(&self, found: &CalendarEvents, progress: &mut Progress) -> Result<(), StoreError> {
        let events: Vec<(&str, &str, Option<&FoundEvent>)> = {
            let hidden = found.hidden.iter().map(|event| (event.identity.as_str(), event.likeness.as_str(), None));
            let new = found.events.iter().filter(|event| matches!(event.says, Says::Content(_)));
            let new = new.map(|event| (event.identity.as_str(), event.likeness.as_str(), Some(event)));
            new.chain(hidden).filter(|(identity, _, _)| !progress.known.contains_key(*identity)).collect()
        };
        if events.is_empty() {
            return Ok(());
        }
        let mut gone = self.gone(found, progress).await?;
        // First those of which all is the same, so that of several that are called the same none takes the place of another.
        let mut recognised: HashMap<&str, (&str, EventItem)> = HashMap::new();
        for alike in [Alike::InAll, Alike::InName] {
            for (identity, likeness, event) in &events {
                if !recognised.contains_key(identity)
                    && let Some(item) = gone.take(likeness, *event, alike)
                {
                    recognised.insert(identity, (likeness, item));
                }
            }
        }
        let forget: Vec<String> = recognised.values().map(|(_, item)| item.identity.clone()).collect();
        let known = recognised.into_iter().map(|(identity, (likeness, item))| EventItem {
            identity: identity.to_owned(),
            likeness: Some(likeness.to_owned()),
            ..item
        });
        let known: Vec<EventItem> = known.collect();
        forget.iter().for_each(|identity| {
            progress.known.remove(identity);
        });
        progress.known.extend(known.iter().map(|item| (item.identity.clone(), item.clone())));
        self.tx.event_items().forget(self.calendar.id, &forget).await?;
        self.tx.event_items().put(self.calendar.id, &known).await
    }

    async fn gone(&self, found: &CalendarEvents, progress: &Progress) -> Result<Gone, StoreError> {
        let is_there = |identity: &str| {
            found.mentioned.contains(identity) || found.hidden.iter().any(|event| event.identity == identity)
        };
        let mut items: Vec<EventItem> =
            progress.known.values().filter(|item| !is_there(&item.identity)).cloned().collect();
        items.sort_by(|one, other| one.identity.cmp(&other.identity));
        let mut gone = Gone { items, by_likeness: HashMap::new(), by_name: HashMap::new() };
        let mut old: HashMap<&str, usize> = HashMap::new();
        for (at, item) in gone.items.iter().enumerate() {
            match &item.likeness {
                Some(likeness) => gone.by_likeness.entry(likeness.clone()).or_default().push(at),
                None => drop(old.insert(&item.identity, at)),
            }
        }
        if !old.is_empty() {
            for called in self.tx.event_items().without_likeness(self.calendar.id).await? {
                if let Some(at) = old.get(called.identity.as_str()) {
                    gone.by_name.entry((called.title, called.starts_local)).or_default().push(*at);
                }
            }
        }
        Ok(gone)
    }
}

/// In what an event is to be like another.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Alike {
    /// In all that is said of it.
    InAll,
    /// In its name and its start.
    InName,
}

impl Gone {
    /// Takes the one that an event is.
    fn take(&mut self, likeness: &str, event: Option<&FoundEvent>, alike: Alike) -> Option<EventItem> {
        let in_all = |at: &usize| event.is_some_and(|event| self.items[*at].said == event.said);
        if let Some(like) = self.by_likeness.get_mut(likeness).filter(|like| !like.is_empty()) {
            let at = like.iter().position(|at| alike == Alike::InName || in_all(at))?;
            return self.items.get(like.remove(at)).cloned();
        }
        let event = event.filter(|_| alike == Alike::InName)?;
        let Says::Content(content) = &event.says else { return None };
        let named = self.by_name.get_mut(&(event.title.clone(), content.event.dates.starts_local))?;
        (!named.is_empty()).then(|| named.remove(0)).and_then(|at| self.items.get(at).cloned())
    }
}
