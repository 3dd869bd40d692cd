//! What is told of a post, to whom it matters for how long.

use crate::app::App;
use crate::recurrence;
use chrono::{DateTime, TimeDelta, Utc};
use entity::{EventDates, NewNotification, NotificationKind, Post, PostDelivery, PostKind, StoreError, VillageTx};

/// How long a warning matters.
const ALERT_MATTERS: TimeDelta = TimeDelta::hours(24);

/// Puts into the outbox what is to be told of a post; nothing of a silent one.
pub async fn announce(
    app: &App,
    tx: &VillageTx,
    kind: NotificationKind,
    post: &Post,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    if post.delivery != PostDelivery::Silent {
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
    if post.delivery != PostDelivery::Silent {
        let id = tx.notifications().announce(notification(app, kind, post, now), now).await?;
        tx.notifications().tell_once(id, joint_version).await?;
    }
    Ok(())
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
