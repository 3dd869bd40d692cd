//! The scopes through which rows are reached: the first and the third fence of tenancy.

use crate::audit_entry::{self, AuditKey, Deed};
use crate::changes::CHANNEL;
use crate::database::Database;
use crate::error::StoreError;
use crate::ids::{AccountId, VillageId};
use crate::sql::Sql;
use crate::stream_event::{self, Told};
use crate::transaction::Transaction;
use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use uuid::Uuid;

/// A scope that has a transaction. Crate-private on purpose: nobody else may name a connection.
pub trait Connected: Send + Sync {
    #[doc(hidden)]
    fn connection(&self) -> &Transaction;
}

/// A scope that is inside one village.
pub trait InVillage: Connected {
    #[doc(hidden)]
    fn village_id(&self) -> VillageId;
}

/// One village of one database: where reading and writing begin.
#[derive(Clone)]
pub struct VillageScope {
    pub(crate) database: Database,
    pub(crate) village: VillageId,
}

/// Reads one village; every read through one value sees the same state.
pub struct Village {
    transaction: Transaction,
    village: VillageId,
}

/// Changes one village. What was done takes effect at [`VillageTx::commit`] as a whole; dropped, it never happened.
pub struct VillageTx {
    transaction: Transaction,
    scope: VillageScope,
    changed: AtomicBool,
    told: Mutex<Vec<Told>>,
}

/// Reads what belongs to no village.
pub struct Registry {
    transaction: Transaction,
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
}

/// Changes what belongs to no village, at [`RegistryTx::commit`].
pub struct RegistryTx {
    transaction: Transaction,
    audit_key: AuditKey,
}

impl VillageScope {
    /// The village this scope is inside of.
    pub fn village(&self) -> VillageId {
        self.village
    }

    /// Tells the workers of this process that something falls due here: what a committed [`RegistryTx`] has left.
    pub fn nudge(&self) {
        self.database.changed(self.village);
    }

    /// Begins to read.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when no connection is to be had.
    pub async fn read(&self) -> Result<Village, StoreError> {
        let transaction = self.database.begin_read().await?;
        enter(&transaction, self.village).await?;
        Ok(Village { transaction, village: self.village })
    }

    /// Begins to write. On SQLite this waits for the one writer.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when no connection is to be had in time.
    pub async fn begin(&self) -> Result<VillageTx, StoreError> {
        let transaction = self.database.begin_write().await?;
        enter(&transaction, self.village).await?;
        Ok(VillageTx { transaction, scope: self.clone(), changed: AtomicBool::new(false), told: Mutex::default() })
    }
}

impl VillageTx {
    /// The village that is changed.
    pub fn village(&self) -> VillageId {
        self.scope.village
    }

    /// Makes the changes durable and tells caches and workers of them.
    ///
    /// # Errors
    /// When the database refuses; then nothing was changed.
    pub async fn commit(self) -> Result<(), StoreError> {
        let changed = self.changed.load(Ordering::Relaxed);
        let told = std::mem::take(&mut *self.told.lock().unwrap_or_else(PoisonError::into_inner));
        if !told.is_empty() {
            stream_event::append(&self.transaction, self.scope.village, told).await?;
        }
        if changed && self.transaction.is_postgres() {
            let payload = self.scope.village.to_string();
            self.transaction.run("SELECT pg_notify($1, $2)", vec![CHANNEL.into(), payload.into()]).await?;
        }
        // Told even if the caller gives up while the commit is under way: it may have happened.
        let tell = changed.then(|| Tell(self.scope.clone()));
        self.transaction.commit().await?;
        drop(tell);
        Ok(())
    }

    /// The key that chains the audit log.
    pub(crate) fn audit_key(&self) -> &AuditKey {
        self.scope.database.audit_key()
    }

    /// Marks the transaction as one that readers or workers will want to know of.
    pub(crate) fn note_change(&self) {
        self.changed.store(true, Ordering::Relaxed);
    }

    /// Tells those who follow the village, when it commits.
    pub(crate) fn tell(&self, told: Told) {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).push(told);
        self.note_change();
    }
}

/// Tells of a change when it goes.
struct Tell(VillageScope);

impl Drop for Tell {
    fn drop(&mut self) {
        self.0.database.changed(self.0.village);
    }
}

impl RegistryTx {
    pub(crate) fn new(transaction: Transaction, audit_key: AuditKey) -> Self {
        Self { transaction, audit_key }
    }

