//! What becomes of a club's posts when it takes part no longer, and when it does again: what it has planned goes back into review, its
//! coming dates are not shown, and come back. Nobody is told: followers have been told of them once.

use chrono::{DateTime, Utc};
use entity::{ClubId, Deed, Post, PostId, PostMove, PostState, StoreError, VillageTx};

/// Takes what a club has planned, and its coming dates, away from the public.
pub async fn take_away(tx: &VillageTx, club: ClubId, now: DateTime<Utc>) -> Result<(), StoreError> {
    for id in tx.posts().scheduled_of_club(club).await? {
        walk(tx, id, PostState::Scheduled, |_| PostState::InReview, now).await?;
    }
    for id in tx.posts().coming_of_club(club, now).await? {
        walk(tx, id, PostState::Published, |_| PostState::Hidden, now).await?;
        tx.notifications().cancel_for_post(id, now).await?;
    }
    Ok(())
}

/// Shows the dates of a club that takes part again, unless they have expired meanwhile.
pub async fn bring_back(tx: &VillageTx, club: ClubId, now: DateTime<Utc>) -> Result<(), StoreError> {
    let to = |post: &Post| match post.expires_at {
        Some(expiry) if expiry <= now => PostState::Expired,
        _ => PostState::Published,
    };
    for id in tx.posts().hidden_of_club(club).await? {
        walk(tx, id, PostState::Hidden, to, now).await?;
    }
    Ok(())
}

async fn walk(
    tx: &VillageTx,
    id: PostId,
    from: PostState,
    to: impl Fn(&Post) -> PostState,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let Some(post) = tx.posts().find_for_change(id).await?.filter(|post| post.state == from) else { return Ok(()) };
    let to = to(&post);
    let approved_by = post.approved_by.filter(|_| to != PostState::InReview);
    tx.posts().move_to(id, PostMove { from, to, publish_at: None, approved_by }, now).await?;
    let action = match to {
        PostState::InReview => "post.held",
        PostState::Hidden => "post.hidden",
        PostState::Published => "post.shown",
        _ => "post.expired",
    };
    let deed = Deed::by_itself(action, id).versions(Some(post.version), Some(post.version + 1));
    tx.audit().record(deed, now).await
}
