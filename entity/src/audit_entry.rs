//! The audit log of a village: who did what when, from which version to which. Lines are only ever added, numbered without
//! gaps, and chained: each carries a keyed hash (HMAC-SHA256, RFC 2104) over itself and the line before, so that whoever changes,
//! removes or inserts a line in the database without the installation's key is found out. The head seals where the chain
//! ends, so that cutting off its end is found out as well.

mod key;

pub use key::AuditKey;

use crate::error::StoreError;
use crate::ids::{AccountId, AuditEntryId, VillageId};
use crate::instant::{instant, millis};
use crate::scope::{Connected, InVillage, Village, VillageTx, store};
use crate::sql::{Count, Sql};
use crate::transaction::Transaction;
use chrono::{DateTime, Utc};
use sea_orm::{ActiveModelTrait, EntityTrait, FromQueryResult, IntoActiveModel, Value};
use uuid::Uuid;

pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "audit_entry")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub number: i64,
        pub at: i64,
        pub account_id: Option<Uuid>,
        pub action: String,
        pub subject_id: Uuid,
        pub from_version: Option<i32>,
        pub to_version: Option<i32>,
        #[sea_orm(column_type = "Text")]
        pub detail: String,
        #[sea_orm(column_type = "Blob")]
        pub chain: Vec<u8>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Where the chain ends: one row per village.
pub(crate) mod head {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "audit_head")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub number: i64,
        #[sea_orm(column_type = "Blob")]
        pub chain: Vec<u8>,
        #[sea_orm(column_type = "Blob")]
        pub seal: Vec<u8>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Something done, to be written down.
#[derive(Clone, Debug)]
pub struct Deed {
    /// Who did it; `None` for the program itself, at a time somebody had set.
    pub by: Option<AccountId>,
    /// What was done: `thing.verb` in the past tense, such as `post.published`.
    pub action: &'static str,
    /// To what.
    pub subject: Uuid,
    /// The version before, where the thing has versions.
    pub from_version: Option<i32>,
    /// The version after.
    pub to_version: Option<i32>,
    /// What else matters, in a few words or as JSON; no addresses, no texts of posts. Empty for nothing.
    pub detail: String,
}

/// A line of the log.
#[derive(Clone, Debug, FromQueryResult)]
pub struct AuditEntry {
    /// Counts from 1, without gaps.
    pub number: i64,
    /// When, in milliseconds since 1970.
    at: i64,
    /// Who; `None` for the program itself.
    pub account_id: Option<Uuid>,
    /// The name of who it was, while there is such an account.
    pub account_name: Option<String>,
    /// What was done.
    pub action: String,
    /// To what.
    pub subject_id: Uuid,
    /// The version before.
    pub from_version: Option<i32>,
    /// The version after.
    pub to_version: Option<i32>,
    /// What else matters.
    pub detail: String,
}

/// Which lines to read, the latest first.
#[derive(Clone, Debug, Default)]
pub struct AuditQuery {
    /// Only by this account.
    pub account: Option<AccountId>,
    /// Only about this thing.
    pub subject: Option<Uuid>,
    /// Only with actions that begin so, as `post.`.
    pub action: Option<String>,
    /// Only from this instant on.
    pub from: Option<DateTime<Utc>>,
    /// Only before this instant.
    pub until: Option<DateTime<Utc>>,
    /// Only lines before this number.
    pub before: Option<i64>,
    /// At most this many.
    pub limit: u64,
}

/// What came of checking a village's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuditVerdict {
    /// Every line is as it was written, and none is missing.
    Intact {
        /// How many there are.
        entries: i64,
        /// The first that could be checked: 1, or where the log goes on with other keys because the old ones were lost.
        since: i64,
        /// The hash that the chain ends with; to be kept elsewhere by whoever wants to compare later.
        head: Vec<u8>,
    },
    /// Something was tampered with.
    Broken {
        /// At which number the chain does not fit.
        number: i64,
    },
}

store!(
    /// The audit log of the village.
    AuditLog as audit in Village, VillageTx
);

/// What the first line of a log says, about the village.
const CREATED: &str = "village.created";

/// What the first line says that is chained with other keys than those before it.
const KEYS_REPLACED: &str = "keys.replaced";

/// The migration that brought audit logs; villages from before it have logs that begin later than they.
const LOGS_BEGAN_WITH: &str = "m2026_11_24_000004_roles_clubs_and_audit";

