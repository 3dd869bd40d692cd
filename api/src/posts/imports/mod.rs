//! Calendars that events come from: of the town hall and of clubs, uploaded or loaded from an address.
//!
//! An event is known by its UID, and by its date where a single date stands alone, within its calendar. What comes in becomes a post
//! as if its author had written it: of a reviewed club it is handed in, otherwise it is public, without a message to anybody.

mod applying;
mod calling_off;
mod hiding;
mod loading;
mod recognising;
mod removing;
mod report;
mod routes;
mod split;
mod text;
mod view;

pub use loading::once as load_events;
pub use routes::EventCalendarRoutes;

use super::life::Actor;
use super::steps;
use crate::app::App;
use crate::authority::{Author, InVillage, absent};
use crate::bench::Seat;
use crate::calendar::{self, CalendarEvents, Looking};
use crate::http::{Answer, CalendarBody, Conditional};
use crate::idempotency;
use crate::problem::Problem;
use crate::text::Text;
use applying::Import;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use entity::{
    ClubId, ClubState, Deed, EventCalendar, EventCalendarId, EventImport, EventImportId, Standing, StoreError, Trust,
    VillageScope, VillageTx,
};
use report::{Line, Report, Summary};
use std::sync::Arc;
use view::{CalendarChange, CalendarSaid, CalendarView, ImportView};

/// Most calendars of a village, and of a club.
const MOST: usize = 50;
const MOST_OF_A_CLUB: usize = 5;

/// Adds a calendar.
async fn create(
    app: &App,
    author: &Author,
    said: CalendarSaid,
    request: Option<entity::Request>,
) -> Result<entity::Answer, Problem> {
    let now = app.clock.now();
    let account = author.session.account;
    let tx = author.here.scope.begin().await?;
    if let Some(answer) = idempotency::claim(&tx, request.as_ref(), now).await? {
        return Ok(answer);
    }
    let club = super::writes_for(&tx, author, said.club.as_deref()).await?;
    if club.is_none() && !author.standing.is_editor() {
        return Err(super::fault("/club", "fehlt: für welchen Verein?", "is missing: for which club?"));
    }
    super::topic(&tx, said.topic.as_deref()).await?;
    let there = tx.event_calendars().list().await?;
    let of_club = there.iter().filter(|calendar| club.is_some() && calendar.club == club).count();
    if there.len() >= MOST || of_club >= MOST_OF_A_CLUB {
        return Err(Problem::conflict(Text::new(
            "Es sind schon genug Kalender.",
            "There are enough calendars already.",
        )));
    }
    let id = tx.event_calendars().create(&said.stored(account), club, now).await?;
    let calendar = tx.event_calendars().find(id).await?.ok_or_else(Problem::not_found)?;
    tx.audit().record(Deed::new(account, "calendar_source.created", id), now).await?;
    let location = format!("/v1/admin/villages/{}/calendar-sources/{id}", author.here.village.slug);
    let answer =
        Answer::<201, CalendarView>::of(&CalendarView::new(&calendar)).version(calendar.version).at(location).to_keep();
    idempotency::keep(&tx, request.as_ref(), answer.clone()).await?;
    tx.commit().await?;
    Ok(answer)
}

/// Changes what is said of a calendar.
async fn change(
    app: &App,
    author: &Author,
    id: EventCalendarId,
    condition: &Conditional,
    change: CalendarChange,
) -> Result<CalendarView, Problem> {
    let now = app.clock.now();
    let tx = author.here.scope.begin().await?;
    let before = held(&tx, author, id).await?;
    condition.check(before.version)?;
    let Some(said) = change.of(&before, author.session.account) else { return Ok(CalendarView::new(&before)) };
    super::topic(&tx, said.topic.as_deref().filter(|_| said.topic != before.topic)).await?;
    tx.event_calendars().change(id, &said, now).await?;
    let after = tx.event_calendars().find(id).await?.ok_or_else(Problem::not_found)?;
    let deed = Deed::new(author.session.account, "calendar_source.changed", id);
    tx.audit().record(deed.versions(Some(before.version), Some(after.version)), now).await?;
    tx.commit().await?;
    Ok(CalendarView::new(&after))
}

