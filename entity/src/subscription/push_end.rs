//! The end of all subscriptions by push: what they are sealed with, or bound to, is lost.

use super::{Channel, Subscriptions};
use crate::error::StoreError;
use crate::ids::SubscriptionId;
use crate::scope::{Connected, InVillage, VillageTx};
use crate::sql::Sql;
use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use uuid::Uuid;

#[derive(FromQueryResult)]
struct Found {
    id: Uuid,
}

impl Subscriptions<'_, VillageTx> {
    /// Ends some of those by push; whether there may be more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_pushes(&self, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let sql =
            "SELECT id FROM subscription WHERE village_id = $1 AND channel = $2 AND state <> 2 ORDER BY id LIMIT 200";
        let values = vec![self.0.village_id().into(), (Channel::WebPush as i16).into()];
        let found = self.0.connection().rows::<Found>(sql, values).await?;
        let ids: Vec<SubscriptionId> = found.into_iter().map(|row| row.id.into()).collect();
        self.end(&ids, now).await?;
        Ok(!ids.is_empty())
    }
}
