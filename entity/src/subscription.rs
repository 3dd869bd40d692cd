//! Subscriptions: one way to reach one resident in one village, and nothing else about that resident.
//!
//! A subscription that has ended keeps its identifier, so that the counts of what was delivered stay right, and loses
//! everything else; housekeeping removes it when no delivery refers to it any more. One that its mailbox has replaced also
//! keeps by which, for as long as that one lives: a link to unsubscribe in an old mail then ends that.

mod holder;
mod push_end;
mod wishes;

pub(crate) use holder::Reach;
pub use holder::{Holder, Mailbox, PushEndpoint};
pub use wishes::SubscriptionWishes;

use crate::error::StoreError;
use crate::follow::{self, Follow};
use crate::ids::SubscriptionId;
use crate::instant::{instant, millis};
use crate::row_lock;
use crate::scope::{Connected, InVillage, Village, VillageTx, store};
use crate::sql::{Sql, placeholders};
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;
use sea_orm::{FromQueryResult, IntoActiveModel};

pub(crate) mod row {
    use super::{Channel, SubscriptionState};
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "subscription")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub channel: Channel,
        pub state: SubscriptionState,
        #[sea_orm(column_type = "Text", nullable)]
        pub endpoint: Option<String>,
        #[sea_orm(column_type = "Blob", nullable)]
        pub endpoint_hash: Option<Vec<u8>>,
        #[sea_orm(column_type = "Blob", nullable)]
        pub p256dh: Option<Vec<u8>>,
        #[sea_orm(column_type = "Blob", nullable)]
        pub auth_sealed: Option<Vec<u8>>,
        pub mailbox: Option<String>,
        pub mailbox_key: Option<String>,
        #[sea_orm(column_type = "Blob", nullable)]
        pub secret_hash: Option<Vec<u8>>,
        pub language: String,
        pub version: i32,
        pub created_at: i64,
        pub confirmed_at: Option<i64>,
        pub ended_at: Option<i64>,
        pub replaced_by: Option<Uuid>,
        pub alerts: bool,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// How a resident is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum Channel {
    /// A push subscription of a browser or app (RFC 8030).
    #[sea_orm(num_value = 0)]
    WebPush,
    /// A mailbox.
    #[sea_orm(num_value = 1)]
    Email,
}

/// Where a subscription is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum SubscriptionState {
    /// Waits for the mailbox's owner to confirm; gets nothing but the question.
    #[sea_orm(num_value = 0)]
    Pending,
    /// Gets what it follows.
    #[sea_orm(num_value = 1)]
    Active,
    /// Left or retired; nothing personal is kept.
    #[sea_orm(num_value = 2)]
    Ended,
}

/// A subscription.
#[derive(Clone)]
pub struct Subscription {
    /// Its identifier.
    pub id: SubscriptionId,
    /// How its holder is reached.
    pub channel: Channel,
    /// Where it is in its life.
    pub state: SubscriptionState,
    /// Who is reached.
    pub holder: Holder,
    /// SHA-256 of the holder's secret.
    pub secret_hash: Vec<u8>,
    /// The language its holder is addressed in.
    pub language: String,
    /// Whether it is told of alerts, whatever it follows.
    pub alerts: bool,
    /// Rises by one with every change.
    pub version: i32,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When it was confirmed; for web push, when it was made.
    pub confirmed_at: Option<DateTime<Utc>>,
}

/// A subscription to be made.
#[derive(Clone)]
pub struct NewSubscription {
    /// Who is reached.
    pub holder: Holder,
    /// SHA-256 of the holder's secret.
    pub secret_hash: Vec<u8>,
    /// The language its holder is addressed in.
    pub language: String,
    /// Whether it is told of alerts, whatever it follows.
    pub alerts: bool,
    /// What it follows.
    pub follows: Vec<Follow>,
}

store!(
    /// The subscriptions of the village.
    Subscriptions as subscriptions in Village, VillageTx
);

impl<S: InVillage> Subscriptions<'_, S> {
    /// A subscription that has not ended.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(&self, id: SubscriptionId) -> Result<Option<Subscription>, StoreError> {
        let row = row::Entity::find_by_id((self.0.village_id().0, id.0)).one(self.0.connection()).await?;
        Ok(row.map(Subscription::from).filter(|found| found.state != SubscriptionState::Ended))
    }

    /// A subscription that has not ended, or the one that has replaced it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_or_successor(&self, id: SubscriptionId) -> Result<Option<Subscription>, StoreError> {
        let row = row::Entity::find_by_id((self.0.village_id().0, id.0)).one(self.0.connection()).await?;
        match row.as_ref().and_then(|row| row.replaced_by) {
            Some(successor) => self.find(successor.into()).await,
            None => Ok(row.map(Subscription::from).filter(|found| found.state != SubscriptionState::Ended)),
        }
    }

    /// The subscription of a push endpoint, by the endpoint's SHA-256.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn by_endpoint(&self, hash: &[u8]) -> Result<Option<Subscription>, StoreError> {
        let row = row::Entity::find()
            .filter(row::Column::VillageId.eq(self.0.village_id().0))
            .filter(row::Column::EndpointHash.eq(hash.to_vec()))
            .one(self.0.connection())
            .await?;
        Ok(row.map(Into::into))
    }

    /// What a subscription follows.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn follows(&self, id: SubscriptionId) -> Result<Vec<Follow>, StoreError> {
        follow::of(self.0, id).await
    }
}

