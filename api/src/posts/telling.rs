//! What is told of a post, to whom it matters for how long.

use super::redating;
use crate::app::App;
use crate::recurrence;
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    EventChange, EventDates, Fate, NewNotification, NotificationId, NotificationKind, Post, PostDelivery, PostKind,
    PostState, StoreError, VillageTx,
};

/// How long a warning matters.
const ALERT_MATTERS: TimeDelta = TimeDelta::hours(24);

/// How long after its start somebody may be on the way to a date without a known end.
const DATE_MATTERS: TimeDelta = TimeDelta::hours(1);

/// Whether nobody is told of a post.
pub fn is_silent(post: &Post) -> bool {
    post.delivery == PostDelivery::Silent
}

/// Puts into the outbox what is to be told of a post; nothing of a silent one.
pub async fn announce(
    app: &App,
    tx: &VillageTx,
    kind: NotificationKind,
    post: &Post,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    if !is_silent(post) {
        tx.notifications().announce(notification(app, kind, post, now), now).await?;
    }
    Ok(())
}

/// Puts into the outbox what is to be told of the copy of a joint post. Of this version of it everybody is told once, in whatever
/// village.
pub async fn announce_joint(
    app: &App,
    tx: &VillageTx,
    (kind, joint_version): (NotificationKind, i32),
    post: &Post,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    if !is_silent(post) {
        let id = tx.notifications().announce(notification(app, kind, post, now), now).await?;
        tx.notifications().tell_once(id, joint_version).await?;
    }
    Ok(())
}

/// Tells of a change of a public post, once. Unless `notify` says whether to, it is told exactly when coming dates were cancelled,
/// postponed, moved, or take place after all.
pub async fn announce_change(
    app: &App,
    tx: &VillageTx,
    (before, after): (&Post, &Post),
    notify: Option<bool>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let dates = (before.event.as_ref(), after.event.as_ref());
    if is_told(dates, notify, now) {
        put(app, tx, (before, after), now).await?;
    }
    Ok(())
}

/// Tells of a change of the copy of a joint post, which is told. Of this version of it everybody is told once, in whatever village.
pub async fn announce_joint_change(
    app: &App,
    tx: &VillageTx,
    change: (&Post, &Post),
    joint_version: i32,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    if let Some(id) = put(app, tx, change, now).await? {
        tx.notifications().tell_once(id, joint_version).await?;
    }
    Ok(())
}

/// Whether a change is told: as `notify` says, or else when coming dates were cancelled, postponed, moved, or take place after all.
pub fn is_told(
    (before, after): (Option<&EventDates>, Option<&EventDates>),
    notify: Option<bool>,
    now: DateTime<Utc>,
) -> bool {
    let change = || redating::between(before?, after?, now);
    notify.unwrap_or_else(|| change().is_some_and(|change| change.fate != Fate::DateChanged))
}

/// Puts a change of a public post into the outbox, with what has become of its dates; nothing of a silent one.
async fn put(
    app: &App,
    tx: &VillageTx,
    (before, after): (&Post, &Post),
    now: DateTime<Utc>,
) -> Result<Option<NotificationId>, StoreError> {
    if after.state != PostState::Published || is_silent(after) {
        return Ok(None);
    }
    let dates = before.event.as_ref().zip(after.event.as_ref());
    let Some(change) = dates.and_then(|(before, after)| redating::between(before, after, now)) else {
        let new = notification(app, NotificationKind::Changed, after, now);
        return tx.notifications().announce(new, now).await.map(Some);
    };
    let mut new = notification(app, kind_of(change.fate), after, now);
    new.expires_at = until(&change).map_or(new.expires_at, |over| over.min(new.expires_at)).max(now);
    tx.event_changes().announce(new, &change, now).await.map(Some)
}

fn kind_of(fate: Fate) -> NotificationKind {
    match fate {
        Fate::Cancelled | Fate::Postponed | Fate::DateCancelled | Fate::DatesCancelled | Fate::RestCancelled => {
            NotificationKind::Cancelled
        }
        Fate::Reinstated | Fate::Moved | Fate::DateMoved | Fate::DateChanged => NotificationKind::Changed,
    }
}

/// When nobody needs to know of a change any more: the date that it is about is over, as it was and as it is.
fn until(change: &EventChange) -> Option<DateTime<Utc>> {
    let over = |at: DateTime<Utc>| at + DATE_MATTERS;
    let ends = [&change.was, &change.is].into_iter().flatten().map(|date| date.ends_at.unwrap_or(over(date.starts_at)));
    ends.max().filter(|_| change.further == 0)
}

fn notification(app: &App, kind: NotificationKind, post: &Post, now: DateTime<Utc>) -> NewNotification {
    let useful = match post.kind {
        PostKind::Alert => now + ALERT_MATTERS,
        _ => now + TimeDelta::hours(app.settings.notifications.useful_life_h.into()),
    };
    let until_event_ends = post.event.as_ref().and_then(ends_at).filter(|end| *end > now);
    let expires_at = [Some(useful), post.expires_at, until_event_ends].into_iter().flatten().min().unwrap_or(useful);
    NewNotification { kind, post: Some(post.id), subscription: None, urgency: post.urgency(), expires_at }
}

/// When it is too late to publish what was to go out at `publish_at`: it has expired, the event is over, or the warning is old.
pub fn useful_until(post: &Post, publish_at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let warning = (post.kind == PostKind::Alert).then(|| publish_at + ALERT_MATTERS);
    let event = post.event.as_ref().and_then(ends_at);
    [post.expires_at, event, warning].into_iter().flatten().min()
}

/// The instant at which an event is over, with the last of its dates; none for a series without an end.
fn ends_at(dates: &EventDates) -> Option<DateTime<Utc>> {
    recurrence::all_over_at(dates).ok().flatten()
}
