//! Sessions: log-ins of staff, known by the hash of an opaque token.

use crate::account::Account;
use crate::error::StoreError;
use crate::ids::{AccountId, SessionId};
use crate::instant::{instant, millis};
use crate::scope::{Connected, Registry, RegistryTx, store};
use crate::sql::Sql;
use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use uuid::Uuid;

pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "session")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub account_id: Uuid,
        #[sea_orm(unique, column_type = "Blob")]
        pub token_hash: Vec<u8>,
        pub created_at: i64,
        pub expires_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A live log-in and whose it is.
#[derive(Clone, Debug)]
pub struct Session {
    /// Its identifier.
    pub id: SessionId,
    /// Who logged in.
    pub account: AccountId,
    /// The person's name.
    pub name: String,
    /// The address the person logs in with.
    pub email: String,
    /// Whether the account is an operator's.
    pub operator: bool,
    /// When the log-in ends by itself.
    pub expires_at: DateTime<Utc>,
}

store!(
    /// The log-ins.
    Sessions as sessions in Registry, RegistryTx
);

#[derive(FromQueryResult)]
struct Joined {
    id: Uuid,
    account_id: Uuid,
    name: String,
    email: String,
    operator: bool,
    expires_at: i64,
}

impl<S: Connected> Sessions<'_, S> {
    /// The live log-in whose token has this SHA-256 hash.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn by_token_hash(&self, hash: &[u8], now: DateTime<Utc>) -> Result<Option<Session>, StoreError> {
        let sql = "SELECT s.id, s.account_id, a.name, a.email, a.operator, s.expires_at
                   FROM session s JOIN account a ON a.id = s.account_id
                   WHERE s.token_hash = $1 AND s.expires_at > $2";
        let row = self.0.connection().row::<Joined>(sql, vec![hash.to_vec().into(), millis(now).into()]).await?;
        Ok(row.map(|row| Session {
            id: row.id.into(),
            account: row.account_id.into(),
            name: row.name,
            email: row.email,
            operator: row.operator,
            expires_at: instant(row.expires_at),
        }))
    }
}

impl Sessions<'_, RegistryTx> {
    /// Records a log-in of an account whose password still has the hash that was verified. Whether it has.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn create(
        &self,
        account: &Account,
        token_hash: &[u8],
        now: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        // The account's row is held, so that a change of the password ends this log-in or comes before it.
        let lock = if self.0.connection().is_postgres() { "FOR SHARE" } else { "" };
        let sql = format!(
            "INSERT INTO session (id, account_id, token_hash, created_at, expires_at)
             SELECT $1, a.id, $3, $4, $5 FROM account a WHERE a.id = $2 AND a.password_hash = $6 {lock}"
        );
        let values = vec![
            SessionId::generate().into(),
            account.id.into(),
            token_hash.to_vec().into(),
            millis(now).into(),
            millis(expires_at).into(),
            account.password_hash.clone().into(),
        ];
        Ok(self.0.connection().run(&sql, values).await? > 0)
    }

    /// Ends a log-in at once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end(&self, id: SessionId) -> Result<(), StoreError> {
        self.0.connection().run("DELETE FROM session WHERE id = $1", vec![id.into()]).await.map(drop)
    }

    /// Forgets log-ins that ended by themselves.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_expired(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        self.0.connection().run("DELETE FROM session WHERE expires_at <= $1", vec![millis(now).into()]).await
    }
}
