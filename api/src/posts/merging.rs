//! Two changes of one content: what a revision wants to say, and what the post has come to say meanwhile.

use crate::recurrence;
use chrono::TimeDelta;
use entity::{EventDates, EventOverride, EventStatus, PostContent};

/// What a post says when what was `wanted` from `base` comes to what it says `now`. What became of single dates meanwhile stays.
///
/// # Errors
/// Pointers to what both have changed, each in another way.
pub fn merged(base: &PostContent, wanted: &PostContent, now: &PostContent) -> Result<PostContent, Vec<&'static str>> {
    let mut clashes = Vec::new();
    let said = PostContent {
        title: one(&mut clashes, "/title", [&base.title, &wanted.title, &now.title]),
        body_markdown: one(
            &mut clashes,
            "/body_markdown",
            [&base.body_markdown, &wanted.body_markdown, &now.body_markdown],
        ),
        topic: one(&mut clashes, "/topic", [&base.topic, &wanted.topic, &now.topic]),
        expires_at: one(&mut clashes, "/expires_at", [&base.expires_at, &wanted.expires_at, &now.expires_at]),
        delivery: one(&mut clashes, "/delivery", [&base.delivery, &wanted.delivery, &now.delivery]),
        media: one(&mut clashes, "/media", [&base.media, &wanted.media, &now.media]),
        event: match (&base.event, &wanted.event, &now.event) {
            (Some(base), Some(wanted), Some(now)) => Some(event(&mut clashes, [base, wanted, now])),
            _ => wanted.event.clone(),
        },
    };
    if clashes.is_empty() { Ok(said) } else { Err(clashes) }
}

/// What is wanted where that is a change, otherwise what there is now.
fn one<T: Clone + PartialEq>(
    clashes: &mut Vec<&'static str>,
    pointer: &'static str,
    [base, wanted, now]: [&T; 3],
) -> T {
    if wanted == base || wanted == now {
        return now.clone();
    }
    if now != base {
        clashes.push(pointer);
    }
    wanted.clone()
}

fn event(clashes: &mut Vec<&'static str>, [base, wanted, now]: [&EventDates; 3]) -> EventDates {
    let plan =
        |event: &EventDates| EventDates { overrides: Vec::new(), status: EventStatus::default(), ..event.clone() };
    let status = one(clashes, "/event/status", [&base.status, &wanted.status, &now.status]);
    let planned = one(clashes, "/event", [&plan(base), &plan(wanted), &plan(now)]);
    let mut event = EventDates { status, ..planned };
    event.overrides = overrides(clashes, &event, [base, wanted, now]);
    event
}

/// What is different at single dates: as wanted, but for what has become of them meanwhile. Where there is no such date any more, a
/// date that is off would be on again without anybody noticing.
fn overrides(
    clashes: &mut Vec<&'static str>,
    event: &EventDates,
    [base, wanted, now]: [&EventDates; 3],
) -> Vec<EventOverride> {
    let meanwhile = |one: &EventOverride| !base.overrides.contains(one);
    let is_usual_again = |one: &EventOverride| {
        let at = one.recurrence_local;
        base.overrides.contains(one) && !now.overrides.iter().any(|other| other.recurrence_local == at)
    };
    let mut overrides: Vec<EventOverride> = now.overrides.iter().filter(|one| meanwhile(one)).cloned().collect();
    if !overrides.iter().all(|one| is_a_date(event, one)) {
        clashes.push("/event/changed_dates");
    }
    for one in wanted.overrides.iter().filter(|one| !is_usual_again(one)) {
        if !overrides.iter().any(|other| other.recurrence_local == one.recurrence_local) {
            overrides.push(one.clone());
        }
    }
    overrides.sort_by_key(|one| one.recurrence_local);
    overrides
}

fn is_a_date(event: &EventDates, one: &EventOverride) -> bool {
    let at = one.recurrence_local;
    let until = at.checked_add_signed(TimeDelta::seconds(1)).unwrap_or(at);
    recurrence::window_dates(event, at, until, 1).is_ok_and(|(dates, _)| !dates.is_empty())
}