/// Lines checked at once.
const CHECKED_AT_ONCE: i64 = 1_000;

impl Deed {
    /// Somebody did something to a thing.
    pub fn new(by: AccountId, action: &'static str, subject: impl Into<Uuid>) -> Self {
        let subject = subject.into();
        Self { by: Some(by), action, subject, from_version: None, to_version: None, detail: String::new() }
    }

    /// The program did what somebody had set a time for.
    pub fn by_itself(action: &'static str, subject: impl Into<Uuid>) -> Self {
        let subject = subject.into();
        Self { by: None, action, subject, from_version: None, to_version: None, detail: String::new() }
    }

    /// From which version to which.
    pub fn versions(self, from: Option<i32>, to: Option<i32>) -> Self {
        Self { from_version: from, to_version: to, ..self }
    }

    /// What else matters.
    pub fn detail(self, detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), ..self }
    }
}

impl AuditEntry {
    /// When it was done.
    pub fn at(&self) -> DateTime<Utc> {
        instant(self.at)
    }
}

impl<S: InVillage> AuditLog<'_, S> {
    /// Lines of the log, the latest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(&self, query: &AuditQuery) -> Result<Vec<AuditEntry>, StoreError> {
        let mut sql =
            "SELECT e.number, e.at, e.account_id, a.name AS account_name, e.action, e.subject_id, e.from_version,
                              e.to_version, e.detail
                       FROM audit_entry e LEFT JOIN account a ON a.id = e.account_id WHERE e.village_id = $1"
                .to_owned();
        let mut values: Vec<Value> = vec![self.0.village_id().into()];
        let mut only = |condition: &str, value: Value| {
            values.push(value);
            sql.push_str(&format!(" AND {condition} ${}", values.len()));
        };
        if let Some(account) = query.account {
            only("e.account_id =", account.into());
        }
        if let Some(subject) = query.subject {
            only("e.subject_id =", subject.into());
        }
        if let Some(action) = &query.action {
            // By characters: in the order of a PostgreSQL's locale a dot may count for nothing.
            only(&format!("SUBSTR(e.action, 1, {}) =", action.chars().count()), action.clone().into());
        }
        if let Some(from) = query.from {
            only("e.at >=", millis(from).into());
        }
        if let Some(until) = query.until {
            only("e.at <", millis(until).into());
        }
        if let Some(before) = query.before {
            only("e.number <", before.into());
        }
        values.push(i64::try_from(query.limit).unwrap_or(i64::MAX).into());
        sql.push_str(&format!(" ORDER BY e.number DESC LIMIT ${}", values.len()));
        self.0.connection().rows(&sql, values).await
    }

    /// Walks the whole chain from its first line to its head.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn verify(&self, key: &AuditKey) -> Result<AuditVerdict, StoreError> {
        let village = self.0.village_id();
        let (mut number, mut chain) = self.before_these_keys().await?;
        let (since, mut begins) = (number + 1, number > 0);
        loop {
            let sql = "SELECT * FROM audit_entry WHERE village_id = $1 AND number > $2 ORDER BY number LIMIT $3";
            let values = vec![village.into(), number.into(), CHECKED_AT_ONCE.into()];
            let rows = self.0.connection().rows::<row::Model>(sql, values).await?;
            let last = (rows.len() as i64) < CHECKED_AT_ONCE;
            for row in rows {
                if row.number != number + 1 || row.chain != key.chain(&chain, &row) {
                    return Ok(AuditVerdict::Broken { number: number + 1 });
                }
                begins |= row.number == 1 && row.action == CREATED && row.subject_id == village.0;
                (number, chain) = (row.number, row.chain);
            }
            if last {
                break;
            }
        }
        let head = head::Entity::find_by_id((village.0, village.0)).one(self.0.connection()).await?;
        let sealed = match &head {
            Some(head) => {
                head.number == number && head.chain == chain && head.seal == key.seal(village, number, &chain)
            }
            None => number == 0,
        };
        if !begins && self.logged_from_the_start().await? {
            return Ok(AuditVerdict::Broken { number: 1 });
        }
        Ok(if sealed {
            AuditVerdict::Intact { entries: number, since, head: chain }
        } else {
            AuditVerdict::Broken { number: number + 1 }
        })
    }
}

