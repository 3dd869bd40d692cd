//! Statements written once for both databases: placeholders are `$1`, `$2`, … which SQLite understands as well.

use crate::error::StoreError;
use crate::transaction::Transaction;
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};

/// Runs raw statements inside a transaction.
pub(crate) trait Sql {
    /// Runs a statement; returns the number of rows it touched.
    async fn run(&self, sql: &str, values: Vec<Value>) -> Result<u64, StoreError>;
    /// All rows of a query.
    async fn rows<R: FromQueryResult>(&self, sql: &str, values: Vec<Value>) -> Result<Vec<R>, StoreError>;
    /// The first row of a query.
    async fn row<R: FromQueryResult>(&self, sql: &str, values: Vec<Value>) -> Result<Option<R>, StoreError>;
    /// Whether this is PostgreSQL.
    fn is_postgres(&self) -> bool;
}

impl Sql for Transaction {
    async fn run(&self, sql: &str, values: Vec<Value>) -> Result<u64, StoreError> {
        let statement = Statement::from_sql_and_values(self.get_database_backend(), sql, values);
        Ok(self.execute_raw(statement).await?.rows_affected())
    }

    async fn rows<R: FromQueryResult>(&self, sql: &str, values: Vec<Value>) -> Result<Vec<R>, StoreError> {
        let statement = Statement::from_sql_and_values(self.get_database_backend(), sql, values);
        Ok(R::find_by_statement(statement).all(self).await?)
    }

    async fn row<R: FromQueryResult>(&self, sql: &str, values: Vec<Value>) -> Result<Option<R>, StoreError> {
        let statement = Statement::from_sql_and_values(self.get_database_backend(), sql, values);
        Ok(R::find_by_statement(statement).one(self).await?)
    }

    fn is_postgres(&self) -> bool {
        self.get_database_backend() == DbBackend::Postgres
    }
}

/// A row that holds one count.
#[derive(FromQueryResult)]
pub(crate) struct Count {
    pub n: i64,
}

/// A row that holds one sum.
#[derive(FromQueryResult)]
pub(crate) struct Sum {
    pub total: i64,
}

/// `count` placeholders starting at `$first`, as in `$3, $4, $5`.
pub(crate) fn placeholders(first: usize, count: usize) -> String {
    let mut text = String::with_capacity(count * 6);
    for n in first..first + count {
        if n > first {
            text.push_str(", ");
        }
        text.push('$');
        text.push_str(&n.to_string());
    }
    text
}
