//! Links in mails about an account: each for one purpose, good once and for a while. The token in the link is not stored; it is
//! the row's identifier, signed.

use crate::error::StoreError;
use crate::ids::{AccountId, AccountLinkId};
use crate::instant::millis;
use crate::scope::{Connected, Registry, RegistryTx, store};
use crate::sql::Sql;
use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use sea_orm::entity::prelude::*;

pub(crate) mod row {
    use super::LinkPurpose;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "account_link")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub account_id: Uuid,
        pub purpose: LinkPurpose,
        pub email: Option<String>,
        pub expires_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum LinkPurpose {
    /// Choosing a new password.
    PasswordReset = 0,
    /// Logging in with another address from now on.
    EmailChange = 1,
    /// Setting up a second factor after the one before was taken away.
    SecondFactor = 2,
}

/// A link that is good.
#[derive(Clone, Debug)]
pub struct AccountLink {
    /// Whose account it is about.
    pub account: AccountId,
    /// The new address, for [`LinkPurpose::EmailChange`].
    pub email: Option<String>,
}

#[derive(FromQueryResult)]
struct Row {
    account_id: Uuid,
    email: Option<String>,
}

store!(
    /// The links in mails about accounts.
    AccountLinks as account_links in Registry, RegistryTx
);

impl<S: Connected> AccountLinks<'_, S> {
    /// The link, if it is for this purpose, was not used and is still good, and its account is not disabled.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(
        &self,
        id: AccountLinkId,
        purpose: LinkPurpose,
        now: DateTime<Utc>,
    ) -> Result<Option<AccountLink>, StoreError> {
        let sql = "SELECT l.account_id, l.email FROM account_link l JOIN account a ON a.id = l.account_id
                   WHERE l.id = $1 AND l.purpose = $2 AND l.expires_at > $3 AND a.disabled_at IS NULL";
        let values = vec![id.into(), (purpose as i16).into(), millis(now).into()];
        let row = self.0.connection().row::<Row>(sql, values).await?;
        Ok(row.map(|row| AccountLink { account: row.account_id.into(), email: row.email }))
    }
}

impl AccountLinks<'_, RegistryTx> {
    /// Uses a link up; of several at once, one gets it. Nothing when [`AccountLinks::find`] would find nothing.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn use_up(
        &self,
        id: AccountLinkId,
        purpose: LinkPurpose,
        now: DateTime<Utc>,
    ) -> Result<Option<AccountLink>, StoreError> {
        let sql = "DELETE FROM account_link WHERE id = $1 AND purpose = $2 AND expires_at > $3
                     AND EXISTS (SELECT 1 FROM account a WHERE a.id = account_link.account_id AND a.disabled_at IS NULL)
                   RETURNING account_id, email";
        let values = vec![id.into(), (purpose as i16).into(), millis(now).into()];
        let row = self.0.connection().row::<Row>(sql, values).await?;
        Ok(row.map(|row| AccountLink { account: row.account_id.into(), email: row.email }))
    }

    /// Makes a link with which an account takes over the address `email`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn create_email_change(
        &self,
        id: AccountLinkId,
        account: AccountId,
        email: &str,
        expires_at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO account_link (id, account_id, purpose, email, expires_at) VALUES ($1, $2, 1, $3, $4)";
        let values = vec![id.into(), account.into(), email.into(), millis(expires_at).into()];
        self.0.connection().run(sql, values).await.map(drop)
    }

    /// Makes a link with which an account sets up a second factor.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn create_second_factor(
        &self,
        id: AccountLinkId,
        account: AccountId,
        expires_at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO account_link (id, account_id, purpose, expires_at) VALUES ($1, $2, 2, $3)";
        self.0.connection().run(sql, vec![id.into(), account.into(), millis(expires_at).into()]).await.map(drop)
    }

    /// Makes the link of a mail for whoever has the account of this address; once, however often. Whether there is one.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn create_reset(
        &self,
        id: AccountLinkId,
        email: &str,
        expires_at: i64,
    ) -> Result<bool, StoreError> {
        let sql = "INSERT INTO account_link (id, account_id, purpose, expires_at)
                   SELECT $1, a.id, 0, $3 FROM account a WHERE a.email = $2 AND a.disabled_at IS NULL
                   ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at";
        Ok(self.0.connection().run(sql, vec![id.into(), email.into(), expires_at.into()]).await? > 0)
    }

    /// Forgets links that are good no more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_expired(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        self.0.connection().run("DELETE FROM account_link WHERE expires_at <= $1", vec![millis(now).into()]).await
    }
}
