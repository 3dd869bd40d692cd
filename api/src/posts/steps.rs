//! Taking a post from state to state: one transaction that holds the post, asks [`life`], moves it, tells whom it concerns and
//! writes it down.

use super::life::{self, Actor, Refusal, Step, To};
use super::{answer_of, deed, ending, illegal, loudness, refusing, stale, telling};
use crate::app::App;
use crate::authority::Author;
use crate::http::Conditional;
use crate::idempotency;
use crate::problem::{Fault, Problem, ProblemKind};
use crate::text::Text;
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    ClubId, ClubState, CommentKind, NotificationKind, Post, PostDelivery, PostId, PostKind, PostMove, PostState,
    VillageTx,
};

/// The furthest ahead that a post can be planned.
const FURTHEST: TimeDelta = TimeDelta::days(732);

/// A step that somebody wants to take.
pub enum Wish {
    /// Hand it in.
    Submit,
    /// Take it back into one's own hands.
    Recall,
    /// Give it back, and say why.
    Return(String),
    /// Let it go out.
    Approve,
    /// Let it go out at this time.
    Schedule(DateTime<Utc>),
    /// Take that time away.
    Unschedule,
    /// Make it public.
    Publish,
    /// Tell it once more.
    Announce,
    /// Tell those who were told of an alert that the danger is over, with what there is to say about it.
    AllClear(String),
    /// Take it back from the public, for this reason.
    Withdraw(Option<String>),
    /// Not show what the municipality has published.
    Hide,
    /// Show it after all.
    Show,
}

impl Wish {
    fn step(&self) -> Step {
        match self {
            Self::Submit => Step::Submit,
            Self::Recall => Step::Recall,
            Self::Return(_) => Step::Return,
            Self::Approve => Step::Approve,
            Self::Schedule(_) => Step::Schedule,
            Self::Unschedule => Step::Unschedule,
            Self::Publish => Step::Publish,
            Self::Announce => Step::Announce,
            Self::AllClear(_) => Step::AllClear,
            Self::Withdraw(_) => Step::Withdraw,
            Self::Hide => Step::Hide,
            Self::Show => Step::Show,
        }
    }
}

/// Takes a step: all of what belongs to it, or nothing.
pub async fn take(
    app: &App,
    author: &Author,
    id: PostId,
    (condition, request): (&Conditional, Option<entity::Request>),
    wish: Wish,
) -> Result<entity::Answer, Problem> {
    let now = app.clock.now();
    let account = author.session.account;
    let tx = author.here.scope.begin().await?;
    if let Some(answer) = idempotency::claim(&tx, request.as_ref(), now).await? {
        return Ok(answer);
    }
    let before = tx.posts().find_for_change(id).await?;
    let before = before.filter(|post| author.sees(post)).ok_or_else(Problem::not_found)?;
    stale::check(&tx, author, condition, &before).await?;
    let to = allowed(wish.step(), &before, Actor::of(author, &before))?;
    may_go_out(&tx, author, &before, &wish, now).await?;
    count(app, &tx, author, (&wish, &before), now).await?;
    let post = walked(&tx, author, &before, (&wish, to), now).await?;
    tell(app, &tx, &wish, &post, now).await?;
    tx.audit().record(deed(account, action(wish.step()), Some(before.version), &post), now).await?;
    let answer = answer_of::<200>(&post, author);
    idempotency::keep(&tx, request.as_ref(), answer.clone()).await?;
    tx.commit().await?;
    tracing::info!(village = %author.here.village.id, post = %id, by = %account, step = ?wish.step(), "a step was taken");
    Ok(answer)
}

/// Counts that everybody is told. A withdrawal and an all-clear reach only those who were told of the post, once.
async fn count(
    app: &App,
    tx: &VillageTx,
    author: &Author,
    (wish, post): (&Wish, &Post),
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    match wish {
        Wish::Publish | Wish::Announce => loudness::tells(app, tx, author, post, now).await,
        Wish::Schedule(at) => loudness::will_tell(app, tx, author, (post, "/publish_at_local"), (*at, now)).await,
        _ => Ok(()),
    }
}

