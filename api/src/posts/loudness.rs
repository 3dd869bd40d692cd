//! How often residents are told of one post, and by one sender, in a day.

use super::telling;
use crate::app::App;
use crate::authority::Author;
use crate::budget::{self, Budget};
use crate::problem::Problem;
use crate::text::Text;
use chrono::{DateTime, Utc};
use entity::{Post, PostKind, PostState, VillageTx};

/// Counts that everybody who follows is told of a public post. A silent one tells nobody, and the town hall's alerts are never
/// held up.
///
/// # Errors
/// 429 when they were told of this post, or by this sender, too often already.
pub async fn tells(app: &App, tx: &VillageTx, author: &Author, post: &Post, now: DateTime<Utc>) -> Result<(), Problem> {
    if telling::is_silent(post) || (post.kind == PostKind::Alert && post.club.is_none()) {
        return Ok(());
    }
    let (limits, village) = (&app.settings.limits, author.here.village.id);
    let budget = |name, of, most| Budget { village, name, of, most };
    let of_post = budget("tellings of a post", post.id.0.as_bytes().as_slice(), limits.tellings_per_post);
    budget::spend(app, tx, of_post, now, too_often).await?;
    let (club, account) = (post.club.filter(|_| !author.standing.is_editor()), author.session.account);
    let of_sender = match &club {
        Some(club) => budget("tellings of a club", club.0.as_bytes(), limits.tellings_per_club),
        None => budget("tellings of an account", account.0.as_bytes(), limits.tellings_per_account),
    };
    let most = of_sender.most;
    budget::spend(app, tx, of_sender, now, || too_much(most)).await
}

/// Counts that a change of a post is told: of one that is public, and of no other.
///
/// # Errors
/// As [`tells`].
pub async fn tells_of_public(
    app: &App,
    tx: &VillageTx,
    author: &Author,
    post: &Post,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    if post.state == PostState::Published { tells(app, tx, author, post, now).await } else { Ok(()) }
}

fn too_often() -> Text {
    Text::new(
        "Alle, die folgen, haben von diesem Beitrag heute schon oft genug gehört. Ändern lässt er sich weiterhin, \
         ohne es allen zu melden (notify: false).",
        "Everybody who follows has been told of this post often enough today. It can still be changed without telling \
         everybody (notify: false).",
    )
}

fn too_much(most: u32) -> Text {
    Text::new(
        format!("Mehr als {most} Meldungen an alle gehen an einem Tag nicht. Still veröffentlichen geht weiterhin."),
        format!("No more than {most} messages to everybody go out in a day. Publishing silently is still possible."),
    )
}
