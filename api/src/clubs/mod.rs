//! Clubs (Vereine): their pages, who runs them, how they come to take part and when they rest.
//!
//! The town hall enters clubs or approves those that apply, trusts them or has their posts reviewed, and switches them off. Their
//! managers keep the page, invite each other and authors, and say once a year that the club is still there.

mod application_routes;
mod applications;
mod contact;
mod dates;
mod directory;
mod invitation_routes;
mod invitations;
mod members;
mod pages;
mod question;
mod routes;
mod staff_routes;
mod view;

use application_routes::ClubApplicationRoutes;
use invitation_routes::ClubInvitationRoutes;
pub use question::keep_asking;
use routes::ClubRoutes;
use staff_routes::ClubStaffRoutes;

use crate::app::App;
use crate::authority::{ClubManager, TownHall};
use crate::http::{Answer, Conditional, Cursors};
use crate::idempotency;
use crate::problem::{Fault, Problem};
use crate::text::Text;
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    Club, ClubId, ClubLetter, ClubLetterId, ClubLetterKind, ClubQuery, ClubState, Deed, StoreError, Trust, VillageTx,
};
use uuid::Uuid;
use view::{Change, StaffClubView};

/// The operations on clubs.
pub type Routes = (ClubRoutes, ClubStaffRoutes, ClubInvitationRoutes, ClubApplicationRoutes);

/// The operations on clubs, for one installation.
pub fn routes(app: &App) -> Routes {
    (
        ClubRoutes(app.clone()),
        ClubStaffRoutes(app.clone()),
        ClubInvitationRoutes(app.clone()),
        ClubApplicationRoutes(app.clone()),
    )
}

/// How many managers a club should have, so that it does not hang on one person.
const ENOUGH_MANAGERS: usize = 2;

/// For how long a mail about a club is worth sending.
const LETTER_MATTERS: TimeDelta = TimeDelta::days(14);

/// A club and what the desk knows about it.
struct Known {
    club: Club,
    managers: usize,
}

/// Enters a club that takes part at once.
async fn create(
    app: &App,
    town_hall: &TownHall,
    mut club: Club,
    request: Option<entity::Request>,
) -> Result<entity::Answer, Problem> {
    let now = app.clock.now();
    let tx = town_hall.here.scope.begin().await?;
    if let Some(answer) = idempotency::claim(&tx, request.as_ref(), now).await? {
        return Ok(answer);
    }
    let id = club.id;
    (club.created_at, club.confirmed_at) = (now, Some(now));
    tx.clubs().create(club).await.map_err(|error| match error {
        StoreError::Taken => Problem::conflict(Text::new(
            "Einen Verein mit diesem slug gibt es schon.",
            "There is a club with this slug already.",
        )),
        other => other.into(),
    })?;
    tx.clubs().confirm(id, now, question::ask_after(now)).await?;
    let known = known(&tx, id).await?;
    tx.audit().record(Deed::new(town_hall.session.account, "club.created", id), now).await?;
    let at = format!("/v1/admin/villages/{}/clubs/{}", town_hall.here.village.slug, known.club.slug);
    let view = StaffClubView::new(&known, &town_hall.here.village.slug);
    let answer = Answer::<201, StaffClubView>::of(&view).version(known.club.version).at(at).to_keep();
    idempotency::keep(&tx, request.as_ref(), answer.clone()).await?;
    tx.commit().await?;
    tracing::info!(village = %town_hall.here.village.id, club = %id, by = %town_hall.session.account, "a club was entered");
    Ok(answer)
}

/// Says something else about a club.
async fn change(app: &App, manager: &ClubManager, condition: &Conditional, change: Change) -> Result<Known, Problem> {
    let now = app.clock.now();
    let tx = manager.here.scope.begin().await?;
    let before = tx.clubs().find_for_change(manager.club.id).await?.ok_or_else(Problem::not_found)?;
    condition.check(before.version)?;
    let id = before.id;
    if let Some(page) = change.page(&before.page)? {
        let same = contact::is_same(&page, &before.page);
        let contact_by = if same { before.contact_by } else { Some(manager.session.account) };
        tx.clubs().describe(id, page, contact_by).await?;
    }
    if let Some(logo) = change.logo
        && !tx.clubs().set_logo(id, logo, now).await?
    {
        return Err(Problem::unprocessable(vec![Fault {
            pointer: "/logo".to_owned(),
            detail: Text::new("ist kein Bild dieses Dorfes", "is not an image of this village"),
        }]));
    }
    let known = known(&tx, id).await?;
    if known.club.version != before.version {
        let deed = Deed::new(manager.session.account, "club.changed", id);
        tx.audit().record(deed.versions(Some(before.version), Some(known.club.version)), now).await?;
    }
    tx.commit().await?;
    Ok(known)
}

/// What the town hall decides about a club that takes part.
enum Verdict {
    /// Its posts are reviewed from now on, or no longer.
    Trust(Trust),
    /// It takes part no longer, for this reason.
    Off(String),
    /// It takes part again.
    On,
}

