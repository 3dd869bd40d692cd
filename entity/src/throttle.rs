//! Throttles: how often something was done in a time window, counted for all processes together. What is counted is known
//! only by a keyed hash, so the table tells nothing about anybody.

use crate::error::StoreError;
use crate::instant::{instant, millis};
use crate::scope::{Connected, RegistryTx, VillageTx, store};
use crate::sql::Sql;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::FromQueryResult;

pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "throttle")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Blob")]
        pub id: Vec<u8>,
        pub window_ends_at: i64,
        pub hits: i32,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

store!(
    /// The throttles.
    Throttles as throttles in RegistryTx, VillageTx
);

#[derive(FromQueryResult)]
struct Count {
    n: i64,
}

#[derive(FromQueryResult)]
struct Window {
    hits: i64,
    window_ends_at: i64,
}

impl<S: Connected> Throttles<'_, S> {
    /// Counts one more under `key`; returns how many there were in the current window, this one included. A window begins
    /// with its first hit and lasts `window`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn hit(&self, key: &[u8], window: TimeDelta, now: DateTime<Utc>) -> Result<i64, StoreError> {
        Ok(self.count(key, window, now).await?.map_or(1, |window| window.hits))
    }

    /// Counts one more under `key`. Where that is more than `most` in the current window: how long the window lasts yet.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn spend(
        &self,
        key: &[u8],
        most: u32,
        window: TimeDelta,
        now: DateTime<Utc>,
    ) -> Result<Option<TimeDelta>, StoreError> {
        let current = self.count(key, window, now).await?.filter(|window| window.hits > i64::from(most));
        Ok(current.map(|window| instant(window.window_ends_at) - now))
    }

    async fn count(&self, key: &[u8], window: TimeDelta, now: DateTime<Utc>) -> Result<Option<Window>, StoreError> {
        let sql = "INSERT INTO throttle (id, window_ends_at, hits) VALUES ($1, $2, 1)
                   ON CONFLICT (id) DO UPDATE SET
                     hits = CASE WHEN throttle.window_ends_at <= $3 THEN 1 ELSE throttle.hits + 1 END,
                     window_ends_at = CASE WHEN throttle.window_ends_at <= $3 THEN $2 ELSE throttle.window_ends_at END
                   RETURNING CAST(hits AS bigint) AS hits, window_ends_at";
        let values = vec![key.to_vec().into(), millis(now + window).into(), millis(now).into()];
        self.0.connection().row::<Window>(sql, values).await
    }

    /// Whether there was a hit under `key` in a window that is not over.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn holds(&self, key: &[u8], now: DateTime<Utc>) -> Result<bool, StoreError> {
        let sql = "SELECT COUNT(*) AS n FROM throttle WHERE id = $1 AND window_ends_at > $2";
        let count = self.0.connection().row::<Count>(sql, vec![key.to_vec().into(), millis(now).into()]).await?;
        Ok(count.is_some_and(|count| count.n > 0))
    }

    /// Begins anew to count under `key`; returns how many there were.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take(&self, key: &[u8], now: DateTime<Utc>) -> Result<i64, StoreError> {
        let sql = "DELETE FROM throttle WHERE id = $1 AND window_ends_at > $2 RETURNING CAST(hits AS bigint) AS n";
        let count = self.0.connection().row::<Count>(sql, vec![key.to_vec().into(), millis(now).into()]).await?;
        Ok(count.map_or(0, |count| count.n))
    }

    /// Takes one back under `key`: it was none of those that are counted.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn give_back(&self, key: &[u8]) -> Result<(), StoreError> {
        let sql = "UPDATE throttle SET hits = hits - 1 WHERE id = $1 AND hits > 0";
        self.0.connection().run(sql, vec![key.to_vec().into()]).await.map(drop)
    }
}

impl Throttles<'_, RegistryTx> {
    /// Forgets windows that are over.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_expired(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        self.0.connection().run("DELETE FROM throttle WHERE window_ends_at <= $1", vec![millis(now).into()]).await
    }
}
