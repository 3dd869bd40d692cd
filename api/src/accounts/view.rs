//! What travels about accounts.

use crate::problem::Problem;
use crate::validate::Faults;
use chrono::{DateTime, Utc};
use entity::{AccountId, Role, RoleHolder, RoleKind, Session};
use poem_openapi::{Enum, Object};
use serde::Deserialize;
use uuid::Uuid;

/// Who logs in.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
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
pub struct RoleView {
    /// The village's name in URLs.
    pub village: String,
    /// The role.
    pub role: RoleName,
}

/// What a role allows.
#[derive(Clone, Copy, Enum, PartialEq, Eq)]
#[oai(rename_all = "snake_case", rename = "Role")]
pub enum RoleName {
    /// Everything in the village.
    Admin,
    /// Writing, publishing and withdrawing posts.
    Editor,
}

/// Somebody to be given a role in a village.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
pub struct StaffBody {
    /// The address the person logs in with.
    #[oai(validator(max_length = 254))]
    email: String,
    /// The person's name.
    #[oai(validator(min_length = 1, max_length = 100))]
    name: String,
    /// The person's password.
    #[oai(validator(max_length = 1024))]
    password: String,
}

/// Somebody to be given a role, checked.
pub struct NewStaff {
    pub email: String,
    pub name: String,
    pub password: String,
}

/// Somebody with a role in the village.
#[derive(Object)]
pub struct StaffMember {
    /// The account.
    account: Uuid,
    /// The person's name.
    name: String,
    /// The address the person logs in with.
    email: String,
    /// The role.
    role: RoleName,
}

/// The staff of a village.
#[derive(Object)]
pub struct StaffList {
    /// Everybody with a role here, by name.
    pub items: Vec<StaffMember>,
}

impl StaffBody {
    /// Checks the values.
    pub fn checked(self, shortest_password: usize) -> Result<NewStaff, Problem> {
        let mut faults = Faults::default();
        let email = faults.address("/email", &self.email).to_lowercase();
        let name = faults.line("/name", &self.name, 1, 100);
        faults.password("/password", &self.password, shortest_password);
        faults.into_result(NewStaff { email, name, password: self.password })
    }
}

impl StaffMember {
    /// Somebody with a role.
    pub fn new(account: AccountId, name: String, email: String, kind: RoleKind) -> Self {
        Self { account: account.0, name, email, role: kind.into() }
    }
}

impl From<RoleHolder> for StaffMember {
    fn from(holder: RoleHolder) -> Self {
        Self::new(holder.account_id.into(), holder.name, holder.email, holder.kind)
    }
}

impl From<RoleKind> for RoleName {
    fn from(kind: RoleKind) -> Self {
        match kind {
            RoleKind::Admin => Self::Admin,
            RoleKind::Editor => Self::Editor,
        }
    }
}

impl From<Role> for RoleView {
    fn from(role: Role) -> Self {
        Self { village: role.village_slug, role: role.kind.into() }
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

/// The answer to giving somebody a role, as it is kept.
pub fn member_answer(member: &StaffMember) -> entity::Answer {
    crate::http::Answer::<201, StaffMember>::of(member).to_keep()
}
