//! What ends a post for those who were told of it: it was taken back, or the danger that it warned of is over.

use super::illegal;
use crate::app::App;
use crate::problem::{Problem, ProblemKind};
use crate::text::Text;
use chrono::{DateTime, TimeDelta, Utc};
use entity::{AllClear, NotificationId, Post, PostId, PostKind, StoreError, Village, VillageTx};

/// For how long an alert shows that the danger is over, and its readers are told of it.
const SHOWS: TimeDelta = TimeDelta::hours(24);

/// Refuses the all-clear after what was no alert, and a second one.
pub fn can_be_cleared(kind: PostKind, all_clear: Option<&AllClear>) -> Result<(), Problem> {
    if kind != PostKind::Alert {
        return Err(illegal(
            "Entwarnt wird nur nach einer Warnung; dieser Beitrag ist keine.",
            "An all-clear follows an alert, and this post is none.",
        ));
    }
    is_not_cleared(all_clear)
}

/// Refuses what would warn of a danger that is over.
pub fn is_not_cleared(all_clear: Option<&AllClear>) -> Result<(), Problem> {
    match all_clear {
        Some(_) => Err(illegal(
            "Es ist schon entwarnt. Droht wieder Gefahr, warnen Sie mit einem neuen Beitrag.",
            "The all-clear was given already. If there is danger again, warn with a new post.",
        )),
        None => Ok(()),
    }
}

/// Says of an alert that the danger is over. It shows that for a day, also when it has expired before.
pub async fn clear(tx: &VillageTx, post: &Post, text: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
    tx.posts().clear(post, &AllClear { at: now, text: text.to_owned() }, shows_until(now)).await
}

/// Until when an alert shows that the danger is over.
pub fn shows_until(cleared_at: DateTime<Utc>) -> DateTime<Utc> {
    cleared_at + SHOWS
}

/// Tells those who were told of an alert that the danger is over.
pub async fn tell_all_clear(
    tx: &VillageTx,
    post: &Post,
    now: DateTime<Utc>,
) -> Result<Option<NotificationId>, StoreError> {
    tx.notifications().give_all_clear(post, now + SHOWS, now).await
}

/// Stops telling of a post that was taken back, and tells those who were told.
pub async fn tell_taken_back(
    app: &App,
    tx: &VillageTx,
    post: &Post,
    now: DateTime<Utc>,
) -> Result<Option<NotificationId>, StoreError> {
    let useful = TimeDelta::hours(app.settings.notifications.useful_life_h.into());
    tx.notifications().take_back(post, now + useful, now).await
}

/// What to answer about a post that is not public: it was taken back, for this reason, or there is no such thing.
pub async fn gone_or_missing(reader: &Village, id: PostId) -> Result<Problem, StoreError> {
    Ok(match reader.posts().taken_back(id).await? {
        Some(taken_back) => gone(taken_back.withdrawal_reason),
        None => Problem::not_found(),
    })
}

fn gone(reason: Option<String>) -> Problem {
    let unsaid = || Text::new("Der Beitrag wurde zurückgenommen.", "The post was taken back.");
    let detail = reason.map_or_else(unsaid, |reason| Text::new(reason.clone(), reason));
    Problem::explained(ProblemKind::Gone, detail)
}
