//! Revisions: what a public post is to say, handed in by somebody who is reviewed. The public reads the post as it is until an editor
//! approves the revision; then it is a change like any other. What happened to single dates meanwhile stays.

use super::life::{Actor, Step};
use super::merging::merged;
use super::revision_view::RevisionView;
use super::steps::{self, Wish};
use super::view::Content;
use super::{deed, illegal, loudness, missing_media, stale, telling, topic};
use crate::app::App;
use crate::authority::Author;
use crate::http::{Answer, Conditional};
use crate::idempotency;
use crate::problem::{Fault, Problem, ProblemKind};
use crate::text::Text;
use chrono::{DateTime, Utc};
use entity::{CommentKind, MediaId, Post, PostContent, PostId, PostRevision, RevisionState, VillageTx};

/// A post that is held, with its revision.
struct Held {
    tx: VillageTx,
    post: Post,
    revision: Option<PostRevision>,
}

/// What an editor decides about a revision.
pub enum Decision {
    /// The post says it from now on; `Some` says whether followers are told, otherwise whoever handed it in does.
    Approve(Option<bool>),
    /// It goes back to whoever handed it in, with this comment.
    Return(String),
}

async fn hold(tx: VillageTx, author: &Author, id: PostId) -> Result<Held, Problem> {
    let post = tx.posts().find_for_change(id).await?;
    let post = post.filter(|post| author.sees(post)).ok_or_else(Problem::not_found)?;
    let revision = tx.post_revisions().of(id).await?;
    Ok(Held { tx, post, revision })
}

/// Hands in what a public post is to say, in place of what was handed in before.
pub async fn hand_in(
    app: &App,
    author: &Author,
    id: PostId,
    (condition, request): (&Conditional, Option<entity::Request>),
    wanted: impl FnOnce(&Post) -> Result<(Content, Option<bool>), Problem>,
) -> Result<entity::Answer, Problem> {
    let (now, account) = (app.clock.now(), author.session.account);
    let tx = author.here.scope.begin().await?;
    if let Some(answer) = idempotency::claim(&tx, request.as_ref(), now).await? {
        return Ok(answer);
    }
    let Held { tx, post, revision } = hold(tx, author, id).await?;
    stale::check(&tx, author, condition, &post).await?;
    steps::allowed(Step::Revise, &post, Actor::of(author, &post))?;
    steps::takes_part(&tx, post.club).await?;
    let (content, notify) = wanted(&post)?;
    let media: Vec<MediaId> = content.media.clone();
    missing_media(tx.media().missing(id, &media, Some(account), now).await?, &media)?;
    let content = sayable(&tx, &post, content, now).await?;
    if content == PostContent::from(&post) {
        return Err(illegal("Es ändert sich nichts.", "Nothing changes."));
    }
    let (based_on, version) = (post.version, revision.map_or(0, |before| before.version) + 1);
    let state = RevisionState::HandedIn;
    let revision =
        PostRevision { post: id, account, account_name: None, state, based_on, version, content, since: now, notify };
    tx.post_revisions().hand_in(&revision).await?;
    tx.audit().record(deed(account, "post.revision_handed_in", None, &post), now).await?;
    let answer = answer(&tx, &post).await?;
    idempotency::keep(&tx, request.as_ref(), answer.clone()).await?;
    tx.commit().await?;
    tracing::info!(village = %author.here.village.id, post = %id, by = %account, "a revision was handed in");
    Ok(answer)
}

/// What somebody wants to say, if it can be said: of a topic that there is, on dates that can be found out, and by a club as it may.
async fn sayable(tx: &VillageTx, post: &Post, content: Content, now: DateTime<Utc>) -> Result<PostContent, Problem> {
    if post.club.is_some() {
        content.for_club(post.kind)?;
    }
    let topic = topic(tx, content.topic.as_deref()).await?;
    let said = content.said();
    let media = said.media.iter().copied().map(Into::into).collect();
    Content::of(said.clone(), media).change(topic, now)?;
    Ok(said)
}

/// The revision of a post that somebody sees.
pub async fn read(app: &App, author: &Author, id: PostId) -> Result<Answer<200, RevisionView>, Problem> {
    let (reader, post) = super::memory::seen(author, id).await?;
    let revision = reader.post_revisions().of(id).await?.ok_or_else(Problem::not_found)?;
    let base = reader.post_versions().said_at(id, revision.based_on).await?;
    let base = base.map_or_else(|| PostContent::from(&post), |base| base.content);
    drop(reader);
    let view = RevisionView::new(&post, &base, &revision);
    let difference = super::memory::compare(app, author, (&post).into(), revision.content).await?;
    Ok(Answer::of(&view.compared(difference)).version(revision.version))
}

