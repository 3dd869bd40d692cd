//! What is looked at in texts and ways to be told, of drafts and of changes alike.

use crate::markdown;
use crate::validate::Faults;
use entity::{PostDelivery, PostKind};

/// Whoever has only a mailbox is warned too.
pub fn on_every_channel(faults: &mut Faults, kind: PostKind, delivery: PostDelivery) {
    if kind == PostKind::Alert && delivery == PostDelivery::Push {
        faults.add(
            "/delivery",
            "geht nicht: gewarnt wird auf jedem Weg oder still",
            "is not possible: an alert goes out on every channel, or silently",
        );
    }
}

/// The text of a post.
pub fn text(faults: &mut Faults, body: &str) -> String {
    let body = faults.paragraphs("/body_markdown", body, 0, markdown::LONGEST);
    if body.chars().count() <= markdown::LONGEST && markdown::nests_too_deep(&body) {
        faults.add(
            "/body_markdown",
            "ist zu tief verschachtelt, oder die Tabellen sind zu groß",
            "is nested too deeply, or its tables are too large",
        );
    }
    body
}
