//! Opening a database, and the connections behind the scopes.

use crate::audit_entry::AuditKey;
use crate::changes::{CHANNEL, Changes, Generation};
use crate::error::StoreError;
use crate::ids::VillageId;
use crate::proof::Proof;
use crate::scope::{Registry, RegistryTx, VillageScope};
use crate::transaction::Transaction;
use sea_orm::{
    AccessMode, ConnectOptions, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, IsolationLevel,
    SqliteTransactionMode, TransactionOptions,
};
use sqlx::Connection;
use sqlx::pool::PoolOptions;
use sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use std::sync::Arc;
use std::time::Duration;

/// Rows of SQLite that are read ahead of whoever takes them, at most.
const ROWS_AHEAD: usize = 256;

/// How to open a database.
#[derive(Clone, Debug)]
pub struct DatabaseOptions {
    /// `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/NAME`.
    pub url: String,
    /// Most connections at once; on SQLite, most readers beside the one writer.
    pub connections: u32,
    /// How long a request waits for a connection before it is refused as unavailable.
    pub patience: Duration,
    /// Chains the audit logs.
    pub audit_key: AuditKey,
}

/// An open SQLite or PostgreSQL database. Cheap to clone.
///
/// On SQLite there is one writing connection, whose transactions are `IMMEDIATE`, and a pool of reading ones; the journal
/// is a WAL with `synchronous=FULL`, so that what was acknowledged survives a power failure.
#[derive(Clone)]
pub struct Database(Arc<Connections>);

struct Connections {
    writer: DatabaseConnection,
    reader: DatabaseConnection,
    changes: Changes,
    proof: Proof,
    audit_key: AuditKey,
}

impl Database {
    /// Opens the database; does not migrate it.
    ///
    /// # Errors
    /// When the URL is wrong or the database cannot be reached.
    pub async fn open(options: &DatabaseOptions) -> Result<Self, StoreError> {
        let (writer, reader) = if options.url.starts_with("sqlite:") {
            (sqlite(options, 1, false).await?, sqlite(options, options.connections, true).await?)
        } else {
            let pool = postgres(options).await?;
            (pool.clone(), pool)
        };
        Ok(Self(Arc::new(Connections {
            writer,
            reader,
            changes: Changes::default(),
            proof: Proof::default(),
            audit_key: options.audit_key.clone(),
        })))
    }

    /// The scope of one village. Whoever calls this has resolved the village from the request or the due work.
    pub fn village(&self, village: VillageId) -> VillageScope {
        VillageScope { database: self.clone(), village }
    }

    /// Begins to read what belongs to no village.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when no connection is to be had.
    pub async fn registry(&self) -> Result<Registry, StoreError> {
        Ok(Registry::new(self.begin_read().await?))
    }

    /// Begins to change what belongs to no village.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when no connection is to be had in time.
    pub async fn registry_tx(&self) -> Result<RegistryTx, StoreError> {
        Ok(RegistryTx::new(self.begin_write().await?, self.0.audit_key.clone()))
    }

    /// The generation of what readers of `village` can see; `None` while changes made by other processes cannot be heard.
    /// Take it before reading what is to be cached under it.
    pub fn generation(&self, village: VillageId) -> Option<Generation> {
        self.0.changes.generation(village)
    }

    /// Tells a worker that something changed somewhere, from now on. A hint: it never carries what is due.
    pub fn changes(&self) -> tokio::sync::watch::Receiver<()> {
        self.0.changes.subscribe()
    }

    /// Hears the changes that other processes make, for as long as it is polled. Returns at once on SQLite, which has one
    /// process. Comes back with an error when the line is lost; call it again then.
    ///
    /// # Errors
    /// When the connection cannot be made or is lost.
    pub async fn listen(&self) -> Result<(), StoreError> {
        if self.0.reader.get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        self.0.changes.set_deaf(true);
        let lost = |error: sqlx::Error| StoreError::Unavailable(DbErr::Custom(error.to_string()));
        let pool = self.0.reader.get_postgres_connection_pool();
        let mut listener = sqlx::postgres::PgListener::connect_with(pool).await.map_err(lost)?;
        listener.ignore_pool_close_event(true);
        listener.listen(CHANNEL).await.map_err(lost)?;
        self.0.changes.set_deaf(false);
        loop {
            match listener.try_recv().await {
                Ok(Some(notice)) => {
                    if let Ok(village) = notice.payload().parse() {
                        self.0.changes.happened(village);
                    }
                }
                Ok(None) => {
                    self.0.changes.set_deaf(true);
                    self.0.changes.set_deaf(false);
                }
                Err(error) => {
                    self.0.changes.set_deaf(true);
                    return Err(lost(error));
                }
            }
        }
    }

