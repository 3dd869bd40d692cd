//! What happens to posts at a time that was set: they go out, they expire, and the dates of events come into sight. Found as due work, done once: whoever holds the
//! post looks whether it is still to be done, and does all of it in one transaction. Late means now and once, unless it is too
//! late.

use super::life::{self, Actor, Step, To};
use super::{horizon, telling};
use crate::app::App;
use chrono::{DateTime, Utc};
use entity::{
    ClubState, Deed, Due, DueWork, NotificationKind, Post, PostId, PostMove, PostState, StoreError, Trust, VillageTx,
};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Pieces of work looked for at once.
const AT_ONCE: u64 = 64;

/// Keeps the times of posts until `stop`.
pub async fn run(app: &App, stop: CancellationToken) {
    let mut changes = app.database.changes();
    let mut poll = tokio::time::interval(Duration::from_secs(app.settings.notifications.poll_s.max(1)));
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = poll.tick() => {}
            _ = changes.changed() => {}
        }
        if let Err(error) = once(app).await {
            tracing::error!(%error, "posts that are due could not be published or ended");
        }
    }
}

/// Does everything that is due now; whether there was anything.
///
/// # Errors
/// When the database fails. What could be done is done all the same.
pub async fn once(app: &App) -> Result<bool, StoreError> {
    let (mut any, mut failed) = (false, None);
    for work in [DueWork::Publish, DueWork::Expire, DueWork::Occurrences] {
        loop {
            let due = app.database.registry().await?.due_works().due(work, app.clock.now(), AT_ONCE).await?;
            if due.is_empty() {
                break;
            }
            any = true;
            let mut stuck = false;
            for due in due {
                // One village's trouble is not another's, and what cannot go out keeps nothing from ending.
                if let Err(error) = do_one(app, work, due).await {
                    (failed, stuck) = (Some(error), true);
                }
            }
            if stuck {
                break;
            }
        }
    }
    failed.map_or(Ok(any), Err)
}

async fn do_one(app: &App, work: DueWork, due: Due) -> Result<(), StoreError> {
    if work == DueWork::Occurrences {
        return horizon::renew(app, due).await;
    }
    let now = app.clock.now();
    let id = PostId::from(due.subject);
    let tx = app.database.village(due.village).begin().await?;
    if let Some(post) = tx.posts().find_due(work, id, now).await? {
        let step = what_to_do(&tx, work, &post, now).await?;
        take(app, &tx, &post, step, now).await?;
        tracing::info!(village = %due.village, post = %id, ?step, "a post's time has come");
    }
    tx.commit().await
}

/// A post goes out, unless it is too late for it or its club may not publish any more.
async fn what_to_do(tx: &VillageTx, work: DueWork, post: &Post, now: DateTime<Utc>) -> Result<Step, StoreError> {
    if work == DueWork::Expire {
        return Ok(Step::Expire);
    }
    if telling::useful_until(post, post.publish_at.unwrap_or(now)).is_some_and(|until| until <= now) {
        return Ok(Step::Expire);
    }
    let Some(club) = post.club else { return Ok(Step::Publish) };
    let may = tx.clubs().find(club).await?.is_some_and(|club| {
        club.state == ClubState::Active && (club.trust == Trust::Trusted || post.approved_by.is_some())
    });
    Ok(if may { Step::Publish } else { Step::Hold })
}

async fn take(app: &App, tx: &VillageTx, post: &Post, step: Step, now: DateTime<Utc>) -> Result<(), StoreError> {
    let Ok(To::State(to)) = life::lead(step, post.state, Actor::Clock) else { return Ok(()) };
    let approved_by = if to == PostState::InReview { None } else { post.approved_by };
    tx.posts().move_to(post.id, PostMove { from: post.state, to, publish_at: None, approved_by }, now).await?;
    let Some(after) = tx.posts().find(post.id).await? else { return Ok(()) };
    let action = match step {
        Step::Publish => "post.published",
        Step::Hold => "post.held",
        _ => "post.expired",
    };
    match step {
        Step::Publish => telling::announce(app, tx, NotificationKind::Published, &after, now).await?,
        Step::Expire => tx.notifications().expire_for_post(post.id, now).await?,
        _ => {}
    }
    let deed = Deed::by_itself(action, post.id).versions(Some(post.version), Some(after.version));
    tx.audit().record(deed, now).await
}
