//! What a club may say of its own public dates at once, though its texts are reviewed: that they do not take place, or do after all, are
//! at another time or place, and what there is to say about one.

use super::super::event_view::Wish;
use entity::{EventDates, EventStatus, PostContent};

/// Whether nothing else is said than before: no other title, text or picture, and no other series.
pub fn is_about_dates(before: &PostContent, after: &PostContent) -> bool {
    let rest = |content: &PostContent| PostContent { event: None, ..content.clone() };
    match (&before.event, &after.event) {
        (Some(then), Some(now)) => {
            rest(before) == rest(after) && is_same_series(then, now) && has_same_titles(then, now)
        }
        _ => false,
    }
}

/// Whether somebody wishes for no more than that: a series ends, and does not go on in another way.
pub fn is_own_matter(wish: &Wish) -> bool {
    match wish {
        Wish::Different(one) => one.title.is_none(),
        Wish::AsUsual(_) | Wish::End(_) => true,
        Wish::GoOn(_) => false,
    }
}

/// The same but for single dates. An event that happens once is one.
fn is_same_series(then: &EventDates, now: &EventDates) -> bool {
    let happens_once = !then.recurs() && !now.recurs();
    let rest = |event: &EventDates| {
        let mut event = EventDates { overrides: Vec::new(), status: EventStatus::default(), ..event.clone() };
        if happens_once {
            (event.starts_local, event.ends_local) = (then.starts_local, None);
            (event.place, event.address, event.position, event.access) = (None, None, None, Vec::new());
        }
        event
    };
    rest(then) == rest(now)
}

/// No date has got another title.
fn has_same_titles(then: &EventDates, now: &EventDates) -> bool {
    now.overrides.iter().all(|one| {
        let before = then.overrides.iter().find(|other| other.recurrence_local == one.recurrence_local);
        one.title.is_none() || one.title == before.and_then(|before| before.title.clone())
    })
}