    /// Makes sure that nothing erased is left in SQLite's write-ahead log. PostgreSQL recycles its own.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_erased(&self) -> Result<(), StoreError> {
        if self.0.writer.get_database_backend() == DbBackend::Sqlite {
            self.0.writer.execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)").await?;
        }
        Ok(())
    }

    /// Closes all connections.
    pub async fn close(&self) {
        for connection in [&self.0.writer, &self.0.reader] {
            if let Err(error) = connection.close_by_ref().await {
                tracing::warn!(%error, "a database connection did not close cleanly");
            }
        }
    }

    /// The key that chains the audit logs.
    pub fn audit_key(&self) -> &AuditKey {
        &self.0.audit_key
    }

    pub(crate) fn changed(&self, village: VillageId) {
        self.0.changes.happened(village);
    }

    pub(crate) fn proof(&self) -> &Proof {
        &self.0.proof
    }

    pub(crate) async fn begin_read(&self) -> Result<Transaction, StoreError> {
        let postgres = self.0.reader.get_database_backend() == DbBackend::Postgres;
        let options = TransactionOptions {
            // All reads of one scope see one state; a transaction of SQLite does so by itself.
            isolation_level: postgres.then_some(IsolationLevel::RepeatableRead),
            access_mode: postgres.then_some(AccessMode::ReadOnly),
            sqlite_transaction_mode: Some(SqliteTransactionMode::Deferred),
        };
        Ok(Transaction::begin(&self.0.reader, options, &self.0.proof.doubt).await?)
    }

    pub(crate) async fn begin_write(&self) -> Result<Transaction, StoreError> {
        let options = TransactionOptions {
            isolation_level: None,
            access_mode: None,
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        };
        Ok(Transaction::begin(&self.0.writer, options, &self.0.proof.doubt).await?)
    }
}

async fn sqlite(options: &DatabaseOptions, connections: u32, reads_only: bool) -> Result<DatabaseConnection, DbErr> {
    let mut connect = ConnectOptions::new(&options.url);
    let patience = options.patience;
    connect
        .max_connections(connections)
        .acquire_timeout(options.patience)
        .sqlx_logging(false)
        .map_sqlx_sqlite_pool_opts(without_transaction)
        .map_sqlx_sqlite_opts(move |sqlite| {
            sqlite
                .create_if_missing(true)
                .foreign_keys(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(patience)
                // The thread that reads hands rows over without waiting for a page of them to be taken.
                .row_buffer_size(ROWS_AHEAD)
                // What is deleted is overwritten: a forgotten address is in no file.
                .pragma("secure_delete", "1")
                .pragma("query_only", if reads_only { "1" } else { "0" })
        });
    sea_orm::Database::connect(connect).await
}

async fn postgres(options: &DatabaseOptions) -> Result<DatabaseConnection, DbErr> {
    let mut connect = ConnectOptions::new(&options.url);
    connect
        .max_connections(options.connections)
        .acquire_timeout(options.patience)
        .sqlx_logging(false)
        .map_sqlx_postgres_pool_opts(without_transaction)
        .map_sqlx_postgres_opts(|postgres| postgres.options(LIMITS));
    sea_orm::Database::connect(connect).await
}

/// How long PostgreSQL lets a statement run, one wait for another's lock, and a transaction in which nothing is asked for be open.
const LIMITS: [(&str, &str); 3] =
    [("statement_timeout", "15s"), ("lock_timeout", "10s"), ("idle_in_transaction_session_timeout", "60s")];

/// A connection is given out only when no transaction is open on it, as far as sqlx knows; else it is closed, which ends whatever it
/// was in, and another is opened.
///
/// sqlx counts a transaction until a `COMMIT` or `ROLLBACK` has succeeded. SQLite rolls back by itself when the disk is full; the
/// `ROLLBACK` after it fails, and for such a connection every further `BEGIN` would be a savepoint in something that never commits.
fn without_transaction<DB: sqlx::Database>(pool: PoolOptions<DB>) -> PoolOptions<DB> {
    pool.before_acquire(|connection, _| {
        Box::pin(async move {
            let settled = !connection.is_in_transaction();
            if !settled {
                tracing::warn!("a database connection was thrown away: what became of its transaction is not known");
            }
            Ok(settled)
        })
    })
}
