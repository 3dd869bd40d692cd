//! Accounts: the staff. They belong to no village; what they may do where is a [`crate::Role`].

use crate::error::StoreError;
use crate::ids::{AccountId, SessionId};
use crate::instant::{instant, millis};
use crate::scope::{Connected, Registry, RegistryTx, VillageTx, store};
use crate::sql::{Count, Sql};
use chrono::{DateTime, Utc};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter};
use uuid::Uuid;

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
        pub disabled_at: Option<i64>,
        pub factor_taken_at: Option<i64>,
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
    /// Since when it cannot log in, if it cannot.
    pub disabled_at: Option<DateTime<Utc>>,
}

/// An account to be made.
pub type NewAccount = Account;

#[derive(FromQueryResult)]
struct Identified {
    id: Uuid,
}

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

    /// The account.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        Ok(row::Entity::find_by_id(id.0).one(self.0.connection()).await?.map(Into::into))
    }

    /// The operators that can log in and have no second factor.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn operators_without_second_factor(&self) -> Result<Vec<AccountId>, StoreError> {
        let sql = "SELECT a.id FROM account a WHERE a.operator = TRUE AND a.disabled_at IS NULL AND NOT EXISTS (
                     SELECT 1 FROM second_factor f WHERE f.account_id = a.id AND f.confirmed_at IS NOT NULL) ORDER BY a.id";
        let rows = self.0.connection().rows::<Identified>(sql, vec![]).await?;
        Ok(rows.into_iter().map(|row| row.id.into()).collect())
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
            disabled_at: account.disabled_at.map(millis),
            factor_taken_at: None,
        };
        Ok(row.into_active_model().insert(self.0.connection()).await?.into())
    }
}

impl Accounts<'_, RegistryTx> {
    /// Gives an account another password, whatever it was, and ends at once everything that the one before opened: its log-ins,
    /// and the links that were asked for with it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_password(&self, id: AccountId, password_hash: &str) -> Result<(), StoreError> {
        let sql = "UPDATE account SET password_hash = $2 WHERE id = $1";
        self.0.connection().run(sql, vec![id.into(), password_hash.into()]).await?;
        self.end_all(id, None).await
    }

    /// Ends the log-ins of an account but `except`, its links, and the mails that would bring further ones.
    async fn end_all(&self, id: AccountId, except: Option<SessionId>) -> Result<(), StoreError> {
        let connection = self.0.connection();
        // The mails first: whoever makes a link of one holds its row until the link is there to be deleted.
        let sql = "DELETE FROM account_mail WHERE kind = 0 AND recipient = (SELECT email FROM account WHERE id = $1)";
        connection.run(sql, vec![id.into()]).await?;
        connection.run("DELETE FROM account_link WHERE account_id = $1", vec![id.into()]).await?;
        let except = except.map_or(Uuid::nil(), |session| session.0);
        let sql = "DELETE FROM session WHERE account_id = $1 AND id <> $2";
        connection.run(sql, vec![id.into(), except.into()]).await.map(drop)
    }

    /// Gives an account that still has the password hash `before` another one. Ends its links and its log-ins, all but the one
    /// in which it was done. Whether it still had it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn change_password(
        &self,
        id: AccountId,
        before: &str,
        password_hash: &str,
        except: SessionId,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE account SET password_hash = $2 WHERE id = $1 AND password_hash = $3";
        let values = vec![id.into(), password_hash.into(), before.into()];
        if self.0.connection().run(sql, values).await? == 0 {
            return Ok(false);
        }
        self.end_all(id, Some(except)).await?;
        Ok(true)
    }

    /// Keeps an account from logging in, and ends its log-ins and links at once. Whether there is one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn disable(&self, id: AccountId, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let sql = "UPDATE account SET disabled_at = COALESCE(disabled_at, $2) WHERE id = $1";
        if self.0.connection().run(sql, vec![id.into(), millis(now).into()]).await? == 0 {
            return Ok(false);
        }
        self.end_all(id, None).await?;
        Ok(true)
    }

    /// Lets an account log in again. Whether there is one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn enable(&self, id: AccountId) -> Result<bool, StoreError> {
        let sql = "UPDATE account SET disabled_at = NULL WHERE id = $1";
        Ok(self.0.connection().run(sql, vec![id.into()]).await? > 0)
    }

    /// Gives an account another address to log in with, and ends its links.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when the address has an account.
    pub async fn change_email(&self, id: AccountId, email: &str) -> Result<(), StoreError> {
        let mails = "DELETE FROM account_mail WHERE kind = 0 AND recipient = (SELECT email FROM account WHERE id = $1)";
        self.0.connection().run(mails, vec![id.into()]).await?;
        let sql = "UPDATE account SET email = $2 WHERE id = $1";
        self.0.connection().run(sql, vec![id.into(), email.into()]).await?;
        self.0.connection().run("DELETE FROM account_link WHERE account_id = $1", vec![id.into()]).await.map(drop)
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
            disabled_at: row.disabled_at.map(instant),
        }
    }
}
