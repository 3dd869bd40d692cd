//! Invitations to work for the town hall of a village: bound to an address, good once and for a while. Nobody learns by inviting
//! whether the address has an account, and nobody's password is touched.

use super::allowance::may_invite;
use super::view::{NewStaff, StaffAdded};
use super::{has_role_already, role_detail};
use crate::app::App;
use crate::authority::InVillage;
use crate::http::Answer;
use crate::idempotency;
use crate::invitation::{Acceptance, Accepting, Invited, unless_taken};
use crate::links::{self, Purpose};
use crate::problem::Problem;
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    Account, AccountId, ClubLetter, ClubLetterId, ClubLetterKind, Deed, NewRole, RoleKind, StaffInvitation,
    StaffInvitationId, StoreError, VillageTx,
};

/// Invites somebody. The answer is the same whether the address has an account or not.
pub async fn invite(
    app: &App,
    here: &InVillage,
    by: AccountId,
    staff: NewStaff,
    request: Option<entity::Request>,
) -> Result<entity::Answer, Problem> {
    may_invite(app, here.village.id.0, &staff.email).await?;
    let now = app.clock.now();
    let tx = here.scope.begin().await?;
    if let Some(answer) = idempotency::claim(&tx, request.as_ref(), now).await? {
        return Ok(answer);
    }
    // Their own staff is no secret to whoever may invite here.
    let has_it = tx.roles().list().await?.into_iter().any(|holder| {
        holder.email == staff.email && holder.kind == staff.kind && holder.term.ends.is_none_or(|ends| ends > now)
    });
    if has_it {
        return Err(has_role_already(StoreError::Taken));
    }
    let invitation = StaffInvitation {
        id: StaffInvitationId::generate(),
        kind: staff.kind,
        email: staff.email,
        term: staff.term,
        invited_by: by,
        created_at: now,
        expires_at: now + TimeDelta::days(app.settings.accounts.invitation_d.into()),
    };
    tx.staff_invitations().add(&invitation).await?;
    tx.club_letters().add(letter(&invitation, &here.village.language)).await?;
    let deed = Deed::new(by, "staff.invited", invitation.id).detail(role_detail(invitation.kind, invitation.term));
    tx.audit().record(deed, now).await?;
    let added = StaffAdded::invited(invitation.id.0, invitation.email, invitation.expires_at);
    let answer = Answer::<201, StaffAdded>::of(&added).to_keep();
    idempotency::keep(&tx, request.as_ref(), answer.clone()).await?;
    tx.commit().await?;
    tracing::info!(village = %here.village.id, %by, invitation = %invitation.id, "somebody was invited to the staff");
    Ok(answer)
}

fn letter(invitation: &StaffInvitation, language: &str) -> ClubLetter {
    ClubLetter {
        id: ClubLetterId::generate(),
        club: None,
        kind: ClubLetterKind::StaffInvitation,
        subject: invitation.id.0,
        recipient: invitation.email.clone(),
        language: language.to_owned(),
        club_name: String::new(),
        note: String::new(),
        created_at: invitation.created_at,
        expires_at: invitation.expires_at,
    }
}

/// Takes an invitation to one of these roles back: its link is good no more.
pub async fn revoke(
    app: &App,
    here: &InVillage,
    by: AccountId,
    id: StaffInvitationId,
    kinds: &[RoleKind],
) -> Result<(), Problem> {
    let tx = here.scope.begin().await?;
    if !tx.staff_invitations().revoke(id, kinds).await? {
        return Err(Problem::not_found());
    }
    tx.audit().record(Deed::new(by, "staff.invitation_revoked", id), app.clock.now()).await?;
    Ok(tx.commit().await?)
}

/// An invitation that its token opens, with the account that its address has.
pub struct Open {
    /// The invitation.
    pub invitation: StaffInvitation,
    /// The account of the address.
    pub account: Option<Account>,
}

/// What a token opens here; nothing when it was used, revoked, is too old or of another village.
pub async fn open(app: &App, here: &InVillage, token: &str) -> Result<Option<Open>, Problem> {
    let now = app.clock.now();
    let id = links::read(&app.secrets, Purpose::JoinStaff, here.village.id, token, now);
    let Some(id) = id.map(StaffInvitationId) else { return Ok(None) };
    let found = here.scope.read().await?.staff_invitations().find(id, now).await?;
    let Some(invitation) = found else { return Ok(None) };
    let account = app.database.registry().await?.accounts().by_email(&invitation.email).await?;
    if account.as_ref().is_some_and(|account| account.disabled_at.is_some()) {
        return Ok(None);
    }
    Ok(Some(Open { invitation, account }))
}

/// Accepts an invitation.
pub async fn accept(app: &App, here: &InVillage, accepted: Acceptance) -> Result<(), Problem> {
    let now = app.clock.now();
    let open = open(app, here, &accepted.token).await?.ok_or_else(Problem::not_found)?;
    let email = open.invitation.email.as_str();
    let place = [here.village.name.as_str(), &here.village.slug];
    let accepting = Accepting::of(app, Invited { email, account: open.account, place: &place }, accepted).await?;
    let tx = here.scope.begin().await?;
    let taken = tx.staff_invitations().take(open.invitation.id, now).await?.ok_or_else(Problem::not_found)?;
    let account = match accepting {
        Accepting::New(account) => tx.accounts().create(account).await.map_err(unless_taken)?.id,
        Accepting::Known(account) => account,
    };
    join(&tx, &taken, account, now).await?;
    tx.commit().await?;
    tracing::info!(village = %here.village.id, %account, "an invitation to the staff was accepted");
    Ok(())
}

/// Gives the role of an invitation, in place of the same one with another term.
async fn join(tx: &VillageTx, taken: &StaffInvitation, account: AccountId, now: DateTime<Utc>) -> Result<(), Problem> {
    let role = NewRole { account, kind: taken.kind, club: None, term: taken.term };
    tx.roles().replace(role, now).await?;
    let detail = role_detail(taken.kind, taken.term);
    tx.audit().record(Deed::new(account, "role.accepted", taken.id).detail(detail), now).await?;
    Ok(())
}
