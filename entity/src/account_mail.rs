//! Mails about accounts: the outbox of what belongs to no village. A claim pushes the next try forward, which is the lease; what
//! was sent, or will never be, is deleted.
//!
//! Whoever asks for a new password leaves a row with the address asked for, whether it has an account or not; that is found out
//! when the mail is made. So the request takes as long for both, and an address without an account is forgotten in seconds.

use crate::account_link::LinkPurpose;
use crate::error::StoreError;
use crate::ids::AccountLinkId;
use crate::instant::{instant, millis};
use crate::scope::{Connected, RegistryTx, store};
use crate::sql::{Count, Sql};
use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use sea_orm::entity::prelude::*;

pub(crate) mod row {
    use super::AccountMailKind;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "account_mail")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub kind: AccountMailKind,
        pub recipient: String,
        pub language: String,
        pub attempts: i32,
        pub next_try_at: i64,
        pub created_at: i64,
        pub expires_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// What a mail says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum AccountMailKind {
    /// Brings the link to a new password, if the recipient has an account.
    PasswordReset = 0,
    /// Brings the link that makes the recipient the account's address, unless it is one already.
    EmailChange = 1,
    /// Says that the password was changed.
    PasswordChanged = 2,
    /// Says that another address was asked for.
    EmailChangeAsked = 3,
    /// Says that the account has another address now.
    EmailChanged = 4,
    /// Says that the second factor was switched on.
    SecondFactorOn = 5,
    /// Says that the second factor was switched off.
    SecondFactorOff = 6,
    /// Says that a recovery code was used.
    RecoveryCodeUsed = 7,
}

/// A mail to be sent.
#[derive(Clone, Debug)]
pub struct NewAccountMail {
    /// Its identifier, which is that of its link too.
    pub id: AccountLinkId,
    /// What it says.
    pub kind: AccountMailKind,
    /// To whom, in lower case.
    pub recipient: String,
    /// In which language: a BCP 47 tag.
    pub language: String,
    /// From when on it need not be sent any more; its link ends then too.
    pub expires_at: DateTime<Utc>,
}

/// A mail that was claimed.
#[derive(Clone, Debug)]
pub struct AccountMail {
    /// What is to be sent.
    pub mail: NewAccountMail,
    /// Which attempt this is, from 1.
    pub attempt: i32,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
}

store!(
    /// The mails about accounts.
    AccountMails as account_mails in RegistryTx
);

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    kind: AccountMailKind,
    recipient: String,
    language: String,
    attempts: i32,
    created_at: i64,
    expires_at: i64,
}

impl AccountMails<'_, RegistryTx> {
    /// Adds a mail.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add(&self, mail: NewAccountMail, now: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "INSERT INTO account_mail
                     (id, kind, recipient, language, attempts, next_try_at, created_at, expires_at)
                   VALUES ($1, $2, $3, $4, 0, $5, $5, $6)";
        let values = vec![
            mail.id.into(),
            (mail.kind as i16).into(),
            mail.recipient.into(),
            mail.language.into(),
            millis(now).into(),
            millis(mail.expires_at).into(),
        ];
        self.0.connection().run(sql, values).await.map(drop)
    }

    /// Claims up to `limit` mails that are due, for this process alone until `lease_until`. Those for nobody, and those whose time
    /// is over, are deleted instead. Also how many there were with these.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim(
        &self,
        limit: u32,
        now: DateTime<Utc>,
        lease_until: DateTime<Utc>,
    ) -> Result<(Vec<AccountMail>, usize), StoreError> {
        let skip = if self.0.connection().is_postgres() { "FOR UPDATE SKIP LOCKED" } else { "" };
        let sql = format!(
            "WITH due AS MATERIALIZED (
               SELECT id FROM account_mail WHERE next_try_at <= $1 ORDER BY next_try_at LIMIT $2 {skip})
             UPDATE account_mail SET attempts = attempts + 1, next_try_at = $3 WHERE id IN (SELECT id FROM due)
             RETURNING id, kind, recipient, language, attempts, created_at, expires_at"
        );
        let values = vec![millis(now).into(), i64::from(limit).into(), millis(lease_until).into()];
        let rows = self.0.connection().rows::<Row>(&sql, values).await?;
        let looked_at = rows.len();
        let mut claimed = Vec::with_capacity(looked_at);
        for row in rows {
            if row.expires_at > millis(now) && self.is_for_somebody(&row).await? {
                claimed.push(row.into());
            } else {
                self.delete(row.id.into()).await?;
            }
        }
        Ok((claimed, looked_at))
    }

    async fn is_for_somebody(&self, row: &Row) -> Result<bool, StoreError> {
        match row.kind {
            AccountMailKind::PasswordReset => {
                self.0.account_links().create_reset(row.id.into(), &row.recipient, row.expires_at).await
            }
            AccountMailKind::EmailChange => {
                let sql = "SELECT COUNT(*) AS n FROM account_link l WHERE l.id = $1 AND l.purpose = $2
                             AND NOT EXISTS (SELECT 1 FROM account a WHERE a.email = l.email)";
                let values = vec![row.id.into(), (LinkPurpose::EmailChange as i16).into()];
                Ok(self.0.connection().row::<Count>(sql, values).await?.is_some_and(|count| count.n > 0))
            }
            _ => Ok(true),
        }
    }

    /// Forgets a mail: it was sent, or never will be.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete(&self, id: AccountLinkId) -> Result<(), StoreError> {
        self.0.connection().run("DELETE FROM account_mail WHERE id = $1", vec![id.into()]).await.map(drop)
    }

    /// Puts a mail off, unless it was claimed again since `attempt`. An attempt that does not count is taken back.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn postpone(
        &self,
        id: AccountLinkId,
        attempt: i32,
        at: DateTime<Utc>,
        attempts_so_far: i32,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE account_mail SET next_try_at = $3, attempts = $4 WHERE id = $1 AND attempts = $2";
        let values = vec![id.into(), attempt.into(), millis(at).into(), attempts_so_far.into()];
        self.0.connection().run(sql, values).await.map(drop)
    }

    /// Forgets mails whose time is over.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_expired(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        self.0.connection().run("DELETE FROM account_mail WHERE expires_at <= $1", vec![millis(now).into()]).await
    }
}

impl From<Row> for AccountMail {
    fn from(row: Row) -> Self {
        Self {
            mail: NewAccountMail {
                id: row.id.into(),
                kind: row.kind,
                recipient: row.recipient,
                language: row.language,
                expires_at: instant(row.expires_at),
            },
            attempt: row.attempts,
            created_at: instant(row.created_at),
        }
    }
}
