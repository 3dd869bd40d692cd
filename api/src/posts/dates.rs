//! Single dates of an event: cancelled, moved or changed, without touching the others; and what becomes of a series from a date on.
//! Each is told at most once.

mod following;
pub mod own;

use super::event_view::{DateBody, DaysOff, Wish, settled, taking_place};
use super::life::{Actor, Step, To};
use super::view::Content;
use super::{Saved, deed, illegal, loudness, outlook, stale, steps, telling};
use crate::app::App;
use crate::authority::Author;
use crate::http::Conditional;
use crate::idempotency;
use crate::problem::{Problem, ProblemKind};
use crate::recurrence;
use crate::text::Text;
use crate::validate::Faults;
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    EventDates, EventOverride, MediaId, NewPost, NotificationKind, OccurrenceState, Post, PostContent, PostId,
    PostMove, PostState, VillageTx,
};

/// What becomes of a post.
struct Made {
    /// What it says from now on.
    post: PostContent,
    /// What another says, where its series goes on as an event of its own.
    begun: Option<PostContent>,
}

/// Makes one date of an event different, ends the series before it, or lets it go on differently.
pub async fn change_date(
    app: &App,
    author: &Author,
    id: PostId,
    (condition, request): (&Conditional, Option<entity::Request>),
    body: DateBody,
) -> Result<entity::Answer, Problem> {
    let now = app.clock.now();
    let days_off = DaysOff::of(app, &author.here.village.ags).await?;
    let tx = author.here.scope.begin().await?;
    if let Some(answer) = idempotency::claim(&tx, request.as_ref(), now).await? {
        return Ok(answer);
    }
    let before = tx.posts().find_for_change(id).await?;
    let before = before.filter(|post| author.sees(post)).ok_or_else(Problem::not_found)?;
    stale::check(&tx, author, condition, &before).await?;
    let notify = body.notify();
    let (wish, to) = may_wish(author, &before, body, &days_off)?;
    let made = made(&before, wish)?;
    if notify {
        loudness::tells_of_public(app, &tx, author, &before, now).await?;
    }
    let post = save(&tx, author, &before, (made.post, to), now).await?;
    let begun = match made.begun {
        Some(content) => Some(begin(&tx, author, &before, content, now).await?),
        None => None,
    };
    // Read again: it knows now how it goes on.
    let post = if begun.is_some() { find(&tx, id).await? } else { post };
    if notify {
        tell(app, &tx, (&before, &post), begun.as_ref(), now).await?;
    }
    let told = begun.as_ref().unwrap_or(&post);
    let outlook = outlook::of_saved(&tx, author, told, now).await?;
    let answer = Saved { following: begun.map(|begun| begun.id), post, outlook }.answer::<200>(author);
    idempotency::keep(&tx, request.as_ref(), answer.clone()).await?;
    tx.commit().await?;
    tracing::info!(village = %author.here.village.id, post = %id, by = %author.session.account, "a date of an event was changed");
    Ok(answer)
}

/// Saves what becomes of a post; it goes to `to`, if that is another state.
async fn save(
    tx: &VillageTx,
    author: &Author,
    before: &Post,
    (content, to): (PostContent, To),
    now: DateTime<Utc>,
) -> Result<Post, Problem> {
    let content = Content::of(content, Vec::new()).change(before.topic, now)?;
    tx.posts().change(before.id, content, now).await?;
    if let To::State(to) = to {
        tx.posts().review_again(before.id, before.state, to).await?;
    }
    let post = find(tx, before.id).await?;
    steps::may_have_dates(tx, &post, now).await?;
    tx.post_versions().keep(&post, author.session.account, now).await?;
    tx.audit().record(deed(author.session.account, "post.date_changed", Some(before.version), &post), now).await?;
    Ok(post)
}

/// What is wished of a date that the event has, and where it leads, if the author may wish it.
fn may_wish(author: &Author, before: &Post, body: DateBody, days_off: &DaysOff) -> Result<(Wish, To), Problem> {
    let to = steps::allowed(Step::Redate, before, Actor::of(author, before))?;
    let wish = wished(before, body, days_off)?;
    if !own::is_own_matter(&wish) {
        steps::allowed(Step::Change, before, Actor::of(author, before))?;
    }
    Ok((wish, to))
}

/// What is wished of a date that the event has.
fn wished(post: &Post, body: DateBody, days_off: &DaysOff) -> Result<Wish, Problem> {
    let event = event(post)?;
    let mut faults = Faults::default();
    let wish = body.checked(&mut faults, event, &days_off.school);
    let wish = faults.into_result(wish)?.ok_or_else(not_a_date)?;
    let at = wish.at();
    let until = at.checked_add_signed(TimeDelta::seconds(1)).unwrap_or(at);
    if recurrence::window_dates(event, at, until, 1).map_err(super::refused)?.0.is_empty() {
        return Err(not_a_date());
    }
    Ok(wish)
}

fn event(post: &Post) -> Result<&EventDates, Problem> {
    let event = post.event.as_ref();
    event.ok_or_else(|| illegal("Der Beitrag ist keine Veranstaltung.", "The post is not an event."))
}

