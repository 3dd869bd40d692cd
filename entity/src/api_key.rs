//! API keys: with which other programs, such as the website's CMS, write in a village. Known by the hash of an opaque token.

use crate::error::StoreError;
use crate::ids::{AccountId, ApiKeyId};
use crate::instant::{instant, millis};
use crate::scope::{Connected, InVillage, Village, VillageTx, store};
use crate::sql::Sql;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::FromQueryResult;
use uuid::Uuid;

pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "api_key")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub account_id: Uuid,
        pub name: String,
        #[sea_orm(column_type = "Blob")]
        pub token_hash: Vec<u8>,
        pub scopes: i32,
        pub created_at: i64,
        pub expires_at: i64,
        pub last_used_at: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// What a key may do. A closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiScope {
    /// Reading posts, drafts too.
    PostsRead,
    /// Writing, changing and deleting posts.
    PostsWrite,
    /// Publishing and withdrawing posts.
    PostsPublish,
}

impl ApiScope {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::PostsRead, Self::PostsWrite, Self::PostsPublish];

    fn bit(self) -> i32 {
        match self {
            Self::PostsRead => 1,
            Self::PostsWrite => 2,
            Self::PostsPublish => 4,
        }
    }
}

/// A key that is good.
#[derive(Clone, Debug)]
pub struct ApiKey {
    /// Its identifier.
    pub id: ApiKeyId,
    /// Who made it, and in whose name it acts.
    pub account: AccountId,
    /// What it is called.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<ApiScope>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends by itself.
    pub expires_at: DateTime<Utc>,
    /// When it was last used, to the day; never, without.
    pub last_used_at: Option<DateTime<Utc>>,
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    account_id: Uuid,
    name: String,
    scopes: i32,
    created_at: i64,
    expires_at: i64,
    last_used_at: Option<i64>,
}

store!(
    /// The village's API keys.
    ApiKeys as api_keys in Village, VillageTx
);

impl<S: InVillage> ApiKeys<'_, S> {
    /// The key whose token has this SHA-256, if it is good and who made it may log in.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn by_token_hash(&self, hash: &[u8], now: DateTime<Utc>) -> Result<Option<ApiKey>, StoreError> {
        let sql = "SELECT k.id, k.account_id, k.name, k.scopes, k.created_at, k.expires_at, k.last_used_at
                   FROM api_key k JOIN account a ON a.id = k.account_id
                   WHERE k.village_id = $1 AND k.token_hash = $2 AND k.expires_at > $3 AND a.disabled_at IS NULL";
        let values = vec![self.0.village_id().into(), hash.to_vec().into(), millis(now).into()];
        Ok(self.0.connection().row::<Row>(sql, values).await?.map(Into::into))
    }

    /// The village's keys, by name. A village has a handful.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(&self) -> Result<Vec<ApiKey>, StoreError> {
        let sql = "SELECT id, account_id, name, scopes, created_at, expires_at, last_used_at
                   FROM api_key WHERE village_id = $1 ORDER BY name, id";
        let rows = self.0.connection().rows::<Row>(sql, vec![self.0.village_id().into()]).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }
}

impl ApiKeys<'_, VillageTx> {
    /// Adds a key whose token has this SHA-256.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn create(&self, key: &ApiKey, token_hash: &[u8]) -> Result<(), StoreError> {
        let sql = "INSERT INTO api_key (village_id, id, account_id, name, token_hash, scopes, created_at, expires_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let scopes = key.scopes.iter().fold(0, |bits, scope| bits | scope.bit());
        let values = vec![
            self.0.village_id().into(),
            key.id.into(),
            key.account.into(),
            key.name.clone().into(),
            token_hash.to_vec().into(),
            scopes.into(),
            millis(key.created_at).into(),
            millis(key.expires_at).into(),
        ];
        self.0.connection().run(sql, values).await.map(drop)
    }

    /// Ends a key at once. Whether there was one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revoke(&self, id: ApiKeyId) -> Result<bool, StoreError> {
        let sql = "DELETE FROM api_key WHERE village_id = $1 AND id = $2";
        Ok(self.0.connection().run(sql, vec![self.0.village_id().into(), id.into()]).await? > 0)
    }

    /// Notes that a key is used.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_use(&self, id: ApiKeyId, now: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "UPDATE api_key SET last_used_at = $3 WHERE village_id = $1 AND id = $2";
        self.0.connection().run(sql, vec![self.0.village_id().into(), id.into(), millis(now).into()]).await.map(drop)
    }
}

impl ApiKey {
    /// Whether its last use was noted so long ago that it is worth noting anew.
    pub fn is_unnoted(&self, now: DateTime<Utc>) -> bool {
        self.last_used_at.is_none_or(|last| now - last >= TimeDelta::days(1))
    }
}

impl From<Row> for ApiKey {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.into(),
            account: row.account_id.into(),
            name: row.name,
            scopes: ApiScope::ALL.into_iter().filter(|scope| row.scopes & scope.bit() != 0).collect(),
            created_at: instant(row.created_at),
            expires_at: instant(row.expires_at),
            last_used_at: row.last_used_at.map(instant),
        }
    }
}
