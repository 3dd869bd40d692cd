//! Instants are stored as integer milliseconds since 1970-01-01T00:00:00Z, so that both databases compare, index and
//! round them alike.

use chrono::{DateTime, Utc};

pub(crate) fn millis(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis()
}

/// The instant of a stored number. A number outside chrono's range, which nothing here writes, reads as the epoch.
pub(crate) fn instant(millis: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(millis).unwrap_or_default()
}
