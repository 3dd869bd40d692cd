//! School holidays: the operator enters those of a Land, and its villages use them. Whoever plans a series says "until the summer
//! holidays" and "not in the holidays" by them.

mod routes;
mod view;

pub use routes::SchoolHolidayRoutes;

use crate::app::App;
use crate::authority::Operator;
use crate::holidays::Land;
use crate::http::Conditional;
use crate::problem::{Problem, ProblemKind};
use crate::text::Text;
use entity::{Deed, LandHolidays, SchoolHoliday, StoreError};

/// Those of a Land.
async fn of(app: &App, land: &str) -> Result<LandHolidays, Problem> {
    Ok(app.database.registry().await?.school_holidays().of(land).await?)
}

/// Makes these the holidays of a Land. What was planned by the former stays as it was planned. Each of its villages finds it in its
/// log.
async fn replace(
    app: &App,
    operator: &Operator,
    land: Land,
    condition: &Conditional,
    periods: Vec<SchoolHoliday>,
) -> Result<LandHolidays, Problem> {
    let (code, by, now) = (land.code(), operator.session.account, app.clock.now());
    let tx = app.database.registry_tx().await?;
    let before = tx.school_holidays().of(code).await?.version;
    condition.check(before)?;
    let saved = tx.school_holidays().replace(code, &periods, before, now).await;
    let version = saved.map_err(|error| match error {
        StoreError::Taken => faster(),
        other => other.into(),
    })?;
    for village in tx.villages().with_ags(land.digits()).await? {
        tx.record_in(village, Deed::new(by, "school_holidays.set", village).detail(code), now).await?;
    }
    tx.commit().await?;
    tracing::info!(land = code, version, %by, "the school holidays of a Land were entered");
    Ok(LandHolidays { periods, version })
}

fn faster() -> Problem {
    Problem::explained(
        ProblemKind::PreconditionFailed,
        Text::new("Jemand anderes war schneller.", "Somebody else was faster."),
    )
}
