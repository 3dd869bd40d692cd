//! The dates of series are written down up to a horizon. As time goes by it is moved, event by event, as due work; the dates of
//! events from before there were any are written down by it too.

use crate::app::App;
use crate::recurrence;
use chrono::TimeDelta;
use entity::{Due, DueWork, PostId, StoreError};

/// After so long a series that could not be expanded is looked at again.
const LATER: TimeDelta = TimeDelta::days(30);

/// Writes down the dates of an event as far as they are to be seen now.
pub async fn renew(app: &App, due: Due) -> Result<(), StoreError> {
    let now = app.clock.now();
    let id = PostId::from(due.subject);
    let tx = app.database.village(due.village).begin().await?;
    let event = tx.posts().find_for_change(id).await?.and_then(|post| post.event);
    match event.map(|dates| recurrence::plan(dates, now)).transpose() {
        Ok(Some(event)) => tx.occurrences().renew(id, &event.occurrences, event.renew_at, now).await?,
        Ok(None) => tx.occurrences().renew(id, &[], None, now).await?,
        Err(refusal) => {
            // Those that are written down are right; whether there are more is asked again.
            tracing::error!(village = %due.village, post = %id, ?refusal, "further dates of an event cannot be found out");
            tx.due_works().put_off(DueWork::Occurrences, id.0, now + LATER).await?;
        }
    }
    tx.commit().await
}
