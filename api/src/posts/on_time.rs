//! What happens to posts at a time that was set: they go out, they expire, the dates of events come into sight and are
//! reminded of. Found as due work, done once: whoever holds the
//! post looks whether it is still to be done, and does all of it in one transaction. Late means now and once, unless it is too
//! late.

use super::life::{self, Actor, Step, To};
use super::{horizon, reminding, telling};
use crate::app::App;
use crate::due;
use chrono::{DateTime, Utc};
use entity::{
    ClubState, Deed, Due, DueWork, NotificationKind, Post, PostId, PostMove, PostState, StoreError, Trust, VillageTx,
};

/// Does everything that is due now; whether there was anything.
///
/// # Errors
/// When the database fails. What could be done is done all the same.
pub async fn once(app: &App) -> Result<bool, StoreError> {
    let (mut any, mut done) = (false, Ok(()));
    for work in [DueWork::Publish, DueWork::Expire, DueWork::Occurrences, DueWork::RemindOfEvent] {
        // What cannot go out keeps nothing from ending.
        match due::each(app, work, |due| do_one(app, work, due)).await {
            Ok(some) => any |= some,
            Err(error) => done = Err(error),
        }
    }
    done.and(Ok(any))
}

async fn do_one(app: &App, work: DueWork, due: Due) -> Result<(), StoreError> {
    match work {
        DueWork::Occurrences => return horizon::renew(app, due).await,
        DueWork::RemindOfEvent => return reminding::remind(app, due).await,
        _ => {}
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