impl Subscriptions<'_, VillageTx> {
    /// A subscription that nobody else can change before this transaction ends.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_for_change(&self, id: SubscriptionId) -> Result<Option<Subscription>, StoreError> {
        row_lock::subscriptions(self.0, &[id]).await?;
        self.find(id).await
    }

    /// Makes a subscription: of web push active at once, of a mailbox pending until confirmed.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when the endpoint has one.
    pub async fn create(&self, new: NewSubscription, now: DateTime<Utc>) -> Result<SubscriptionId, StoreError> {
        let id = SubscriptionId::generate();
        let (channel, push, mailbox) = match new.holder {
            Holder::WebPush(push) => (Channel::WebPush, Some(push), None),
            Holder::Email(mailbox) => (Channel::Email, None, Some(mailbox)),
            Holder::Nobody => return Err(StoreError::Referenced),
        };
        let active = channel == Channel::WebPush;
        let (endpoint, endpoint_hash, p256dh, auth_sealed) = push
            .map(|push| (push.endpoint, push.endpoint_hash, push.p256dh, push.auth_sealed))
            .map_or((None, None, None, None), |(e, h, p, a)| (Some(e), Some(h), Some(p), Some(a)));
        let (mailbox, mailbox_key) = mailbox.map(|mailbox| (mailbox.address, mailbox.key)).unzip();
        let row = row::Model {
            village_id: self.0.village_id().0,
            id: id.0,
            channel,
            state: if active { SubscriptionState::Active } else { SubscriptionState::Pending },
            endpoint,
            endpoint_hash,
            p256dh,
            auth_sealed,
            mailbox,
            mailbox_key,
            secret_hash: Some(new.secret_hash),
            language: new.language,
            version: 1,
            created_at: millis(now),
            confirmed_at: active.then(|| millis(now)),
            ended_at: None,
            replaced_by: None,
            alerts: new.alerts,
        };
        row.into_active_model().insert(self.0.connection()).await?;
        follow::replace(self.0, id, &new.follows).await?;
        Ok(id)
    }

    /// Confirms a pending mailbox, in place of whatever subscription the same mailbox had here before. Whether it was
    /// pending.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn confirm(&self, id: SubscriptionId, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let Some(mailbox) = self.pending(id).await? else {
            return Ok(false);
        };
        let sql = "SELECT id FROM subscription WHERE village_id = $1 AND mailbox_key = $2";
        let values = vec![self.0.village_id().into(), mailbox.key.into()];
        let all = self.0.connection().rows::<Id>(sql, values).await?;
        let all: Vec<SubscriptionId> = all.into_iter().map(|row| row.id.into()).collect();
        row_lock::subscriptions(self.0, &all).await?;
        // Another question to the same mailbox may have been answered while this waited.
        if self.pending(id).await?.is_none() {
            return Ok(false);
        }
        let others: Vec<SubscriptionId> = all.into_iter().filter(|other| *other != id).collect();
        self.note_successor(&others, id).await?;
        self.end(&others, now).await?;
        let sql = "UPDATE subscription SET state = 1, confirmed_at = $3, version = version + 1
                   WHERE village_id = $1 AND id = $2 AND state = 0";
        let values = vec![self.0.village_id().into(), id.into(), millis(now).into()];
        Ok(self.0.connection().run(sql, values).await? > 0)
    }

    /// The mailbox of a subscription that waits to be confirmed.
    async fn pending(&self, id: SubscriptionId) -> Result<Option<Mailbox>, StoreError> {
        let pending = self.find(id).await?.filter(|found| found.state == SubscriptionState::Pending);
        Ok(pending.and_then(|found| match found.holder {
            Holder::Email(mailbox) => Some(mailbox),
            _ => None,
        }))
    }

    /// Writes down what replaces subscriptions, and all that they have replaced themselves.
    async fn note_successor(&self, ids: &[SubscriptionId], successor: SubscriptionId) -> Result<(), StoreError> {
        if ids.is_empty() {
            return Ok(());
        }
        let them = placeholders(3, ids.len());
        let sql = format!(
            "UPDATE subscription SET replaced_by = $2
             WHERE village_id = $1 AND id IN (
               SELECT id FROM subscription WHERE village_id = $1 AND id IN ({them}) UNION
               SELECT id FROM subscription WHERE village_id = $1 AND replaced_by IN ({them}))"
        );
        let mut values: Vec<Value> = vec![self.0.village_id().into(), successor.into()];
        values.extend(ids.iter().map(|id| Value::from(*id)));
        self.0.connection().run(&sql, values).await.map(drop)
    }

    /// Gives a subscription's holder another secret; the one before is worth nothing any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn renew_secret(&self, id: SubscriptionId, secret_hash: &[u8]) -> Result<(), StoreError> {
        let sql = "UPDATE subscription SET secret_hash = $3 WHERE village_id = $1 AND id = $2";
        let values = vec![self.0.village_id().into(), id.into(), secret_hash.to_vec().into()];
        self.0.connection().run(sql, values).await.map(drop)
    }

    /// Ends subscriptions: forgets everything personal at once and cancels what is not yet sent to them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end(&self, ids: &[SubscriptionId], now: DateTime<Utc>) -> Result<(), StoreError> {
        if ids.is_empty() {
            return Ok(());
        }
        // A worker that has claimed something for them has to look again.
        self.0.note_change();
        row_lock::subscriptions(self.0, ids).await?;
        let village: Value = self.0.village_id().into();
        let list = |first| placeholders(first, ids.len());
        let with = |mut values: Vec<Value>| {
            values.extend(ids.iter().map(|id| Value::from(*id)));
            values
        };
        let sql = format!(
            "UPDATE subscription SET state = 2, ended_at = $2, endpoint = NULL, endpoint_hash = NULL, p256dh = NULL,
               auth_sealed = NULL, mailbox = NULL, mailbox_key = NULL, secret_hash = NULL
             WHERE village_id = $1 AND id IN ({})",
            list(3)
        );
        self.0.connection().run(&sql, with(vec![village.clone(), millis(now).into()])).await?;
        let sql = format!(
            "UPDATE subscription SET replaced_by = NULL WHERE village_id = $1 AND replaced_by IN ({})",
            list(2)
        );
        self.0.connection().run(&sql, with(vec![village.clone()])).await?;
        for table in ["follow", "waste_follow", "reminder_lead"] {
            let sql = format!("DELETE FROM {table} WHERE village_id = $1 AND subscription_id IN ({})", list(2));
            self.0.connection().run(&sql, with(vec![village.clone()])).await?;
        }
        self.0.consents().withdraw(ids, now).await?;
        self.0.deliveries().cancel_for_subscriptions(ids, now).await
    }

    /// Forgets subscriptions that nobody confirmed since `then`, and ended ones that neither a delivery nor a successor needs.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_before(&self, then: DateTime<Utc>, now: DateTime<Utc>) -> Result<u64, StoreError> {
        // One that is being confirmed at this moment is left alone.
        let skip = if self.0.connection().is_postgres() { "FOR UPDATE SKIP LOCKED" } else { "" };
        let sql = format!(
            "SELECT id FROM subscription WHERE village_id = $1 AND state = 0 AND created_at < $2 LIMIT 5000 {skip}"
        );
        let values = vec![self.0.village_id().into(), millis(then).into()];
        let stale = self.0.connection().rows::<Id>(&sql, values).await?;
        self.end(&stale.into_iter().map(|row| row.id.into()).collect::<Vec<_>>(), now).await?;
        let sql =
            "DELETE FROM subscription WHERE village_id = $1 AND state = 2 AND replaced_by IS NULL AND NOT EXISTS (
                     SELECT 1 FROM delivery d
                     WHERE d.village_id = subscription.village_id AND d.subscription_id = subscription.id)";
        self.0.connection().run(sql, vec![self.0.village_id().into()]).await
    }
}

#[derive(FromQueryResult)]
struct Id {
    id: Uuid,
}

impl From<row::Model> for Subscription {
    fn from(row: row::Model) -> Self {
        let holder = Reach {
            endpoint: row.endpoint,
            endpoint_hash: row.endpoint_hash,
            p256dh: row.p256dh,
            auth_sealed: row.auth_sealed,
            mailbox: row.mailbox,
            mailbox_key: row.mailbox_key,
        };
        Self {
            id: row.id.into(),
            channel: row.channel,
            state: row.state,
            holder: holder.into(),
            secret_hash: row.secret_hash.unwrap_or_default(),
            language: row.language,
            alerts: row.alerts,
            version: row.version,
            created_at: instant(row.created_at),
            confirmed_at: row.confirmed_at.map(instant),
        }
    }
}
