//! Claims: which delivery may tell a recipient of a joint post, so that who is subscribed in several villages is told once.
//!
//! A claim knows the recipient by a keyed hash and its holder by the identifier of a delivery, and so reveals neither village nor
//! address. It is held until its holder has told, or for a while: the holder takes it again with every attempt; when it ends
//! without having told, or is not heard of any more, another's delivery takes it over.

use crate::delivery::Settlement;
use crate::error::StoreError;
use crate::ids::DeliveryId;
use crate::instant::millis;
use crate::outcome::Outcome;
use crate::scope::{Connected, InVillage, RegistryTx, VillageTx, store};
use crate::sql::{Sql, placeholders};
use chrono::{DateTime, Utc};
use sea_orm::{FromQueryResult, Value};
use std::collections::{BTreeMap, HashMap, HashSet};
use uuid::Uuid;

pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "joint_claim")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        #[sea_orm(column_type = "Blob")]
        pub recipient: Vec<u8>,
        pub delivery_id: Uuid,
        pub told: bool,
        pub held_until: i64,
        pub created_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// What a delivery may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimPlace {
    /// Tell: it holds the claim.
    Holds,
    /// Wait for how another's attempt ends.
    Waits,
    /// Nothing any more: the recipient has been told.
    Told,
}

/// Claims taken in one statement.
const AT_ONCE: usize = 500;

store!(
    /// Who has been told of joint posts.
    JointClaims as joint_claims in RegistryTx, VillageTx
);

#[derive(FromQueryResult)]
struct Holder {
    delivery_id: Uuid,
}

#[derive(FromQueryResult)]
struct Found {
    recipient: Vec<u8>,
    told: bool,
}

