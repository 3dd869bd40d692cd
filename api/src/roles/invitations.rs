//! Invitations to work for the town hall of a village: bound to an address, good once and for a while. Nobody learns by inviting
//! whether the address has an account, and nobody's password is touched.

use super::allowance::may_invite;
use super::offered::{Giver, Offered};
use super::view::{NewStaff, StaffAdded};
use super::{has_role_already, role_detail};
use crate::app::App;
use crate::authority::InVillage;
use crate::http::Answer;
use crate::idempotency;
use crate::invitation::{Acceptance, Accepting, Found, Invited, unless_taken};
use crate::links::{self, Purpose};
use crate::problem::Problem;
use crate::text::Text;
use chrono::TimeDelta;
use entity::{Account, ClubLetter, ClubLetterId, ClubLetterKind, Deed, StaffInvitation, StaffInvitationId, StoreError};

/// Invites somebody. The answer is the same whether the address has an account or not.
pub async fn invite(
    app: &App,
    here: &InVillage,
    by: Giver,
    staff: NewStaff,
    request: Option<entity::Request>,
) -> Result<entity::Answer, Problem> {
    may_invite(app, here.village.id.0, &staff.email).await?;
    let now = app.clock.now();
    let tx = here.scope.begin().await?;
    if let Some(answer) = idempotency::claim(&tx, request.as_ref(), now).await? {
        return Ok(answer);
    }
    let open = tx.staff_invitations().of_address(&staff.email, now).await?;
    if open.is_some_and(|open| !by.gives.contains(&open.kind)) {
        return Err(invited_to_more());
    }
    // Their own staff is no secret to whoever may invite here.
    let wanted = Offered { kind: staff.kind, term: staff.term, now };
    let held = tx.roles().list().await?.into_iter().filter(|holder| holder.email == staff.email);
    if held.into_iter().any(|holder| wanted.is_nothing_new_to(&holder)) {
        return Err(has_role_already(StoreError::Taken));
    }
    let invitation = StaffInvitation {
        id: StaffInvitationId::generate(),
        kind: staff.kind,
        email: staff.email,
        term: staff.term,
        invited_by: by.account,
        created_at: now,
        expires_at: now + TimeDelta::days(app.settings.accounts.invitation_d.into()),
    };
    let replaces = tx.staff_invitations().add(&invitation).await?;
    tx.club_letters().add(letter(&invitation, &here.village.language)).await?;
    let mut detail = role_detail(invitation.kind, invitation.term);
    if replaces {
        detail.push_str(" (in place of an earlier invitation)");
    }
    tx.audit().record(Deed::new(by.account, "staff.invited", invitation.id).detail(detail), now).await?;
    let added = StaffAdded::invited(invitation.id.0, invitation.email, invitation.expires_at);
    let answer = Answer::<201, StaffAdded>::of(&added).to_keep();
    idempotency::keep(&tx, request.as_ref(), answer.clone()).await?;
    tx.commit().await?;
    tracing::info!(village = %here.village.id, by = %by.account, invitation = %invitation.id, "somebody was invited to the staff");
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

/// Takes an invitation to a role that one gives back: its link is good no more.
pub async fn revoke(app: &App, here: &InVillage, by: Giver, id: StaffInvitationId) -> Result<(), Problem> {
    let (tx, now) = (here.scope.begin().await?, app.clock.now());
    if !tx.staff_invitations().revoke(id, by.gives, now).await? {
        return Err(Problem::not_found());
    }
    tx.audit().record(Deed::new(by.account, "staff.invitation_revoked", id), now).await?;
    Ok(tx.commit().await?)
}

/// An invitation that its token opens, with the account that its address has.
pub struct Open {
    /// The invitation.
    pub invitation: StaffInvitation,
    /// The account of the address.
    pub account: Option<Account>,
}

/// What a token opens here. Tokens of other villages are not known.
pub async fn open(app: &App, here: &InVillage, token: &str) -> Result<Found<Open>, Problem> {
    let now = app.clock.now();
    let id = links::read(&app.secrets, Purpose::JoinStaff, here.village.id, token, now);
    let Some(id) = id.map(StaffInvitationId) else { return Ok(Found::unknown()) };
    let reader = here.scope.read().await?;
    let Some(invitation) = reader.staff_invitations().find(id, now).await? else {
        return Ok(Found::ended(reader.ended_invitations().find(id.0).await?));
    };
    drop(reader);
    let account = app.database.registry().await?.accounts().by_email(&invitation.email).await?;
    if account.as_ref().is_some_and(|account| account.disabled_at.is_some()) {
        return Ok(Found::unknown());
    }
    Ok(Found::Open(Open { invitation, account }))
}

/// Accepts an invitation.
pub async fn accept(app: &App, here: &InVillage, accepted: Acceptance) -> Result<(), Problem> {
    let now = app.clock.now();
    let open = open(app, here, &accepted.token).await?.or_refused()?;
    let email = open.invitation.email.as_str();
    let place = [here.village.name.as_str(), &here.village.slug];
    let accepting = Accepting::of(app, Invited { email, account: open.account, place: &place }, accepted).await?;
    let tx = here.scope.begin().await?;
    let id = open.invitation.id;
    let Some(taken) = tx.staff_invitations().take(id, now).await? else {
        return Found::ended(tx.ended_invitations().find(id.0).await?).or_refused();
    };
    let account = match accepting {
        Accepting::New(account) => tx.accounts().create(account).await.map_err(unless_taken)?.id,
        Accepting::Known(account) => account,
    };
    let detail = Offered { kind: taken.kind, term: taken.term, now }.give(&tx, account).await?;
    tx.audit().record(Deed::new(account, "role.accepted", taken.id).detail(detail), now).await?;
    tx.commit().await?;
    tracing::info!(village = %here.village.id, %account, "an invitation to the staff was accepted");
    Ok(())
}

/// The refusal of an invitation that would take the place of one that is another's to take back.
fn invited_to_more() -> Problem {
    Problem::conflict(Text::new(
        "Diese Person ist hier schon zu einer größeren Rolle eingeladen; die Einladung nimmt zurück, wer sie geschickt hat.",
        "This person is invited to a greater role here already; whoever sent that invitation takes it back.",
    ))
}
