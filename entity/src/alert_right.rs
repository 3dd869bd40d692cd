//! The right to send alerts: given to people by name, apart from any role.

use crate::error::StoreError;
use crate::ids::AccountId;
use crate::instant::millis;
use crate::scope::{Connected, InVillage, VillageTx, store};
use crate::sql::Sql;
use chrono::{DateTime, Utc};
use uuid::Uuid;

pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "alert_right")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub account_id: Uuid,
        pub created_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

store!(
    /// Who may send alerts in the village.
    AlertRights as alert_rights in VillageTx
);

impl AlertRights<'_, VillageTx> {
    /// Gives somebody the right; whether that changed anything.
    ///
    /// # Errors
    /// [`StoreError::Referenced`] when there is no such account.
    pub async fn grant(&self, account: AccountId, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let sql = "INSERT INTO alert_right (village_id, id, account_id, created_at) VALUES ($1, $2, $3, $4)
                   ON CONFLICT (village_id, account_id) DO NOTHING";
        let values = vec![self.0.village_id().into(), Uuid::now_v7().into(), account.into(), millis(now).into()];
        Ok(self.0.connection().run(sql, values).await? > 0)
    }

    /// Takes the right away, at once; whether that changed anything.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revoke(&self, account: AccountId) -> Result<bool, StoreError> {
        let sql = "DELETE FROM alert_right WHERE village_id = $1 AND account_id = $2";
        Ok(self.0.connection().run(sql, vec![self.0.village_id().into(), account.into()]).await? > 0)
    }
}
