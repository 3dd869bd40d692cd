//! Reminding of collections the evening before. One piece of due work per district says when to look next; whoever looks reminds
//! of what has become due and was not reminded of, and sets the next time. So a date that is moved or removed takes its reminder
//! with it, and a late reminder is given once, unless the day of collection is over.

use crate::app::App;
use crate::due;
use crate::local_time::{Fold, instant};
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use entity::{Due, DueWork, StoreError, VillageTx, WasteDistrictId, WasteReminder};

/// Days of collection looked at: today and tomorrow may be done, and then the next one counts.
const DAYS_AHEAD: i64 = 4;

/// Does everything that is due now; whether there was anything.
///
/// # Errors
/// When the database fails. What could be done is done all the same.
pub async fn once(app: &App) -> Result<bool, StoreError> {
    due::each(app, DueWork::RemindOfWaste, |due| look_at(app, due)).await
}

async fn look_at(app: &App, due: Due) -> Result<(), StoreError> {
    let now = app.clock.now();
    let district = WasteDistrictId::from(due.subject);
    let tx = app.database.village(due.village).begin().await?;
    if tx.waste_districts().hold_reminders(district).await? {
        let village = tx.villages().find(due.village).await?;
        let zone = village.and_then(|village| village.zone.parse().ok()).unwrap_or(Tz::UTC);
        let next = remind(&tx, district, zone, now).await?;
        tx.waste_districts().look_again(district, next).await?;
    }
    tx.commit().await
}

/// Gives the reminders of a district that are due; when the next one is.
async fn remind(
    tx: &VillageTx,
    district: WasteDistrictId,
    zone: Tz,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let today = now.with_timezone(&zone).date_naive();
    let hours = tx.subscriptions().waste_hours(district).await?;
    let days = tx.waste_dates().next_days(district, today, DAYS_AHEAD).await?;
    let done = tx.waste_reminders().since(district, today).await?;
    let mut next: Option<DateTime<Utc>> = None;
    let evenings: Vec<(NaiveDate, i16)> =
        days.iter().flat_map(|day| hours.iter().map(move |hour| (*day, *hour))).collect();
    for (day, hour) in evenings {
        if done.iter().any(|done| done.day == day && done.hour == hour) {
            continue;
        }
        let Some(due_at) = hour_before(day, hour, zone) else { continue };
        if due_at > now {
            next = Some(next.map_or(due_at, |next| next.min(due_at)));
        } else if let Some(over) = clock_shows(day + TimeDelta::days(1), NaiveTime::MIN, zone) {
            tx.waste_reminders().announce(WasteReminder { district, day, hour, due_at }, over, now).await?;
        }
    }
    Ok(next)
}

/// The instant of an hour of the day before.
fn hour_before(day: NaiveDate, hour: i16, zone: Tz) -> Option<DateTime<Utc>> {
    let time = NaiveTime::from_hms_opt(u32::try_from(hour).ok()?, 0, 0)?;
    clock_shows(day - TimeDelta::days(1), time, zone)
}

/// The first instant at which the clocks show this time or, where they skip it, an hour more.
fn clock_shows(day: NaiveDate, time: NaiveTime, zone: Tz) -> Option<DateTime<Utc>> {
    let local = day.and_time(time);
    instant(local, zone, Fold::Earlier).or_else(|| instant(local + TimeDelta::hours(1), zone, Fold::Earlier))
}
