//! A fresh database for each story.

use super::postgres::{self, Cluster, Database};
use sqlx::{Connection, PgConnection, SqliteConnection};
use std::path::Path;
use tokio::sync::OnceCell;

/// Which database a story is told on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// The embedded one.
    Sqlite,
    /// The one to grow with.
    Postgres,
}

/// A database that only one story uses.
pub enum TestDatabase {
    /// A file in the story's folder.
    Sqlite(String),
    /// A database of the test process's cluster.
    Postgres(Database),
}

impl Backend {
    /// Whether stories can be told on PostgreSQL here. Says so once where they cannot.
    pub fn has_postgres() -> bool {
        postgres::cluster().is_some()
    }

    /// A migrated database for a story that lives in `folder`.
    pub async fn database(self, folder: &Path) -> TestDatabase {
        match self {
            Self::Sqlite => TestDatabase::Sqlite(format!("sqlite:{}?mode=rwc", folder.join("dorf.db").display())),
            Self::Postgres => {
                let cluster = postgres::cluster().expect("PostgreSQL is there: has_postgres() was asked before");
                TestDatabase::Postgres(cluster.new_database(Some(template(cluster).await)).await)
            }
        }
    }
}

impl TestDatabase {
    /// Where the server finds it.
    pub fn url(&self) -> String {
        match self {
            Self::Sqlite(url) => url.clone(),
            Self::Postgres(database) => database.url(),
        }
    }

    /// For looking behind the curtain: the one text per row that `sql` selects, past row-level security.
    pub async fn column(&self, sql: &'static str) -> Vec<String> {
        match self {
            Self::Sqlite(url) => {
                let mut connection = SqliteConnection::connect(url).await.expect("the database opens");
                sqlx::query_scalar(sql).fetch_all(&mut connection).await.expect(sql)
            }
            Self::Postgres(database) => {
                let mut connection =
                    PgConnection::connect(&database.superuser_url()).await.expect("the database opens");
                sqlx::query_scalar(sql).fetch_all(&mut connection).await.expect(sql)
            }
        }
    }

    /// What somebody does who owns the database: runs a statement past the server and row-level security.
    ///
    /// # Errors
    /// What the database says when it refuses.
    pub async fn change(&self, sql: &str) -> Result<(), String> {
        let sql = sqlx::raw_sql(sqlx::AssertSqlSafe(sql));
        let done = match self {
            Self::Sqlite(url) => {
                let mut connection = SqliteConnection::connect(url).await.expect("the database opens");
                sql.execute(&mut connection).await.map(drop)
            }
            Self::Postgres(database) => {
                let mut connection =
                    PgConnection::connect(&database.superuser_url()).await.expect("the database opens");
                sql.execute(&mut connection).await.map(drop)
            }
        };
        done.map_err(|error| error.to_string())
    }

    /// Where somebody finds it whom row-level security does not bind: to look at what is stored. PostgreSQL only.
    pub fn superuser_url(&self) -> String {
        match self {
            Self::Sqlite(url) => url.clone(),
            Self::Postgres(database) => database.superuser_url(),
        }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let (Self::Postgres(database), Some(cluster)) = (self, postgres::cluster()) {
            cluster.leave(database);
        }
    }
}

/// The name of a database that is migrated already: copying it is faster than migrating each.
async fn template(cluster: &Cluster) -> &'static str {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    let migrated = || async {
        let database = cluster.new_database(None).await;
        migration::up(&database.url()).await.expect("the migrations run");
        database.name().to_owned()
    };
    TEMPLATE.get_or_init(migrated).await
}
