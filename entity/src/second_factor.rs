//! Second factors: a sealed secret per account that an authenticator makes codes of (TOTP, RFC 6238), and the hashes of recovery
//! codes. A code's time step is remembered when it is used, so that no process takes it, or an older one, again.

use crate::error::StoreError;
use crate::ids::AccountId;
use crate::instant::millis;
use crate::scope::{Connected, Registry, RegistryTx, store};
use crate::sql::{Count, Sql};
use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use uuid::Uuid;

pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "second_factor")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub account_id: Uuid,
        #[sea_orm(column_type = "Blob")]
        pub secret_sealed: Vec<u8>,
        pub confirmed_at: Option<i64>,
        pub last_step: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod recovery_code {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "recovery_code")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub account_id: Uuid,
        #[sea_orm(column_type = "Blob")]
        pub code_hash: Vec<u8>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// The second factor of an account.
#[derive(Clone, Debug)]
pub struct SecondFactor {
    /// The secret, sealed for its account.
    pub secret_sealed: Vec<u8>,
    /// Whether it is switched on; before, it is only being set up.
    pub confirmed: bool,
}

#[derive(FromQueryResult)]
struct Row {
    secret_sealed: Vec<u8>,
    confirmed_at: Option<i64>,
}

store!(
    /// The second factors.
    SecondFactors as second_factors in Registry, RegistryTx
);

impl<S: Connected> SecondFactors<'_, S> {
    /// The second factor of an account, also one that is only being set up.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of(&self, account: AccountId) -> Result<Option<SecondFactor>, StoreError> {
        let sql = "SELECT secret_sealed, confirmed_at FROM second_factor WHERE account_id = $1";
        let row = self.0.connection().row::<Row>(sql, vec![account.into()]).await?;
        Ok(row.map(|row| SecondFactor { secret_sealed: row.secret_sealed, confirmed: row.confirmed_at.is_some() }))
    }

    /// Whether it was taken away and no new one was set up since.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn was_taken_away(&self, account: AccountId) -> Result<bool, StoreError> {
        let sql = "SELECT COUNT(*) AS n FROM account WHERE id = $1 AND factor_taken_at IS NOT NULL";
        let count = self.0.connection().row::<Count>(sql, vec![account.into()]).await?;
        Ok(count.is_some_and(|count| count.n > 0))
    }
}

impl SecondFactors<'_, RegistryTx> {
    /// Begins to set one up, in place of one that was never confirmed. Whether there is none that is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin(&self, account: AccountId, secret_sealed: Vec<u8>) -> Result<bool, StoreError> {
        let sql = "INSERT INTO second_factor (account_id, secret_sealed, last_step) VALUES ($1, $2, 0)
                   ON CONFLICT (account_id) DO UPDATE SET secret_sealed = excluded.secret_sealed
                   WHERE second_factor.confirmed_at IS NULL";
        Ok(self.0.connection().run(sql, vec![account.into(), secret_sealed.into()]).await? > 0)
    }

    /// Switches on what was set up with this sealed secret, with the time step of its first code. Whether that was so.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn confirm(
        &self,
        account: AccountId,
        secret_sealed: &[u8],
        step: i64,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE second_factor SET confirmed_at = $4, last_step = $3
                   WHERE account_id = $1 AND secret_sealed = $2 AND confirmed_at IS NULL";
        let values = vec![account.into(), secret_sealed.to_vec().into(), step.into(), millis(now).into()];
        if self.0.connection().run(sql, values).await? == 0 {
            return Ok(false);
        }
        for sql in [
            "UPDATE account SET factor_taken_at = NULL WHERE id = $1",
            "DELETE FROM account_link WHERE account_id = $1 AND purpose = 2",
        ] {
            self.0.connection().run(sql, vec![account.into()]).await?;
        }
        Ok(true)
    }

    /// Takes it away, with all links: from now on a new one is set up by a link in a mail only. Whether there was one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_away(&self, account: AccountId, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let sql = "UPDATE account SET factor_taken_at = $2 WHERE id = $1";
        self.0.connection().run(sql, vec![account.into(), millis(now).into()]).await?;
        self.0.connection().run("DELETE FROM account_link WHERE account_id = $1", vec![account.into()]).await?;
        self.remove(account).await
    }

    /// Uses up the codes of a time step and of all before it. Whether they were not used before; of several at once, one gets it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn use_step(&self, account: AccountId, step: i64) -> Result<bool, StoreError> {
        let sql = "UPDATE second_factor SET last_step = $2
                   WHERE account_id = $1 AND last_step < $2 AND confirmed_at IS NOT NULL";
        Ok(self.0.connection().run(sql, vec![account.into(), step.into()]).await? > 0)
    }

    /// Uses a recovery code up. Whether there was such a one; of several at once, one gets it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn use_recovery_code(&self, account: AccountId, hash: &[u8]) -> Result<bool, StoreError> {
        let sql = "DELETE FROM recovery_code WHERE account_id = $1 AND code_hash = $2";
        Ok(self.0.connection().run(sql, vec![account.into(), hash.to_vec().into()]).await? > 0)
    }

    /// Puts new recovery codes in place of all before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_recovery_codes(&self, account: AccountId, hashes: &[Vec<u8>]) -> Result<(), StoreError> {
        self.0.connection().run("DELETE FROM recovery_code WHERE account_id = $1", vec![account.into()]).await?;
        for hash in hashes {
            let sql = "INSERT INTO recovery_code (id, account_id, code_hash) VALUES ($1, $2, $3)";
            let values = vec![Uuid::now_v7().into(), account.into(), hash.clone().into()];
            self.0.connection().run(sql, values).await?;
        }
        Ok(())
    }

    /// Switches it off, and forgets secret and recovery codes. Whether there was one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove(&self, account: AccountId) -> Result<bool, StoreError> {
        self.0.connection().run("DELETE FROM recovery_code WHERE account_id = $1", vec![account.into()]).await?;
        Ok(self.0.connection().run("DELETE FROM second_factor WHERE account_id = $1", vec![account.into()]).await? > 0)
    }
}
