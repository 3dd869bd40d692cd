//! What travels about accounts.

mod examples;

use crate::authority::RoleName;
use chrono::{DateTime, Utc};
use entity::{Role, Session};
use poem_openapi::Object;
use serde::Deserialize;
use uuid::Uuid;

/// Who logs in.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(example)]
pub struct LoginBody {
    /// The address of the account.
    #[oai(validator(max_length = 254))]
    pub email: String,
    /// Its password.
    #[oai(validator(max_length = 1024))]
    pub password: String,
}

/// A log-in that has begun.
#[derive(Object)]
#[oai(example)]
pub struct LoginAnswer {
    /// To be sent as `Authorization: Bearer …`. Shown once.
    pub token: String,
    /// When the log-in ends by itself.
    pub expires_at: DateTime<Utc>,
    /// The account.
    pub account: Uuid,
    /// The person's name.
    pub name: String,
}

/// Whose the log-in is.
#[derive(Object)]
#[oai(example)]
pub struct Me {
    /// The account.
    pub account: Uuid,
    /// The person's name.
    pub name: String,
    /// The address of the account.
    pub email: String,
    /// Whether this is an operator of the installation.
    pub operator: bool,
    /// When the log-in ends by itself.
    pub expires_at: DateTime<Utc>,
    /// What the account may do where.
    pub roles: Vec<RoleView>,
}

/// A role in a village.
#[derive(Object)]
#[oai(skip_serializing_if_is_none, example)]
pub struct RoleView {
    /// The village's name in URLs.
    pub village: String,
    /// The role.
    pub role: RoleName,
    /// From when on it holds; always when absent.
    pub starts_at: Option<DateTime<Utc>>,
    /// Until when it holds; for ever when absent.
    pub ends_at: Option<DateTime<Utc>>,
}

impl From<Role> for RoleView {
    fn from(role: Role) -> Self {
        Self {
            village: role.village_slug,
            role: role.kind.into(),
            starts_at: role.term.starts,
            ends_at: role.term.ends,
        }
    }
}

impl Me {
    /// Whose a log-in is, and the roles.
    pub fn new(session: Session, roles: Vec<Role>) -> Self {
        Self {
            account: session.account.0,
            name: session.name,
            email: session.email,
            operator: session.operator,
            expires_at: session.expires_at,
            roles: roles.into_iter().map(Into::into).collect(),
        }
    }
}
