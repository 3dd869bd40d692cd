//! Villages whose staff must have a second factor: one row, or none.

use crate::error::StoreError;
use crate::instant::millis;
use crate::scope::{Connected, InVillage, Village, VillageTx, store};
use crate::sql::{Count, Sql};
use chrono::{DateTime, Utc};
use uuid::Uuid;

pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "second_factor_rule")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub created_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

store!(
    /// Whether the village's staff must have a second factor.
    SecondFactorRules as second_factor_rule in Village, VillageTx
);

impl<S: InVillage> SecondFactorRules<'_, S> {
    /// Whether it must.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn holds(&self) -> Result<bool, StoreError> {
        let sql = "SELECT COUNT(*) AS n FROM second_factor_rule WHERE village_id = $1";
        let count = self.0.connection().row::<Count>(sql, vec![self.0.village_id().into()]).await?;
        Ok(count.is_some_and(|count| count.n > 0))
    }
}

impl SecondFactorRules<'_, VillageTx> {
    /// From now on it must. Whether that changed anything.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn make(&self, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let sql = "INSERT INTO second_factor_rule (village_id, id, created_at) VALUES ($1, $2, $3)
                   ON CONFLICT (village_id) DO NOTHING";
        let values = vec![self.0.village_id().into(), Uuid::now_v7().into(), millis(now).into()];
        Ok(self.0.connection().run(sql, values).await? > 0)
    }

    /// From now on it need not. Whether that changed anything.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lift(&self) -> Result<bool, StoreError> {
        let sql = "DELETE FROM second_factor_rule WHERE village_id = $1";
        Ok(self.0.connection().run(sql, vec![self.0.village_id().into()]).await? > 0)
    }
}
