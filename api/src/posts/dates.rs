//! Single dates of an event: cancelled, moved or changed, without touching the others; and the end of a series from a date on. Each is
//! told at most once.

use super::event_view::{DateBody, Reach};
use super::life::{Actor, Step};
use super::view::Content;
use super::{answer_of, deed, stale, steps, telling};
use crate::app::App;
use crate::authority::Author;
use crate::http::Conditional;
use crate::idempotency;
use crate::problem::{Problem, ProblemKind};
use crate::recurrence::{self, Rule};
use crate::text::Text;
use crate::validate::Faults;
use chrono::{NaiveDateTime, TimeDelta};
use entity::{EventDates, NotificationKind, OccurrenceState, PostContent, PostId, PostState};

/// Makes one date of an event different, or ends the series before it.
pub async fn change_date(
    app: &App,
    author: &Author,
    id: PostId,
    (condition, request): (&Conditional, Option<entity::Request>),
    body: DateBody,
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
    let to = steps::allowed(Step::Change, &before, Actor::of(author, &before))?;
    let notify = body.notify();
    let event = before.event.as_ref().ok_or_else(no_event).and_then(|event| different(event, body))?;
    let content = Content::of(PostContent { event: Some(event), ..PostContent::from(&before) }, Vec::new());
    tx.posts().change(id, content.change(before.topic, now)?, now).await?;
    if let super::To::State(to) = to {
        tx.posts().review_again(id, before.state, to).await?;
    }
    let post = tx.posts().find(id).await?.ok_or_else(Problem::not_found)?;
    tx.post_versions().keep(&post, account, now).await?;
    tx.audit().record(deed(account, "post.date_changed", Some(before.version), &post), now).await?;
    if notify && post.state == PostState::Published {
        telling::announce(app, &tx, NotificationKind::Changed, &post, now).await?;
    }
    let answer = answer_of::<200>(&post, author);
    idempotency::keep(&tx, request.as_ref(), answer.clone()).await?;
    tx.commit().await?;
    tracing::info!(village = %author.here.village.id, post = %id, by = %account, "a date of an event was changed");
    Ok(answer)
}

fn no_event() -> Problem {
    Problem::conflict(Text::new("Der Beitrag ist keine Veranstaltung.", "The post is not an event."))
}

/// The event with one date different, or without this one and the following.
fn different(event: &EventDates, body: DateBody) -> Result<EventDates, Problem> {
    let mut faults = Faults::default();
    let reach = body.reach();
    let change = body.checked(&mut faults, event);
    let one = faults.into_result(change)?.ok_or_else(|| not_a_date("/date"))?;
    let at = one.recurrence_local;
    let until = at.checked_add_signed(TimeDelta::seconds(1)).unwrap_or(at);
    let (found, _) = recurrence::window_dates(event, at, until, 1).map_err(super::refused)?;
    if found.is_empty() {
        return Err(not_a_date("/date"));
    }
    let mut event = event.clone();
    match reach {
        Reach::This => {
            event.overrides.retain(|other| other.recurrence_local != at);
            event.overrides.push(one);
            event.overrides.sort_by_key(|one| one.recurrence_local);
        }
        Reach::ThisAndFollowing if one.state == OccurrenceState::Cancelled => end_before(&mut event, at)?,
        Reach::ThisAndFollowing => {
            let detail = Text::new(
                "geht nur, um sie abzusagen; sonst legen Sie die Veranstaltung neu an",
                "is only for cancelling them; otherwise save the event anew",
            );
            return Err(Problem::with_fault(ProblemKind::Unprocessable, "/reach", detail));
        }
    }
    Ok(event)
}

/// Ends a series before one of its dates, which is not the first.
fn end_before(event: &mut EventDates, at: NaiveDateTime) -> Result<(), Problem> {
    if at <= event.starts_local {
        let detail =
            Text::new("ist der erste Termin: sagen Sie die Veranstaltung ab", "is the first date: cancel the event");
        return Err(Problem::with_fault(ProblemKind::Unprocessable, "/date", detail));
    }
    let zone: chrono_tz::Tz = event.zone.parse().unwrap_or(chrono_tz::UTC);
    if let Some(rule) = &event.rule {
        let rule = Rule::parse(rule).map_err(super::refused)?;
        event.rule = Some(rule.ending_before(at, zone, event.all_day).text());
    }
    event.extra_dates.retain(|date| *date < at);
    event.except_dates.retain(|date| *date < at);
    event.overrides.retain(|one| one.recurrence_local < at);
    Ok(())
}

fn not_a_date(pointer: &str) -> Problem {
    let detail = Text::new("ist kein Termin der Veranstaltung", "is not a date of the event");
    Problem::with_fault(ProblemKind::Unprocessable, pointer, detail)
}
