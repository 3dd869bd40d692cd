//! Villages and the municipalities they belong to.

mod routes;
mod view;

pub use routes::VillageRoutes;

use crate::app::App;
use crate::authority::{Operator, VillageAdmin};
use crate::http::{Answer, Cursors};
use crate::idempotency;
use crate::problem::{Fault, Problem};
use crate::text::Text;
use entity::{Deed, MediaId, Municipality, StoreError, VillageQuery, VillageRecord};
use uuid::Uuid;
use view::{MunicipalityView, VillageView};

/// Enters a municipality.
async fn create_municipality(
    app: &App,
    operator: &Operator,
    municipality: Municipality,
    request: Option<entity::Request>,
) -> Result<entity::Answer, Problem> {
    let now = app.clock.now();
    let tx = app.database.registry_tx().await?;
    if let Some(answer) = idempotency::claim_operator(&tx, request.as_ref(), now).await? {
        return Ok(answer);
    }
    let municipality = tx.municipalities().create(municipality).await.map_err(|error| match error {
        StoreError::Taken => Problem::conflict(Text::new(
            "Eine Gemeinde mit diesem AGS gibt es schon.",
            "There is a municipality with this AGS already.",
        )),
        other => other.into(),
    })?;
    tracing::info!(municipality = %municipality.id, by = %operator.session.account, "a municipality was entered");
    let answer = Answer::<201, MunicipalityView>::of(&municipality.into()).to_keep();
    idempotency::keep_operator(&tx, request.as_ref(), answer.clone()).await?;
    tx.commit().await?;
    Ok(answer)
}

/// Enters a village.
async fn create_village(
    app: &App,
    operator: &Operator,
    mut village: VillageRecord,
    request: Option<entity::Request>,
) -> Result<entity::Answer, Problem> {
    let now = app.clock.now();
    let tx = app.database.registry_tx().await?;
    if let Some(answer) = idempotency::claim_operator(&tx, request.as_ref(), now).await? {
        return Ok(answer);
    }
    let Some(municipality) = tx.municipalities().find(village.municipality).await? else {
        return Err(Problem::unprocessable(vec![Fault {
            pointer: "/municipality".to_owned(),
            detail: Text::new("gibt es nicht", "does not exist"),
        }]));
    };
    if village.ags.is_empty() {
        village.ags = municipality.ags;
    }
    let village = tx.villages().create(village).await.map_err(|error| match error {
        StoreError::Taken => Problem::conflict(Text::new(
            "Ein Dorf mit diesem slug gibt es schon.",
            "There is a village with this slug already.",
        )),
        other => other.into(),
    })?;
    tx.record_in(village.id, Deed::new(operator.session.account, "village.created", village.id), now).await?;
    tracing::info!(village = %village.id, by = %operator.session.account, "a village was entered");
    let location = format!("/v1/villages/{}", village.slug);
    let answer = Answer::<201, VillageView>::of(&village.into()).at(location).to_keep();
    idempotency::keep_operator(&tx, request.as_ref(), answer.clone()).await?;
    tx.commit().await?;
    Ok(answer)
}

/// Makes an image the village's logo, or takes the logo away.
async fn set_logo(app: &App, admin: &VillageAdmin, logo: Option<MediaId>) -> Result<VillageRecord, Problem> {
    let here = &admin.here;
    let tx = here.scope.begin().await?;
    if !tx.media().set_logo(logo, app.clock.now()).await? {
        return Err(Problem::unprocessable(vec![Fault {
            pointer: "/media".to_owned(),
            detail: Text::new("ist kein Bild dieses Dorfes", "is not an image of this village"),
        }]));
    }
    let village = tx.villages().find(here.village.id).await?.ok_or_else(Problem::not_found)?;
    let deed = Deed::new(admin.session.account, "village.logo_changed", here.village.id.0);
    tx.audit().record(deed, app.clock.now()).await?;
    tx.commit().await?;
    app.villages.invalidate(&here.village.slug).await;
    tracing::info!(village = %here.village.id, by = %admin.session.account, "the logo was changed");
    Ok(village)
}

/// A page of villages and the cursor of the next.
async fn list(
    app: &App,
    mut query: VillageQuery,
    list: &str,
    cursor: Option<&str>,
) -> Result<(Vec<VillageRecord>, Option<String>), Problem> {
    let limit = query.limit;
    let cursors = Cursors::of(&app.secrets, format!("villages {list}"));
    query.after = cursors.read(cursor, |place| {
        let (id, name) = place.split_at_checked(16)?;
        Some((String::from_utf8(name.to_vec()).ok()?, Uuid::from_slice(id).ok()?.into()))
    })?;
    query.limit = limit + 1;
    let mut villages = app.database.registry().await?.villages().list(&query).await?;
    let more = villages.len() as u64 > limit;
    villages.truncate(limit as usize);
    let next = villages
        .last()
        .filter(|_| more && query.near.is_none())
        .map(|last| cursors.write(&[last.id.0.as_bytes().as_slice(), last.name.as_bytes()].concat()));
    Ok((villages, next))
}

/// A page of municipalities and the cursor of the next.
async fn list_municipalities(
    app: &App,
    limit: u64,
    cursor: Option<&str>,
) -> Result<(Vec<Municipality>, Option<String>), Problem> {
    let cursors = Cursors::of(&app.secrets, "municipalities".to_owned());
    let after = cursors.read(cursor, |place| Uuid::from_slice(place).ok().map(Into::into))?;
    let mut found = app.database.registry().await?.municipalities().list(after, limit + 1).await?;
    let more = found.len() as u64 > limit;
    found.truncate(limit as usize);
    let next = found.last().filter(|_| more).map(|last| cursors.write(last.id.0.as_bytes()));
    Ok((found, next))
}
