//! What the holder of a subscription wants of it.

use super::Subscriptions;
use crate::error::StoreError;
use crate::follow::{self, Follow};
use crate::ids::SubscriptionId;
use crate::row_lock;
use crate::scope::{Connected, InVillage, VillageTx};
use crate::sql::Sql;

/// All that a subscription is to be from now on.
#[derive(Clone, Debug)]
pub struct SubscriptionWishes<'a> {
    /// All that it follows beside alerts.
    pub follows: &'a [Follow],
    /// Whether it is told of alerts.
    pub alerts: bool,
    /// The language its holder is addressed in.
    pub language: &'a str,
}

impl Subscriptions<'_, VillageTx> {
    /// Makes a subscription what its holder wants, which gets the next version.
    ///
    /// # Errors
    /// [`StoreError::Referenced`] when a topic is not one of this village.
    pub async fn change(&self, id: SubscriptionId, wishes: SubscriptionWishes<'_>) -> Result<(), StoreError> {
        row_lock::subscriptions(self.0, &[id]).await?;
        follow::replace(self.0, id, wishes.follows).await?;
        let sql = "UPDATE subscription SET version = version + 1, language = $3, alerts = $4
                   WHERE village_id = $1 AND id = $2";
        let values = vec![self.0.village_id().into(), id.into(), wishes.language.into(), wishes.alerts.into()];
        self.0.connection().run(sql, values).await.map(drop)
    }
}