    /// Writes down in a village's audit log what is done here and concerns it. Nothing else of the village can be reached.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn record_in(&self, village: VillageId, deed: Deed, now: DateTime<Utc>) -> Result<(), StoreError> {
        enter(&self.transaction, village).await?;
        audit_entry::append(&self.transaction, &self.audit_key, village, deed, now).await?;
        set(&self.transaction, "dorf.village", "").await
    }

    /// Writes down, in the log of every village where an account belongs to the staff, also as an editor of its municipality, what
    /// is done to the account. The logs are held in the order in which everybody holds them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn record_for_staff(&self, account: AccountId, deed: Deed, now: DateTime<Utc>) -> Result<(), StoreError> {
        for village in villages_of_staff(&self.transaction, account).await? {
            self.record_in(village, deed.clone(), now).await?;
        }
        Ok(())
    }

    /// Goes into a village, for one statement of `entity`.
    pub(crate) async fn enter(&self, village: VillageId) -> Result<(), StoreError> {
        enter(&self.transaction, village).await
    }

    /// Leaves the village, whose workers are to be told when this transaction commits.
    pub(crate) async fn leave(&self, village: VillageId) -> Result<(), StoreError> {
        if self.transaction.is_postgres() {
            let payload = village.to_string();
            self.transaction.run("SELECT pg_notify($1, $2)", vec![CHANNEL.into(), payload.into()]).await?;
        }
        set(&self.transaction, "dorf.village", "").await
    }

    /// Makes the changes durable.
    ///
    /// # Errors
    /// When the database refuses; then nothing was changed.
    pub async fn commit(self) -> Result<(), StoreError> {
        Ok(self.transaction.commit().await?)
    }
}

impl Registry {
    pub(crate) fn new(transaction: Transaction) -> Self {
        Self { transaction }
    }

    /// The villages where an account belongs to the staff, also as an editor of their municipality.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn villages_of_staff(&self, account: AccountId) -> Result<Vec<VillageId>, StoreError> {
        villages_of_staff(&self.transaction, account).await
    }

    /// Lets the roles of `account` be seen, in all villages, for as long as this scope lives.
    pub(crate) async fn as_account(&self, account: AccountId) -> Result<(), StoreError> {
        set(&self.transaction, "dorf.account", &account.to_string()).await
    }

    /// Opens the door to due work of all villages, for as long as this scope lives.
    pub(crate) async fn through_door(&self) -> Result<(), StoreError> {
        set(&self.transaction, "dorf.door", "due_work").await
    }
}

/// The villages where an account belongs to the staff, in the order in which logs are held.
async fn villages_of_staff(transaction: &Transaction, account: AccountId) -> Result<Vec<VillageId>, StoreError> {
    set(transaction, "dorf.account", &account.to_string()).await?;
    let sql = "SELECT r.village_id AS id FROM role r WHERE r.account_id = $1
               UNION
               SELECT v.id FROM village v JOIN municipality_role m ON m.municipality_id = v.municipality_id
               WHERE m.account_id = $1 ORDER BY 1";
    let rows = transaction.rows::<Row>(sql, vec![account.into()]).await?;
    set(transaction, "dorf.account", "").await?;
    Ok(rows.into_iter().map(|row| row.id.into()).collect())
}

/// Tells PostgreSQL's row-level security which village this transaction is in.
async fn enter(transaction: &Transaction, village: VillageId) -> Result<(), StoreError> {
    set(transaction, "dorf.village", &village.to_string()).await
}

async fn set(transaction: &Transaction, name: &str, value: &str) -> Result<(), StoreError> {
    if transaction.is_postgres() {
        transaction.run("SELECT set_config($1, $2, true)", vec![name.into(), value.into()]).await?;
    }
    Ok(())
}

macro_rules! connected {
    ($($scope:ty),*) => {$(
        impl Connected for $scope {
            fn connection(&self) -> &Transaction {
                &self.transaction
            }
        }
    )*};
}

connected!(Village, VillageTx, Registry, RegistryTx);

impl InVillage for Village {
    fn village_id(&self) -> VillageId {
        self.village
    }
}

impl InVillage for VillageTx {
    fn village_id(&self) -> VillageId {
        self.scope.village
    }
}

/// A store is a scope seen from one table. Declares the store type and the method of each scope that gives it.
macro_rules! store {
    (#[doc = $doc:literal] $store:ident as $method:ident in $($scope:ty),+) => {
        #[doc = $doc]
        pub struct $store<'a, S>(pub(crate) &'a S);

        $(impl $scope {
            #[doc = $doc]
            pub fn $method(&self) -> $store<'_, $scope> {
                $store(self)
            }
        })+
    };
}

pub(crate) use store;
