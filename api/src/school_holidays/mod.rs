//! School holidays: the operator enters those of a Land, and its villages use them. Whoever plans a series says "until the summer
//! holidays" and "not in the holidays" by them.

mod routes;
mod view;

pub use routes::SchoolHolidayRoutes;

use crate::app::App;
use crate::authority::Operator;
use crate::http::Conditional;
use crate::problem::{Problem, ProblemKind};
use crate::text::Text;
use entity::{LandHolidays, SchoolHoliday, StoreError};

/// Those of a Land.
async fn of(app: &App, land: &str) -> Result<LandHolidays, Problem> {
    Ok(app.database.registry().await?.school_holidays().of(land).await?)
}

/// Makes these the holidays of a Land. What was planned by the former stays as it was planned.
async fn replace(
    app: &App,
    operator: &Operator,
    land: &str,
    condition: &Conditional,
    periods: Vec<SchoolHoliday>,
) -> Result<LandHolidays, Problem> {
    let tx = app.database.registry_tx().await?;
    let before = tx.school_holidays().of(land).await?.version;
    condition.check(before)?;
    let saved = tx.school_holidays().replace(land, &periods, before, app.clock.now()).await;
    let version = saved.map_err(|error| match error {
        StoreError::Taken => faster(),
        other => other.into(),
    })?;
    tx.commit().await?;
    tracing::info!(land, version, by = %operator.session.account, "the school holidays of a Land were entered");
    Ok(LandHolidays { periods, version })
}

fn faster() -> Problem {
    Problem::explained(
        ProblemKind::PreconditionFailed,
        Text::new("Jemand anderes war schneller.", "Somebody else was faster."),
    )
}
