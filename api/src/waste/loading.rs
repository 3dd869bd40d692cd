//! Loading the dates of districts from where the municipality publishes them, as due work: in turn, with a pause that is never the
//! same for all, and a longer one for what fails. No transaction is open while something is loaded.

use super::importing;
use crate::app::App;
use crate::authority::absent;
use crate::bench::Seat;
use crate::calendar::{self, CalendarDays};
use crate::due;
use crate::outbound::{Fetch, FetchError, Fetched, Seen, next_look};
use bytes::Bytes;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use entity::{
    Deed, Due, DueWork, SourceOutcome, StoreError, VillageId, VillageTx, WasteImport, WasteImportId, WasteSource,
    WasteSourceId,
};
use tokio_util::sync::CancellationToken;

/// Sources looked for at once.
const AT_ONCE: usize = 8;

/// Loads everything that is due now; whether there was anything.
///
/// # Errors
/// When the database fails. What could be done is done all the same.
pub async fn once(app: &App) -> Result<bool, StoreError> {
    due::at_once(app, DueWork::LoadWaste, AT_ONCE, &CancellationToken::new(), |due| load(app, due)).await
}

async fn load(app: &App, due: Due) -> Result<(), StoreError> {
    let settings = &app.settings.calendars;
    let lease = TimeDelta::seconds(i64::try_from(settings.timeout_s).unwrap_or(60) + 60);
    let scope = app.database.village(due.village);
    let tx = scope.begin().await?;
    let claimed = tx.waste_sources().claim(WasteSourceId::from(due.subject), app.clock.now() + lease).await?;
    let village = tx.villages().find(due.village).await?;
    let has_keeper = match &claimed {
        Some(source) => {
            absent(&tx, source.account, app.clock.now()).await?.is_some_and(|standing| standing.is_editor())
        }
        None => false,
    };
    tx.commit().await?;
    let (Some(mut source), Some(village)) = (claimed, village) else { return Ok(()) };
    let zone = village.zone.parse().unwrap_or(Tz::UTC);
    let today = app.clock.now().with_timezone(&zone).date_naive();
    let loaded = if has_keeper { fetched(app, &mut source).await } else { Err(SourceOutcome::NoKeeper) };
    let Some(days) = read(app, due.village, (zone, today), loaded).await else { return Ok(()) };
    let now = app.clock.now();
    source.checked_at = Some(now);
    source.failures = if days.is_ok() { 0 } else { source.failures.saturating_add(1) };
    let tx = scope.begin().await?;
    source.outcome = match days {
        Ok(Some((days, _seat))) if is_current(&tx, &source).await? => {
            import(&tx, &source, &days, (&village.name, today, now)).await?;
            SourceOutcome::Imported
        }
        Ok(_) => SourceOutcome::Unchanged,
        Err(outcome) => outcome,
    };
    if source.failures > 0 {
        (source.etag, source.last_modified) = (None, None);
    }
    tracing::info!(village = %due.village, source = %source.id, outcome = ?source.outcome, "a waste calendar was looked at");
    tx.waste_sources().settle(&source, next_look(app, source.id.0, source.failures, now)).await?;
    tx.commit().await
}

/// What was loaded, read; nothing without a seat, which is nobody's fault: it is looked at again when the claim ends.
async fn read(
    app: &App,
    village: VillageId,
    (zone, today): (Tz, NaiveDate),
    loaded: Result<Option<Bytes>, SourceOutcome>,
) -> Option<Result<Option<(CalendarDays, Seat)>, SourceOutcome>> {
    Some(match loaded {
        Ok(Some(bytes)) => {
            let seat = app.benches.calendars.seat(village).await.ok()?;
            let days = calendar::read_days(bytes, zone, importing::range(today), seat).await;
            days.map(Some).map_err(|_| SourceOutcome::NotACalendar)
        }
        Ok(None) => Ok(None),
        Err(outcome) => Err(outcome),
    })
}

/// What is there; `None` when it is as it was.
async fn fetched(app: &App, source: &mut WasteSource) -> Result<Option<Bytes>, SourceOutcome> {
    let seen = Seen { etag: source.etag.clone(), last_modified: source.last_modified.clone() };
    match Fetch::of(&app.settings.calendars).load(&source.url, &seen).await {
        Ok(Fetched::Loaded(bytes, seen)) => {
            (source.etag, source.last_modified) = (seen.etag, seen.last_modified);
            Ok(Some(bytes))
        }
        Ok(Fetched::Unchanged) => Ok(None),
        Err(FetchError::TooLarge) => Err(SourceOutcome::TooLarge),
        Err(FetchError::Unreachable) => Err(SourceOutcome::Unreachable),
    }
}

/// Whether the address is still the one that was loaded.
async fn is_current(tx: &VillageTx, source: &WasteSource) -> Result<bool, StoreError> {
    Ok(tx.waste_sources().find(source.id).await?.is_some_and(|now| now.version == source.version))
}

async fn import(
    tx: &VillageTx,
    source: &WasteSource,
    days: &CalendarDays,
    (village, today, now): (&str, NaiveDate, DateTime<Utc>),
) -> Result<(), StoreError> {
    let Some(district) = tx.waste_districts().find(source.district).await? else { return Ok(()) };
    let Some(district) = tx.waste_districts().hold(&district.slug).await? else { return Ok(()) };
    let run = importing::Import { district: &district, village, today, now };
    let report = importing::apply(tx, &run, days).await?;
    let import = WasteImport {
        id: WasteImportId::generate(),
        district: district.id,
        account: source.account,
        at: now,
        report: report.to_text(),
    };
    tx.waste_imports().record(&import).await?;
    tx.waste_districts().look_at_reminders(district.id, now).await?;
    tx.audit().record(Deed::by_itself("waste.imported", import.id), now).await
}
