//! Mails about accounts: the outbox of what belongs to no village. A claim pushes the next try forward, which is the lease; what
//! was sent, or will never be, is deleted.
//!
//! Whoever asks for a new password leaves a row with the address asked for, whether it has an account or not; that is found out
//! when the mail is made. So the request takes as long for both, and an address without an account is forgotten in seconds.

use crate::account_link::LinkPurpose;
use crate::audit_entry::Deed;
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
        pub about: String,
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
    /// Says that the second factor was taken away, and brings the link with which a new one is set up.
    SecondFactorTakenAway = 8,
    /// Brings that link once more.
    SecondFactorLink = 9,
    /// Says that there are new recovery codes.
    RecoveryCodesRenewed = 10,
    /// Says to the new address that the account has it now.
    EmailSet = 11,
    /// Says that somebody tries one password after the other, if the recipient has an account.
    LogInsFailed = 12,
    /// Brings the link to accept an invitation to edit for a municipality.
    MunicipalityInvitation = 13,
    /// Says that there is another second factor in place of the one before.
    SecondFactorReplaced = 14,
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
    /// The name of what it is about; empty for the account itself.
    pub about: String,
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
    /// The name of whoever invites, in an invitation; empty in others.
    pub invited_by: String,
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
    about: String,
    attempts: i32,
    created_at: i64,
    expires_at: i64,
}

#[derive(FromQueryResult)]
struct Named {
    name: String,
}

impl AccountMails<'_, RegistryTx> {
    /// Adds a mail.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add(&self, mail: NewAccountMail, now: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "INSERT INTO account_mail
                     (id, kind, recipient, language, attempts, next_try_at, created_at, expires_at, about)
                   VALUES ($1, $2, $3, $4, 0, $5, $5, $6, $7)";
        let values = vec![
            mail.id.into(),
            (mail.kind as i16).into(),
            mail.recipient.into(),
            mail.language.into(),
            millis(now).into(),
            millis(mail.expires_at).into(),
            mail.about.into(),
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
             RETURNING id, kind, recipient, language, about, attempts, created_at, expires_at"
        );
        let values = vec![millis(now).into(), i64::from(limit).into(), millis(lease_until).into()];
        let rows = self.0.connection().rows::<Row>(&sql, values).await?;
        let looked_at = rows.len();
        let mut claimed = Vec::with_capacity(looked_at);
        for row in rows {
            if row.expires_at > millis(now) && self.is_for_somebody(&row, now).await? {
                let invited_by = self.inviter(&row).await?;
                claimed.push(AccountMail { invited_by, ..row.into() });
            } else {
                self.delete(row.id.into()).await?;
            }
        }
        Ok((claimed, looked_at))
    }

    async fn is_for_somebody(&self, row: &Row, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let any = async |sql: &str, values| {
            let count = self.0.connection().row::<Count>(sql, values).await?;
            Ok::<bool, StoreError>(count.is_some_and(|count| count.n > 0))
        };
        match row.kind {
            AccountMailKind::PasswordReset => {
                self.0.account_links().create_reset(row.id.into(), &row.recipient, row.expires_at).await
            }
            AccountMailKind::EmailChange => {
                let sql = "SELECT COUNT(*) AS n FROM account_link l WHERE l.id = $1 AND l.purpose = $2
                             AND NOT EXISTS (SELECT 1 FROM account a WHERE a.email = l.email)";
                any(sql, vec![row.id.into(), (LinkPurpose::EmailChange as i16).into()]).await
            }
            AccountMailKind::SecondFactorTakenAway | AccountMailKind::SecondFactorLink => {
                let sql = "SELECT COUNT(*) AS n FROM account_link WHERE id = $1 AND purpose = $2";
                any(sql, vec![row.id.into(), (LinkPurpose::SecondFactor as i16).into()]).await
            }
            AccountMailKind::MunicipalityInvitation => {
                let sql = "SELECT COUNT(*) AS n FROM municipality_invitation WHERE id = $1";
                any(sql, vec![row.id.into()]).await
            }
            AccountMailKind::LogInsFailed => self.note_failed_log_ins(row, now).await,
            _ => Ok(true),
        }
    }

    /// Who invites, by name.
    async fn inviter(&self, row: &Row) -> Result<String, StoreError> {
        if row.kind != AccountMailKind::MunicipalityInvitation {
            return Ok(String::new());
        }
        let sql = "SELECT a.name FROM municipality_invitation i JOIN account a ON a.id = i.invited_by WHERE i.id = $1";
        let found = self.0.connection().row::<Named>(sql, vec![row.id.into()]).await?;
        Ok(found.map(|found| found.name).unwrap_or_default())
    }

    /// Whether there is an account whose log-ins fail; the villages where it belongs to the staff find it in their logs, once.
    async fn note_failed_log_ins(&self, row: &Row, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let account = self.0.accounts().by_email(&row.recipient).await?;
        let Some(account) = account.filter(|account| account.disabled_at.is_none()) else { return Ok(false) };
        if row.attempts == 1 {
            let deed = Deed::by_itself("account.log_ins_failed", account.id);
            self.0.record_for_staff(account.id, deed, now).await?;
        }
        Ok(true)
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
                about: row.about,
                expires_at: instant(row.expires_at),
            },
            attempt: row.attempts,
            created_at: instant(row.created_at),
            invited_by: String::new(),
        }
    }
}
