//! What an operator does to an account is seen in every village where the account belongs to the staff.

use crate::app::App;
use crate::problem::Problem;
use entity::{AccountId, Deed, RegistryTx, VillageId};

/// The villages where an account has a role, also as an editor of their municipality; in the order in which their logs are held.
///
/// # Errors
/// When the database fails.
pub async fn villages(app: &App, account: AccountId) -> Result<Vec<VillageId>, Problem> {
    let registry = app.database.registry().await?;
    let mut villages: Vec<VillageId> =
        registry.roles().of(account).await?.into_iter().map(|role| role.village).collect();
    villages.extend(registry.municipality_roles().villages_of_editor(account).await?);
    villages.sort_unstable();
    villages.dedup();
    Ok(villages)
}

/// Writes a deed into the logs of these villages, in the transaction it is done in.
///
/// # Errors
/// When the database fails.
pub async fn tell(app: &App, tx: &RegistryTx, villages: &[VillageId], deed: &Deed) -> Result<(), Problem> {
    for village in villages {
        tx.record_in(*village, deed.clone(), app.clock.now()).await?;
    }
    Ok(())
}
