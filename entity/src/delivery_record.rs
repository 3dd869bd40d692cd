//! Delivery records: what was sent to one subscription and how it went, for its holder to see.

use crate::delivery::Deliveries;
use crate::error::StoreError;
use crate::ids::SubscriptionId;
use crate::instant::instant;
use crate::outcome::DeliveryState;
use crate::scope::InVillage;
use crate::sql::Sql;
use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use uuid::Uuid;

/// One delivery to the holder of a subscription.
#[derive(Clone, Debug)]
pub struct DeliveryRecord {
    /// The post it told of; `None` for the question whether to confirm.
    pub post: Option<Uuid>,
    /// How it went.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: i32,
    /// When it came to an end.
    pub settled_at: Option<DateTime<Utc>>,
}

#[derive(FromQueryResult)]
struct Row {
    post_id: Option<Uuid>,
    state: DeliveryState,
    attempts: i32,
    settled_at: Option<i64>,
}

/// Most records shown; deliveries are folded into counts after a while, so there are rarely more.
const MOST: i64 = 5_000;

impl<S: InVillage> Deliveries<'_, S> {
    /// What was sent to a subscription, the latest first, as far as it is still kept.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn to_subscription(&self, id: SubscriptionId) -> Result<Vec<DeliveryRecord>, StoreError> {
        let sql = "SELECT n.post_id, d.state, d.attempts, d.settled_at FROM delivery d
                   JOIN notification n ON n.village_id = d.village_id AND n.id = d.notification_id
                   WHERE d.village_id = $1 AND d.subscription_id = $2 ORDER BY d.notification_id DESC LIMIT $3";
        let values = vec![self.0.village_id().into(), id.into(), MOST.into()];
        let rows = self.0.connection().rows::<Row>(sql, values).await?;
        Ok(rows
            .into_iter()
            .map(|row| DeliveryRecord {
                post: row.post_id,
                state: row.state,
                attempts: row.attempts,
                settled_at: row.settled_at.map(instant),
            })
            .collect())
    }
}
