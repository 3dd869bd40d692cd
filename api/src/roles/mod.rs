//! Roles: who may do what, in a village and in all villages of a municipality. Clubs give out their own.

mod allowance;
mod invitation_routes;
mod invitations;
mod municipality_invitations;
mod offered;
mod routes;
mod view;

use invitation_routes::StaffInvitationRoutes;
use routes::RoleRoutes;

use crate::app::App;
use crate::authority::{MunicipalityOperator, VillageAdmin, VillageOperator};
use crate::http::Answer;
use crate::idempotency;
use crate::problem::Problem;
use crate::text::{Language, Text};
use chrono::{DateTime, Utc};
use entity::{Account, AccountId, Deed, MunicipalityId, NewRole, RegistryTx, RoleKind, StoreError, Term, VillageScope};
use offered::Giver;
use view::{NewStaff, StaffAdded};

/// The operations on roles.
pub type Routes = (RoleRoutes, StaffInvitationRoutes);

/// The operations on roles, for one installation.
pub fn routes(app: &App) -> Routes {
    (RoleRoutes(app.clone()), StaffInvitationRoutes(app.clone()))
}

/// What an admin of the village gives and takes.
const OF_EDITORS: &[RoleKind] = &[RoleKind::Editor, RoleKind::Contributor];

/// What an operator gives and takes in a village.
const OF_VILLAGE: &[RoleKind] = &[RoleKind::Admin, RoleKind::Editor, RoleKind::Contributor];

/// Gives somebody new a role in the village, as its operator, with a first password; or invites the person.
///
/// Whoever has an account is always invited: nobody but its owner decides about its password.
async fn add_by_operator(
    app: &App,
    operator: &VillageOperator,
    mut staff: NewStaff,
    request: Option<entity::Request>,
) -> Result<entity::Answer, Problem> {
    let (here, by) = (&operator.here, operator.session.account);
    let Some(first) = staff.first_log_in.take() else {
        return invitations::invite(app, here, Giver { account: by, gives: OF_VILLAGE }, staff, request).await;
    };
    let now = app.clock.now();
    let password_hash = app.passwords.hash(first.password).await?;
    let tx = here.scope.begin().await?;
    if let Some(answer) = idempotency::claim(&tx, request.as_ref(), now).await? {
        return Ok(answer);
    }
    if tx.accounts().by_email(&staff.email).await?.is_some() {
        return Err(has_account_already());
    }
    let account = tx.accounts().create(somebody(staff.email, first.name, password_hash, now)).await?;
    let role = NewRole { account: account.id, kind: staff.kind, club: None, term: staff.term };
    tx.roles().grant(role, now).await?;
    let deed = Deed::new(by, "role.granted", account.id).detail(role_detail(staff.kind, staff.term));
    tx.audit().record(deed, now).await?;
    let answer = Answer::<201, StaffAdded>::of(&StaffAdded::made(account.id.0, account.email)).to_keep();
    idempotency::keep(&tx, request.as_ref(), answer.clone()).await?;
    tx.commit().await?;
    tracing::info!(village = %here.village.id, %by, account = %account.id, kind = ?staff.kind, "a role was given");
    Ok(answer)
}

/// An account that is made by the operator.
fn somebody(email: String, name: String, password_hash: String, now: DateTime<Utc>) -> Account {
    let id = AccountId::generate();
    Account { id, email, name, password_hash, operator: false, created_at: now, disabled_at: None }
}

/// Operators may know: they can look accounts up.
fn has_account_already() -> Problem {
    Problem::conflict(Text::new(
        "Zu dieser Adresse gibt es schon ein Konto. Laden Sie die Person ein: ohne Name und Passwort.",
        "There is an account with this address already. Invite the person: without name and password.",
    ))
}

/// Takes a role of the village's own away, at once.
async fn remove(
    app: &App,
    scope: &VillageScope,
    by: AccountId,
    account: AccountId,
    kinds: &[RoleKind],
) -> Result<(), Problem> {
    let tx = scope.begin().await?;
    let mut removed = false;
    for kind in kinds {
        removed |= tx.roles().revoke(account, *kind, None).await?;
    }
    if !removed {
        return Err(Problem::not_found());
    }
    let now = app.clock.now();
    tx.audit().record(Deed::new(by, "role.revoked", account), now).await?;
    // Whoever is given a role again some day does not find the right to send alerts waiting.
    if tx.roles().standing(account, now).await?.is_none() && tx.alert_rights().revoke(account).await? {
        tx.audit().record(Deed::new(by, "alert_right.revoked", account), now).await?;
    }
    tx.commit().await?;
    tracing::info!(village = %scope.village(), %by, %account, "a role was taken away");
    Ok(())
}

