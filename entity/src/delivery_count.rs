//! Delivery counts: the report of a notification, and what stays of it when the retention time of its deliveries is over.

use crate::delivery::Deliveries;
use crate::error::StoreError;
use crate::ids::NotificationId;
use crate::outcome::{DeliveryState, Reason};
use crate::scope::{Connected, InVillage, VillageTx};
use crate::sql::{Sql, placeholders};
use crate::subscription::Channel;
use sea_orm::{FromQueryResult, Value};
use std::collections::HashMap;
use uuid::Uuid;

pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "delivery_count")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub notification_id: Uuid,
        pub channel: i16,
        pub state: i16,
        pub reason: i16,
        pub deliveries: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// How many deliveries are in a state for a reason.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Tally {
    /// On which channel.
    pub channel: Channel,
    /// In which state.
    pub state: DeliveryState,
    /// Why.
    pub reason: Reason,
    /// How many.
    pub deliveries: i64,
}

impl<S: InVillage> Deliveries<'_, S> {
    /// The deliveries of a notification, counted by channel, state and reason; those folded away included.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tally(&self, notification: NotificationId) -> Result<Vec<Tally>, StoreError> {
        let sql = "SELECT channel, state, reason, CAST(SUM(deliveries) AS bigint) AS deliveries FROM (
                     SELECT channel, state, reason, COUNT(*) AS deliveries FROM delivery
                     WHERE village_id = $1 AND notification_id = $2 GROUP BY channel, state, reason
                     UNION ALL
                     SELECT channel, state, reason, deliveries FROM delivery_count
                     WHERE village_id = $1 AND notification_id = $2) AS counted
                   GROUP BY channel, state, reason ORDER BY channel, state, reason";
        self.0.connection().rows(sql, vec![self.0.village_id().into(), notification.into()]).await
    }
}

#[derive(FromQueryResult)]
struct TallyOf {
    notification_id: Uuid,
    #[sea_orm(nested)]
    tally: Tally,
}

impl<S: InVillage> Deliveries<'_, S> {
    /// What [`Deliveries::tally`] counts, of many notifications by one query.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tallies(&self, of: &[NotificationId]) -> Result<HashMap<NotificationId, Vec<Tally>>, StoreError> {
        let mut tallies: HashMap<NotificationId, Vec<Tally>> = HashMap::new();
        if of.is_empty() {
            return Ok(tallies);
        }
        let those = format!("village_id = $1 AND notification_id IN ({})", placeholders(2, of.len()));
        let sql = format!(
            "SELECT notification_id, channel, state, reason, CAST(SUM(deliveries) AS bigint) AS deliveries FROM (
               SELECT notification_id, channel, state, reason, COUNT(*) AS deliveries FROM delivery
               WHERE {those} GROUP BY notification_id, channel, state, reason
               UNION ALL
               SELECT notification_id, channel, state, reason, deliveries FROM delivery_count WHERE {those}) AS counted
             GROUP BY notification_id, channel, state, reason ORDER BY notification_id, channel, state, reason"
        );
        let mut values: Vec<Value> = vec![self.0.village_id().into()];
        values.extend(of.iter().map(|id| Value::from(*id)));
        for row in self.0.connection().rows::<TallyOf>(&sql, values).await? {
            tallies.entry(row.notification_id.into()).or_default().push(row.tally);
        }
        Ok(tallies)
    }
}

impl Deliveries<'_, VillageTx> {
    /// Replaces the deliveries of a finished notification by their counts.
    pub(crate) async fn fold(&self, notification: NotificationId) -> Result<(), StoreError> {
        for tally in self.tally(notification).await? {
            let sql = "INSERT INTO delivery_count (village_id, id, notification_id, channel, state, reason, deliveries)
                       VALUES ($1, $2, $3, $4, $5, $6, $7)
                       ON CONFLICT (village_id, notification_id, channel, state, reason)
                       DO UPDATE SET deliveries = excluded.deliveries";
            let values = vec![
                self.0.village_id().into(),
                Uuid::now_v7().into(),
                notification.into(),
                (tally.channel as i16).into(),
                (tally.state as i16).into(),
                (tally.reason as i16).into(),
                tally.deliveries.into(),
            ];
            self.0.connection().run(sql, values).await?;
        }
        let sql = "DELETE FROM delivery WHERE village_id = $1 AND notification_id = $2";
        self.0.connection().run(sql, vec![self.0.village_id().into(), notification.into()]).await.map(drop)
    }
}
