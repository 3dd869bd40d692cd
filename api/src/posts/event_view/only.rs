//! The only date of an event that happens once: what becomes of it becomes of the event, so that whoever reads the event reads the
//! date. Nothing but what is to be said about it is kept beside.

use entity::{EventDates, EventOverride, EventStatus, OccurrenceState};

/// An event that happens once, with its date as it is to be; and its title from then on, if another is given.
pub fn settled(event: EventDates, one: EventOverride) -> (EventDates, Option<String>) {
    let starts = one.starts_local.unwrap_or(event.starts_local);
    let lasts = event.ends_local.map(|end| end - event.starts_local);
    let mut event = EventDates {
        starts_local: starts,
        ends_local: one.ends_local.or(lasts.map(|lasts| starts + lasts)),
        overrides: Vec::new(),
        ..event
    };
    if one.state == OccurrenceState::Cancelled {
        event.status = EventStatus::Cancelled;
    }
    if one.place.is_some() && one.place != event.place {
        event.place = one.place;
        (event.address, event.position, event.access) = (None, None, Vec::new());
    }
    event.overrides.extend(one.note.map(|note| EventOverride {
        recurrence_local: starts,
        state: OccurrenceState::Changed,
        starts_local: None,
        ends_local: None,
        title: None,
        place: None,
        note: Some(note),
    }));
    (event, one.title)
}

/// An event that takes place, whatever was to become of it.
pub fn taking_place(event: &EventDates) -> EventDates {
    let status = if is_off(event) { EventStatus::Confirmed } else { event.status };
    EventDates { status, overrides: Vec::new(), ..event.clone() }
}

/// Whether an event does not take place when it was to.
pub fn is_off(event: &EventDates) -> bool {
    matches!(event.status, EventStatus::Cancelled | EventStatus::Postponed)
}
