//! Posts: news, notices, events and alerts, from draft to withdrawal, and the feed that residents read.

mod attached;
mod calendar;
mod calendar_routes;
mod dates;
mod desk_routes;
mod desk_view;
mod ending;
mod event_routes;
mod event_view;
mod feed;
mod feed_routes;
mod horizon;
mod imports;
mod joint;
mod life;
mod linked_data;
mod loudness;
mod memory;
mod memory_routes;
mod memory_view;
mod merging;
mod on_time;
mod outlook;
mod planning_routes;
mod planning_view;
mod redating;
mod refusing;
mod reminding;
mod revising;
mod revision_routes;
mod revision_view;
mod routes;
mod search;
mod stale;
mod steps;
mod syndication;
mod telling;
mod view;

pub use calendar_routes::CalendarRoutes;
pub use desk_routes::DeskRoutes;
pub use event_routes::EventRoutes;
pub use feed_routes::FeedRoutes;
pub use imports::{EventCalendarRoutes, load_events};
pub use joint::{JointRoutes, follow};
pub use life::{picture, table};
pub use memory_routes::MemoryRoutes;
pub use on_time::once as keep_times;
pub use planning_routes::PlanningRoutes;
pub use revision_routes::RevisionRoutes;
pub use routes::PostRoutes;
pub use search::once as index;

use crate::app::App;
use crate::authority::Author;
use crate::http::{Answer, Conditional};
use crate::idempotency;
use crate::problem::{Fault, Problem, ProblemKind};
use crate::recurrence::Refusal;
use crate::text::Text;
use chrono::{DateTime, Utc};
use entity::{AccountId, ClubId, ClubState, Deed, MediaId, NewPost, OwnPosts, Post, PostId, TopicId, VillageTx};
use life::{Actor, Step, To};
use outlook::EventOutlook;
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
    if club.is_some() {
        content.for_club(kind)?;
    }
    let media = content.media.clone();
    let content = content.change(topic, now)?;
    let draft = NewPost { kind, author: author.session.account, club, event_uid: None, content };
    let id = tx.posts().create(draft, now).await?;
    attach(&tx, author, id, &media, now).await?;
    let post = tx.posts().find(id).await?.ok_or_else(Problem::not_found)?;
    tx.post_versions().keep(&post, author.session.account, now).await?;
    tx.audit().record(deed(author.session.account, "post.created", None, &post), now).await?;
    let outlook = outlook::of_saved(&tx, author, &post, now).await?;
    let answer = Saved { post, outlook, following: None }.answer::<201>(author);
    idempotency::keep(&tx, request.as_ref(), answer.clone()).await?;
    tx.commit().await?;
    Ok(answer)
}

/// A post that was saved, with what its author is to know then.
struct Saved {
    post: Post,
    outlook: Option<EventOutlook>,
    following: Option<PostId>,
}

impl Saved {
    fn view(self, by: &Author) -> PostView {
        PostView::for_staff(&self.post, by).saved(self.outlook, self.following)
    }

    fn answer<const STATUS: u16>(self, by: &Author) -> entity::Answer {
        let (id, version) = (self.post.id, self.post.version);
        kept::<STATUS>(&self.view(by), (id, version), by)
    }
}