/// Takes the post where the step leads, with what is said on the way; the post as it is then.
async fn walked(
    tx: &VillageTx,
    author: &Author,
    before: &Post,
    (wish, to): (&Wish, To),
    now: DateTime<Utc>,
) -> Result<Post, Problem> {
    let (id, account) = (before.id, author.session.account);
    match (wish, to) {
        (Wish::AllClear(text), _) => ending::clear(tx, before, text, now).await?,
        (_, To::State(to)) => tx.posts().move_to(id, moved(wish, before, to, author), now).await?,
        _ => {}
    }
    match wish {
        Wish::Withdraw(Some(reason)) => tx.posts().say_why_taken_back(id, reason).await?,
        Wish::Return(why) => {
            tx.post_comments().add(id, account, CommentKind::Return, why.clone(), now).await?;
        }
        _ => {}
    }
    let post = tx.posts().find(id).await?.ok_or_else(Problem::not_found)?;
    if matches!(wish, Wish::AllClear(_)) {
        tx.post_versions().keep(&post, account, now).await?;
    }
    Ok(post)
}

/// Tells whom it concerns, or nobody any more.
async fn tell(app: &App, tx: &VillageTx, wish: &Wish, post: &Post, now: DateTime<Utc>) -> Result<(), Problem> {
    match wish {
        Wish::Withdraw(_) => ending::tell_taken_back(app, tx, post, now).await.map(drop)?,
        Wish::AllClear(_) => ending::tell_all_clear(tx, post, now).await.map(drop)?,
        Wish::Hide => tx.notifications().cancel_for_post(post.id, now).await?,
        Wish::Publish | Wish::Announce => telling::announce(app, tx, NotificationKind::Published, post, now).await?,
        _ => {}
    }
    Ok(())
}

fn moved(wish: &Wish, post: &Post, to: PostState, author: &Author) -> PostMove {
    let publish_at = if let Wish::Schedule(at) = wish { Some(*at) } else { None };
    let lets_out = author.standing.is_editor() && matches!(wish, Wish::Approve | Wish::Schedule(_) | Wish::Publish);
    let approved_by = match to {
        PostState::Draft | PostState::InReview | PostState::Returned => None,
        _ if lets_out => Some(author.session.account),
        _ => post.approved_by,
    };
    PostMove { from: post.state, to, publish_at, approved_by }
}

/// Where a step leads, or why it is refused.
pub fn allowed(step: Step, post: &Post, who: Actor) -> Result<To, Problem> {
    life::lead(step, post.state, who).map_err(|refusal| match refusal {
        Refusal::NotYou => refusing::not_you(step, post, who),
        Refusal::NotNow => refusing::not_now(post.state),
    })
}

/// Nobody approves what they wrote themselves.
pub fn not_ones_own() -> Problem {
    let detail =
        Text::new("Wer einen Text schrieb, gibt ihn nicht selbst frei.", "Nobody approves a text of their own.");
    Problem::explained(ProblemKind::Forbidden, detail)
}

