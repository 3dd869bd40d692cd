//! Invitations into a club: bound to an address, good once and for a while. Whoever accepts has an account with that address, or
//! gets one.

use super::view::Invited;
use super::{about, letter};
use crate::app::App;
use crate::authority::{ClubManager, InVillage};
use crate::budget::{self, Budget};
use crate::idempotency;
use crate::invitation::{self, Acceptance, Accepting, Found, unless_taken};
use crate::links::{self, Purpose};
use crate::mail_address;
use crate::problem::{Fault, Problem};
use crate::text::Text;
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    Account, AccountId, Club, ClubInvitation, ClubInvitationId, ClubLetterKind, ClubState, Deed, NewRole, RoleKind,
    Term, VillageTx,
};

/// Invitations into one club that wait at the same time.
const MOST_WAITING: usize = 20;

/// Invites somebody. The answer is the same whether the address has an account or not.
pub async fn invite(
    app: &App,
    manager: &ClubManager,
    invited: Invited,
    request: Option<entity::Request>,
) -> Result<entity::Answer, Problem> {
    let now = app.clock.now();
    let tx = manager.here.scope.begin().await?;
    if let Some(answer) = idempotency::claim(&tx, request.as_ref(), now).await? {
        return Ok(answer);
    }
    let club = tx.clubs().find_for_change(manager.club.id).await?.ok_or_else(Problem::not_found)?;
    super::must(matches!(club.state, ClubState::Active | ClubState::Paused))?;
    if tx.club_invitations().into_club(club.id, now).await?.len() >= MOST_WAITING {
        return Err(Problem::conflict(Text::new(
            "Es warten schon zu viele Einladungen.",
            "Too many invitations are waiting already.",
        )));
    }
    may_invite(app, &tx, manager, &invited.email, now).await?;
    let instead_of = if invited.instead_of_me { Some(hands_over(&tx, manager, &club).await?) } else { None };
    let invitation = ClubInvitation {
        id: ClubInvitationId::generate(),
        club: club.id,
        kind: invited.kind,
        email: invited.email,
        instead_of,
        invited_by: manager.session.account,
        created_at: now,
        expires_at: now + TimeDelta::days(app.settings.accounts.invitation_d.into()),
    };
    write(&tx, &club, &invitation, &manager.here.village.language, now).await?;
    tx.audit().record(Deed::new(manager.session.account, "club.invited", invitation.id.0), now).await?;
    let answer = super::view::invitation_answer(&invitation);
    idempotency::keep(&tx, request.as_ref(), answer.clone()).await?;
    tx.commit().await?;
    Ok(answer)
}

/// Counts an invitation, whatever becomes of it: a mail goes to somebody who has not asked for any.
async fn may_invite(
    app: &App,
    tx: &VillageTx,
    manager: &ClubManager,
    email: &str,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    let limits = &app.settings.limits;
    let of_mailbox = Budget {
        name: "invitations of a mailbox",
        of: mail_address::person(email).into_bytes(),
        most: limits.invitations_per_mailbox,
    };
    budget::spend(app, tx, of_mailbox, now, |_| {
        Text::new(
            "An diese Adresse gingen heute schon genug Einladungen.",
            "This address has been sent enough invitations today.",
        )
    })
    .await?;
    let of_club = Budget {
        name: "invitations of a club",
        of: manager.club.id.0.as_bytes().to_vec(),
        most: limits.invitations_per_club,
    };
    budget::spend(app, tx, of_club, now, |_| {
        Text::new("Der Verein hat heute schon genug eingeladen.", "The club has invited enough people today.")
    })
    .await
}

/// Only a manager can hand over.
async fn hands_over(tx: &VillageTx, manager: &ClubManager, club: &Club) -> Result<AccountId, Problem> {
    let me = manager.session.account;
    let managers = super::members::managers(tx, club.id).await?;
    let is_one = managers.iter().any(|member| member.account == me);
    let refused = || {
        let detail = Text::new("geht nur als Verantwortliche des Vereins", "is for managers of the club only");
        Problem::unprocessable(vec![Fault { pointer: "/instead_of_me".to_owned(), detail }])
    };
    if is_one { Ok(me) } else { Err(refused()) }
}

/// Stores an invitation and the mail that brings its link.
pub async fn write(
    tx: &VillageTx,
    club: &Club,
    invitation: &ClubInvitation,
    language: &str,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    tx.club_invitations().add(invitation).await?;
    let to = (invitation.email.clone(), language);
    let letter = letter(ClubLetterKind::Invitation, invitation.id.0, to, now);
    Ok(tx.club_letters().add(about(club, letter)).await?)
}

/// An invitation that its token opens, with its club and the account that its address has.
pub struct Open {
    /// The invitation.
    pub invitation: ClubInvitation,
    /// The club.
    pub club: Club,
    /// The account of the address.
    pub account: Option<Account>,
}

