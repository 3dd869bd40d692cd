//! The waste calendar (Abfuhrkalender): districts, kinds of waste, dates imported from the municipality's calendars, and
//! reminders the evening before.

mod desk_routes;
mod ics;
mod importing;
mod loading;
mod naming;
mod reminding;
mod renaming;
mod report;
mod routes;
mod source_routes;
mod synonyms;
mod view;

pub use loading::once as load_due;
pub use reminding::once as remind;

use crate::app::App;
use crate::authority::{Editor, InVillage};
use crate::calendar;
use crate::http::{Answer, CalendarBody, Conditional};
use crate::idempotency;
use crate::problem::Problem;
use crate::text::Text;
use chrono::NaiveDate;
use chrono_tz::Tz;
use desk_routes::WasteDeskRoutes;
use entity::{
    Deed, StoreError, WasteDate, WasteDistrict, WasteImport, WasteImportId, WasteKind, WasteKindId, WasteSource,
};
use report::Report;
use routes::WasteRoutes;
use source_routes::WasteSourceRoutes;
use view::{DistrictView, ImportView, KindChange};

/// All operations on the waste calendar.
pub type Routes = (WasteRoutes, WasteDeskRoutes, WasteSourceRoutes);

/// The operations, for one installation.
pub fn routes(app: &App) -> Routes {
    (WasteRoutes(app.clone()), WasteDeskRoutes(app.clone()), WasteSourceRoutes(app.clone()))
}

/// Dates of a district, with their kinds.
struct Dates {
    district: WasteDistrict,
    dates: Vec<WasteDate>,
    kinds: Vec<WasteKind>,
}

/// Adds a district.
async fn create(
    app: &App,
    editor: &Editor,
    (slug, name): (String, String),
    request: Option<entity::Request>,
) -> Result<entity::Answer, Problem> {
    let now = app.clock.now();
    let tx = editor.here.scope.begin().await?;
    if let Some(answer) = idempotency::claim(&tx, request.as_ref(), now).await? {
        return Ok(answer);
    }
    let district = tx.waste_districts().create(&slug, &name, now).await.map_err(|error| match error {
        StoreError::Taken => Problem::conflict(Text::new(
            "Einen Bezirk mit diesem slug gibt es schon.",
            "There is a district with this slug already.",
        )),
        other => other.into(),
    })?;
    tx.audit().record(Deed::new(editor.session.account, "waste_district.created", district.id), now).await?;
    let answer = Answer::<201, DistrictView>::of(&(&district).into()).version(district.version).to_keep();
    idempotency::keep(&tx, request.as_ref(), answer.clone()).await?;
    tx.commit().await?;
    Ok(answer)
}

/// Gives a district another name.
async fn rename(
    app: &App,
    editor: &Editor,
    slug: &str,
    condition: &Conditional,
    name: Option<String>,
) -> Result<WasteDistrict, Problem> {
    let tx = editor.here.scope.begin().await?;
    let before = tx.waste_districts().hold(slug).await?.ok_or_else(Problem::not_found)?;
    condition.check(before.version)?;
    let Some(name) = name else { return Ok(before) };
    tx.waste_districts().rename(before.id, &name).await?;
    let after = tx.waste_districts().find(before.id).await?.ok_or_else(Problem::not_found)?;
    let deed = Deed::new(editor.session.account, "waste_district.renamed", before.id);
    tx.audit().record(deed.versions(Some(before.version), Some(after.version)), app.clock.now()).await?;
    tx.commit().await?;
    Ok(after)
}

/// Removes a district with all its dates.
async fn delete(app: &App, editor: &Editor, slug: &str, condition: &Conditional) -> Result<(), Problem> {
    let tx = editor.here.scope.begin().await?;
    let district = tx.waste_districts().hold(slug).await?.ok_or_else(Problem::not_found)?;
    condition.check(district.version)?;
    tx.waste_districts().delete(district.id).await?;
    let deed = Deed::new(editor.session.account, "waste_district.deleted", district.id);
    tx.audit().record(deed.versions(Some(district.version), None), app.clock.now()).await?;
    Ok(tx.commit().await?)
}

/// Changes how a kind of waste is shown.
async fn change_kind(
    app: &App,
    editor: &Editor,
    id: WasteKindId,
    condition: &Conditional,
    change: KindChange,
) -> Result<WasteKind, Problem> {
    let tx = editor.here.scope.begin().await?;
    let before = tx.waste_kinds().hold(id).await?.ok_or_else(Problem::not_found)?;
    condition.check(before.version)?;
    let Some(wanted) = change.of(&before) else { return Ok(before) };
    tx.waste_kinds().change(&wanted).await?;
    let after = tx.waste_kinds().find(id).await?.ok_or_else(Problem::not_found)?;
    let deed = Deed::new(editor.session.account, "waste_kind.changed", id);
    tx.audit().record(deed.versions(Some(before.version), Some(after.version)), app.clock.now()).await?;
    tx.commit().await?;
    Ok(after)
}

/// Removes a kind of waste with its dates in all districts.
async fn delete_kind(app: &App, editor: &Editor, id: WasteKindId, condition: &Conditional) -> Result<(), Problem> {
    let tx = editor.here.scope.begin().await?;
    let kind = tx.waste_kinds().hold(id).await?.ok_or_else(Problem::not_found)?;
    condition.check(kind.version)?;
    tx.waste_kinds().delete(id).await?;
    let deed = Deed::new(editor.session.account, "waste_kind.deleted", id).versions(Some(kind.version), None);
    tx.audit().record(deed, app.clock.now()).await?;
    Ok(tx.commit().await?)
}