/// Takes a revision back.
pub async fn take_back(app: &App, author: &Author, id: PostId, condition: &Conditional) -> Result<(), Problem> {
    let Held { tx, post, revision } = hold(author.here.scope.begin().await?, author, id).await?;
    condition.check(revision.ok_or_else(Problem::not_found)?.version)?;
    steps::allowed(Step::Revise, &post, Actor::of(author, &post))?;
    tx.post_revisions().remove(id).await?;
    let now = app.clock.now();
    tx.audit().record(deed(author.session.account, "post.revision_taken_back", None, &post), now).await?;
    Ok(tx.commit().await?)
}

/// Decides about a revision: all of what belongs to it, or nothing.
pub async fn decide(
    app: &App,
    author: &Author,
    id: PostId,
    (condition, request): (&Conditional, Option<entity::Request>),
    decision: Decision,
) -> Result<entity::Answer, Problem> {
    let (now, account) = (app.clock.now(), author.session.account);
    let tx = author.here.scope.begin().await?;
    if let Some(answer) = idempotency::claim(&tx, request.as_ref(), now).await? {
        return Ok(answer);
    }
    let Held { tx, post, revision } = hold(tx, author, id).await?;
    let revision = revision.ok_or_else(Problem::not_found)?;
    condition.check(revision.version)?;
    steps::allowed(Step::Decide, &post, Actor::of(author, &post))?;
    if revision.state == RevisionState::Returned {
        return Err(illegal("Die Neufassung ist schon zurückgegeben.", "The revision was returned already."));
    }
    if revision.account == account {
        return Err(steps::not_ones_own());
    }
    let answer = match decision {
        Decision::Approve(notify) => approve(app, &tx, author, (&post, revision), notify, now).await?,
        Decision::Return(why) => {
            tx.post_comments().add(id, account, CommentKind::Return, why, now).await?;
            tx.post_revisions().give_back(id, now).await?;
            tx.audit().record(deed(account, "post.revision_returned", None, &post), now).await?;
            answer(&tx, &post).await?
        }
    };
    idempotency::keep(&tx, request.as_ref(), answer.clone()).await?;
    tx.commit().await?;
    tracing::info!(village = %author.here.village.id, post = %id, by = %account, "a revision was decided");
    Ok(answer)
}

/// Makes a post say what was handed in, with what happened to it meanwhile.
async fn approve(
    app: &App,
    tx: &VillageTx,
    author: &Author,
    (before, revision): (&Post, PostRevision),
    notify: Option<bool>,
    now: DateTime<Utc>,
) -> Result<entity::Answer, Problem> {
    let base = tx.post_versions().said_at(before.id, revision.based_on).await?.ok_or_else(forgotten)?.content;
    let content = merged(&base, &revision.content, &PostContent::from(before)).map_err(overtaken)?;
    let media: Vec<MediaId> = content.media.iter().copied().map(Into::into).collect();
    let topic = topic(tx, content.topic.as_deref()).await?;
    tx.posts().change(before.id, Content::of(content, Vec::new()).change(topic, now)?, now).await?;
    missing_media(tx.media().attach(before.id, &media, None, now).await?, &media)?;
    tx.post_revisions().remove(before.id).await?;
    let post = tx.posts().find(before.id).await?.ok_or_else(Problem::not_found)?;
    steps::may_go_out(tx, author, &post, &Wish::Approve, now).await?;
    let tells = telling::is_told((before.event.as_ref(), post.event.as_ref()), notify.or(revision.notify), now);
    if tells {
        loudness::tells_of_public(app, tx, author, &post, now).await?;
    }
    tx.post_versions().keep(&post, revision.account, now).await?;
    let deed = deed(author.session.account, "post.revision_approved", Some(before.version), &post);
    tx.audit().record(deed.detail(format!("by {}", revision.account)), now).await?;
    telling::announce_change(app, tx, (before, &post), Some(tells), now).await?;
    Ok(super::answer_of::<200>(&post, author))
}

async fn answer(tx: &VillageTx, post: &Post) -> Result<entity::Answer, Problem> {
    let revision = tx.post_revisions().of(post.id).await?.ok_or_else(Problem::not_found)?;
    let view = RevisionView::new(post, &PostContent::from(post), &revision);
    Ok(Answer::<200, RevisionView>::of(&view).version(revision.version).to_keep())
}

fn forgotten() -> Problem {
    illegal(
        "Die Fassung, aus der die Neufassung entstand, ist nicht mehr bekannt. Geben Sie sie zurück.",
        "The version that the revision was made from is not known any more. Return it.",
    )
}

/// The same was changed meanwhile.
fn overtaken(fields: Vec<&'static str>) -> Problem {
    let detail = Text::new("wurde inzwischen auch öffentlich geändert", "was changed in public meanwhile, too");
    let faults = fields.into_iter().map(|field| Fault { pointer: field.to_owned(), detail: detail.clone() });
    let what = Text::new(
        "Was die Neufassung ändert, wurde inzwischen anders geändert. Geben Sie sie zurück, damit sie neu eingereicht wird.",
        "What the revision changes was changed in another way meanwhile. Return it, so that it is handed in anew.",
    );
    Problem::explained(ProblemKind::Conflict, what).naming(faults.collect())
}
