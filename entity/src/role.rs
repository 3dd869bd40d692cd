//! Roles: what an account may do in a village. Club roles, stand-ins and the right to send alerts will be further kinds.

use crate::error::StoreError;
use crate::ids::{AccountId, RoleId, VillageId};
use crate::instant::millis;
use crate::scope::{Connected, InVillage, Registry, Village, VillageTx, store};
use crate::sql::Sql;
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;
use sea_orm::{FromQueryResult, IntoActiveModel};

pub(crate) mod row {
    use super::RoleKind;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "role")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub account_id: Uuid,
        pub kind: RoleKind,
        pub created_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// What a role allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum RoleKind {
    /// Everything in the village: topics, staff, and all that an editor may.
    #[sea_orm(num_value = 0)]
    Admin,
    /// Writing, publishing and withdrawing posts.
    #[sea_orm(num_value = 1)]
    Editor,
}

/// An account's role in one village.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Where.
    pub village: VillageId,
    /// The village's name in URLs.
    pub village_slug: String,
    /// What.
    pub kind: RoleKind,
}

/// A member of a village's staff.
#[derive(Clone, Debug, FromQueryResult)]
pub struct RoleHolder {
    /// The account.
    pub account_id: Uuid,
    /// The person's name.
    pub name: String,
    /// The address the person logs in with.
    pub email: String,
    /// What the person may do here.
    pub kind: RoleKind,
}

store!(
    /// The roles in the village, or, in a registry, the roles of one account.
    Roles as roles in Registry, Village, VillageTx
);

#[derive(FromQueryResult)]
struct OwnRole {
    village_id: Uuid,
    slug: String,
    kind: RoleKind,
}

impl Roles<'_, Registry> {
    /// The roles of one account in all villages: what it may know about itself.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of(&self, account: AccountId) -> Result<Vec<Role>, StoreError> {
        self.0.as_account(account).await?;
        let sql = "SELECT r.village_id, v.slug, r.kind FROM role r JOIN village v ON v.id = r.village_id
                   WHERE r.account_id = $1 ORDER BY v.name, v.id";
        let rows = self.0.connection().rows::<OwnRole>(sql, vec![account.into()]).await?;
        Ok(rows
            .into_iter()
            .map(|row| Role { village: row.village_id.into(), village_slug: row.slug, kind: row.kind })
            .collect())
    }
}

impl<S: InVillage> Roles<'_, S> {
    /// What an account may do in this village.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn here(&self, account: AccountId) -> Result<Option<RoleKind>, StoreError> {
        let row = row::Entity::find()
            .filter(row::Column::VillageId.eq(self.0.village_id().0))
            .filter(row::Column::AccountId.eq(account.0))
            .one(self.0.connection())
            .await?;
        Ok(row.map(|row| row.kind))
    }

    /// The staff of this village, by name. A village has a handful.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(&self) -> Result<Vec<RoleHolder>, StoreError> {
        let sql = "SELECT r.account_id, a.name, a.email, r.kind FROM role r JOIN account a ON a.id = r.account_id
                   WHERE r.village_id = $1 ORDER BY a.name, a.id";
        self.0.connection().rows(sql, vec![self.0.village_id().into()]).await
    }
}

impl Roles<'_, VillageTx> {
    /// Gives an account a role here.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when it has one.
    pub async fn grant(&self, account: AccountId, kind: RoleKind, now: DateTime<Utc>) -> Result<(), StoreError> {
        let row = row::Model {
            village_id: self.0.village_id().0,
            id: RoleId::generate().0,
            account_id: account.0,
            kind,
            created_at: millis(now),
        };
        row.into_active_model().insert(self.0.connection()).await?;
        Ok(())
    }

    /// Takes an account's role of this kind away, at once. Whether it had it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revoke(&self, account: AccountId, kind: RoleKind) -> Result<bool, StoreError> {
        let sql = "DELETE FROM role WHERE village_id = $1 AND account_id = $2 AND kind = $3";
        let values = vec![self.0.village_id().into(), account.into(), (kind as i16).into()];
        Ok(self.0.connection().run(sql, values).await? > 0)
    }
}
