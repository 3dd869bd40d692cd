//! Settings of accounts.

use chrono::TimeDelta;
use serde::Deserialize;

/// See `[accounts]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "config.default.toml documents every setting")]
pub struct Accounts {
    pub operator_second_factor: Need,
    pub session_h: u32,
    pub idle_min: u32,
    pub link_min: u32,
    pub invitation_d: u32,
    pub min_password: usize,
    pub argon2_memory_kib: u32,
    pub argon2_passes: u32,
    pub hashing_at_once: usize,
}

impl Accounts {
    /// After how long a log-in that is not used ends.
    pub fn idle(&self) -> TimeDelta {
        TimeDelta::minutes(self.idle_min.into())
    }

    /// After how long it is noted again that a log-in is used: often enough for it to live on, and for its owner to see.
    pub fn noted_after(&self) -> TimeDelta {
        (self.idle() / 8).min(TimeDelta::hours(1))
    }
}

/// Whether something has to be there.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(try_from = "String")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Need {
    Required,
    Optional,
}

impl TryFrom<String> for Need {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        super::words::one_of(&text, [("required", Self::Required), ("optional", Self::Optional)])
    }
}
