//! Posts: news, notices, events and alerts, from draft to withdrawal, and the feed that residents read.

mod attached;
mod feed;
mod routes;
mod view;

pub use routes::PostRoutes;

use crate::app::App;
use crate::authority::{Author, Editor};
use crate::http::{Answer, Conditional};
use crate::idempotency;
use crate::problem::{Fault, Problem, ProblemKind};
use crate::text::Text;
use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use entity::{
    AccountId, ClubId, ClubState, Deed, EventDates, MediaId, NewNotification, NewPost, NotificationKind, OwnPosts,
    Post, PostId, PostKind, PostState, TopicId, Urgency, VillageTx,
};
use view::{Draft, PostView};

/// Saves a draft.
async fn create(
    app: &App,
    author: &Author,
    draft: Draft,
    request: Option<entity::Request>,
) -> Result<entity::Answer, Problem> {
    let Draft { kind, club, content } = draft;
    let now = app.clock.now();
    let tx = author.here.scope.begin().await?;
    if let Some(answer) = idempotency::claim(&tx, request.as_ref(), now).await? {
        return Ok(answer);
    }
    let topic = topic(&tx, content.topic.as_deref()).await?;
    let club = writes_for(&tx, author, club.as_deref()).await?;
    let media = content.media.clone();
    let draft = NewPost { kind, author: author.session.account, club, content: content.change(topic) };
    let id = tx.posts().create(draft, now).await?;
    attach(&tx, author, id, &media, now).await?;
    let post = tx.posts().find(id).await?.ok_or_else(Problem::not_found)?;
    tx.audit().record(deed(author.session.account, "post.created", None, &post), now).await?;
    let answer = answer_of::<201>(&post, &author.here.village.slug);
    idempotency::keep(&tx, request.as_ref(), answer.clone()).await?;
    tx.commit().await?;
    Ok(answer)
}

/// Changes a draft or corrects a public post. A correction is silent unless `notify` asks to tell it; where nothing is to change,
/// the version stays.
async fn change(
    app: &App,
    author: &Author,
    id: PostId,
    condition: &Conditional,
    changed: impl FnOnce(&Post) -> Result<Option<(view::Content, bool)>, Problem>,
) -> Result<Post, Problem> {
    let now = app.clock.now();
    let tx = author.here.scope.begin().await?;
    let post = tx.posts().find_for_change(id).await?;
    let post = post.filter(|post| author.sees(post)).ok_or_else(Problem::not_found)?;
    condition.check(post.version)?;
    if post.state == PostState::Published && !author.standing.is_editor() {
        return Err(Problem::new(ProblemKind::Forbidden));
    }
    if post.state == PostState::Withdrawn {
        return Err(illegal(
            "Ein zurückgezogener Beitrag ändert sich nicht mehr.",
            "A withdrawn post changes no more.",
        ));
    }
    let Some((content, notify)) = changed(&post)? else {
        return Ok(post);
    };
    let topic = topic(&tx, content.topic.as_deref()).await?;
    let before = post.version;
    let media = content.media.clone();
    tx.posts().change(id, content.change(topic), now).await?;
    attach(&tx, author, id, &media, now).await?;
    let post = tx.posts().find(id).await?.ok_or_else(Problem::not_found)?;
    tx.audit().record(deed(author.session.account, "post.changed", Some(before), &post), now).await?;
    if notify && post.state == PostState::Published {
        tx.notifications().announce(notification(app, NotificationKind::Changed, &post, now), now).await?;
    }
    tx.commit().await?;
    tracing::info!(village = %author.here.village.id, post = %id, by = %author.session.account, "a post was changed");
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
    if post.kind == PostKind::Alert && !editor.standing.may_alert {
        return Err(Problem::explained(
            ProblemKind::Forbidden,
            Text::new(
                "Warnungen sendet nur, wem dieses Recht namentlich gegeben ist.",
                "Alerts are sent only by those who were given the right by name.",
            ),
        ));
    }
    if post.expires_at.is_some_and(|expiry| expiry <= now) {
        return Err(illegal("Der Beitrag wäre schon abgelaufen.", "The post would have expired already."));
    }
    let before = post.version;
    tx.posts().publish(id, now).await?;
    let post = tx.posts().find(id).await?.ok_or_else(Problem::not_found)?;
    tx.audit().record(deed(editor.session.account, "post.published", Some(before), &post), now).await?;
    tx.notifications().announce(notification(app, NotificationKind::Published, &post, now), now).await?;
    let answer = answer_of::<200>(&post, &editor.here.village.slug);
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
    let before = post.version;
    tx.posts().withdraw(id, now).await?;
    tx.notifications().cancel_for_post(id, now).await?;
    let post = tx.posts().find(id).await?.ok_or_else(Problem::not_found)?;
    tx.audit().record(deed(editor.session.account, "post.withdrawn", Some(before), &post), now).await?;
    tx.commit().await?;
    tracing::info!(village = %editor.here.village.id, post = %id, by = %editor.session.account, "a post was withdrawn");
    Ok(post)
}

