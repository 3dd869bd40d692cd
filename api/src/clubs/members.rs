//! Who runs a club and who writes for it.

use super::{ENOUGH_MANAGERS, contact, must};
use crate::app::App;
use crate::authority::ClubManager;
use crate::problem::Problem;
use crate::text::Text;
use entity::{AccountId, ClubId, ClubMember, Deed, RoleKind, StoreError, VillageTx};

/// The managers of a club.
pub async fn managers(tx: &VillageTx, club: ClubId) -> Result<Vec<ClubMember>, StoreError> {
    let members = tx.roles().in_club(club).await?;
    Ok(members.into_iter().filter(|member| member.kind == RoleKind::ClubManager).collect())
}

/// The members of a club, managers first.
pub async fn list(manager: &ClubManager) -> Result<Vec<ClubMember>, Problem> {
    Ok(manager.here.scope.read().await?.roles().in_club(manager.club.id).await?)
}

/// Takes somebody's role in a club away, at once, and a manager's name from its page. Two managers stay, unless the town hall wants it otherwise: who leaves hands
/// over.
pub async fn remove(app: &App, manager: &ClubManager, account: AccountId) -> Result<(), Problem> {
    let tx = manager.here.scope.begin().await?;
    let club = tx.clubs().find_for_change(manager.club.id).await?.ok_or_else(Problem::not_found)?;
    let members = tx.roles().in_club(club.id).await?;
    let leaving = members.iter().find(|member| member.account == account).ok_or_else(Problem::not_found)?;
    let managers = members.iter().filter(|member| member.kind == RoleKind::ClubManager).count();
    if leaving.kind == RoleKind::ClubManager && managers <= ENOUGH_MANAGERS && !manager.for_town_hall {
        return Err(Problem::conflict(Text::new(
            "Ein Verein behält mindestens zwei Verantwortliche. Übergeben Sie: Laden Sie jemanden an Ihrer Stelle ein.",
            "A club keeps at least two managers. Hand over: invite somebody in your place.",
        )));
    }
    must(tx.roles().revoke(account, leaving.kind, Some(club.id)).await?)?;
    let now = app.clock.now();
    tx.audit().record(Deed::new(manager.session.account, "club.member_removed", account), now).await?;
    contact::clear_of(&tx, &club, leaving, now).await?;
    tx.commit().await?;
    tracing::info!(village = %manager.here.village.id, club = %club.id, by = %manager.session.account, %account, "a member left a club");
    Ok(())
}
