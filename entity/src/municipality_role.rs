//! Editors of a municipality: they may do in every village of it what an editor of the village may.

use crate::error::StoreError;
use crate::ids::{AccountId, MunicipalityId, VillageId};
use crate::instant::millis;
use crate::scope::{Connected, Registry, RegistryTx, store};
use crate::session::end_log_ins;
use crate::sql::Sql;
use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter};
use uuid::Uuid;

pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "municipality_role")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub municipality_id: Uuid,
        pub account_id: Uuid,
        pub created_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// An editor of a municipality.
#[derive(Clone, Debug, FromQueryResult)]
pub struct MunicipalityEditor {
    /// The account.
    pub account_id: Uuid,
    /// The person's name.
    pub name: String,
    /// The address the person logs in with.
    pub email: String,
}

/// A municipality, as its editor sees it.
#[derive(Clone, Debug)]
pub struct EditedMunicipality {
    /// Its identifier.
    pub id: MunicipalityId,
    /// Its name.
    pub name: String,
    /// The slugs of its villages, by their names.
    pub villages: Vec<String>,
}

#[derive(FromQueryResult)]
struct MunicipalityName {
    id: Uuid,
    name: String,
}

#[derive(FromQueryResult)]
struct VillageName {
    id: Uuid,
    slug: String,
}

store!(
    /// The editors of municipalities.
    MunicipalityRoles as municipality_roles in Registry, RegistryTx
);

impl<S: Connected> MunicipalityRoles<'_, S> {
    /// Whether an account is an editor of a municipality.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn holds(&self, municipality: MunicipalityId, account: AccountId) -> Result<bool, StoreError> {
        let found = row::Entity::find()
            .filter(row::Column::MunicipalityId.eq(municipality.0))
            .filter(row::Column::AccountId.eq(account.0))
            .one(self.0.connection())
            .await?;
        Ok(found.is_some())
    }

    /// The editors of a municipality, by name. There is a handful.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(&self, municipality: MunicipalityId) -> Result<Vec<MunicipalityEditor>, StoreError> {
        let sql = "SELECT m.account_id, a.name, a.email FROM municipality_role m JOIN account a ON a.id = m.account_id
                   WHERE m.municipality_id = $1 ORDER BY a.name, a.id";
        self.0.connection().rows(sql, vec![municipality.into()]).await
    }

    /// The villages of a municipality, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn villages(&self, municipality: MunicipalityId) -> Result<Vec<(VillageId, String)>, StoreError> {
        let sql = "SELECT id, slug FROM village WHERE municipality_id = $1 ORDER BY name, id";
        let rows = self.0.connection().rows::<VillageName>(sql, vec![municipality.into()]).await?;
        Ok(rows.into_iter().map(|row| (row.id.into(), row.slug)).collect())
    }

    /// The municipalities that an account is an editor of, by name. There are few.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of(&self, account: AccountId) -> Result<Vec<EditedMunicipality>, StoreError> {
        let sql = "SELECT m.municipality_id AS id, c.name FROM municipality_role m JOIN municipality c ON c.id = m.municipality_id
                   WHERE m.account_id = $1 ORDER BY c.name, c.id";
        let mut edited = Vec::new();
        for row in self.0.connection().rows::<MunicipalityName>(sql, vec![account.into()]).await? {
            let villages = self.villages(row.id.into()).await?;
            let villages = villages.into_iter().map(|(_, slug)| slug).collect();
            edited.push(EditedMunicipality { id: row.id.into(), name: row.name, villages });
        }
        Ok(edited)
    }

    /// The villages of the municipalities that an account is an editor of.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn villages_of_editor(&self, account: AccountId) -> Result<Vec<VillageId>, StoreError> {
        let sql = "SELECT v.id, v.slug FROM village v JOIN municipality_role m ON m.municipality_id = v.municipality_id
                   WHERE m.account_id = $1 ORDER BY v.id";
        let rows = self.0.connection().rows::<VillageName>(sql, vec![account.into()]).await?;
        Ok(rows.into_iter().map(|row| row.id.into()).collect())
    }
}

impl MunicipalityRoles<'_, RegistryTx> {
    /// Makes an account an editor of a municipality; whether that changed anything.
    ///
    /// # Errors
    /// [`StoreError::Referenced`] when there is no such municipality or account.
    pub async fn grant(
        &self,
        municipality: MunicipalityId,
        account: AccountId,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let sql = "INSERT INTO municipality_role (id, municipality_id, account_id, created_at) VALUES ($1, $2, $3, $4)
                   ON CONFLICT (municipality_id, account_id) DO NOTHING";
        let values = vec![Uuid::now_v7().into(), municipality.into(), account.into(), millis(now).into()];
        Ok(self.0.connection().run(sql, values).await? > 0)
    }

    /// Takes the role away, at once, and ends the account's log-ins; whether that changed anything.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revoke(&self, municipality: MunicipalityId, account: AccountId) -> Result<bool, StoreError> {
        let sql = "DELETE FROM municipality_role WHERE municipality_id = $1 AND account_id = $2";
        let revoked = self.0.connection().run(sql, vec![municipality.into(), account.into()]).await? > 0;
        if revoked {
            end_log_ins(self.0.connection(), account).await?;
        }
        Ok(revoked)
    }
}