/// Gives somebody of the staff the right to send alerts, by name.
async fn allow_alerts(app: &App, admin: &VillageAdmin, account: AccountId) -> Result<(), Problem> {
    let now = app.clock.now();
    let tx = admin.here.scope.begin().await?;
    if tx.roles().standing(account, now).await?.is_none() {
        return Err(Problem::not_found());
    }
    tx.alert_rights().grant(account, now).await?;
    tx.audit().record(Deed::new(admin.session.account, "alert_right.granted", account), now).await?;
    Ok(tx.commit().await?)
}

/// Takes the right to send alerts away, at once.
async fn forbid_alerts(app: &App, admin: &VillageAdmin, account: AccountId) -> Result<(), Problem> {
    let tx = admin.here.scope.begin().await?;
    if !tx.alert_rights().revoke(account).await? {
        return Err(Problem::not_found());
    }
    tx.audit().record(Deed::new(admin.session.account, "alert_right.revoked", account), app.clock.now()).await?;
    Ok(tx.commit().await?)
}

/// Makes somebody new an editor of all villages of a municipality, with a first password; or invites the person. Each of the villages
/// finds it in its audit log.
async fn add_municipality_editor(
    app: &App,
    operator: &MunicipalityOperator,
    mut staff: NewStaff,
    language: Language,
    request: Option<entity::Request>,
) -> Result<entity::Answer, Problem> {
    let Some(first) = staff.first_log_in.take() else {
        return municipality_invitations::invite(app, operator, staff, language, request).await;
    };
    let (municipality, by, now) = (operator.municipality.id, operator.session.account, app.clock.now());
    let password_hash = app.passwords.hash(first.password).await?;
    let tx = app.database.registry_tx().await?;
    if let Some(answer) = idempotency::claim_operator(&tx, request.as_ref(), now).await? {
        return Ok(answer);
    }
    if tx.accounts().by_email(&staff.email).await?.is_some() {
        return Err(has_account_already());
    }
    let account = tx.accounts().create(somebody(staff.email, first.name, password_hash, now)).await?;
    tx.municipality_roles().grant(municipality, account.id, now).await?;
    tell_villages(&tx, municipality, Deed::new(by, "municipality_role.granted", account.id), now).await?;
    let answer = Answer::<201, StaffAdded>::of(&StaffAdded::made(account.id.0, account.email)).to_keep();
    idempotency::keep_operator(&tx, request.as_ref(), answer.clone()).await?;
    tx.commit().await?;
    tracing::info!(%municipality, %by, account = %account.id, "a municipality has a new editor");
    Ok(answer)
}

/// Takes the role of municipality editor away, at once.
async fn remove_municipality_editor(
    app: &App,
    operator: &MunicipalityOperator,
    account: AccountId,
) -> Result<(), Problem> {
    let tx = app.database.registry_tx().await?;
    if !tx.municipality_roles().revoke(operator.municipality.id, account).await? {
        return Err(Problem::not_found());
    }
    let deed = Deed::new(operator.session.account, "municipality_role.revoked", account);
    tell_villages(&tx, operator.municipality.id, deed, app.clock.now()).await?;
    Ok(tx.commit().await?)
}

/// Writes a deed into the audit log of every village of the municipality, in the transaction it is done in.
async fn tell_villages(
    tx: &RegistryTx,
    municipality: MunicipalityId,
    deed: Deed,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    let mut villages = tx.municipality_roles().villages(municipality).await?;
    // In the order in which everybody holds logs.
    villages.sort_unstable_by_key(|(village, _)| *village);
    for (village, _) in villages {
        tx.record_in(village, deed.clone(), now).await?;
    }
    Ok(())
}

fn role_detail(kind: RoleKind, term: Term) -> String {
    let until = term.ends.map(|ends| format!(" until {}", crate::instant::written(ends))).unwrap_or_default();
    format!("{}{until}", kind.name())
}

fn has_role_already(error: StoreError) -> Problem {
    match error {
        StoreError::Taken => Problem::conflict(Text::new(
            "Diese Person hat diese Rolle hier schon, oder eine größere.",
            "This person has this role here already, or a greater one.",
        )),
        other => other.into(),
    }
}
