//! Consents: what a resident agreed to, when, and by which words; the proof of a double opt-in. A line belongs to its
//! subscription and goes when that is forgotten.

use crate::error::StoreError;
use crate::ids::SubscriptionId;
use crate::instant::{instant, millis};
use crate::scope::{Connected, InVillage, Village, VillageTx, store};
use crate::sql::{Sql, placeholders};
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;
use sea_orm::{IntoActiveModel, QueryOrder};

pub(crate) mod row {
    use super::ConsentAct;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "consent")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub subscription_id: Uuid,
        pub act: ConsentAct,
        pub text_version: String,
        pub at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// What was done about a consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum ConsentAct {
    /// The mailbox was asked.
    Asked = 0,
    /// Its owner agreed; for web push, the browser's owner did by subscribing.
    Given = 1,
    /// It was withdrawn.
    Withdrawn = 2,
}

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// What was done.
    pub act: ConsentAct,
    /// The version of the text that was agreed to; empty for a withdrawal.
    pub text_version: String,
    /// When.
    pub at: DateTime<Utc>,
}

store!(
    /// The consents of the village.
    Consents as consents in Village, VillageTx
);

impl<S: InVillage> Consents<'_, S> {
    /// The consents of a subscription, the oldest first. There is a handful.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of(&self, subscription: SubscriptionId) -> Result<Vec<Consent>, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::VillageId.eq(self.0.village_id().0))
            .filter(row::Column::SubscriptionId.eq(subscription.0))
            .order_by_asc(row::Column::Id)
            .all(self.0.connection())
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| Consent { act: row.act, text_version: row.text_version, at: instant(row.at) })
            .collect())
    }
}

impl Consents<'_, VillageTx> {
    /// Writes down what was done.
    ///
    /// # Errors
    /// [`StoreError::Referenced`] when there is no such subscription.
    pub async fn record(&self, subscription: SubscriptionId, consent: Consent) -> Result<(), StoreError> {
        let row = row::Model {
            village_id: self.0.village_id().0,
            id: Uuid::now_v7(),
            subscription_id: subscription.0,
            act: consent.act,
            text_version: consent.text_version,
            at: millis(consent.at),
        };
        row.into_active_model().insert(self.0.connection()).await?;
        Ok(())
    }

    /// Writes down that the consents of these subscriptions were withdrawn, of those that had given one.
    pub(crate) async fn withdraw(&self, ids: &[SubscriptionId], now: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = format!(
            "SELECT DISTINCT subscription_id FROM consent c WHERE c.village_id = $1 AND c.act = 1
               AND c.subscription_id IN ({}) AND NOT EXISTS (
                 SELECT 1 FROM consent w WHERE w.village_id = c.village_id
                   AND w.subscription_id = c.subscription_id AND w.act = 2)",
            placeholders(2, ids.len())
        );
        let mut values: Vec<Value> = vec![self.0.village_id().into()];
        values.extend(ids.iter().map(|id| Value::from(*id)));
        let given = self.0.connection().rows::<Given>(&sql, values).await?;
        if given.is_empty() {
            return Ok(());
        }
        let rows = given.into_iter().map(|given| {
            row::Model {
                village_id: self.0.village_id().0,
                id: Uuid::now_v7(),
                subscription_id: given.subscription_id,
                act: ConsentAct::Withdrawn,
                text_version: String::new(),
                at: millis(now),
            }
            .into_active_model()
        });
        row::Entity::insert_many(rows).exec_without_returning(self.0.connection()).await?;
        Ok(())
    }
}

#[derive(sea_orm::FromQueryResult)]
struct Given {
    subscription_id: Uuid,
}
