//! Roles: who may do what, in a village and in all villages of a municipality. Clubs give out their own.

mod routes;
mod view;

pub use routes::RoleRoutes;

use crate::app::App;
use crate::authority::{MunicipalityOperator, VillageAdmin, VillageOperator};
use crate::http::Answer;
use crate::idempotency;
use crate::problem::Problem;
use crate::text::Text;
use chrono::{DateTime, Utc};
use entity::{
    Account, AccountId, Deed, MunicipalityEditor, NewRole, RegistryTx, RoleHolder, RoleKind, StoreError, Term,
    VillageScope, VillageTx,
};
use view::{MunicipalityEditorView, NewStaff, StaffMember};

/// Makes somebody without an account an editor or contributor of the village.
///
/// Somebody with an account already cannot be added so: whoever made that account knows its first password, and a role here
/// would open this village to them. The operator adds such a person, with a new password; an invitation does it better.
async fn add_by_admin(
    app: &App,
    admin: &VillageAdmin,
    staff: NewStaff,
    request: Option<entity::Request>,
) -> Result<entity::Answer, Problem> {
    let grant = Grant { scope: &admin.here.scope, by: admin.session.account, if_known: IfKnown::Refuse };
    grant.staff(app, staff, request).await
}

/// Gives somebody a role in the village, as its operator. An account that is there already gets the password given here, and
/// its log-ins end: nobody who knew the one before comes along.
async fn add_by_operator(
    app: &App,
    operator: &VillageOperator,
    staff: NewStaff,
    request: Option<entity::Request>,
) -> Result<entity::Answer, Problem> {
    let grant = Grant { scope: &operator.here.scope, by: operator.session.account, if_known: IfKnown::SetPassword };
    grant.staff(app, staff, request).await
}

/// What becomes of an account that is there already.
#[derive(Clone, Copy, PartialEq, Eq)]
enum IfKnown {
    Refuse,
    SetPassword,
}

/// Giving a role in a village.
struct Grant<'a> {
    scope: &'a VillageScope,
    by: AccountId,
    if_known: IfKnown,
}

impl Grant<'_> {
    async fn staff(
        &self,
        app: &App,
        staff: NewStaff,
        request: Option<entity::Request>,
    ) -> Result<entity::Answer, Problem> {
        let now = app.clock.now();
        let password_hash = app.passwords.hash(staff.password).await?;
        let tx = self.scope.begin().await?;
        if let Some(answer) = idempotency::claim(&tx, request.as_ref(), now).await? {
            return Ok(answer);
        }
        let person = Person { email: staff.email, name: staff.name, password_hash };
        let account = self.account(&tx, person, now).await?;
        let role = NewRole { account: account.id, kind: staff.kind, club: None, term: staff.term };
        tx.roles().grant(role, now).await.map_err(has_role_already)?;
        let deed = Deed::new(self.by, "role.granted", account.id).detail(role_detail(staff.kind, staff.term));
        tx.audit().record(deed, now).await?;
        let holder = RoleHolder {
            account: account.id,
            name: account.name,
            email: account.email,
            kind: staff.kind,
            club_slug: None,
            term: staff.term,
            may_alert: false,
        };
        let answer = Answer::<201, StaffMember>::of(&holder.into()).to_keep();
        idempotency::keep(&tx, request.as_ref(), answer.clone()).await?;
        tx.commit().await?;
        tracing::info!(village = %self.scope.village(), by = %self.by, account = %account.id, kind = ?staff.kind, "a role was given");
        Ok(answer)
    }

    async fn account(&self, tx: &VillageTx, person: Person, now: DateTime<Utc>) -> Result<Account, Problem> {
        match tx.accounts().by_email(&person.email).await? {
            Some(_) if self.if_known == IfKnown::Refuse => Err(Problem::conflict(Text::new(
                "Zu dieser Adresse gibt es schon ein Konto; der Betreiber kann ihm hier eine Rolle geben.",
                "There is an account with this address already; the operator can give it a role here.",
            ))),
            Some(known) => {
                tx.accounts().set_password(known.id, &person.password_hash).await?;
                Ok(known)
            }
            None => Ok(tx.accounts().create(person.account(now)).await?),
        }
    }
}

/// Somebody who is to have an account.
struct Person {
    email: String,
    name: String,
    password_hash: String,
}

impl Person {
    fn account(self, now: DateTime<Utc>) -> Account {
        Account {
            id: AccountId::generate(),
            email: self.email,
            name: self.name,
            password_hash: self.password_hash,
            operator: false,
            created_at: now,
            disabled_at: None,
        }
    }
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

/// Makes somebody an editor of all villages of a municipality. An account that is there already gets the password given
/// here, and its log-ins end. Each of the villages finds it in its audit log.
async fn add_municipality_editor(
    app: &App,
    operator: &MunicipalityOperator,
    staff: NewStaff,
    request: Option<entity::Request>,
) -> Result<entity::Answer, Problem> {
    let now = app.clock.now();
    let password_hash = app.passwords.hash(staff.password).await?;
    let municipality = operator.municipality.id;
    let tx = app.database.registry_tx().await?;
    if let Some(answer) = idempotency::claim_operator(&tx, request.as_ref(), now).await? {
        return Ok(answer);
    }
    let person = Person { email: staff.email, name: staff.name, password_hash };
    let account = match tx.accounts().by_email(&person.email).await? {
        Some(known) => {
            tx.accounts().set_password(known.id, &person.password_hash).await?;
            known
        }
        None => tx.accounts().create(person.account(now)).await?,
    };
    if !tx.municipality_roles().grant(municipality, account.id, now).await? {
        return Err(has_role_already(StoreError::Taken));
    }
    tell_villages(&tx, operator, Deed::new(operator.session.account, "municipality_role.granted", account.id), now)
        .await?;
    let editor = MunicipalityEditor { account_id: account.id.0, name: account.name, email: account.email };
    let answer = Answer::<201, MunicipalityEditorView>::of(&editor.into()).to_keep();
    idempotency::keep_operator(&tx, request.as_ref(), answer.clone()).await?;
    tx.commit().await?;
    tracing::info!(%municipality, by = %operator.session.account, account = %account.id, "a municipality has a new editor");
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
    tell_villages(&tx, operator, deed, app.clock.now()).await?;
    Ok(tx.commit().await?)
}

/// Writes a deed into the audit log of every village of the municipality, in the transaction it is done in.
async fn tell_villages(
    tx: &RegistryTx,
    operator: &MunicipalityOperator,
    deed: Deed,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    let mut villages = tx.municipality_roles().villages(operator.municipality.id).await?;
    // In the order in which everybody holds logs.
    villages.sort_unstable_by_key(|(village, _)| *village);
    for (village, _) in villages {
        tx.record_in(village, deed.clone(), now).await?;
    }
    Ok(())
}

fn role_detail(kind: RoleKind, term: Term) -> String {
    let until = term.ends.map(|ends| format!(" until {}", crate::instant::written(ends))).unwrap_or_default();
    format!("{}{until}", format!("{kind:?}").to_lowercase())
}

fn has_role_already(error: StoreError) -> Problem {
    match error {
        StoreError::Taken => Problem::conflict(Text::new(
            "Diese Person hat diese Rolle hier schon.",
            "This person has this role here already.",
        )),
        other => other.into(),
    }
}
