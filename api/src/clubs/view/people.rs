//! What travels about the people of a club and those who are invited.

mod examples;

use crate::authority::RoleName;
use crate::http::Answer;
use crate::instant::Instant;
use crate::problem::Problem;
use crate::validate::Faults;
use entity::{ClubInvitation, ClubMember, RoleKind};
use poem_openapi::{Enum, Object};
use serde::Deserialize;
use uuid::Uuid;

/// What somebody is in a club.
#[derive(Clone, Copy, Debug, Deserialize, Enum, PartialEq, Eq)]
#[oai(rename = "ClubRole", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ClubRoleName {
    /// Keeps its page and its members, and may do all that its authors may.
    ClubManager,
    /// Writes posts in its name.
    ClubAuthor,
}

/// Somebody with a role in a club.
#[derive(Object)]
#[oai(rename = "ClubMember", example)]
pub struct ClubMemberView {
    /// The account.
    account: Uuid,
    /// The person's name.
    name: String,
    /// The address the person logs in with.
    email: String,
    /// What the person may do.
    role: RoleName,
}

/// The members of a club.
#[derive(Object)]
#[oai(example)]
pub struct ClubMemberList {
    /// All of them, managers first.
    pub items: Vec<ClubMemberView>,
}

/// Somebody to be invited into a club.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(example)]
pub struct ClubInvitationBody {
    /// The address that the link is sent to; nobody else can accept.
    #[oai(validator(max_length = 254))]
    email: String,
    /// What the person is to be.
    role: ClubRoleName,
    /// Whether you hand over: your own role as a manager ends when this invitation is accepted.
    #[serde(default)]
    #[oai(default)]
    instead_of_me: bool,
}

/// An invitation that waits.
#[derive(Object)]
#[oai(rename = "ClubInvitation", example)]
pub struct ClubInvitationView {
    /// Its identifier.
    id: Uuid,
    /// The address it was sent to.
    email: String,
    /// What the person is to be.
    role: RoleName,
    /// Whether a manager hands over with it.
    hand_over: bool,
    /// Until when it can be accepted.
    expires_at: Instant,
}

/// The invitations of a club that wait.
#[derive(Object)]
#[oai(example)]
pub struct ClubInvitationList {
    /// All of them, the oldest first.
    pub items: Vec<ClubInvitationView>,
}

/// Somebody to be invited, checked.
pub struct Invited {
    /// Where the link goes, in lower case.
    pub email: String,
    /// Manager or author.
    pub kind: RoleKind,
    /// Whether the inviting manager hands over.
    pub instead_of_me: bool,
}

impl ClubInvitationBody {
    /// Checks the values.
    pub fn checked(self) -> Result<Invited, Problem> {
        let mut faults = Faults::default();
        let email = faults.address("/email", &self.email).to_lowercase();
        if self.instead_of_me && self.role != ClubRoleName::ClubManager {
            faults.add("/role", "muss bei einer Übergabe club_manager sein", "must be club_manager to hand over");
        }
        let kind = match self.role {
            ClubRoleName::ClubManager => RoleKind::ClubManager,
            ClubRoleName::ClubAuthor => RoleKind::ClubAuthor,
        };
        faults.into_result(Invited { email, kind, instead_of_me: self.instead_of_me })
    }
}

/// The answer that brings an invitation.
pub fn invitation_answer(invitation: &ClubInvitation) -> entity::Answer {
    Answer::<201, ClubInvitationView>::of(&invitation.into()).to_keep()
}

impl From<ClubMember> for ClubMemberView {
    fn from(member: ClubMember) -> Self {
        Self { account: member.account.0, name: member.name, email: member.email, role: member.kind.into() }
    }
}

impl From<&ClubInvitation> for ClubInvitationView {
    fn from(invitation: &ClubInvitation) -> Self {
        Self {
            id: invitation.id.0,
            email: invitation.email.clone(),
            role: invitation.kind.into(),
            hand_over: invitation.instead_of.is_some(),
            expires_at: invitation.expires_at.into(),
        }
    }
}