impl JointClaims<'_, VillageTx> {
    /// Takes the claims of these deliveries by the keyed hashes of their recipients, all at once: what each may do. Always in the
    /// order of the hashes, so that no two transactions wait for each other.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take(
        &self,
        wanted: &[(Vec<u8>, DeliveryId)],
        now: DateTime<Utc>,
        held_until: DateTime<Utc>,
    ) -> Result<HashMap<DeliveryId, ClaimPlace>, StoreError> {
        // Of two subscriptions of one recipient in the same village only one asks.
        let mut asking = BTreeMap::new();
        for (recipient, delivery) in wanted {
            asking.entry(recipient).or_insert(*delivery);
        }
        let asking: Vec<_> = asking.into_iter().collect();
        let mut holders = HashSet::new();
        let mut told = HashMap::new();
        for some in asking.chunks(AT_ONCE) {
            let held = self.take_some(some, now, held_until).await?;
            let lost: Vec<_> =
                some.iter().filter(|(_, id)| !held.contains(id)).map(|(hash, _)| (*hash).clone()).collect();
            told.extend(self.told(lost).await?);
            holders.extend(held);
        }
        let place = |(recipient, delivery): &(Vec<u8>, DeliveryId)| {
            let place = match (holders.contains(delivery), told.get(recipient)) {
                (true, _) => ClaimPlace::Holds,
                (false, Some(true)) => ClaimPlace::Told,
                (false, _) => ClaimPlace::Waits,
            };
            (*delivery, place)
        };
        Ok(wanted.iter().map(place).collect())
    }

    async fn take_some(
        &self,
        asking: &[(&Vec<u8>, DeliveryId)],
        now: DateTime<Utc>,
        held_until: DateTime<Utc>,
    ) -> Result<HashSet<DeliveryId>, StoreError> {
        let mut sql =
            "INSERT INTO joint_claim (id, recipient, delivery_id, told, held_until, created_at) VALUES ".to_owned();
        let mut values: Vec<Value> = vec![millis(now).into()];
        for (n, (recipient, delivery)) in asking.iter().enumerate() {
            let comma = if n == 0 { "" } else { ", " };
            sql.push_str(&format!("{comma}({}, $1)", placeholders(values.len() + 1, 5)));
            let recipient: Vec<u8> = (*recipient).clone();
            let held_until = millis(held_until).into();
            values.extend([Uuid::now_v7().into(), recipient.into(), (*delivery).into(), false.into(), held_until]);
        }
        sql.push_str(
            " ON CONFLICT (recipient) DO UPDATE SET delivery_id = excluded.delivery_id, held_until = excluded.held_until
               WHERE NOT joint_claim.told
                 AND (joint_claim.delivery_id = excluded.delivery_id OR joint_claim.held_until <= $1)
              RETURNING delivery_id",
        );
        let rows = self.0.connection().rows::<Holder>(&sql, values).await?;
        Ok(rows.into_iter().map(|row| row.delivery_id.into()).collect())
    }

    /// Which of these recipients have been told.
    async fn told(&self, recipients: Vec<Vec<u8>>) -> Result<Vec<(Vec<u8>, bool)>, StoreError> {
        if recipients.is_empty() {
            return Ok(Vec::new());
        }
        let them = placeholders(1, recipients.len());
        let sql = format!("SELECT recipient, told FROM joint_claim WHERE recipient IN ({them})");
        let rows = self.0.connection().rows::<Found>(&sql, recipients.into_iter().map(Into::into).collect()).await?;
        Ok(rows.into_iter().map(|row| (row.recipient, row.told)).collect())
    }

    /// Notes how the holders' attempts ended: told for good, or free for another's. The deliveries are as they were before: an answer
    /// to an attempt that is not the current one frees nothing.
    pub(crate) async fn settle(&self, settlements: &[Settlement]) -> Result<(), StoreError> {
        let sent = settlements.iter().filter(|one| matches!(one.outcome, Outcome::Sent));
        let ended = settlements
            .iter()
            .filter(|one| matches!(one.outcome, Outcome::Gone(_) | Outcome::Refused(_) | Outcome::Expired(_)));
        let both: Vec<Value> = sent.clone().chain(ended.clone()).map(|one| one.id.into()).collect();
        if both.is_empty() || !self.hold(both).await? {
            return Ok(());
        }
        let sent: Vec<Value> = sent.map(|one| one.id.into()).collect();
        if !sent.is_empty() {
            let them = placeholders(1, sent.len());
            let sql = format!("UPDATE joint_claim SET told = TRUE WHERE delivery_id IN ({them})");
            self.0.connection().run(&sql, sent).await?;
        }
        let ended: Vec<&Settlement> = ended.collect();
        if !ended.is_empty() {
            let mut values: Vec<Value> = vec![self.0.village_id().into()];
            let mut attempts = Vec::new();
            for one in ended {
                attempts.push(format!("({})", placeholders(values.len() + 1, 2)));
                values.extend([one.id.into(), one.attempt.into()]);
            }
            let sql = format!(
                "DELETE FROM joint_claim WHERE NOT told AND delivery_id IN (
                   SELECT d.id FROM delivery d
                   WHERE d.village_id = $1 AND d.state = 0 AND (d.id, d.attempts) IN (VALUES {}))",
                attempts.join(", ")
            );
            self.0.connection().run(&sql, values).await?;
        }
        Ok(())
    }

    /// Takes hold of the claims of these deliveries, in the order of the hashes; whether there are any.
    async fn hold(&self, deliveries: Vec<Value>) -> Result<bool, StoreError> {
        let lock = if self.0.connection().is_postgres() { "FOR UPDATE" } else { "" };
        let them = placeholders(1, deliveries.len());
        let sql =
            format!("SELECT delivery_id FROM joint_claim WHERE delivery_id IN ({them}) ORDER BY recipient {lock}");
        Ok(!self.0.connection().rows::<Holder>(&sql, deliveries).await?.is_empty())
    }
}

impl JointClaims<'_, RegistryTx> {
    /// Forgets claims that were made before `then`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_before(&self, then: DateTime<Utc>) -> Result<u64, StoreError> {
        self.0.connection().run("DELETE FROM joint_claim WHERE created_at < $1", vec![millis(then).into()]).await
    }
}
