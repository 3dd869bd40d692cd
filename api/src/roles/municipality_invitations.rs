//! Invitations to edit in all villages of a municipality. They belong to no village, like the role they lead to; each village finds
//! in its log what became of them.

use super::allowance::may_invite;
use super::view::{NewStaff, StaffAdded};
use super::{has_role_already, tell_villages};
use crate::app::App;
use crate::authority::MunicipalityOperator;
use crate::http::Answer;
use crate::idempotency;
use crate::invitation::{Acceptance, Accepting, Found, Invited, unless_taken};
use crate::links;
use crate::problem::Problem;
use crate::text::Language;
use chrono::TimeDelta;
use entity::{
    Account, AccountLinkId, AccountMailKind, Deed, Municipality, MunicipalityInvitation, MunicipalityInvitationId,
    NewAccountMail, StoreError,
};

/// Invites somebody. The answer is the same whether the address has an account or not.
pub async fn invite(
    app: &App,
    operator: &MunicipalityOperator,
    staff: NewStaff,
    language: Language,
    request: Option<entity::Request>,
) -> Result<entity::Answer, Problem> {
    let (municipality, by, now) = (&operator.municipality, operator.session.account, app.clock.now());
    may_invite(app, municipality.id.0, &staff.email).await?;
    let tx = app.database.registry_tx().await?;
    if let Some(answer) = idempotency::claim_operator(&tx, request.as_ref(), now).await? {
        return Ok(answer);
    }
    if tx.municipality_roles().list(municipality.id).await?.iter().any(|editor| editor.email == staff.email) {
        return Err(has_role_already(StoreError::Taken));
    }
    let invitation = MunicipalityInvitation {
        id: MunicipalityInvitationId::generate(),
        municipality: municipality.id,
        email: staff.email,
        invited_by: by,
        created_at: now,
        expires_at: now + TimeDelta::days(app.settings.accounts.invitation_d.into()),
    };
    tx.municipality_invitations().add(&invitation).await?;
    let mail = NewAccountMail {
        // The mail has the identifier of what its link opens.
        id: AccountLinkId(invitation.id.0),
        kind: AccountMailKind::MunicipalityInvitation,
        recipient: invitation.email.clone(),
        language: language.tag().to_owned(),
        about: municipality.name.clone(),
        expires_at: invitation.expires_at,
    };
    tx.account_mails().add(mail, now).await?;
    tell_villages(&tx, municipality.id, Deed::new(by, "municipality_role.invited", invitation.id), now).await?;
    let added = StaffAdded::invited(invitation.id.0, invitation.email, invitation.expires_at);
    let answer = Answer::<201, StaffAdded>::of(&added).to_keep();
    idempotency::keep_operator(&tx, request.as_ref(), answer.clone()).await?;
    tx.commit().await?;
    tracing::info!(municipality = %municipality.id, %by, "somebody was invited to edit for a municipality");
    Ok(answer)
}

/// Takes an invitation back: its link is good no more.
pub async fn revoke(app: &App, operator: &MunicipalityOperator, id: MunicipalityInvitationId) -> Result<(), Problem> {
    let (tx, now) = (app.database.registry_tx().await?, app.clock.now());
    if !tx.municipality_invitations().revoke(operator.municipality.id, id, now).await? {
        return Err(Problem::not_found());
    }
    let deed = Deed::new(operator.session.account, "municipality_role.invitation_revoked", id);
    tell_villages(&tx, operator.municipality.id, deed, now).await?;
    Ok(tx.commit().await?)
}

/// An invitation that its token opens.
pub struct Open {
    /// The invitation.
    pub invitation: MunicipalityInvitation,
    /// For what.
    pub municipality: Municipality,
    /// The account of the address.
    pub account: Option<Account>,
}

/// What a token opens.
pub async fn open(app: &App, token: &str) -> Result<Found<Open>, Problem> {
    let id = links::read_municipality_invitation(&app.secrets, token).map(MunicipalityInvitationId);
    let Some(id) = id else { return Ok(Found::unknown()) };
    let registry = app.database.registry().await?;
    let Some(invitation) = registry.municipality_invitations().find(id, app.clock.now()).await? else {
        return Ok(Found::ended(registry.ended_invitations().find(id.0).await?));
    };
    let municipality = registry.municipalities().find(invitation.municipality).await?;
    let account = registry.accounts().by_email(&invitation.email).await?;
    if account.as_ref().is_some_and(|account| account.disabled_at.is_some()) {
        return Ok(Found::unknown());
    }
    let open = |municipality| Found::Open(Open { invitation, municipality, account });
    Ok(municipality.map_or_else(Found::unknown, open))
}

/// Accepts an invitation.
pub async fn accept(app: &App, accepted: Acceptance) -> Result<(), Problem> {
    let now = app.clock.now();
    let open = open(app, &accepted.token).await?.or_refused()?;
    let email = open.invitation.email.as_str();
    let place = [open.municipality.name.as_str()];
    let accepting = Accepting::of(app, Invited { email, account: open.account, place: &place }, accepted).await?;
    let tx = app.database.registry_tx().await?;
    let id = open.invitation.id;
    let Some(taken) = tx.municipality_invitations().take(id, now).await? else {
        return Found::ended(tx.ended_invitations().find(id.0).await?).or_refused();
    };
    let account = match accepting {
        Accepting::New(account) => tx.accounts().create(account).await.map_err(unless_taken)?.id,
        Accepting::Known(account) => account,
    };
    tx.municipality_roles().grant(taken.municipality, account, now).await?;
    tell_villages(&tx, taken.municipality, Deed::new(account, "municipality_role.accepted", taken.id), now).await?;
    tx.commit().await?;
    tracing::info!(municipality = %taken.municipality, %account, "a municipality has a new editor");
    Ok(())
}