/// Changes a post that is written, or corrects a public one; where nothing is to change, the version stays. What was approved
/// and is changed by somebody who is reviewed is reviewed again. A correction is silent
/// unless `notify` asks to tell it, or coming dates of an event are cancelled or moved.
async fn change(
    app: &App,
    author: &Author,
    id: PostId,
    condition: &Conditional,
    changed: impl FnOnce(&Post) -> Result<Option<(view::Content, Option<bool>)>, Problem>,
) -> Result<Saved, Problem> {
    let now = app.clock.now();
    let tx = author.here.scope.begin().await?;
    let post = tx.posts().find_for_change(id).await?;
    let post = post.filter(|post| author.sees(post)).ok_or_else(Problem::not_found)?;
    stale::check(&tx, author, condition, &post).await?;
    let to = steps::allowed(Step::Change, &post, Actor::of(author, &post));
    to.clone().or_else(|refused| steps::allowed(Step::Redate, &post, Actor::of(author, &post)).map_err(|_| refused))?;
    let Some((content, notify)) = changed(&post)? else {
        let outlook = outlook::of_saved(&tx, author, &post, now).await?;
        return Ok(Saved { post, outlook, following: None });
    };
    let to = to.or_else(|refused| at_once(author, &post, &content, refused))?;
    fits(&post, &content, notify)?;
    let topic = topic(&tx, content.topic.as_deref()).await?;
    let before = post;
    let media = content.media.clone();
    tx.posts().change(id, content.change(topic, now)?, now).await?;
    attach(&tx, author, id, &media, now).await?;
    if let To::State(to) = to {
        tx.posts().review_again(id, before.state, to).await?;
    }
    let post = tx.posts().find(id).await?.ok_or_else(Problem::not_found)?;
    steps::may_have_dates(&tx, &post, now).await?;
    let tells = telling::is_told((before.event.as_ref(), post.event.as_ref()), notify, now);
    loudness::of_change(app, &tx, author, (&before, &post, tells), now).await?;
    tx.post_versions().keep(&post, author.session.account, now).await?;
    tx.audit().record(deed(author.session.account, "post.changed", Some(before.version), &post), now).await?;
    telling::announce_change(app, &tx, (&before, &post), Some(tells), now).await?;
    let outlook = outlook::of_saved(&tx, author, &post, now).await?;
    tx.commit().await?;
    tracing::info!(village = %author.here.village.id, post = %id, by = %author.session.account, "a post was changed");
    Ok(Saved { post, outlook, following: None })
}

/// Refuses what a club cannot say, and to tell of a danger that is over.
fn fits(post: &Post, content: &view::Content, notify: Option<bool>) -> Result<(), Problem> {
    if post.club.is_some() {
        content.for_club(post.kind)?;
    }
    if notify == Some(true) { ending::is_not_cleared(post.all_clear.as_ref()) } else { Ok(()) }
}

/// Where a change leads that is only about dates: a club makes those at once that is reviewed in everything else.
fn at_once(author: &Author, post: &Post, content: &view::Content, refused: Problem) -> Result<To, Problem> {
    if !dates::own::is_about_dates(&post.into(), &content.clone().said()) {
        return Err(refused);
    }
    steps::allowed(Step::Redate, post, Actor::of(author, post))
}

/// Removes a draft for good.
async fn delete(app: &App, author: &Author, id: PostId, condition: &Conditional) -> Result<(), Problem> {
    let tx = author.here.scope.begin().await?;
    let post = tx.posts().find_for_change(id).await?;
    let post = post.filter(|post| author.sees(post)).ok_or_else(Problem::not_found)?;
    stale::check(&tx, author, condition, &post).await?;
    steps::allowed(Step::Delete, &post, Actor::of(author, &post))?;
    tx.posts().delete(id).await?;
    let deed = Deed::new(author.session.account, "post.deleted", id).versions(Some(post.version), None);
    tx.audit().record(deed, app.clock.now()).await?;
    Ok(tx.commit().await?)
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
    missing_media(tx.media().attach(post, media, only_of, now).await?, media)
}

/// Refuses media that there are not.
fn missing_media(missing: Vec<MediaId>, media: &[MediaId]) -> Result<(), Problem> {
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

/// Why an event's dates cannot be found out.
fn refused(refusal: Refusal) -> Problem {
    Problem::with_fault(ProblemKind::Unprocessable, "/event/rrule", refusal.text())
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

fn answer_of<const STATUS: u16>(post: &Post, by: &Author) -> entity::Answer {
    kept::<STATUS>(&PostView::for_staff(post, by), (post.id, post.version), by)
}

fn kept<const STATUS: u16>(view: &PostView, (id, version): (PostId, i32), by: &Author) -> entity::Answer {
    let answer = Answer::<STATUS, PostView>::of(view).version(version);
    let at = || format!("/v1/admin/villages/{}/posts/{id}", by.here.village.slug);
    if STATUS == 201 { answer.at(at()) } else { answer }.to_keep()
}
