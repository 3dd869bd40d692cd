//! Clubs that apply by themselves: the mailbox is confirmed first, then the town hall approves, or declines and says why.

use super::{Known, about, by_slug_for_change, invitations, known, letter, must, question};
use crate::app::App;
use crate::authority::{InVillage, TownHall};
use crate::http::Conditional;
use crate::links::{self, Purpose};
use crate::mail_address;
use crate::markdown;
use crate::problem::Problem;
use chrono::TimeDelta;
use entity::{
    Club, ClubApplication, ClubApplicationId, ClubId, ClubInvitation, ClubInvitationId, ClubLetter, ClubLetterKind,
    ClubPage, ClubState, Deed, RoleKind, Trust, VillageTx,
};

/// Notes an application and writes to its mailbox. One mailbox gets a few such mails a day at most; the answer is the same.
pub async fn apply(app: &App, here: &InVillage, application: ClubApplication) -> Result<(), Problem> {
    let now = app.clock.now();
    let key = app.secrets.hash("club application", mail_address::person(&application.contact_email).as_bytes());
    let registry = app.database.registry_tx().await?;
    let hits = registry.throttles().hit(&key, TimeDelta::days(1), now).await?;
    registry.commit().await?;
    if hits > i64::from(app.settings.limits.confirmations_per_mailbox) {
        return Ok(());
    }
    let expires_at = now + TimeDelta::hours(app.settings.retention.unconfirmed_h.into());
    let tx = here.scope.begin().await?;
    // The mail carries no words of a stranger's.
    let to = (application.contact_email.clone(), application.language.as_str());
    let letter = letter(ClubLetterKind::Application, application.id.0, to, now);
    tx.club_applications().add(application, now, expires_at).await?;
    tx.club_letters().add(ClubLetter { expires_at, ..letter }).await?;
    Ok(tx.commit().await?)
}

/// The application of a token, if it waits to be confirmed here.
pub async fn waiting(app: &App, here: &InVillage, token: &str) -> Result<Option<ClubApplicationId>, Problem> {
    let now = app.clock.now();
    let id = links::read(&app.secrets, Purpose::ApplyAsClub, here.village.id, token, now).map(ClubApplicationId);
    let Some(id) = id else { return Ok(None) };
    Ok(here.scope.read().await?.club_applications().find(id, now).await?.map(|found| found.id))
}

/// Confirms the mailbox of an application: the town hall sees it from now on. Whether there was one.
pub async fn confirm(app: &App, here: &InVillage, token: &str) -> Result<bool, Problem> {
    let now = app.clock.now();
    let Some(id) = waiting(app, here, token).await? else { return Ok(false) };
    let tx = here.scope.begin().await?;
    let Some(application) = tx.club_applications().take(id, now).await? else { return Ok(false) };
    let club = Club {
        id: ClubId::generate(),
        slug: free_slug(&tx, &application.name).await?,
        page: ClubPage {
            name: application.name,
            category: application.category,
            description_html: markdown::to_html(&application.description_markdown),
            description_markdown: application.description_markdown,
            meeting_times: String::new(),
            contact_name: application.contact_name,
            contact_email: application.contact_email,
            contact_phone: String::new(),
            website: String::new(),
        },
        state: ClubState::Applied,
        trust: Trust::Reviewed,
        decision: String::new(),
        version: 1,
        confirmed_at: None,
        asked_at: None,
        logo: None,
        contact_by: None,
        created_at: now,
    };
    let id = club.id;
    tx.clubs().create(club).await?;
    tx.audit().record(Deed::by_itself("club.applied", id), now).await?;
    tx.commit().await?;
    tracing::info!(village = %here.village.id, club = %id, "a club applied");
    Ok(true)
}

/// A name in URLs that no club here has: made of the club's name, and numbered when that is taken.
async fn free_slug(tx: &VillageTx, name: &str) -> Result<String, Problem> {
    let mut base = crate::text::folded(name);
    base.truncate(58);
    let base = base.trim_matches('-');
    let base = if base.len() < 2 { "verein" } else { base };
    for n in 1..1000 {
        let slug = if n == 1 { base.to_owned() } else { format!("{base}-{n}") };
        if tx.clubs().by_slug(&slug).await?.is_none() {
            return Ok(slug);
        }
    }
    Err(Problem::not_found())
}

/// What the town hall says to an application.
pub enum Answer {
    /// The club takes part; the applicant is invited as its first manager.
    Approve,
    /// It does not, for this reason.
    Decline(String),
}

/// Answers an application, in one transaction with the mail that says so.
pub async fn answer(
    app: &App,
    town_hall: &TownHall,
    slug: &str,
    condition: &Conditional,
    answer: Answer,
) -> Result<Known, Problem> {
    let now = app.clock.now();
    let by = town_hall.session.account;
    let language = &town_hall.here.village.language;
    let tx = town_hall.here.scope.begin().await?;
    let before = by_slug_for_change(&tx, slug).await?;
    condition.check(before.version)?;
    must(before.state == ClubState::Applied)?;
    let (id, recipient) = (before.id, before.page.contact_email.clone());
    let action = match answer {
        Answer::Approve => {
            tx.clubs().move_to(id, ClubState::Active, "").await?;
            tx.clubs().confirm(id, now, question::ask_after(now)).await?;
            let invitation = ClubInvitation {
                id: ClubInvitationId::generate(),
                club: id,
                kind: RoleKind::ClubManager,
                email: recipient.to_lowercase(),
                instead_of: None,
                invited_by: by,
                created_at: now,
                expires_at: now + TimeDelta::days(app.settings.accounts.invitation_d.into()),
            };
            invitations::write(&tx, &before, &invitation, language, now).await?;
            "club.approved"
        }
        Answer::Decline(reason) => {
            tx.clubs().move_to(id, ClubState::Declined, &reason).await?;
            let letter = about(&before, letter(ClubLetterKind::Declined, id.0, (recipient, language), now));
            tx.club_letters().add(ClubLetter { note: reason, ..letter }).await?;
            "club.declined"
        }
    };
    let known = known(&tx, id).await?;
    let deed = Deed::new(by, action, id).versions(Some(before.version), Some(known.club.version));
    tx.audit().record(deed.detail(known.club.decision.clone()), now).await?;
    tx.commit().await?;
    tracing::info!(village = %town_hall.here.village.id, club = %id, %by, action, "an application was answered");
    Ok(known)
}
