//! Requests of operators with an `Idempotency-Key`: as [`crate::IdempotencyKeys`], for what belongs to no village.

use crate::error::StoreError;
use crate::idempotency_key::{Answer, Kept, Request, answer_values, claim_values, kept};
use crate::instant::millis;
use crate::scope::{Connected, RegistryTx, store};
use crate::sql::Sql;
use chrono::{DateTime, Utc};

pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "operator_idempotency_key")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub account_id: Uuid,
        #[sea_orm(column_type = "Blob")]
        pub key_hash: Vec<u8>,
        #[sea_orm(column_type = "Blob")]
        pub request_hash: Vec<u8>,
        pub status: Option<i16>,
        pub etag: Option<String>,
        pub location: Option<String>,
        #[sea_orm(column_type = "Text", nullable)]
        pub body: Option<String>,
        pub created_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

store!(
    /// The requests of operators that are kept.
    OperatorIdempotencyKeys as idempotency_keys in RegistryTx
);

impl OperatorIdempotencyKeys<'_, RegistryTx> {
    /// As [`crate::IdempotencyKeys::claim`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim(&self, request: &Request, now: DateTime<Utc>) -> Result<Kept, StoreError> {
        let sql = "INSERT INTO operator_idempotency_key (id, account_id, key_hash, request_hash, created_at)
                   VALUES ($1, $2, $3, $4, $5) ON CONFLICT (account_id, key_hash) DO NOTHING";
        if self.0.connection().run(sql, claim_values(request, now).to_vec()).await? > 0 {
            return Ok(Kept::Nothing);
        }
        let sql = "SELECT request_hash, status, etag, location, body FROM operator_idempotency_key
                   WHERE account_id = $1 AND key_hash = $2";
        let values = vec![request.account.into(), request.key_hash.clone().into()];
        kept(self.0.connection(), sql, values, request).await
    }

    /// As [`crate::IdempotencyKeys::keep`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep(&self, request: &Request, answer: &Answer) -> Result<(), StoreError> {
        let sql = "UPDATE operator_idempotency_key SET status = $3, etag = $4, location = $5, body = $6
                   WHERE account_id = $1 AND key_hash = $2";
        let mut values = vec![request.account.into(), request.key_hash.clone().into()];
        values.extend(answer_values(answer));
        self.0.connection().run(sql, values).await.map(drop)
    }

    /// As [`crate::IdempotencyKeys::forget_before`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_before(&self, then: DateTime<Utc>) -> Result<u64, StoreError> {
        let sql = "DELETE FROM operator_idempotency_key WHERE created_at < $1";
        self.0.connection().run(sql, vec![millis(then).into()]).await
    }
}
