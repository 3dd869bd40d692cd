//! Who writes for all villages of a municipality.

use super::{app, refusals, session};
use crate::app::App;
use crate::problem::Problem;
use entity::{Municipality, Session, VillageId};
use poem::Request;

/// An editor of a municipality, which is the first path parameter then.
pub struct MunicipalityEditor {
    /// The log-in.
    pub session: Session,
    /// The municipality.
    pub municipality: Municipality,
}

/// Whoever works for one of its villages is known there, and may not; to everybody else there is no such municipality. When one of
/// its villages asks for a second factor, acting on all of them does.
pub(super) async fn municipality_editor(request: &Request) -> Result<MunicipalityEditor, Problem> {
    let session = session(request).await?;
    let app = app(request)?;
    let id = request.raw_path_param("param0").and_then(|text| text.parse().ok()).ok_or_else(Problem::not_found)?;
    let registry = app.database.registry().await?;
    let municipality = registry.municipalities().find(id).await?.ok_or_else(Problem::not_found)?;
    let holds = registry.municipality_roles().holds(id, session.account).await?;
    let villages = registry.municipality_roles().villages(id).await?;
    let roles = if holds { Vec::new() } else { registry.roles().of(session.account).await? };
    drop(registry);
    if !holds {
        let works_here = roles.iter().any(|role| villages.iter().any(|(village, _)| *village == role.village));
        return Err(if works_here { refusals::for_the_municipality() } else { Problem::not_found() });
    }
    strong_enough_for(app, &session, &villages).await?;
    Ok(MunicipalityEditor { session, municipality })
}

/// Refuses a log-in without a second factor when one of these villages asks for one.
pub(super) async fn strong_enough_for(
    app: &App,
    session: &Session,
    villages: &[(VillageId, String)],
) -> Result<(), Problem> {
    for (village, _) in villages.iter().filter(|_| !session.second_factor) {
        if app.database.village(*village).read().await?.second_factor_rule().holds().await? {
            return Err(refusals::without_second_factor());
        }
    }
    Ok(())
}
