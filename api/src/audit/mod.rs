//! The audit log: who did what when in a village, for its admins to read and for anybody with the keys to verify.

mod routes;
mod view;

pub use routes::AuditRoutes;

use crate::app::App;
use crate::authority::VillageAdmin;
use crate::http::Cursors;
use crate::problem::Problem;
use entity::{AuditEntry, AuditQuery, AuditVerdict, Deed, VillageQuery};

/// A page of the log, the latest line first, and the cursor of the next.
async fn page(
    app: &App,
    admin: &VillageAdmin,
    mut query: AuditQuery,
    cursor: Option<&str>,
) -> Result<(Vec<AuditEntry>, Option<String>), Problem> {
    let limit = query.limit;
    let list = format!("audit {} {query:?}", admin.here.village.id);
    let cursors = Cursors::of(&app.secrets, list);
    query.before = cursors.read(cursor, |place| Some(i64::from_be_bytes(place.try_into().ok()?)))?;
    query.limit = limit + 1;
    let mut entries = admin.here.scope.read().await?.audit().list(&query).await?;
    let more = entries.len() as u64 > limit;
    entries.truncate(limit as usize);
    let next = entries.last().filter(|_| more).map(|last| cursors.write(&last.number.to_be_bytes()));
    Ok((entries, next))
}

/// Lines of the log written as CSV at once.
const EXPORTED_AT_ONCE: u64 = 10_000;

/// The log as CSV (RFC 4180), the latest line first; at most [`EXPORTED_AT_ONCE`] lines, the rest by `until`. That it was taken
/// out is in the log as well.
async fn export(app: &App, admin: &VillageAdmin, query: AuditQuery) -> Result<String, Problem> {
    let seat = app.benches.tables.seat(admin.here.village.id).await?;
    // Read before the log is held: nobody who writes waits for so many lines.
    let entries = admin.here.scope.read().await?.audit().list(&AuditQuery { limit: EXPORTED_AT_ONCE, ..query }).await?;
    let tx = admin.here.scope.begin().await?;
    let deed = Deed::new(admin.session.account, "audit.exported", admin.here.village.id.0);
    tx.audit().record(deed.detail(format!("{} lines", entries.len())), app.clock.now()).await?;
    tx.commit().await?;
    Ok(seat.does(move || view::csv(&entries)).await?.0?)
}

/// What is said of lines that were written with keys that are lost.
fn unchecked(since: i64) -> String {
    if since > 1 {
        format!(" (checked from line {since} on: those before were written with keys that are lost)")
    } else {
        String::new()
    }
}

/// Checks the logs of all villages, or of one; prints a line for each. How many were tampered with.
///
/// # Errors
/// When that cannot be found out, or there is no such village.
pub async fn verify(app: &App, only: Option<&str>) -> anyhow::Result<usize> {
    let mut broken = 0;
    let mut query = VillageQuery { limit: 100, ..VillageQuery::default() };
    loop {
        let villages = match only {
            Some(slug) => app.database.registry().await?.villages().by_slug(slug).await?.into_iter().collect(),
            None => app.database.registry().await?.villages().list(&query).await?,
        };
        anyhow::ensure!(only.is_none() || !villages.is_empty(), "there is no village with this slug");
        for village in &villages {
            let log = app.database.village(village.id).read().await?;
            match log.audit().verify(app.database.audit_key()).await? {
                AuditVerdict::Intact { entries, since, head } => {
                    let head: String = head.iter().map(|byte| format!("{byte:02x}")).collect();
                    println!("{}: intact, {entries} lines, head {head}{}", village.slug, unchecked(since));
                }
                AuditVerdict::Broken { number } => {
                    broken += 1;
                    println!("{}: BROKEN at line {number}", village.slug);
                }
            }
        }
        match villages.last() {
            Some(last) if only.is_none() => query.after = Some((last.name.clone(), last.id)),
            _ => break,
        }
    }
    if broken > 0 {
        tracing::error!(broken, "audit logs were tampered with");
    }
    Ok(broken)
}
