//! What travels about invitations to the staff.

use crate::authority::RoleName;
use crate::contract::at;
use crate::instant::Instant;
use chrono::{DateTime, Utc};
use entity::{MunicipalityInvitation, StaffInvitation};
use poem_openapi::Object;
use poem_openapi::types::Example;
use uuid::{Uuid, uuid};

const INVITATION: Uuid = uuid!("019ab162-0b7c-7e11-8f3a-6d25c9e4a108");
const ADDRESS: &str = "petra.sander@kalletal.example";

/// What came of adding somebody: an invitation that waits, or an account that was made.
#[derive(Object)]
#[oai(skip_serializing_if_is_none, example)]
pub struct StaffAdded {
    /// The address.
    email: String,
    /// The invitation that was sent to it.
    invitation: Option<Uuid>,
    /// Until when it can be accepted.
    expires_at: Option<Instant>,
    /// The account that was made, with the name and password given.
    account: Option<Uuid>,
}

/// An invitation to the staff that waits.
#[derive(Object)]
#[oai(rename = "StaffInvitation", skip_serializing_if_is_none, example)]
pub struct StaffInvitationView {
    /// Its identifier.
    id: Uuid,
    /// The address it was sent to.
    email: String,
    /// What the person is to be.
    role: RoleName,
    /// From when on the role will hold; always when absent.
    starts_at: Option<Instant>,
    /// Until when it will hold; for ever when absent.
    ends_at: Option<Instant>,
    /// Until when it can be accepted.
    expires_at: Instant,
}

/// The invitations to a village's staff that wait.
#[derive(Object)]
#[oai(example)]
pub struct StaffInvitationList {
    /// All of them, the oldest first.
    pub items: Vec<StaffInvitationView>,
}

/// An invitation to edit for a municipality that waits.
#[derive(Object)]
#[oai(rename = "MunicipalityInvitation", example)]
pub struct MunicipalityInvitationView {
    /// Its identifier.
    id: Uuid,
    /// The address it was sent to.
    email: String,
    /// Until when it can be accepted.
    expires_at: Instant,
}

/// The invitations to edit for a municipality that wait.
#[derive(Object)]
#[oai(example)]
pub struct MunicipalityInvitationList {
    /// All of them, the oldest first.
    pub items: Vec<MunicipalityInvitationView>,
}

impl StaffAdded {
    /// By an invitation.
    pub fn invited(invitation: Uuid, email: String, expires_at: DateTime<Utc>) -> Self {
        Self { email, invitation: Some(invitation), expires_at: Some(expires_at.into()), account: None }
    }

    /// With an account of their own from now on.
    pub fn made(account: Uuid, email: String) -> Self {
        Self { email, invitation: None, expires_at: None, account: Some(account) }
    }
}

impl From<&StaffInvitation> for StaffInvitationView {
    fn from(invitation: &StaffInvitation) -> Self {
        Self {
            id: invitation.id.0,
            email: invitation.email.clone(),
            role: invitation.kind.into(),
            starts_at: invitation.term.starts.map(Into::into),
            ends_at: invitation.term.ends.map(Into::into),
            expires_at: invitation.expires_at.into(),
        }
    }
}

impl From<&MunicipalityInvitation> for MunicipalityInvitationView {
    fn from(invitation: &MunicipalityInvitation) -> Self {
        Self { id: invitation.id.0, email: invitation.email.clone(), expires_at: invitation.expires_at.into() }
    }
}

impl Example for StaffAdded {
    fn example() -> Self {
        Self::invited(INVITATION, ADDRESS.to_owned(), at("2026-12-15T08:30:00Z"))
    }
}

impl Example for StaffInvitationView {
    fn example() -> Self {
        Self {
            id: INVITATION,
            email: ADDRESS.to_owned(),
            role: RoleName::Editor,
            starts_at: Some(at("2026-12-01T07:00:00Z")),
            ends_at: Some(at("2027-01-10T17:00:00Z")),
            expires_at: at("2026-12-15T08:30:00Z"),
        }
    }
}

impl Example for StaffInvitationList {
    fn example() -> Self {
        Self { items: vec![StaffInvitationView::example()] }
    }
}

impl Example for MunicipalityInvitationView {
    fn example() -> Self {
        Self { id: INVITATION, email: ADDRESS.to_owned(), expires_at: at("2026-12-15T08:30:00Z") }
    }
}

impl Example for MunicipalityInvitationList {
    fn example() -> Self {
        Self { items: vec![MunicipalityInvitationView::example()] }
    }
}
