//! What roles are called, on the pages of invitations and in the mails.

use crate::text::Text;
use entity::RoleKind;

/// What a role is called.
pub fn role(kind: RoleKind) -> Text {
    match kind {
        RoleKind::Admin => Text::new("Verwaltung des Dorfes", "admin of the village"),
        RoleKind::Editor => Text::new("Redaktion", "editor"),
        RoleKind::Contributor => Text::new("Mitarbeit", "contributor"),
        RoleKind::ClubManager => Text::new("Verantwortung für den Verein", "manager of the club"),
        RoleKind::ClubAuthor => Text::new("Schreiben für den Verein", "author of the club"),
    }
}

/// What an editor of a municipality is called.
pub fn municipality_role() -> Text {
    Text::new("Redaktion für alle Dörfer", "editor in all villages")
}