/// Decides: all of what belongs to it, or nothing. What a club that is switched off has planned goes back into review with it, and its
/// coming dates are not shown until it takes part again.
async fn decide(
    app: &App,
    town_hall: &TownHall,
    slug: &str,
    condition: &Conditional,
    verdict: Verdict,
) -> Result<Known, Problem> {
    let now = app.clock.now();
    let by = town_hall.session.account;
    let tx = town_hall.here.scope.begin().await?;
    let before = by_slug_for_change(&tx, slug).await?;
    condition.check(before.version)?;
    let id = before.id;
    let (action, detail) = match &verdict {
        Verdict::Trust(trust) => {
            allow_trust(&tx, &before, *trust).await?;
            tx.clubs().set_trust(id, *trust).await?;
            ("club.trust_changed", if *trust == Trust::Trusted { "trusted" } else { "reviewed" }.to_owned())
        }
        Verdict::Off(reason) => {
            must(matches!(before.state, ClubState::Active | ClubState::Paused))?;
            tx.clubs().move_to(id, ClubState::Off, reason).await?;
            tx.club_invitations().revoke_all(id, now).await?;
            dates::take_away(&tx, id, now).await?;
            tell_managers(&tx, &before, ClubLetterKind::SwitchedOff, reason, &town_hall.here.village.language, now)
                .await?;
            ("club.switched_off", reason.clone())
        }
        Verdict::On => {
            must(before.state == ClubState::Off)?;
            tx.clubs().move_to(id, ClubState::Active, "").await?;
            tx.clubs().confirm(id, now, question::ask_after(now)).await?;
            dates::bring_back(&tx, id, now).await?;
            ("club.switched_on", String::new())
        }
    };
    let known = known(&tx, id).await?;
    let deed = Deed::new(by, action, id).versions(Some(before.version), Some(known.club.version)).detail(detail);
    tx.audit().record(deed, now).await?;
    tx.commit().await?;
    tracing::info!(village = %town_hall.here.village.id, club = %id, %by, action, "the town hall decided about a club");
    Ok(known)
}

/// A club that hangs on one person cannot be trusted to publish by itself.
async fn allow_trust(tx: &VillageTx, club: &Club, trust: Trust) -> Result<(), Problem> {
    must(matches!(club.state, ClubState::Active | ClubState::Paused))?;
    if trust == Trust::Trusted && members::managers(tx, club.id).await?.len() < ENOUGH_MANAGERS {
        return Err(Problem::conflict(Text::new(
            "Vertraut werden kann einem Verein mit mindestens zwei Verantwortlichen.",
            "A club can be trusted once it has two managers.",
        )));
    }
    Ok(())
}

fn must(fits: bool) -> Result<(), Problem> {
    if fits {
        return Ok(());
    }
    Err(Problem::conflict(Text::new("In diesem Zustand geht das nicht.", "This is not possible in this state.")))
}

async fn by_slug_for_change(tx: &VillageTx, slug: &str) -> Result<Club, Problem> {
    // PostgreSQL cannot even be asked about a text with NUL.
    let found = if slug.contains('\0') { None } else { tx.clubs().by_slug(slug).await? };
    let id = found.ok_or_else(Problem::not_found)?.id;
    tx.clubs().find_for_change(id).await?.ok_or_else(Problem::not_found)
}

/// A club as the desk knows it.
async fn known(tx: &VillageTx, id: ClubId) -> Result<Known, Problem> {
    let club = tx.clubs().find(id).await?.ok_or_else(Problem::not_found)?;
    Ok(Known { managers: members::managers(tx, id).await?.len(), club })
}

/// Writes to every manager of a club.
async fn tell_managers(
    tx: &VillageTx,
    club: &Club,
    kind: ClubLetterKind,
    note: &str,
    language: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    for manager in members::managers(tx, club.id).await? {
        let letter = letter(kind, club.id.0, (manager.email, language), now);
        tx.club_letters().add(ClubLetter { note: note.to_owned(), ..about(club, letter) }).await?;
    }
    Ok(())
}

/// A mail about `subject`, to an address in a language.
fn letter(
    kind: ClubLetterKind,
    subject: Uuid,
    (recipient, language): (String, &str),
    now: DateTime<Utc>,
) -> ClubLetter {
    ClubLetter {
        id: ClubLetterId::generate(),
        club: None,
        kind,
        subject,
        recipient,
        language: language.to_owned(),
        club_name: String::new(),
        note: String::new(),
        created_at: now,
        expires_at: now + LETTER_MATTERS,
    }
}

/// The same mail, about a club that there is.
fn about(club: &Club, letter: ClubLetter) -> ClubLetter {
    ClubLetter { club: Some(club.id), club_name: club.page.name.clone(), ..letter }
}

/// A page of clubs for the town hall, and the cursor of the next.
async fn list(
    app: &App,
    town_hall: &TownHall,
    mut query: ClubQuery,
    cursor: Option<&str>,
) -> Result<(Vec<Known>, Option<String>), Problem> {
    let here = &town_hall.here;
    let cursors = Cursors::of(&app.secrets, format!("clubs {} {:?}", here.village.id, query.state));
    let limit = query.limit;
    (query.after, query.limit) = (cursors.read(cursor, place)?, limit + 1);
    let reader = here.scope.read().await?;
    let mut clubs = reader.clubs().list(&query).await?;
    let more = clubs.len() as u64 > limit;
    clubs.truncate(limit as usize);
    let managers = reader.roles().managers_by_club().await?;
    let next = clubs.last().filter(|_| more).map(|last| cursors.write(&place_of(last)));
    let known = |club: Club| Known { managers: managers.get(&club.id).copied().unwrap_or_default(), club };
    Ok((clubs.into_iter().map(known).collect(), next))
}

/// The place of a club in a list by name.
fn place_of(club: &Club) -> Vec<u8> {
    [club.id.0.as_bytes().as_slice(), club.page.name.as_bytes()].concat()
}

fn place(place: &[u8]) -> Option<(String, ClubId)> {
    let (id, name) = place.split_at_checked(16)?;
    Some((String::from_utf8(name.to_vec()).ok()?, Uuid::from_slice(id).ok()?.into()))
}
