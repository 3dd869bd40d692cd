//! Posts: news, notices, events and alerts, from draft to withdrawal, and the feed that residents read.

mod feed;
mod routes;
mod view;

pub use routes::PostRoutes;

use crate::app::App;
use crate::authority::Editor;
use crate::http::{Answer, Conditional};
use crate::idempotency;
use crate::problem::{Fault, Problem};
use crate::text::Text;
use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use entity::{
    EventDates, NewNotification, NewPost, NotificationKind, Post, PostId, PostKind, PostState, TopicId, Urgency,
    VillageTx,
};
use view::{Content, PostView};

/// Saves a draft.
async fn create(
    app: &App,
    editor: &Editor,
    kind: PostKind,
    content: Content,
    request: Option<entity::Request>,
) -> Result<entity::Answer, Problem> {
    let now = app.clock.now();
    let tx = editor.here.scope.begin().await?;
    if let Some(answer) = idempotency::claim(&tx, request.as_ref(), now).await? {
        return Ok(answer);
    }
    let topic = topic(&tx, content.topic.as_deref()).await?;
    let draft = NewPost { kind, author: editor.session.account, content: content.change(topic) };
    let id = tx.posts().create(draft, now).await?;
    let post = tx.posts().find(id).await?.ok_or_else(Problem::not_found)?;
    let answer = answer_of::<201>(&post, editor);
    idempotency::keep(&tx, request.as_ref(), answer.clone()).await?;
    tx.commit().await?;
    Ok(answer)
}

/// Changes a draft or corrects a public post. A correction is silent unless `notify` asks to tell it.
async fn change(
    app: &App,
    editor: &Editor,
    id: PostId,
    condition: &Conditional,
    changed: impl FnOnce(&Post) -> Result<(Content, bool), Problem>,
) -> Result<Post, Problem> {
    let now = app.clock.now();
    let tx = editor.here.scope.begin().await?;
    let post = tx.posts().find_for_change(id).await?.ok_or_else(Problem::not_found)?;
    condition.check(post.version)?;
    if post.state == PostState::Withdrawn {
        return Err(illegal(
            "Ein zurückgezogener Beitrag ändert sich nicht mehr.",
            "A withdrawn post changes no more.",
        ));
    }
    let (content, notify) = changed(&post)?;
    let topic = topic(&tx, content.topic.as_deref()).await?;
    tx.posts().change(id, content.change(topic), now).await?;
    let post = tx.posts().find(id).await?.ok_or_else(Problem::not_found)?;
    if notify && post.state == PostState::Published {
        tx.notifications().announce(notification(app, NotificationKind::Changed, &post, now), now).await?;
    }
    tx.commit().await?;
    tracing::info!(village = %editor.here.village.id, post = %id, by = %editor.session.account, "a post was changed");
    Ok(post)
}

/// Makes a draft public and tells its followers: both, or neither.
async fn publish(
    app: &App,
    editor: &Editor,
    id: PostId,
    condition: &Conditional,
    request: Option<entity::Request>,
) -> Result<entity::Answer, Problem> {
    let now = app.clock.now();
    let tx = editor.here.scope.begin().await?;
    if let Some(answer) = idempotency::claim(&tx, request.as_ref(), now).await? {
        return Ok(answer);
    }
    let post = tx.posts().find_for_change(id).await?.ok_or_else(Problem::not_found)?;
    condition.check(post.version)?;
    if post.state != PostState::Draft {
        return Err(illegal("Nur ein Entwurf kann veröffentlicht werden.", "Only a draft can be published."));
    }
    if post.expires_at.is_some_and(|expiry| expiry <= now) {
        return Err(illegal("Der Beitrag wäre schon abgelaufen.", "The post would have expired already."));
    }
    tx.posts().publish(id, now).await?;
    let post = tx.posts().find(id).await?.ok_or_else(Problem::not_found)?;
    tx.notifications().announce(notification(app, NotificationKind::Published, &post, now), now).await?;
    let answer = answer_of::<200>(&post, editor);
    idempotency::keep(&tx, request.as_ref(), answer.clone()).await?;
    tx.commit().await?;
    tracing::info!(village = %editor.here.village.id, post = %id, by = %editor.session.account, "a post was published");
    Ok(answer)
}