impl<S: InVillage> AuditLog<'_, S> {
    /// Whether the log was last written with this key; `None` when there is nothing to tell by.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_sealed_with(&self, key: &AuditKey) -> Result<Option<bool>, StoreError> {
        let village = self.0.village_id();
        let head = head::Entity::find_by_id((village.0, village.0)).one(self.0.connection()).await?;
        Ok(head.map(|head| head.seal == key.seal(village, head.number, &head.chain)))
    }

    /// The last line, and its hash, that was written with keys that are lost; before the first line, if none are. Where the log goes on
    /// is a line that nobody without the keys of now can have made.
    async fn before_these_keys(&self) -> Result<(i64, Vec<u8>), StoreError> {
        let sql = "SELECT b.* FROM audit_entry b JOIN audit_entry e ON e.village_id = b.village_id AND e.number = b.number + 1
                   WHERE e.village_id = $1 AND e.action = $2 ORDER BY e.number DESC LIMIT 1";
        let values = vec![self.0.village_id().into(), KEYS_REPLACED.into()];
        let row = self.0.connection().row::<row::Model>(sql, values).await?;
        Ok(row.map_or((0, Vec::new()), |row| (row.number, row.chain)))
    }

    /// Whether the village is younger than audit logs, so that its own begins with its creation: the village's identifier says
    /// when it was made, the record of migrations since when there are logs.
    async fn logged_from_the_start(&self) -> Result<bool, StoreError> {
        let sql = "SELECT CAST(applied_at AS bigint) AS n FROM seaql_migrations WHERE version = $1";
        let since = self.0.connection().row::<Count>(sql, vec![LOGS_BEGAN_WITH.into()]).await?.map_or(0, |row| row.n);
        let made = self.0.village_id().0.get_timestamp().map_or(0, |made| made.to_unix().0);
        Ok(i64::try_from(made).unwrap_or(i64::MAX) >= since)
    }
}

impl AuditLog<'_, VillageTx> {
    /// Goes on with other keys than those that the lines so far were chained with.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn go_on_with_other_keys(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.record(Deed::by_itself(KEYS_REPLACED, self.0.village_id().0), now).await
    }

    /// Writes down what is done in this transaction: both happen, or neither. One transaction at a time adds to a village's log.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn record(&self, deed: Deed, now: DateTime<Utc>) -> Result<(), StoreError> {
        append(self.0.connection(), self.0.audit_key(), self.0.village_id(), deed, now).await
    }
}

/// Adds a line to a village's log.
pub(crate) async fn append(
    connection: &Transaction,
    key: &AuditKey,
    village: VillageId,
    deed: Deed,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let before = hold_head(connection, key, village).await?;
    let mut row = row::Model {
        village_id: village.0,
        id: AuditEntryId::generate().0,
        number: before.number + 1,
        at: millis(now),
        account_id: deed.by.map(|account| account.0),
        action: deed.action.to_owned(),
        subject_id: deed.subject,
        from_version: deed.from_version,
        to_version: deed.to_version,
        detail: deed.detail,
        chain: Vec::new(),
    };
    row.chain = key.chain(&before.chain, &row);
    let sql = "UPDATE audit_head SET number = $2, chain = $3, seal = $4 WHERE village_id = $1";
    let seal = key.seal(village, row.number, &row.chain);
    let values = vec![village.into(), row.number.into(), row.chain.clone().into(), seal.into()];
    connection.run(sql, values).await?;
    row.into_active_model().insert(connection).await?;
    Ok(())
}

/// Where the chain ends. Nobody else adds to it before this transaction ends.
async fn hold_head(connection: &Transaction, key: &AuditKey, village: VillageId) -> Result<head::Model, StoreError> {
    // Touching the row is what holds it; the first line of a village makes it.
    let sql = "INSERT INTO audit_head (village_id, id, number, chain, seal) VALUES ($1, $1, 0, $2, $3)
               ON CONFLICT (village_id, id) DO UPDATE SET number = audit_head.number RETURNING *";
    let values = vec![village.into(), Vec::<u8>::new().into(), key.seal(village, 0, &[]).into()];
    let head = connection.row::<head::Model>(sql, values).await?;
    head.ok_or_else(|| StoreError::Unexpected(sea_orm::DbErr::Custom("the audit log has no head".to_owned())))
}
