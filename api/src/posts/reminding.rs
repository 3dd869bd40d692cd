//! Reminding of the dates of events. One piece of due work per public event says when to look next. Whoever looks holds the post,
//! reminds of what has become due and was not reminded of, and sets the next time. So a date that is moved or cancelled takes its
//! reminder with it, and a late reminder is given once, unless the date has begun.

use crate::app::App;
use crate::leads;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use entity::{Due, EventReminder, Occurrence, Post, PostId, PostState, StoreError, VillageTx};

/// Gives the reminders of an event that are due.
pub async fn remind(app: &App, due: Due) -> Result<(), StoreError> {
    let now = app.clock.now();
    let id = PostId::from(due.subject);
    let tx = app.database.village(due.village).begin().await?;
    let shows = |post: &Post| post.state == PostState::Published && post.expires_at.is_none_or(|expiry| now < expiry);
    let next = match tx.posts().find_for_change(id).await?.filter(shows) {
        Some(post) => {
            let village = tx.villages().find(due.village).await?;
            let zone = village.and_then(|village| village.zone.parse().ok()).unwrap_or(Tz::UTC);
            give(&tx, &post, zone, now).await?
        }
        None => None,
    };
    tx.event_reminders().look_again(id, next).await?;
    tx.commit().await
}

/// Gives what is due; when the next reminder is, whether anybody wants it or not.
async fn give(tx: &VillageTx, post: &Post, zone: Tz, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, StoreError> {
    let all_day = post.event.as_ref().is_some_and(|event| event.all_day);
    let wanted = tx.subscriptions().all_reminder_leads().await?;
    let given = tx.event_reminders().given(post.id, now).await?;
    let mut coming = tx.occurrences().to_remind_of(post.id, now, now + leads::LONGEST).await?;
    // Two dates of one event at the same time are one.
    coming.dedup_by_key(|date| date.is.starts_at);
    let mut next: Option<DateTime<Utc>> = None;
    for date in &coming {
        for reminder in leads::reminders(date, all_day, zone) {
            let is_wanted = wanted.iter().any(|lead| (reminder.least_lead..=reminder.most_lead).contains(lead));
            let is_given = given.iter().any(|given| is_same(given, &reminder));
            if reminder.due_at > now {
                next = Some(next.map_or(reminder.due_at, |next| next.min(reminder.due_at)));
            } else if is_wanted && !is_given && was_known(post, date, &reminder) {
                tx.event_reminders().give(post, reminder, now).await?;
            }
        }
    }
    Ok(next)
}

/// What was given for this start and lead is not given again.
fn is_same(one: &EventReminder, other: &EventReminder) -> bool {
    one.starts_at == other.starts_at && one.most_lead == other.most_lead
}

/// Whether the date was public, and at this time, when its reminder fell due. What came later was told just now, by the
/// publication or the change.
fn was_known(post: &Post, date: &Occurrence, reminder: &EventReminder) -> bool {
    date.since < reminder.due_at && post.published_at.is_some_and(|published| published < reminder.due_at)
}
