//! What roles are called in requests and answers.

use entity::RoleKind;
use poem_openapi::Enum;

/// What a role allows.
#[derive(Clone, Copy, Enum, PartialEq, Eq)]
#[oai(rename_all = "snake_case", rename = "Role")]
pub enum RoleName {
    /// Everything in the village.
    Admin,
    /// Writing, reviewing, publishing and withdrawing posts.
    Editor,
    /// Writing posts that an editor always reviews.
    Contributor,
    /// A club's page and members, and writing posts in its name.
    ClubManager,
    /// Writing posts in the name of a club.
    ClubAuthor,
}

impl From<RoleKind> for RoleName {
    fn from(kind: RoleKind) -> Self {
        match kind {
            RoleKind::Admin => Self::Admin,
            RoleKind::Editor => Self::Editor,
            RoleKind::Contributor => Self::Contributor,
            RoleKind::ClubManager => Self::ClubManager,
            RoleKind::ClubAuthor => Self::ClubAuthor,
        }
    }
}
