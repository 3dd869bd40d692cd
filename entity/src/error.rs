//! Why the store could not do as asked, by what it means to the caller rather than by where it came from.

use sea_orm::{DbErr, RuntimeErr, SqlErr};

/// A failed store operation. The transaction it happened in is void.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached, is busy, locked or read-only. Trying again later may help.
    #[error("the database is not available: {0}")]
    Unavailable(DbErr),
    /// There is no room left on the device. Nothing was changed.
    #[error("the database has no space left: {0}")]
    Full(DbErr),
    /// A row with this unique value exists already.
    #[error("a row with this value exists already")]
    Taken,
    /// The row refers to one that is missing here, or is still referred to.
    #[error("a reference to or from this row forbids it")]
    Referenced,
    /// A defect.
    #[error("unexpected database error: {0}")]
    Unexpected(DbErr),
}

impl StoreError {
    /// Whether an error comes from the ground that the database stands on rather than from what was asked of it.
    pub(crate) fn blames_the_ground(error: &DbErr) -> bool {
        !matches!(kind(error), Kind::Unexpected)
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => return Self::Taken,
            Some(SqlErr::ForeignKeyConstraintViolation(_)) => return Self::Referenced,
            _ => {}
        }
        if is_restricted(&error) {
            return Self::Referenced;
        }
        match kind(&error) {
            Kind::Full => Self::Full(error),
            Kind::Unavailable => Self::Unavailable(error),
            Kind::Unexpected => Self::Unexpected(error),
        }
    }
}

/// SQLite reports `ON DELETE RESTRICT` as 1811, SQLITE_CONSTRAINT_TRIGGER.
fn is_restricted(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause))) = error else {
        return false;
    };
    cause.as_database_error().and_then(|refusal| refusal.code()).is_some_and(|code| code == "1811")
}

enum Kind {
    Full,
    Unavailable,
    Unexpected,
}

fn kind(error: &DbErr) -> Kind {
    let (DbErr::Conn(RuntimeErr::SqlxError(cause))
    | DbErr::Exec(RuntimeErr::SqlxError(cause))
    | DbErr::Query(RuntimeErr::SqlxError(cause))) = error
    else {
        return match error {
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => Kind::Unavailable,
            _ => Kind::Unexpected,
        };
    };
    match cause.as_ref() {
        sqlx::Error::Database(refusal) => {
            let code = refusal.code().unwrap_or_default();
            if refusal.try_downcast_ref::<sqlx::postgres::PgDatabaseError>().is_some() {
                postgres_kind(&code)
            } else {
                sqlite_kind(&code)
            }
        }
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::Protocol(_) => Kind::Unavailable,
        _ => Kind::Unexpected,
    }
}

/// SQLSTATE classes: 53100 disk full; 08 connection, 53 resources, 57 operator intervention (shutdown, cancelled), 58 I/O error,
/// 40 serialisation and deadlock, 55P03 lock not available, 25006 read-only transaction, 25P03 idle for too long inside one.
fn postgres_kind(code: &str) -> Kind {
    match code {
        "53100" => Kind::Full,
        "55P03" | "25006" | "25P03" => Kind::Unavailable,
        _ if ["08", "53", "57", "58", "40"].iter().any(|class| code.starts_with(class)) => Kind::Unavailable,
        _ => Kind::Unexpected,
    }
}

/// Primary result codes, the low byte of the extended ones: 13 FULL; 5 BUSY, 6 LOCKED, 7 NOMEM, 8 READONLY, 10 IOERR,
/// 14 CANTOPEN.
fn sqlite_kind(code: &str) -> Kind {
    match code.parse::<u32>().map(|code| code & 0xff) {
        Ok(13) => Kind::Full,
        Ok(5..=8 | 10 | 14) => Kind::Unavailable,
        _ => Kind::Unexpected,
    }
}