/// Forgets a calendar; the posts that came from it stay.
async fn delete(app: &App, author: &Author, id: EventCalendarId, condition: &Conditional) -> Result<(), Problem> {
    let tx = author.here.scope.begin().await?;
    let before = held(&tx, author, id).await?;
    condition.check(before.version)?;
    tx.event_calendars().delete(id).await?;
    let deed = Deed::new(author.session.account, "calendar_source.deleted", id);
    tx.audit().record(deed.versions(Some(before.version), None), app.clock.now()).await?;
    Ok(tx.commit().await?)
}

/// The calendars that somebody keeps: an editor all, others those of their clubs.
async fn list(author: &Author) -> Result<Vec<CalendarView>, Problem> {
    let reader = author.here.scope.read().await?;
    let kept = reader.event_calendars().list().await?.into_iter().filter(|calendar| keeps(&author.standing, calendar));
    Ok(kept.map(|calendar| CalendarView::new(&calendar)).collect())
}

/// One of them.
async fn find(author: &Author, id: EventCalendarId) -> Result<CalendarView, Problem> {
    let reader = author.here.scope.read().await?;
    let calendar = reader.event_calendars().find(id).await?.filter(|calendar| keeps(&author.standing, calendar));
    calendar.map(|calendar| CalendarView::new(&calendar)).ok_or_else(Problem::not_found)
}

fn keeps(standing: &Standing, calendar: &EventCalendar) -> bool {
    standing.is_editor() || calendar.club.is_some_and(|club| standing.in_club(club).is_some())
}

async fn held(tx: &VillageTx, author: &Author, id: EventCalendarId) -> Result<EventCalendar, Problem> {
    let held = tx.event_calendars().hold(id).await?.filter(|calendar| keeps(&author.standing, calendar));
    held.ok_or_else(Problem::not_found)
}

/// Imports what somebody uploads into a calendar.
async fn upload(
    app: &App,
    author: &Author,
    id: EventCalendarId,
    body: CalendarBody,
    request: Option<entity::Request>,
) -> Result<entity::Answer, Problem> {
    let here = &author.here;
    let account = author.session.account;
    find(author, id).await?;
    let seat = app.benches.calendars.seat(here.village.id).await?;
    let found = read(&here.scope, id, body.bytes, (zone_of(here), app.clock.now()), seat).await?;
    let now = app.clock.now();
    if let Some(answer) = answered(author, request.as_ref(), now).await? {
        return Ok(answer);
    }
    // One import of a village writes at a time: on SQLite, nobody else does meanwhile.
    let (found, _seat) = found?;
    let mut report = Report::default();
    loop {
        let tx = here.scope.begin().await?;
        let calendar = held(&tx, author, id).await?;
        steps::takes_part(&tx, calendar.club).await?;
        let actor = actor_of(author, calendar.club);
        let run = Import { app, tx: &tx, calendar: &calendar, actor, account, now, before: report.written };
        report = run.apply(found.clone()).await?.after(report);
        if report.is_cut_short && report.written.goes_on(run.before) {
            tx.commit().await?;
            continue;
        }
        if let Some(answer) = idempotency::claim(&tx, request.as_ref(), now).await? {
            return Ok(answer);
        }
        let (import, summary) = record(&run, report, false).await?;
        let location = format!("/v1/admin/villages/{}/event-imports/{}", here.village.slug, import.id);
        let answer = Answer::<201, ImportView>::of(&ImportView::new(&import, summary)).at(location).to_keep();
        idempotency::keep(&tx, request.as_ref(), answer.clone()).await?;
        tx.commit().await?;
        tracing::info!(village = %here.village.id, calendar = %id, import = %import.id, by = %account, "events were imported");
        return Ok(answer);
    }
}

/// The answer that was kept for this request, if it was answered before. Nothing is claimed: the import is told with its last
/// transaction, and one that broke off before is done again, which changes nothing of what it did.
async fn answered(
    author: &Author,
    request: Option<&entity::Request>,
    now: DateTime<Utc>,
) -> Result<Option<entity::Answer>, Problem> {
    let tx = author.here.scope.begin().await?;
    idempotency::claim(&tx, request, now).await
}

