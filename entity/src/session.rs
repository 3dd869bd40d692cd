//! Sessions: log-ins of staff, known by the hash of an opaque token.

use crate::account::Account;
use crate::error::StoreError;
use crate::ids::{AccountId, SessionId};
use crate::instant::{instant, millis};
use crate::scope::{Connected, Registry, RegistryTx, store};
use crate::sql::Sql;
use crate::transaction::Transaction;
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
        pub device: String,
        pub last_used_at: i64,
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
    /// Whether the account has a second factor.
    pub second_factor: bool,
    /// When the log-in was last used, to some minutes.
    pub last_used_at: DateTime<Utc>,
}

/// A live log-in, as its account sees it.
#[derive(Clone, Debug)]
pub struct LogIn {
    /// Its identifier.
    pub id: SessionId,
    /// What kind of device it was begun on, in a word or two.
    pub device: String,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it was last used, to some minutes.
    pub last_used_at: DateTime<Utc>,
    /// When it ends by itself.
    pub expires_at: DateTime<Utc>,
}

/// A log-in to be recorded.
#[derive(Clone, Debug)]
pub struct NewLogIn<'a> {
    /// Whose it is.
    pub account: &'a Account,
    /// SHA-256 of its token.
    pub token_hash: &'a [u8],
    /// What kind of device it was begun on, in a word or two.
    pub device: &'a str,
    /// Now.
    pub now: DateTime<Utc>,
    /// When it ends by itself.
    pub expires_at: DateTime<Utc>,
}

/// Ends all log-ins of an account at once.
pub(crate) async fn end_log_ins(connection: &Transaction, account: AccountId) -> Result<(), StoreError> {
    connection.run("DELETE FROM session WHERE account_id = $1", vec![account.into()]).await.map(drop)
}

/// Most log-ins of one account at once; of more, the oldest end.
const MOST: i64 = 100;

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
    second_factor: bool,
    last_used_at: i64,
}

impl<S: Connected> Sessions<'_, S> {
    /// The live log-in whose token has this SHA-256 hash. One that was not used since `idle_since` has ended.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn by_token_hash(
        &self,
        hash: &[u8],
        now: DateTime<Utc>,
        idle_since: DateTime<Utc>,
    ) -> Result<Option<Session>, StoreError> {
        let sql = "SELECT s.id, s.account_id, a.name, a.email, a.operator, s.expires_at, s.last_used_at,
                     EXISTS (SELECT 1 FROM second_factor f WHERE f.account_id = a.id AND f.confirmed_at IS NOT NULL)
                       AS second_factor
                   FROM session s JOIN account a ON a.id = s.account_id
                   WHERE s.token_hash = $1 AND s.expires_at > $2 AND s.last_used_at > $3 AND a.disabled_at IS NULL";
        let values = vec![hash.to_vec().into(), millis(now).into(), millis(idle_since).into()];
        let row = self.0.connection().row::<Joined>(sql, values).await?;
        Ok(row.map(|row| Session {
            id: row.id.into(),
            account: row.account_id.into(),
            name: row.name,
            email: row.email,
            operator: row.operator,
            expires_at: instant(row.expires_at),
            second_factor: row.second_factor,
            last_used_at: instant(row.last_used_at),
        }))
    }
}

#[derive(FromQueryResult)]
struct Own {
    id: Uuid,
    device: String,
    created_at: i64,
    last_used_at: i64,
    expires_at: i64,
}

impl Sessions<'_, Registry> {
    /// The live log-ins of an account, the latest first; there are never more than a hundred.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of(
        &self,
        account: AccountId,
        now: DateTime<Utc>,
        idle_since: DateTime<Utc>,
    ) -> Result<Vec<LogIn>, StoreError> {
        let sql = "SELECT id, device, created_at, last_used_at, expires_at FROM session
                   WHERE account_id = $1 AND expires_at > $2 AND last_used_at > $3 ORDER BY created_at DESC, id DESC";
        let values = vec![account.into(), millis(now).into(), millis(idle_since).into()];
        let rows = self.0.connection().rows::<Own>(sql, values).await?;
        Ok(rows
            .into_iter()
            .map(|row| LogIn {
                id: row.id.into(),
                device: row.device,
                created_at: instant(row.created_at),
                last_used_at: instant(row.last_used_at),
                expires_at: instant(row.expires_at),
            })
            .collect())
    }
}

impl Sessions<'_, RegistryTx> {
    /// Records a log-in of an account whose password still has the hash that was verified, and that is not disabled. Whether so.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn create(&self, new: &NewLogIn<'_>) -> Result<bool, StoreError> {
        // The account's row is held, so that a change of the password ends this log-in or comes before it.
        let lock = if self.0.connection().is_postgres() { "FOR SHARE" } else { "" };
        let sql = format!(
            "INSERT INTO session (id, account_id, token_hash, created_at, expires_at, device, last_used_at)
             SELECT $1, a.id, $3, $4, $5, $7, $4 FROM account a
             WHERE a.id = $2 AND a.password_hash = $6 AND a.disabled_at IS NULL {lock}"
        );
        let values = vec![
            SessionId::generate().into(),
            new.account.id.into(),
            new.token_hash.to_vec().into(),
            millis(new.now).into(),
            millis(new.expires_at).into(),
            new.account.password_hash.clone().into(),
            new.device.into(),
        ];
        if self.0.connection().run(&sql, values).await? == 0 {
            return Ok(false);
        }
        let sql = "DELETE FROM session WHERE account_id = $1 AND id NOT IN
                     (SELECT id FROM session WHERE account_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2)";
        self.0.connection().run(sql, vec![new.account.id.into(), MOST.into()]).await?;
        Ok(true)
    }

    /// Ends one log-in of an account at once. Whether it had it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_one(&self, account: AccountId, id: SessionId) -> Result<bool, StoreError> {
        let sql = "DELETE FROM session WHERE account_id = $1 AND id = $2";
        Ok(self.0.connection().run(sql, vec![account.into(), id.into()]).await? > 0)
    }

    /// Notes that a log-in is used.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_use(&self, id: SessionId, now: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "UPDATE session SET last_used_at = $2 WHERE id = $1";
        self.0.connection().run(sql, vec![id.into(), millis(now).into()]).await.map(drop)
    }

    /// Ends all log-ins of an account, at once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_all(&self, account: AccountId) -> Result<(), StoreError> {
        end_log_ins(self.0.connection(), account).await
    }

    /// Ends all log-ins of an account but one, at once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_others(&self, account: AccountId, except: SessionId) -> Result<(), StoreError> {
        let sql = "DELETE FROM session WHERE account_id = $1 AND id <> $2";
        self.0.connection().run(sql, vec![account.into(), except.into()]).await.map(drop)
    }

    /// Ends a log-in at once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end(&self, id: SessionId) -> Result<(), StoreError> {
        self.0.connection().run("DELETE FROM session WHERE id = $1", vec![id.into()]).await.map(drop)
    }

    /// Forgets log-ins that ended by themselves, also for not being used since `idle_since`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_ended(&self, now: DateTime<Utc>, idle_since: DateTime<Utc>) -> Result<u64, StoreError> {
        let sql = "DELETE FROM session WHERE expires_at <= $1 OR last_used_at <= $2";
        self.0.connection().run(sql, vec![millis(now).into(), millis(idle_since).into()]).await
    }
}
