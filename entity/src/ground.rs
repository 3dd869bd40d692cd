//! The ground: what is found where the database is said to be, before anything there is changed.

use crate::installation::KeyPrints;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, PgConnection, SqliteConnection};
use std::io::ErrorKind;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// How long a database may take to say that it is there.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is found there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ground {
    /// Whether PostgreSQL would keep villages apart for the role that connects.
    pub fitness: Fitness,
    /// Whether there are tables of ours.
    pub has_tables: bool,
    /// Whether anybody has an account: then what is stored needs the keys it was written with.
    pub used: bool,
    /// By which keys it was written, if that was noted.
    pub prints: Option<KeyPrints>,
}

/// Whether a PostgreSQL role may be used by the server: row-level security must bind it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fitness {
    /// Row-level security binds this role, or the database is SQLite, which has none.
    #[default]
    Fit,
    /// The role is a superuser or has BYPASSRLS, so the database would not keep villages apart.
    BypassesRowSecurity,
}

/// A database that cannot be used. The text names its address, never its password.
#[derive(Debug, thiserror::Error)]
#[error("the database {address} cannot be used: {why}")]
pub struct Unusable {
    address: String,
    why: String,
}

impl Ground {
    /// Looks at the database at `url`, which is not made if it is not there.
    ///
    /// # Errors
    /// Within two seconds, when it cannot be reached or read.
    pub async fn find(url: &str) -> Result<Self, Unusable> {
        if file(url).is_some_and(|file| !file.exists()) {
            return Ok(Self::default());
        }
        let looked = async { if url.starts_with("sqlite:") { of_sqlite(url).await } else { of_postgres(url).await } };
        let why = match tokio::time::timeout(PATIENCE, looked).await {
            Ok(Ok(found)) => return Ok(found),
            Ok(Err(error)) => why(&error),
            Err(_) => format!("no answer within {} s", PATIENCE.as_secs()),
        };
        Err(Unusable { address: address(url), why })
    }
}

/// Where a database is, without its password.
pub fn address(url: &str) -> String {
    if let Some(file) = file(url) {
        return file.display().to_string();
    }
    let Ok(options) = PgConnectOptions::from_str(url) else {
        return "of database.url".to_owned();
    };
    let host = options.get_socket().map_or(options.get_host().to_owned(), |socket| socket.display().to_string());
    let name = options.get_database().unwrap_or(options.get_username());
    format!("postgres://{}@{host}:{}/{name}", options.get_username(), options.get_port())
}

/// The file of an SQLite database.
pub fn file(url: &str) -> Option<PathBuf> {
    let options = url.starts_with("sqlite:").then(|| SqliteConnectOptions::from_str(url).ok());
    options.flatten().map(|options| options.get_filename().to_owned())
}

async fn of_sqlite(url: &str) -> Result<Ground, sqlx::Error> {
    let options = SqliteConnectOptions::from_str(url)?.create_if_missing(false);
    let mut connection = SqliteConnection::connect_with(&options).await?;
    let mut found = Ground::default();
    let sql = "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = $1)";
    found.has_tables = sqlx::query_scalar(sql).bind("account").fetch_one(&mut connection).await?;
    if found.has_tables {
        found.used = sqlx::query_scalar(ANY_ACCOUNT).fetch_one(&mut connection).await?;
    }
    if sqlx::query_scalar(sql).bind("installation").fetch_one(&mut connection).await? {
        found.prints = prints(sqlx::query_as(PRINTS).fetch_optional(&mut connection).await?);
    }
    connection.close().await?;
    Ok(found)
}

async fn of_postgres(url: &str) -> Result<Ground, sqlx::Error> {
    let mut connection = PgConnection::connect_with(&PgConnectOptions::from_str(url)?).await?;
    let mut found = Ground::default();
    let sql = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user";
    let bypasses: Option<bool> = sqlx::query_scalar(sql).fetch_optional(&mut connection).await?;
    if bypasses.unwrap_or(true) {
        found.fitness = Fitness::BypassesRowSecurity;
    }
    let sql = "SELECT to_regclass($1) IS NOT NULL";
    found.has_tables = sqlx::query_scalar(sql).bind("account").fetch_one(&mut connection).await?;
    if found.has_tables {
        found.used = sqlx::query_scalar(ANY_ACCOUNT).fetch_one(&mut connection).await?;
    }
    if sqlx::query_scalar(sql).bind("installation").fetch_one(&mut connection).await? {
        found.prints = prints(sqlx::query_as(PRINTS).fetch_optional(&mut connection).await?);
    }
    connection.close().await?;
    Ok(found)
}

const ANY_ACCOUNT: &str = "SELECT EXISTS (SELECT 1 FROM account)";
const PRINTS: &str = "SELECT master_print, vapid_print FROM installation WHERE id = 1";

fn prints(row: Option<(Option<String>, Option<String>)>) -> Option<KeyPrints> {
    let (master, vapid) = row?;
    Some(KeyPrints { master: master?, vapid: vapid? })
}

/// What went wrong, in words that lead somewhere.
fn why(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Io(error) if error.kind() == ErrorKind::ConnectionRefused => {
            "connection refused: nothing listens there".to_owned()
        }
        sqlx::Error::Io(error) if error.to_string().contains("lookup address") => {
            "the host's name is unknown".to_owned()
        }
        sqlx::Error::Io(error) => error.to_string(),
        sqlx::Error::Tls(error) => format!("TLS: {error}"),
        sqlx::Error::Database(error) if error.code().is_some_and(|code| code == "42501") => {
            format!("{}: its tables belong to another role", error.message())
        }
        sqlx::Error::Database(error) => error.message().to_owned(),
        other => other.to_string(),
    }
}
