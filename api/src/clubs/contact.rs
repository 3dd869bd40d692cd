//! Whom to ask about a club, on its public page. Whoever leaves as a manager is not to stand there any longer: unless somebody who stays
//! has entered somebody else, the page says nobody until a manager enters themselves.

use chrono::{DateTime, Utc};
use entity::{Club, ClubMember, ClubPage, Deed, RoleKind, StoreError, VillageTx};

/// Clears the contact when a manager has left a club, unless it is somebody else's for sure.
pub async fn clear_of(tx: &VillageTx, club: &Club, left: &ClubMember, now: DateTime<Utc>) -> Result<(), StoreError> {
    let page = &club.page;
    if left.kind != RoleKind::ClubManager || is_empty(page) {
        return Ok(());
    }
    let stays = |member: &ClubMember| member.account != left.account && Some(member.account) == club.contact_by;
    let entered_by_one_who_stays = tx.roles().in_club(club.id).await?.iter().any(stays);
    if entered_by_one_who_stays && !is_of(page, left) {
        return Ok(());
    }
    let nobody = ClubPage {
        contact_name: String::new(),
        contact_email: String::new(),
        contact_phone: String::new(),
        ..page.clone()
    };
    tx.clubs().describe(club.id, nobody, None).await?;
    let deed = Deed::by_itself("club.contact_cleared", club.id);
    tx.audit().record(deed.versions(Some(club.version), Some(club.version + 1)), now).await
}

/// Whether two pages name the same contact.
pub fn is_same(one: &ClubPage, other: &ClubPage) -> bool {
    let of = |page: &ClubPage| [page.contact_name.clone(), page.contact_email.clone(), page.contact_phone.clone()];
    of(one) == of(other)
}

fn is_empty(page: &ClubPage) -> bool {
    [&page.contact_name, &page.contact_email, &page.contact_phone].into_iter().all(String::is_empty)
}

/// Whether a page names this person, by a part of the name or by the address.
fn is_of(page: &ClubPage, person: &ClubMember) -> bool {
    let (name, contact) = (crate::text::folded(&person.name), crate::text::folded(&page.contact_name));
    let same_name = !name.is_empty() && !contact.is_empty() && (name.contains(&contact) || contact.contains(&name));
    same_name || page.contact_email.to_lowercase() == person.email.to_lowercase()
}