/// Removes a draft for good.
async fn delete(app: &App, author: &Author, id: PostId, condition: &Conditional) -> Result<(), Problem> {
    let tx = author.here.scope.begin().await?;
    let post = tx.posts().find_for_change(id).await?;
    let post = post.filter(|post| author.sees(post)).ok_or_else(Problem::not_found)?;
    condition.check(post.version)?;
    if post.state != PostState::Draft {
        return Err(illegal("Nur ein Entwurf kann gelöscht werden.", "Only a draft can be deleted."));
    }
    tx.posts().delete_draft(id).await?;
    let deed = Deed::new(author.session.account, "post.deleted", id).versions(Some(post.version), None);
    tx.audit().record(deed, app.clock.now()).await?;
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
        None => Err(fault("/topic", "ist keine Rubrik dieses Dorfes", "is not a topic of this village")),
    }
}

/// Makes these what the post shows.
async fn attach(
    tx: &VillageTx,
    author: &Author,
    post: PostId,
    media: &[MediaId],
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    let only_of = (!author.standing.is_editor()).then_some(author.session.account);
    let missing = tx.media().attach(post, media, only_of, now).await?;
    if missing.is_empty() {
        return Ok(());
    }
    let places = (0..).zip(media).filter(|(_, id)| missing.contains(id));
    let faults = places.map(|(at, _): (usize, _)| Fault {
        pointer: format!("/media/{at}"),
        detail: Text::new("gibt es in diesem Dorf nicht", "does not exist in this village"),
    });
    Err(Problem::unprocessable(faults.collect()))
}

fn illegal(de: &'static str, en: &'static str) -> Problem {
    Problem::conflict(Text::new(de, en))
}

/// What somebody may list; everything for editors.
fn own_posts(author: &Author) -> Option<OwnPosts> {
    let standing = &author.standing;
    let clubs = standing.clubs.iter().filter(|role| role.state == ClubState::Active).map(|role| role.club);
    let own = || OwnPosts {
        author: Some(author.session.account).filter(|_| standing.writes_for_town_hall()),
        clubs: clubs.collect(),
    };
    (!standing.is_editor()).then(own)
}

/// The club that somebody writes for; `None` for the town hall.
async fn writes_for(tx: &VillageTx, author: &Author, slug: Option<&str>) -> Result<Option<ClubId>, Problem> {
    let standing = &author.standing;
    let Some(slug) = slug else {
        let only_club = standing.clubs.iter().filter(|role| role.state == ClubState::Active);
        return match (standing.writes_for_town_hall(), only_club.collect::<Vec<_>>().as_slice()) {
            (true, _) => Ok(None),
            (false, [role]) => Ok(Some(role.club)),
            _ => Err(fault("/club", "fehlt: für welchen Verein?", "is missing: for which club?")),
        };
    };
    // PostgreSQL cannot even be asked about a text with NUL.
    let found = if slug.contains('\0') { None } else { tx.clubs().by_slug(slug).await? };
    found
        .filter(|club| club.state == ClubState::Active && (standing.is_editor() || standing.in_club(club.id).is_some()))
        .map(|club| Some(club.id))
        .ok_or_else(|| fault("/club", "ist kein Verein, für den Sie schreiben", "is no club that you write for"))
}

fn deed(by: AccountId, action: &'static str, before: Option<i32>, post: &Post) -> Deed {
    Deed::new(by, action, post.id).versions(before, Some(post.version))
}

fn fault(pointer: &str, de: &'static str, en: &'static str) -> Problem {
    Problem::unprocessable(vec![Fault { pointer: pointer.to_owned(), detail: Text::new(de, en) }])
}

fn answer_of<const STATUS: u16>(post: &Post, slug: &str) -> entity::Answer {
    let answer = Answer::<STATUS, PostView>::of(&PostView::new(post, slug)).version(post.version);
    if STATUS == 201 { answer.at(format!("/v1/admin/villages/{slug}/posts/{}", post.id)) } else { answer }.to_keep()
}
