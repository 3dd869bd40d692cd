//! How often residents are told of one post, and by one sender, in a day.

use super::telling;
use crate::app::App;
use crate::authority::{Author, MunicipalityEditor};
use crate::budget::{self, Budget};
use crate::problem::{Problem, ProblemKind};
use crate::text::Text;
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use entity::{
    AccountId, ClubId, JointPost, Post, PostDelivery, PostKind, PostState, RegistryTx, StoreError, VillageTx,
};
use uuid::Uuid;

/// Who tells.
#[derive(Clone, Copy)]
pub enum Sender {
    /// Somebody of a club.
    Club(ClubId),
    /// Somebody of the town hall.
    Account(AccountId),
    /// Somebody of the town hall, of an alert: what else they have told holds no alert up.
    Warner(AccountId),
}

/// How somebody tells. Each way is counted by itself: a calendar uses up nothing of what its keeper tells.
enum Way {
    Now,
    PlannedFor(NaiveDate),
    ByCalendar,
}

/// Counts that everybody who follows is told of a public post. A silent one tells nobody.
///
/// # Errors
/// 429 when they were told of this post, or by this sender, too often already.
pub async fn tells(app: &App, tx: &VillageTx, author: &Author, post: &Post, now: DateTime<Utc>) -> Result<(), Problem> {
    if telling::is_silent(post) {
        return Ok(());
    }
    let sender = Sender::of(author, post);
    if !matches!(sender, Sender::Warner(_)) {
        budget::spend(app, tx, of_post(app, post.id.0), now, too_often).await?;
    }
    budget::spend(app, tx, of_sender(app, sender, &Way::Now), now, too_much).await
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

/// Counts what a change makes known: at once, if it `tells`, or when the post goes out that was planned to be silent, which has
/// not been counted yet.
///
/// # Errors
/// As [`tells`] and [`will_tell`].
pub async fn of_change(
    app: &App,
    tx: &VillageTx,
    author: &Author,
    (before, post, tells): (&Post, &Post, bool),
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    if tells {
        tells_of_public(app, tx, author, post, now).await?;
    }
    match post.publish_at.filter(|_| post.state == PostState::Scheduled && telling::is_silent(before)) {
        Some(at) => will_tell(app, tx, author, (post, "/delivery"), (at, now)).await,
        None => Ok(()),
    }
}

/// Counts that everybody is told of a post at a time to come, among what goes out on that day: so that nobody saves up.
///
/// # Errors
/// 422 naming `pointer` when this sender has planned too much for that day already.
pub async fn will_tell(
    app: &App,
    tx: &VillageTx,
    author: &Author,
    (post, pointer): (&Post, &'static str),
    (at, now): (DateTime<Utc>, DateTime<Utc>),
) -> Result<(), Problem> {
    if telling::is_silent(post) {
        return Ok(());
    }
    let day = at.date_naive();
    let budget = of_sender(app, Sender::of(author, post), &Way::PlannedFor(day));
    let until_over = day.and_time(NaiveTime::MIN).and_utc() + TimeDelta::days(2) - now;
    match budget::over_for(app, tx, &budget, until_over, now).await? {
        None => Ok(()),
        Some(_) => Err(Problem::with_fault(ProblemKind::Unprocessable, pointer, full_day(budget.most))),
    }
}

/// Counts that a calendar tells of a change, if it still may today; what is not told is public all the same.
///
/// # Errors
/// When the database fails.
pub async fn may_tell_by_calendar(
    app: &App,
    tx: &VillageTx,
    sender: Sender,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let budget = of_sender(app, sender, &Way::ByCalendar);
    Ok(budget::over_for(app, tx, &budget, TimeDelta::days(1), now).await?.is_none())
}

/// Counts that a joint post is told in every village that it goes to: once, in the budget of the municipality.
///
/// # Errors
/// As [`tells`].
pub async fn tells_everywhere(
    app: &App,
    tx: &RegistryTx,
    editor: &MunicipalityEditor,
    joint: &JointPost,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    if joint.content.delivery == PostDelivery::Silent {
        return Ok(());
    }
    let (of, account) = ((tx, editor.municipality.id), editor.session.account);
    if joint.kind == PostKind::Alert {
        let alerts = of_sender(app, Sender::Warner(account), &Way::Now);
        return budget::spend_of_municipality(app, of, alerts, now, too_much).await;
    }
    budget::spend_of_municipality(app, of, of_post(app, joint.id.0), now, too_often).await?;
    let budget = of_sender(app, Sender::Account(account), &Way::Now);
    budget::spend_of_municipality(app, of, budget, now, too_much).await
}

impl Sender {
    /// An editor tells as the town hall, also of a club's post.
    fn of(author: &Author, post: &Post) -> Self {
        let account = author.session.account;
        match post.club {
            Some(club) if !author.standing.is_editor() => Self::Club(club),
            None if post.kind == PostKind::Alert => Self::Warner(account),
            _ => Self::Account(account),
        }
    }
}

fn of_post(app: &App, post: Uuid) -> Budget {
    Budget { name: "tellings of a post", of: post.as_bytes().to_vec(), most: app.settings.limits.tellings_per_post }
}

fn of_sender(app: &App, sender: Sender, way: &Way) -> Budget {
    let limits = &app.settings.limits;
    let (who, most) = match sender {
        Sender::Club(club) => (format!("club {club}"), limits.tellings_per_club),
        Sender::Account(account) => (format!("account {account}"), limits.tellings_per_account),
        Sender::Warner(account) => (format!("alerts of {account}"), limits.alerts_per_account),
    };
    let of = match way {
        Way::Now => who,
        Way::PlannedFor(day) => format!("{who} planned for {day}"),
        Way::ByCalendar => format!("{who} by calendar"),
    };
    Budget { name: "tellings of a sender", of: of.into_bytes(), most }
}

fn too_often(_: u32) -> Text {
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

fn full_day(most: u32) -> Text {
    Text::new(
        format!("Für diesen Tag sind schon {most} Meldungen an alle geplant: an einem anderen Tag oder still geht es."),
        format!(
            "{most} messages to everybody are planned for that day already: another day, or silently, is possible."
        ),
    )
}
