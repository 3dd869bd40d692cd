//! Accounts: the staff. They belong to no village; what they may do where is a [`crate::Role`].

use crate::error::StoreError;
use crate::ids::AccountId;
use crate::instant::{instant, millis};
use crate::scope::{Connected, Registry, RegistryTx, VillageTx, store};
use crate::sql::{Count, Sql};
use chrono::{DateTime, Utc};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "account")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        #[sea_orm(unique)]
        pub email: String,
        pub name: String,
        pub password_hash: String,
        pub operator: bool,
        pub created_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A member of staff.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its identifier.
    pub id: AccountId,
    /// The address it logs in with, in lower case.
    pub email: String,
    /// The person's name.
    pub name: String,
    /// The password's argon2id hash, a PHC string.
    pub password_hash: String,
    /// Whether this is an operator of the installation.
    pub operator: bool,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// An account to be made.
pub type NewAccount = Account;

store!(
    /// The accounts.
    Accounts as accounts in Registry, RegistryTx, VillageTx
);

impl<S: Connected> Accounts<'_, S> {
    /// The account that logs in with this address, given in lower case.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn by_email(&self, email: &str) -> Result<Option<Account>, StoreError> {
        let row = row::Entity::find().filter(row::Column::Email.eq(email)).one(self.0.connection()).await?;
        Ok(row.map(Into::into))
    }

    /// Whether there is any operator yet.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn any_operator(&self) -> Result<bool, StoreError> {
        let sql = "SELECT COUNT(*) AS n FROM account WHERE operator = TRUE";
        Ok(self.0.connection().row::<Count>(sql, vec![]).await?.is_some_and(|count| count.n > 0))
    }
}

impl<S: Connected> Accounts<'_, S>
where
    S: Writes,
{
    /// Makes an account.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when the address has one.
    pub async fn create(&self, account: NewAccount) -> Result<Account, StoreError> {
        let row = row::Model {
            id: account.id.0,
            email: account.email,
            name: account.name,
            password_hash: account.password_hash,
            operator: account.operator,
            created_at: millis(account.created_at),
        };
        Ok(row.into_active_model().insert(self.0.connection()).await?.into())
    }

    /// Gives an account another password, and ends its log-ins at once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_password(&self, id: AccountId, password_hash: &str) -> Result<(), StoreError> {
        let sql = "UPDATE account SET password_hash = $2 WHERE id = $1";
        self.0.connection().run(sql, vec![id.into(), password_hash.into()]).await?;
        self.0.connection().run("DELETE FROM session WHERE account_id = $1", vec![id.into()]).await.map(drop)
    }
}

/// The scopes an account can be made in.
pub trait Writes: Connected {}
impl Writes for RegistryTx {}
impl Writes for VillageTx {}

impl From<row::Model> for Account {
    fn from(row: row::Model) -> Self {
        Self {
            id: row.id.into(),
            email: row.email,
            name: row.name,
            password_hash: row.password_hash,
            operator: row.operator,
            created_at: instant(row.created_at),
        }
    }
}