/// Reads the events of a calendar. What it said the last time is not looked at again.
async fn read(
    scope: &VillageScope,
    id: EventCalendarId,
    bytes: Bytes,
    (zone, now): (Tz, DateTime<Utc>),
    seat: Seat,
) -> Result<Result<(CalendarEvents, Seat), calendar::Refusal>, StoreError> {
    let items = scope.read().await?.event_items().of_calendar(id).await?;
    let known = Arc::new(items.into_iter().map(|item| (item.identity, item.said)).collect());
    Ok(calendar::read_events(bytes, Looking { zone, now, known }, seat).await)
}

/// Writes down what came of an import.
async fn record(run: &Import<'_>, mut report: Report, by_itself: bool) -> Result<(EventImport, Summary), StoreError> {
    let import = EventImport {
        id: EventImportId::generate(),
        calendar: run.calendar.id,
        account: run.account,
        by_itself,
        at: run.now,
        summary: serde_json::to_string(&report.summary).unwrap_or_default(),
    };
    run.tx.event_imports().record(&import, &report.stored_lines()).await?;
    let action = "events.imported";
    let deed = if by_itself { Deed::by_itself(action, import.id) } else { Deed::new(run.account, action, import.id) };
    run.tx.audit().record(deed, run.now).await?;
    Ok((import, report.summary))
}

/// What somebody is to posts that they import for a club, or for the town hall.
fn actor_of(author: &Author, club: Option<ClubId>) -> Actor {
    let role = club.and_then(|club| author.standing.in_club(club));
    match role {
        _ if author.standing.is_editor() => Actor::OwnEditor,
        Some(role) if role.trust == Trust::Trusted => Actor::TrustedClub,
        _ => Actor::Club,
    }
}

/// The imports of a calendar, the latest first.
async fn imports(author: &Author, id: EventCalendarId) -> Result<Vec<ImportView>, Problem> {
    let reader = author.here.scope.read().await?;
    let calendar = reader.event_calendars().find(id).await?.filter(|calendar| keeps(&author.standing, calendar));
    let calendar = calendar.ok_or_else(Problem::not_found)?;
    reader.event_imports().of_calendar(calendar.id).await?.iter().map(with_summary).collect()
}

/// One import.
async fn find_import(author: &Author, id: EventImportId) -> Result<ImportView, Problem> {
    let reader = author.here.scope.read().await?;
    let import = reader.event_imports().find(id).await?.ok_or_else(Problem::not_found)?;
    let calendar = reader.event_calendars().find(import.calendar).await?;
    calendar.filter(|calendar| keeps(&author.standing, calendar)).ok_or_else(Problem::not_found)?;
    with_summary(&import)
}

/// Lines of an import, one more than are wanted, with their numbers.
async fn lines(
    author: &Author,
    id: EventImportId,
    after: Option<i32>,
    limit: u64,
) -> Result<Vec<(i32, Line)>, Problem> {
    find_import(author, id).await?;
    let lines = author.here.scope.read().await?.event_imports().lines(id, after, limit + 1).await?;
    let read =
        |(number, content): (i32, String)| Ok((number, serde_json::from_str(&content).map_err(anyhow::Error::new)?));
    lines.into_iter().map(read).collect()
}

fn with_summary(import: &EventImport) -> Result<ImportView, Problem> {
    let summary = serde_json::from_str(&import.summary).map_err(anyhow::Error::new)?;
    Ok(ImportView::new(import, summary))
}

fn zone_of(here: &InVillage) -> Tz {
    here.village.zone.parse().unwrap_or(Tz::UTC)
}

/// What comes by itself is imported as by whoever saved the calendar last.
enum Keeper {
    /// They may, as this.
    As(Actor),
    /// The club does not take part.
    Resting,
    /// They may not any more: somebody else has to save the calendar.
    Gone,
}

async fn keeper(tx: &VillageTx, calendar: &EventCalendar, now: DateTime<Utc>) -> Result<Keeper, StoreError> {
    let club = match calendar.club {
        Some(club) => tx.clubs().find(club).await?,
        None => None,
    };
    if calendar.club.is_some() && club.as_ref().is_none_or(|club| club.state != ClubState::Active) {
        return Ok(Keeper::Resting);
    }
    if !absent(tx, calendar.account, now).await?.is_some_and(|standing| keeps(&standing, calendar)) {
        return Ok(Keeper::Gone);
    }
    Ok(Keeper::As(match club {
        None => Actor::OwnEditor,
        Some(club) if club.trust == Trust::Trusted => Actor::TrustedClub,
        Some(_) => Actor::Club,
    }))
}
