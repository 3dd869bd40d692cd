//! Requests with an `Idempotency-Key`, and the answers that a repeat of them gets again.

use crate::error::StoreError;
use crate::ids::AccountId;
use crate::instant::millis;
use crate::scope::{Connected, InVillage, VillageTx, store};
use crate::sql::Sql;
use crate::transaction::Transaction;
use chrono::{DateTime, Utc};
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "idempotency_key")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
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

/// A request that carries an `Idempotency-Key`.
#[derive(Clone, Debug)]
pub struct Request {
    /// Who sent it.
    pub account: AccountId,
    /// SHA-256 of the key.
    pub key_hash: Vec<u8>,
    /// SHA-256 of what was asked: method, path, precondition and body.
    pub request_hash: Vec<u8>,
}

/// The answer to a request.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Answer {
    /// The HTTP status.
    pub status: i16,
    /// The `ETag` header.
    pub etag: Option<String>,
    /// The `Location` header.
    pub location: Option<String>,
    /// The JSON body.
    pub body: String,
}

/// What is known of a request's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is new, and now claimed: do the work in the same transaction, then keep the answer.
    Nothing,
    /// The same request was answered before.
    Answer(Answer),
    /// The key was used for another request.
    OtherRequest,
}

store!(
    /// The requests kept in this village.
    IdempotencyKeys as idempotency_keys in VillageTx
);

impl IdempotencyKeys<'_, VillageTx> {
    /// Claims the key of a request. Of several at once, one gets [`Kept::Nothing`]; the others wait for its transaction.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim(&self, request: &Request, now: DateTime<Utc>) -> Result<Kept, StoreError> {
        let sql = "INSERT INTO idempotency_key (village_id, id, account_id, key_hash, request_hash, created_at)
                   VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (village_id, account_id, key_hash) DO NOTHING";
        let mut values = vec![self.0.village_id().into()];
        values.extend(claim_values(request, now));
        if self.0.connection().run(sql, values).await? > 0 {
            return Ok(Kept::Nothing);
        }
        let sql = "SELECT request_hash, status, etag, location, body FROM idempotency_key
                   WHERE village_id = $1 AND account_id = $2 AND key_hash = $3";
        let values = vec![self.0.village_id().into(), request.account.into(), request.key_hash.clone().into()];
        kept(self.0.connection(), sql, values, request).await
    }

    /// Keeps the answer to a claimed request.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep(&self, request: &Request, answer: &Answer) -> Result<(), StoreError> {
        let sql = "UPDATE idempotency_key SET status = $4, etag = $5, location = $6, body = $7
                   WHERE village_id = $1 AND account_id = $2 AND key_hash = $3";
        let mut values = vec![self.0.village_id().into(), request.account.into(), request.key_hash.clone().into()];
        values.extend(answer_values(answer));
        self.0.connection().run(sql, values).await.map(drop)
    }

    /// Forgets requests made before `then`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_before(&self, then: DateTime<Utc>) -> Result<u64, StoreError> {
        let sql = "DELETE FROM idempotency_key WHERE village_id = $1 AND created_at < $2";
        self.0.connection().run(sql, vec![self.0.village_id().into(), millis(then).into()]).await
    }
}

#[derive(FromQueryResult)]
struct Remembered {
    request_hash: Vec<u8>,
    status: Option<i16>,
    etag: Option<String>,
    location: Option<String>,
    body: Option<String>,
}

pub(crate) fn claim_values(request: &Request, now: DateTime<Utc>) -> [Value; 5] {
    [
        Uuid::now_v7().into(),
        request.account.into(),
        request.key_hash.clone().into(),
        request.request_hash.clone().into(),
        millis(now).into(),
    ]
}

pub(crate) fn answer_values(answer: &Answer) -> [Value; 4] {
    [answer.status.into(), answer.etag.clone().into(), answer.location.clone().into(), answer.body.clone().into()]
}

/// Reads what a claimed key stands for. A row without an answer cannot be seen: claim and answer commit together.
pub(crate) async fn kept(
    connection: &Transaction,
    sql: &str,
    values: Vec<Value>,
    request: &Request,
) -> Result<Kept, StoreError> {
    let Some(row) = connection.row::<Remembered>(sql, values).await? else {
        return Ok(Kept::OtherRequest);
    };
    if row.request_hash != request.request_hash {
        return Ok(Kept::OtherRequest);
    }
    match (row.status, row.body) {
        (Some(status), Some(body)) => Ok(Kept::Answer(Answer { status, etag: row.etag, location: row.location, body })),
        _ => Ok(Kept::OtherRequest),
    }
}
