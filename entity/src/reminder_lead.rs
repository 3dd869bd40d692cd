//! How long before the dates of the events that it follows a subscription is reminded of them.

use crate::audience::reached_by;
use crate::error::StoreError;
use crate::event_reminder::EventReminder;
use crate::ids::SubscriptionId;
use crate::instant::millis;
use crate::post::Post;
use crate::scope::{Connected, InVillage, VillageTx};
use crate::sql::Sql;
use crate::subscription::Subscriptions;
use chrono::{DateTime, Utc};
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "reminder_lead")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub subscription_id: Uuid,
        pub lead_minutes: i32,
        pub since: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

#[derive(FromQueryResult)]
struct Lead {
    lead_minutes: i32,
}

#[derive(FromQueryResult)]
struct Id {
    #[allow(dead_code, reason = "that there is one is all that matters")]
    id: Uuid,
}

impl<S: InVillage> Subscriptions<'_, S> {
    /// How many minutes before the dates of events a subscription is reminded of them, the shortest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn reminder_leads(&self, id: SubscriptionId) -> Result<Vec<i32>, StoreError> {
        let sql = "SELECT lead_minutes FROM reminder_lead WHERE village_id = $1 AND subscription_id = $2
                   ORDER BY lead_minutes";
        let rows = self.0.connection().rows::<Lead>(sql, vec![self.0.village_id().into(), id.into()]).await?;
        Ok(rows.into_iter().map(|row| row.lead_minutes).collect())
    }

    /// How many minutes before the dates of events anybody in the village is reminded of them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn all_reminder_leads(&self) -> Result<Vec<i32>, StoreError> {
        let sql = "SELECT DISTINCT lead_minutes FROM reminder_lead WHERE village_id = $1 ORDER BY lead_minutes";
        let rows = self.0.connection().rows::<Lead>(sql, vec![self.0.village_id().into()]).await?;
        Ok(rows.into_iter().map(|row| row.lead_minutes).collect())
    }
}

impl Subscriptions<'_, VillageTx> {
    /// Makes these all the leads at which a subscription is reminded of events. One that it had before it has since then.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remind_before(&self, id: SubscriptionId, leads: &[i32], now: DateTime<Utc>) -> Result<(), StoreError> {
        let before = self.reminder_leads(id).await?;
        for old in before.iter().filter(|old| !leads.contains(old)) {
            let sql = "DELETE FROM reminder_lead WHERE village_id = $1 AND subscription_id = $2 AND lead_minutes = $3";
            let values = vec![self.0.village_id().into(), id.into(), (*old).into()];
            self.0.connection().run(sql, values).await?;
        }
        for new in leads.iter().filter(|lead| !before.contains(lead)) {
            let sql = "INSERT INTO reminder_lead (village_id, id, subscription_id, lead_minutes, since)
                       VALUES ($1, $2, $3, $4, $5)";
            let values =
                vec![self.0.village_id().into(), Uuid::now_v7().into(), id.into(), (*new).into(), millis(now).into()];
            self.0.connection().run(sql, values).await?;
        }
        Ok(())
    }
}

/// Which subscriptions `s` are reminded: those who would have been told of the post then, and wanted a reminder with such a lead
/// by then. Whoever came later was there to see the calendar.
pub(crate) fn reminded_by(reminder: &EventReminder, post: &Post, values: &mut Vec<Value>) -> String {
    let reached = reached_by(post, reminder.due_at, values);
    let first = values.len() + 1;
    values.extend([reminder.least_lead.into(), reminder.most_lead.into(), millis(reminder.due_at).into()]);
    format!(
        "{reached} AND EXISTS (
           SELECT 1 FROM reminder_lead l WHERE l.village_id = s.village_id AND l.subscription_id = s.id
             AND l.lead_minutes >= ${first} AND l.lead_minutes <= ${} AND l.since <= ${})",
        first + 1,
        first + 2
    )
}

/// Whether anybody is reminded.
pub(crate) async fn is_for_anybody(tx: &VillageTx, reminder: &EventReminder, post: &Post) -> Result<bool, StoreError> {
    let mut values: Vec<Value> = vec![tx.village_id().into()];
    let reached = reminded_by(reminder, post, &mut values);
    let sql = format!("SELECT s.id FROM subscription s WHERE s.village_id = $1 AND {reached} LIMIT 1");
    Ok(tx.connection().row::<Id>(&sql, values).await?.is_some())
}
