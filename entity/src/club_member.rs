//! The members of a club: who manages it and who writes for it.

use crate::error::StoreError;
use crate::ids::{AccountId, ClubId};
use crate::role::{RoleKind, Roles};
use crate::scope::InVillage;
use crate::sql::Sql;
use sea_orm::FromQueryResult;
use std::collections::HashMap;
use uuid::Uuid;

/// Somebody with a role in a club.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClubMember {
    /// The account.
    pub account: AccountId,
    /// The person's name.
    pub name: String,
    /// The address the person logs in with.
    pub email: String,
    /// Manager or author.
    pub kind: RoleKind,
}

#[derive(FromQueryResult)]
struct Row {
    account_id: Uuid,
    name: String,
    email: String,
    kind: RoleKind,
}

#[derive(FromQueryResult)]
struct Managers {
    club_id: Uuid,
    n: i64,
}

impl<S: InVillage> Roles<'_, S> {
    /// The members of a club, managers first. There are a few dozen at most.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn in_club(&self, club: ClubId) -> Result<Vec<ClubMember>, StoreError> {
        let sql = "SELECT r.account_id, a.name, a.email, r.kind FROM role r JOIN account a ON a.id = r.account_id
                   WHERE r.village_id = $1 AND r.club_id = $2 AND a.disabled_at IS NULL ORDER BY r.kind, a.name, a.id";
        let rows = self.0.connection().rows::<Row>(sql, vec![self.0.village_id().into(), club.into()]).await?;
        let member =
            |row: Row| ClubMember { account: row.account_id.into(), name: row.name, email: row.email, kind: row.kind };
        Ok(rows.into_iter().map(member).collect())
    }

    /// How many managers each club of the village has; clubs without any are absent.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn managers_by_club(&self) -> Result<HashMap<ClubId, usize>, StoreError> {
        let sql = "SELECT r.club_id, COUNT(*) AS n FROM role r JOIN account a ON a.id = r.account_id
                   WHERE r.village_id = $1 AND r.club_id IS NOT NULL AND r.kind = 3 AND a.disabled_at IS NULL
                   GROUP BY r.club_id";
        let rows = self.0.connection().rows::<Managers>(sql, vec![self.0.village_id().into()]).await?;
        let counted = |row: Managers| (row.club_id.into(), usize::try_from(row.n).unwrap_or_default());
        Ok(rows.into_iter().map(counted).collect())
    }
}