/// What becomes of the post of an event.
fn made(post: &Post, wish: Wish) -> Result<Made, Problem> {
    let (event, at) = (event(post)?, wish.at());
    let with = |event: EventDates| PostContent { event: Some(event), ..PostContent::from(post) };
    let wish = match wish {
        Wish::GoOn(wish) => wish,
        Wish::Different(one) if !event.recurs() => {
            let (event, title) = settled(taking_place(event), one);
            let mut post = with(event);
            post.title = title.unwrap_or(post.title);
            return Ok(Made { post, begun: None });
        }
        Wish::AsUsual(_) if !event.recurs() => return Ok(Made { post: with(taking_place(event)), begun: None }),
        wish => return Ok(Made { post: with(different(event, wish)?), begun: None }),
    };
    let mut begun = with(following::begun(event, &wish)?);
    begun.title = wish.title.unwrap_or(begun.title);
    if following::is_first(event, at)? {
        return Ok(Made { post: begun, begun: None });
    }
    Ok(Made { post: with(following::ended(event, at)?), begun: Some(begun) })
}

/// What is different at a date. One that is called off is the date that people know, also where it had been moved to before.
fn called_off(one: EventOverride, before: Option<EventOverride>) -> EventOverride {
    match before {
        Some(before) if one.state == OccurrenceState::Cancelled => EventOverride {
            starts_local: one.starts_local.or(before.starts_local),
            ends_local: one.ends_local.or(before.ends_local),
            title: one.title.or(before.title),
            place: one.place.or(before.place),
            ..one
        },
        _ => one,
    }
}

/// The event with one date different, or without it and the following.
fn different(event: &EventDates, wish: Wish) -> Result<EventDates, Problem> {
    let (at, mut event) = (wish.at(), event.clone());
    match wish {
        Wish::End(_) if following::is_first(&event, at)? => return Err(cancel_all()),
        Wish::End(_) => return following::ended(&event, at),
        Wish::Different(one) => {
            let before = event.overrides.iter().position(|other| other.recurrence_local == at);
            let before = before.map(|there| event.overrides.remove(there));
            event.overrides.push(called_off(one, before));
            event.overrides.sort_by_key(|one| one.recurrence_local);
        }
        Wish::GoOn(wish) => return following::begun(&event, &wish),
        Wish::AsUsual(_) => event.overrides.retain(|other| other.recurrence_local != at),
    }
    Ok(event)
}

/// Tells once: of what goes on as an event of its own, otherwise of what has become of the dates.
async fn tell(
    app: &App,
    tx: &VillageTx,
    change: (&Post, &Post),
    begun: Option<&Post>,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    match begun {
        Some(begun) if begun.state == PostState::Published => {
            Ok(telling::announce(app, tx, NotificationKind::Changed, begun, now).await?)
        }
        Some(_) => Ok(()),
        None => Ok(telling::announce_change(app, tx, change, Some(true), now).await?),
    }
}

/// Saves how a series goes on as a post of its own, which is as public as the one it comes from.
async fn begin(
    tx: &VillageTx,
    author: &Author,
    from: &Post,
    content: PostContent,
    now: DateTime<Utc>,
) -> Result<Post, Problem> {
    let account = author.session.account;
    if !matches!(from.state, PostState::Draft | PostState::Returned | PostState::Published) {
        return Err(illegal(
            "Holen Sie den Beitrag erst zurück: aus der Reihe werden zwei Beiträge.",
            "Recall the post first: the series becomes two posts.",
        ));
    }
    let content = Content::of(content, Vec::new()).change(from.topic, now)?;
    let new = NewPost { kind: from.kind, author: account, club: from.club, event_uid: None, content };
    let id = tx.posts().create(new, now).await?;
    tx.continuations().begin(id, from.id).await?;
    let media: Vec<MediaId> = from.media.iter().map(|media| media.id).collect();
    tx.media().attach(id, &media, None, now).await?;
    let post = find(tx, id).await?;
    tx.post_versions().keep(&post, account, now).await?;
    tx.audit().record(deed(account, "post.created", None, &post).detail(format!("from {}", from.id)), now).await?;
    if from.state != PostState::Published {
        return Ok(post);
    }
    steps::may_go_out(tx, author, &post, &steps::Wish::Publish, now).await?;
    let approved_by = if author.standing.is_editor() { Some(account) } else { from.approved_by };
    let step = PostMove { from: post.state, to: PostState::Published, publish_at: None, approved_by };
    tx.posts().move_to(id, step, now).await?;
    let public = find(tx, id).await?;
    tx.audit().record(deed(account, "post.published", Some(post.version), &public), now).await?;
    Ok(public)
}

async fn find(tx: &VillageTx, id: PostId) -> Result<Post, Problem> {
    tx.posts().find(id).await?.ok_or_else(Problem::not_found)
}

fn cancel_all() -> Problem {
    let detail =
        Text::new("ist der erste Termin: sagen Sie die Veranstaltung ab", "is the first date: cancel the event");
    Problem::with_fault(ProblemKind::Unprocessable, "/date", detail)
}

fn not_a_date() -> Problem {
    let detail = Text::new("ist kein Termin der Veranstaltung", "is not a date of the event");
    Problem::with_fault(ProblemKind::Unprocessable, "/date", detail)
}