/// Imports the dates of a district: all of what the calendar says, or nothing.
async fn import(
    app: &App,
    editor: &Editor,
    slug: &str,
    body: CalendarBody,
    request: Option<entity::Request>,
) -> Result<entity::Answer, Problem> {
    let here = &editor.here;
    let zone = zone_of(here);
    let now = app.clock.now();
    let today = now.with_timezone(&zone).date_naive();
    let seat = app.benches.calendars.seat(here.village.id).await?;
    let (days, _seat) = calendar::read_days(body.bytes, zone, importing::range(today), seat).await?;
    let tx = here.scope.begin().await?;
    if let Some(answer) = idempotency::claim(&tx, request.as_ref(), now).await? {
        return Ok(answer);
    }
    let district = tx.waste_districts().hold(slug).await?.ok_or_else(Problem::not_found)?;
    let run = importing::Import { district: &district, village: &here.village.name, today, now };
    let report = importing::apply(&tx, &run, &days).await?;
    let import = WasteImport {
        id: WasteImportId::generate(),
        district: district.id,
        account: editor.session.account,
        at: now,
        report: report.to_text(),
    };
    tx.waste_imports().record(&import).await?;
    tx.waste_districts().look_at_reminders(district.id, now).await?;
    tx.audit().record(Deed::new(editor.session.account, "waste.imported", import.id), now).await?;
    let location = format!("/v1/admin/villages/{}/waste/imports/{}", here.village.slug, import.id);
    let answer = Answer::<201, ImportView>::of(&ImportView::new(&import, report)).at(location).to_keep();
    idempotency::keep(&tx, request.as_ref(), answer.clone()).await?;
    tx.commit().await?;
    tracing::info!(village = %here.village.id, district = %district.id, import = %import.id, "waste dates were imported");
    Ok(answer)
}

/// The imports of a district, the latest first.
async fn imports(editor: &Editor, slug: &str) -> Result<Vec<(WasteImport, Report)>, Problem> {
    let reader = editor.here.scope.read().await?;
    let district = reader.waste_districts().by_slug(slug).await?.ok_or_else(Problem::not_found)?;
    reader.waste_imports().of_district(district.id).await?.into_iter().map(with_report).collect()
}

/// One import.
async fn find_import(editor: &Editor, id: WasteImportId) -> Result<(WasteImport, Report), Problem> {
    let found = editor.here.scope.read().await?.waste_imports().find(id).await?;
    with_report(found.ok_or_else(Problem::not_found)?)
}

fn with_report(import: WasteImport) -> Result<(WasteImport, Report), Problem> {
    let report = serde_json::from_str(&import.report).map_err(anyhow::Error::new)?;
    Ok((import, report))
}

/// Has the dates of a district loaded from an address.
async fn set_source(app: &App, editor: &Editor, slug: &str, url: &str) -> Result<WasteSource, Problem> {
    let now = app.clock.now();
    let account = editor.session.account;
    let tx = editor.here.scope.begin().await?;
    let district = tx.waste_districts().hold(slug).await?.ok_or_else(Problem::not_found)?;
    tx.waste_sources().set(district.id, url, account, now).await?;
    let source = tx.waste_sources().of_district(district.id).await?.ok_or_else(Problem::not_found)?;
    tx.audit().record(Deed::new(account, "waste_source.set", district.id), now).await?;
    tx.commit().await?;
    Ok(source)
}

/// Where the dates of a district are loaded from.
async fn source(editor: &Editor, slug: &str) -> Result<WasteSource, Problem> {
    let reader = editor.here.scope.read().await?;
    let district = reader.waste_districts().by_slug(slug).await?.ok_or_else(Problem::not_found)?;
    reader.waste_sources().of_district(district.id).await?.ok_or_else(Problem::not_found)
}

/// Has the dates of a district loaded no more.
async fn delete_source(app: &App, editor: &Editor, slug: &str) -> Result<(), Problem> {
    let tx = editor.here.scope.begin().await?;
    let district = tx.waste_districts().hold(slug).await?.ok_or_else(Problem::not_found)?;
    let source = tx.waste_sources().of_district(district.id).await?.ok_or_else(Problem::not_found)?;
    tx.waste_sources().delete(source.id).await?;
    let deed = Deed::new(editor.session.account, "waste_source.removed", district.id);
    tx.audit().record(deed, app.clock.now()).await?;
    Ok(tx.commit().await?)
}

/// The dates of a district from the first to the last day.
async fn dates(here: &InVillage, slug: &str, first: NaiveDate, last: NaiveDate) -> Result<Dates, Problem> {
    let reader = here.scope.read().await?;
    let district = reader.waste_districts().by_slug(slug).await?.ok_or_else(Problem::not_found)?;
    let dates = reader.waste_dates().list(district.id, first, last).await?;
    let kinds = reader.waste_kinds().list().await?;
    Ok(Dates { district, dates, kinds })
}

fn zone_of(here: &InVillage) -> Tz {
    here.village.zone.parse().unwrap_or(Tz::UTC)
}
