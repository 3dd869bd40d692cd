//! What travels about API keys.

use crate::contract::at;
use crate::instant::Instant;
use crate::problem::Problem;
use crate::validate::Faults;
use chrono::{DateTime, TimeDelta, Utc};
use entity::{ApiKey, ApiScope};
use poem_openapi::types::Example;
use poem_openapi::{Enum, Object};
use serde::Deserialize;
use uuid::{Uuid, uuid};

/// Days that a key is good for at most.
const LONGEST_D: i64 = 366;

/// What an API key may do.
#[derive(Clone, Copy, Debug, Deserialize, Enum, PartialEq, Eq)]
#[oai(rename = "ApiScope")]
pub enum ScopeName {
    /// Reading posts, drafts too.
    #[serde(rename = "posts:read")]
    #[oai(rename = "posts:read")]
    Read,
    /// Writing, changing and deleting posts.
    #[serde(rename = "posts:write")]
    #[oai(rename = "posts:write")]
    Write,
    /// Publishing and withdrawing posts.
    #[serde(rename = "posts:publish")]
    #[oai(rename = "posts:publish")]
    Publish,
}

/// A key to be made.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(example)]
pub struct ApiKeyBody {
    /// What it is called, such as the program that gets it.
    #[oai(validator(min_length = 1, max_length = 100))]
    name: String,
    /// What it may do; at least one.
    #[oai(validator(min_items = 1, max_items = 10))]
    scopes: Vec<ScopeName>,
    /// When it ends by itself: within 366 days.
    expires_at: DateTime<Utc>,
}

/// An API key.
#[derive(Object)]
#[oai(rename = "ApiKey", skip_serializing_if_is_none, example)]
pub struct ApiKeyView {
    /// Its identifier.
    id: Uuid,
    /// What it is called.
    name: String,
    /// What it may do.
    scopes: Vec<ScopeName>,
    /// Who made it, and in whose name it acts.
    account: Uuid,
    /// When it was made.
    created_at: Instant,
    /// When it ends by itself.
    expires_at: Instant,
    /// When it was last used, to the day; absent when it never was.
    last_used_at: Option<Instant>,
}

/// A key that was just made, with its token.
#[derive(Object)]
#[oai(example)]
pub struct ApiKeyMade {
    /// To be sent as `Authorization: Bearer …`. Shown once.
    pub token: String,
    /// The key.
    pub key: ApiKeyView,
}

/// The API keys of a village.
#[derive(Object)]
#[oai(example)]
pub struct ApiKeyList {
    /// All of them, by name; also those that have ended by themselves.
    pub items: Vec<ApiKeyView>,
}

/// A key to be made, checked.
pub struct WantedKey {
    pub name: String,
    pub scopes: Vec<ApiScope>,
    pub expires_at: DateTime<Utc>,
}

impl ApiKeyBody {
    /// Checks the values.
    pub fn checked(self, now: DateTime<Utc>) -> Result<WantedKey, Problem> {
        let mut faults = Faults::default();
        let name = faults.line("/name", &self.name, 1, 100);
        if self.scopes.is_empty() || self.scopes.len() > 10 {
            faults.add("/scopes", "muss 1 bis 10 Einträge haben", "must have 1 to 10 entries");
        }
        if self.expires_at <= now || self.expires_at > now + TimeDelta::days(LONGEST_D) {
            faults.add(
                "/expires_at",
                format!("muss in den nächsten {LONGEST_D} Tagen liegen"),
                format!("must be within the next {LONGEST_D} days"),
            );
        }
        let scopes = ApiScope::ALL.into_iter().filter(|scope| self.scopes.contains(&(*scope).into())).collect();
        faults.into_result(WantedKey { name, scopes, expires_at: self.expires_at })
    }
}

impl From<ApiScope> for ScopeName {
    fn from(scope: ApiScope) -> Self {
        match scope {
            ApiScope::PostsRead => Self::Read,
            ApiScope::PostsWrite => Self::Write,
            ApiScope::PostsPublish => Self::Publish,
        }
    }
}

impl From<ApiKey> for ApiKeyView {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id.0,
            name: key.name,
            scopes: key.scopes.into_iter().map(Into::into).collect(),
            account: key.account.0,
            created_at: key.created_at.into(),
            expires_at: key.expires_at.into(),
            last_used_at: key.last_used_at.map(Into::into),
        }
    }
}

impl Example for ApiKeyBody {
    fn example() -> Self {
        let scopes = vec![ScopeName::Read, ScopeName::Write];
        Self { name: "Website der Gemeinde".to_owned(), scopes, expires_at: at("2027-06-30T22:00:00Z") }
    }
}

impl Example for ApiKeyView {
    fn example() -> Self {
        Self {
            id: uuid!("019ab151-7a90-7c3e-8f12-0d64b95ea7c3"),
            name: "Website der Gemeinde".to_owned(),
            scopes: vec![ScopeName::Read, ScopeName::Write],
            account: uuid!("019ab0d4-7c1e-7a52-9d36-41f0c2b7e805"),
            created_at: at("2026-12-01T07:00:00Z"),
            expires_at: at("2027-06-30T22:00:00Z"),
            last_used_at: Some(at("2026-12-22T07:00:00Z")),
        }
    }
}

impl Example for ApiKeyMade {
    fn example() -> Self {
        let token = "dorfkey_Zk8wQ2rXn5vTbY1cLh7pJd0mFs3gAe9uViKo6NqRtWx".to_owned();
        Self { token, key: ApiKeyView::example() }
    }
}

impl Example for ApiKeyList {
    fn example() -> Self {
        Self { items: vec![ApiKeyView::example()] }
    }
}