/// Takes a public post back: it shows no more, and what is not yet sent will not be.
async fn withdraw(app: &App, editor: &Editor, id: PostId, condition: &Conditional) -> Result<Post, Problem> {
    let now = app.clock.now();
    let tx = editor.here.scope.begin().await?;
    let post = tx.posts().find_for_change(id).await?.ok_or_else(Problem::not_found)?;
    condition.check(post.version)?;
    if post.state != PostState::Published {
        return Err(illegal(
            "Nur ein veröffentlichter Beitrag kann zurückgezogen werden.",
            "Only a public post can be withdrawn.",
        ));
    }
    tx.posts().withdraw(id, now).await?;
    tx.notifications().cancel_for_post(id, now).await?;
    let post = tx.posts().find(id).await?.ok_or_else(Problem::not_found)?;
    tx.commit().await?;
    tracing::info!(village = %editor.here.village.id, post = %id, by = %editor.session.account, "a post was withdrawn");
    Ok(post)
}

/// Removes a draft for good.
async fn delete(editor: &Editor, id: PostId, condition: &Conditional) -> Result<(), Problem> {
    let tx = editor.here.scope.begin().await?;
    let post = tx.posts().find_for_change(id).await?.ok_or_else(Problem::not_found)?;
    condition.check(post.version)?;
    if post.state != PostState::Draft {
        return Err(illegal("Nur ein Entwurf kann gelöscht werden.", "Only a draft can be deleted."));
    }
    tx.posts().delete_draft(id).await?;
    Ok(tx.commit().await?)
}

/// What is told of a post, to whom it matters for how long.
fn notification(app: &App, kind: NotificationKind, post: &Post, now: DateTime<Utc>) -> NewNotification {
    let useful = match post.kind {
        PostKind::Alert => now + TimeDelta::hours(24),
        _ => now + TimeDelta::hours(app.settings.notifications.useful_life_h.into()),
    };
    let until_event_ends = post.event.as_ref().and_then(ends_at).filter(|end| *end > now);
    let expires_at = [Some(useful), post.expires_at, until_event_ends].into_iter().flatten().min().unwrap_or(useful);
    let urgency = if post.kind == PostKind::Alert { Urgency::High } else { Urgency::Normal };
    NewNotification { kind, post: Some(post.id), subscription: None, urgency, expires_at }
}

/// The instant at which an event is over: its end, or its start when it has none. A doubled hour is read as the later one.
fn ends_at(dates: &EventDates) -> Option<DateTime<Utc>> {
    let zone: chrono_tz::Tz = dates.zone.parse().ok()?;
    let local = dates.ends_local.unwrap_or(dates.starts_local);
    zone.from_local_datetime(&local).latest().map(|end| end.with_timezone(&Utc))
}

async fn topic(tx: &VillageTx, slug: Option<&str>) -> Result<Option<TopicId>, Problem> {
    let Some(slug) = slug else { return Ok(None) };
    // PostgreSQL cannot even be asked about a text with NUL.
    let found = if slug.contains('\0') { None } else { tx.topics().by_slug(slug).await? };
    match found {
        Some(topic) => Ok(Some(topic.id)),
        None => Err(Problem::unprocessable(vec![Fault {
            pointer: "/topic".to_owned(),
            detail: Text::new("ist keine Rubrik dieses Dorfes", "is not a topic of this village"),
        }])),
    }
}

fn illegal(de: &'static str, en: &'static str) -> Problem {
    Problem::conflict(Text::new(de, en))
}

fn answer_of<const STATUS: u16>(post: &Post, editor: &Editor) -> entity::Answer {
    let slug = &editor.here.village.slug;
    let answer = Answer::<STATUS, PostView>::of(&PostView::new(post, slug)).version(post.version);
    if STATUS == 201 { answer.at(format!("/v1/admin/villages/{slug}/posts/{}", post.id)) } else { answer }.to_keep()
}
