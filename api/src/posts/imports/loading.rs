//! Loading calendars from where they are published, as due work: in turn, with a pause that is never the same for all, and a longer
//! one for what fails. No transaction is open while something is loaded.

use super::Keeper;
use super::applying::Import;
use super::report::Report;
use crate::app::App;
use crate::bench::Seat;
use crate::calendar::CalendarEvents;
use crate::due;
use crate::outbound::{Fetch, FetchError, Fetched, Seen, next_look};
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use entity::{Due, DueWork, EventCalendar, EventCalendarId, SourceOutcome, StoreError, VillageScope, VillageTx};
use tokio_util::sync::CancellationToken;

/// Calendars looked for at once.
const AT_ONCE: usize = 8;

/// Loads everything that is due now; whether there was anything.
///
/// # Errors
/// When the database fails. What could be done is done all the same.
pub async fn once(app: &App) -> Result<bool, StoreError> {
    due::at_once(app, DueWork::LoadEvents, AT_ONCE, &CancellationToken::new(), |due| load(app, due)).await
}

async fn load(app: &App, due: Due) -> Result<(), StoreError> {
    let lease = TimeDelta::seconds(i64::try_from(app.settings.calendars.timeout_s).unwrap_or(60) + 60);
    let scope = app.database.village(due.village);
    let tx = scope.begin().await?;
    let id = EventCalendarId::from(due.subject);
    let claimed = tx.event_calendars().claim(id, app.clock.now() + lease).await?;
    let village = tx.villages().find(due.village).await?;
    let keeper = match &claimed {
        Some(calendar) => super::keeper(&tx, calendar, app.clock.now()).await?,
        None => Keeper::Resting,
    };
    tx.commit().await?;
    let (Some(mut calendar), Some(village)) = (claimed, village) else { return Ok(()) };
    let zone = village.zone.parse().unwrap_or(Tz::UTC);
    let loaded = match keeper {
        Keeper::As(_) => fetched(app, &mut calendar).await,
        // A club that rests is not asked for anything, and goes on where it was when it is back.
        Keeper::Resting => Ok(None),
        Keeper::Gone => Err(SourceOutcome::NoKeeper),
    };
    let Some(found) = read(app, &scope, id, zone, loaded).await? else { return Ok(()) };
    let now = app.clock.now();
    calendar.checked_at = Some(now);
    calendar.failures = if found.is_ok() { 0 } else { calendar.failures.saturating_add(1) };
    let mut report = Report::default();
    let (tx, (outcome, is_whole)) = loop {
        let tx = scope.begin().await?;
        let came = match &found {
            Ok(Some((found, _seat))) => import(app, &tx, &calendar, found.clone(), &mut report, now).await?,
            Ok(None) => Some((SourceOutcome::Unchanged, true)),
            Err(outcome) => Some((*outcome, false)),
        };
        match came {
            Some(came) => break (tx, came),
            None => tx.commit().await?,
        }
    };
    calendar.outcome = outcome;
    // What was not taken whole is wanted again, even if it is the same.
    if !is_whole {
        (calendar.etag, calendar.last_modified) = (None, None);
    }
    tracing::info!(village = %due.village, calendar = %id, outcome = ?calendar.outcome, "a calendar was looked at");
    tx.event_calendars().settle(&calendar, next_look(app, calendar.id.0, calendar.failures, now)).await?;
    tx.commit().await
}

/// What was loaded, read; nothing without a seat, which is nobody's fault: it is looked at again when the claim ends.
async fn read(
    app: &App,
    scope: &VillageScope,
    id: EventCalendarId,
    zone: Tz,
    loaded: Result<Option<Bytes>, SourceOutcome>,
) -> Result<Option<Result<Option<(CalendarEvents, Seat)>, SourceOutcome>>, StoreError> {
    Ok(match loaded {
        Ok(Some(bytes)) => {
            let Ok(seat) = app.benches.calendars.seat(scope.village()).await else { return Ok(None) };
            let found = super::read(scope, id, bytes, (zone, app.clock.now()), seat).await?;
            Some(found.map(Some).map_err(|_| SourceOutcome::NotACalendar))
        }
        Ok(None) => Some(Ok(None)),
        Err(outcome) => Some(Err(outcome)),
    })
}

/// What is there; `None` when it is as it was.
async fn fetched(app: &App, calendar: &mut EventCalendar) -> Result<Option<Bytes>, SourceOutcome> {
    let fetch = Fetch::of(&app.settings.calendars);
    let seen = Seen { etag: calendar.etag.clone(), last_modified: calendar.last_modified.clone() };
    let url = calendar.url.clone().unwrap_or_default();
    match fetch.load(&url, &seen).await {
        Ok(Fetched::Loaded(bytes, seen)) => {
            (calendar.etag, calendar.last_modified) = (seen.etag, seen.last_modified);
            Ok(Some(bytes))
        }
        Ok(Fetched::Unchanged) => Ok(None),
        Err(FetchError::TooLarge) => Err(SourceOutcome::TooLarge),
        Err(FetchError::Unreachable) => Err(SourceOutcome::Unreachable),
    }
}

/// Imports of what was loaded as much as one transaction takes, unless the calendar was changed meanwhile; how that went, and whether
/// nothing is left over. Nothing while there is more to do. What says nothing new leaves no report.
async fn import(
    app: &App,
    tx: &VillageTx,
    calendar: &EventCalendar,
    found: CalendarEvents,
    report: &mut Report,
    now: DateTime<Utc>,
) -> Result<Option<(SourceOutcome, bool)>, StoreError> {
    let held = tx.event_calendars().hold(calendar.id).await?.filter(|held| held.version == calendar.version);
    let (Some(held), Keeper::As(actor)) = (held, super::keeper(tx, calendar, now).await?) else {
        return Ok(Some((SourceOutcome::Unchanged, false)));
    };
    let before = report.written;
    let run = Import { app, tx, calendar: &held, actor, account: calendar.account, now, before };
    let report = {
        *report = run.apply(found).await?.after(std::mem::take(report));
        if report.is_cut_short && report.written.goes_on(before) {
            return Ok(None);
        }
        std::mem::take(report)
    };
    let is_whole = !report.is_cut_short;
    if report.says_nothing_new() && !tx.event_imports().of_calendar(calendar.id).await?.is_empty() {
        return Ok(Some((SourceOutcome::Unchanged, is_whole)));
    }
    super::record(&run, report, true).await?;
    Ok(Some((SourceOutcome::Imported, is_whole)))
}