/// Whether there is anything else against a post's way to the public.
pub async fn may_go_out(
    tx: &VillageTx,
    author: &Author,
    post: &Post,
    wish: &Wish,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    let at = match wish {
        Wish::Approve | Wish::Announce | Wish::AllClear(_) => None,
        Wish::Schedule(at) => Some(*at),
        Wish::Publish => Some(now),
        Wish::Show => return not_expired(post, now),
        _ => return Ok(()),
    };
    let loud = post.kind == PostKind::Alert || post.delivery == PostDelivery::Urgent;
    if loud && !author.standing.may_alert {
        return Err(Problem::explained(
            ProblemKind::Forbidden,
            Text::new(
                "Warnungen und Dringendes sendet nur, wem dieses Recht namentlich gegeben ist. Das tut, wer die Mitarbeitenden verwaltet.",
                "Alerts and urgent messages are sent only by those who were given the right by name. Admins give it.",
            ),
        ));
    }
    if loud && post.club.is_some() {
        return Err(illegal(
            "Warnungen und Dringendes sendet die Verwaltung in ihrem eigenen Namen, nie in dem eines Vereins.",
            "Alerts and urgent messages go out in the town hall's own name, never in that of a club.",
        ));
    }
    takes_part(tx, post.club).await?;
    match wish {
        Wish::AllClear(_) => ending::can_be_cleared(post.kind, post.all_clear.as_ref())?,
        _ => ending::is_not_cleared(post.all_clear.as_ref())?,
    }
    if matches!(wish, Wish::Announce) && post.delivery == PostDelivery::Silent {
        return Err(illegal("Der Beitrag ist still.", "The post is silent."));
    }
    match (wish, at) {
        (Wish::Schedule(at), _) => in_time(post, *at, now),
        (_, Some(at)) => not_expired(post, at),
        _ => Ok(()),
    }
}

/// Refuses what would go out in the name of a club that does not take part.
pub async fn takes_part(tx: &VillageTx, club: Option<ClubId>) -> Result<(), Problem> {
    let Some(club) = club else { return Ok(()) };
    let club = tx.clubs().find(club).await?;
    club.filter(|club| club.state == ClubState::Active).map(drop).ok_or_else(not_in_its_name)
}

/// Refuses coming dates of a club that does not take part, which are shown when it does again.
pub async fn may_have_dates(tx: &VillageTx, post: &Post, now: DateTime<Utc>) -> Result<(), Problem> {
    let is_public = post.state == PostState::Published && post.club.is_some();
    if is_public && !tx.occurrences().not_over(post.id, now, 1).await?.is_empty() {
        takes_part(tx, post.club).await?;
    }
    Ok(())
}

fn not_in_its_name() -> Problem {
    illegal(
        "Der Verein ruht oder ist abgeschaltet: In seinem Namen geht zurzeit nichts hinaus.",
        "The club rests or is switched off: nothing goes out in its name at present.",
    )
}

fn not_expired(post: &Post, at: DateTime<Utc>) -> Result<(), Problem> {
    if post.expires_at.is_some_and(|expiry| expiry <= at) {
        return Err(illegal("Der Beitrag wäre schon abgelaufen.", "The post would have expired already."));
    }
    Ok(())
}

/// Whether a time is one that a post can be planned for.
fn in_time(post: &Post, at: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), Problem> {
    let refused = |de, en| {
        let detail = Text::new(de, en);
        Err(Problem::unprocessable(vec![Fault { pointer: "/publish_at_local".to_owned(), detail }]))
    };
    if at <= now {
        refused("liegt in der Vergangenheit", "is in the past")
    } else if at > now + FURTHEST {
        refused("liegt mehr als zwei Jahre voraus", "is more than two years ahead")
    } else if telling::useful_until(post, at).is_some_and(|until| until <= at) {
        refused(
            "liegt nach dem Ablauf des Beitrags oder dem Ende der Veranstaltung",
            "is after the post's expiry or event",
        )
    } else {
        Ok(())
    }
}

fn action(step: Step) -> &'static str {
    match step {
        Step::Change => "post.changed",
        Step::Redate => "post.date_changed",
        Step::Revise => "post.revision_handed_in",
        Step::Decide => "post.revision_decided",
        Step::Delete => "post.deleted",
        Step::Submit => "post.submitted",
        Step::Recall => "post.recalled",
        Step::Return => "post.returned",
        Step::Approve => "post.approved",
        Step::Schedule => "post.scheduled",
        Step::Unschedule => "post.unscheduled",
        Step::Publish => "post.published",
        Step::Announce => "post.announced",
        Step::AllClear => "post.cleared",
        Step::Withdraw => "post.withdrawn",
        Step::Hide => "post.hidden",
        Step::Show => "post.shown",
        Step::Hold => "post.held",
        Step::Expire => "post.expired",
    }
}
