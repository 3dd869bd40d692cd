//! One transaction, and the promise that what we think of it is what the database thinks.
//!
//! Both databases may end a transaction by themselves: SQLite rolls back when the disk is full, on an I/O error or without memory, and
//! goes on without a transaction; PostgreSQL ignores everything after the first error, and answers `COMMIT` as if nothing had
//! happened. A statement that is broken off has either happened or not. So after the first statement that did not end well a
//! [`Transaction`] is void: it takes no further statement, and it cannot be committed.

use crate::proof::Doubt;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement,
    TransactionOptions, TransactionTrait,
};
use std::sync::atomic::{AtomicBool, Ordering};

/// An open transaction. Dropped, it never happened.
pub struct Transaction {
    database: DatabaseTransaction,
    void: AtomicBool,
    doubt: Doubt,
}

impl Transaction {
    /// Begins one on a connection that is in none; the pool has seen to that.
    pub(crate) async fn begin(
        pool: &DatabaseConnection,
        options: TransactionOptions,
        doubt: &Doubt,
    ) -> Result<Self, DbErr> {
        let begun = if pool.get_database_backend() == DbBackend::Postgres {
            // Never broken off: sqlx does not know of a transaction of PostgreSQL whose BEGIN was not waited for, and it would stay
            // open on a connection that is given to somebody else. Whoever gave up drops it, which rolls back.
            let pool = pool.clone();
            let begun = tokio::spawn(async move { pool.begin_with_options(options).await }).await;
            begun.unwrap_or_else(|error| Err(DbErr::Custom(error.to_string())))
        } else {
            pool.begin_with_options(options).await
        };
        let database = begun.inspect_err(|error| doubt.after(error))?;
        Ok(Self { database, void: AtomicBool::new(false), doubt: doubt.clone() })
    }

    /// Makes durable what was done.
    ///
    /// # Errors
    /// When the database refuses, or a statement did not end well; then nothing was changed. When the connection to PostgreSQL is
    /// lost over it, nobody knows.
    pub(crate) async fn commit(self) -> Result<(), DbErr> {
        if self.void.load(Ordering::SeqCst) {
            return Err(void());
        }
        let doubt = self.doubt;
        self.database.commit().await.inspect_err(|error| doubt.after(error))
    }

    async fn attempt<T>(&self, statement: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
        if self.void.load(Ordering::SeqCst) {
            return Err(void());
        }
        let unfinished = Unfinished(&self.void);
        let done = statement.await.inspect_err(|error| self.doubt.after(error))?;
        unfinished.ended_well();
        Ok(done)
    }
}

/// A statement that was begun; gone before it ended well, it makes its transaction void.
struct Unfinished<'a>(&'a AtomicBool);

impl Unfinished<'_> {
    fn ended_well(self) {
        std::mem::forget(self);
    }
}

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

fn void() -> DbErr {
    DbErr::Custom("a statement of this transaction failed or was broken off before: nothing of it happens".to_owned())
}

#[sea_orm::prelude::async_trait::async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        self.database.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.attempt(self.database.execute_raw(statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.attempt(self.database.execute_unprepared(sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.attempt(self.database.query_one_raw(statement)).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.attempt(self.database.query_all_raw(statement)).await
    }
}