/// What a token opens here. Tokens of other villages, and of clubs that take no part, are not known.
pub async fn open(app: &App, here: &InVillage, token: &str) -> Result<Found<Open>, Problem> {
    let now = app.clock.now();
    let id = links::read(&app.secrets, Purpose::JoinClub, here.village.id, token, now);
    let Some(id) = id.map(ClubInvitationId) else { return Ok(Found::unknown()) };
    let reader = here.scope.read().await?;
    let Some(invitation) = reader.club_invitations().find(id, now).await? else {
        return Ok(Found::ended(reader.ended_invitations().find(id.0).await?));
    };
    let club = reader.clubs().find(invitation.club).await?;
    let club = club.filter(|club| matches!(club.state, ClubState::Active | ClubState::Paused));
    drop(reader);
    let account = app.database.registry().await?.accounts().by_email(&invitation.email).await?;
    if account.as_ref().is_some_and(|account| account.disabled_at.is_some()) {
        return Ok(Found::unknown());
    }
    Ok(club.map_or_else(Found::unknown, |club| Found::Open(Open { invitation, club, account })))
}

/// Accepts an invitation: with the password of the account that the address has, or with a name and password for a new one.
pub async fn accept(app: &App, here: &InVillage, accepted: Acceptance) -> Result<(), Problem> {
    let now = app.clock.now();
    let open = open(app, here, &accepted.token).await?.or_refused()?;
    let email = open.invitation.email.as_str();
    let place = [here.village.name.as_str(), &here.village.slug, &open.club.page.name];
    let invited = invitation::Invited { email, account: open.account, place: &place };
    let accepting = Accepting::of(app, invited, accepted).await?;
    let tx = here.scope.begin().await?;
    // Held, so that of two who accept at once one is told that the link is good no more.
    let club = tx.clubs().find_for_change(open.club.id).await?.ok_or_else(Problem::not_found)?;
    let id = open.invitation.id;
    let Some(taken) = tx.club_invitations().take(id, now).await? else {
        return Found::ended(tx.ended_invitations().find(id.0).await?).or_refused();
    };
    let account = match accepting {
        Accepting::New(account) => tx.accounts().create(account).await.map_err(unless_taken)?.id,
        Accepting::Known(account) => account,
    };
    join(&tx, &club, &taken, account, now).await?;
    tx.commit().await?;
    tracing::info!(village = %here.village.id, club = %club.id, %account, "an invitation into a club was accepted");
    Ok(())
}

/// Gives the role of an invitation, in place of a lesser one, and ends that of whoever hands over, whose name and address leave the
/// club's page.
async fn join(
    tx: &VillageTx,
    club: &Club,
    taken: &ClubInvitation,
    account: AccountId,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    let members = tx.roles().in_club(taken.club).await?;
    let has = members.iter().find(|member| member.account == account).map(|member| member.kind);
    let replaced = has.filter(|has| *has == RoleKind::ClubAuthor && taken.kind == RoleKind::ClubManager);
    if has.is_none() || replaced.is_some() {
        if let Some(lesser) = replaced {
            tx.roles().revoke(account, lesser, Some(taken.club)).await?;
        }
        let role = NewRole { account, kind: taken.kind, club: Some(taken.club), term: Term::default() };
        tx.roles().grant(role, now).await?;
    }
    let leaving = taken.instead_of.filter(|before| *before != account);
    let has_left = match leaving {
        Some(before) => tx.roles().revoke(before, RoleKind::ClubManager, Some(taken.club)).await?,
        None => false,
    };
    // Log-ins first, logs last: so do those who change accounts.
    let joined = Deed::new(account, "club.joined", taken.club).detail(taken.kind.name());
    tx.audit().record(joined, now).await?;
    if let Some(lesser) = replaced {
        let change = format!("{} by {}", lesser.name(), taken.kind.name());
        tx.audit().record(Deed::new(account, "role.replaced", account).detail(change), now).await?;
    }
    if let Some(before) = leaving.filter(|_| has_left) {
        tx.audit().record(Deed::new(account, "club.handed_over", before), now).await?;
        if let Some(left) = members.iter().find(|member| member.account == before) {
            super::contact::clear_of(tx, club, left, now).await?;
        }
    }
    Ok(())
}

/// Takes an invitation back: its link is good no more.
pub async fn revoke(app: &App, manager: &ClubManager, id: ClubInvitationId) -> Result<(), Problem> {
    let tx = manager.here.scope.begin().await?;
    let now = app.clock.now();
    if !tx.club_invitations().revoke(manager.club.id, id, now).await? {
        return Err(Problem::not_found());
    }
    tx.audit().record(Deed::new(manager.session.account, "club.invitation_revoked", id.0), now).await?;
    Ok(tx.commit().await?)
}
