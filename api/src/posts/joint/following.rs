//! A village follows a joint post: its copy is made, corrected or withdrawn, and told, in one transaction of the village. Done by the
//! version that the copy has followed, so that it happens once however often it is tried. What fails in one village is tried
//! again there, and touches no other.

use crate::app::App;
use crate::due;
use crate::posts::life::{self, Actor, Step, To};
use crate::posts::view::Content;
use crate::posts::{ending, telling};
use crate::problem::Problem;
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    Deed, Due, DueWork, JointPost, JointPostId, JointState, NewPost, NotificationKind, Post, PostChange, PostMove,
    PostState, StoreError, VillageTx,
};

/// How long after a failure it is tried again.
const AGAIN_AFTER: TimeDelta = TimeDelta::seconds(60);

/// Does everything that is due now; whether there was anything.
///
/// # Errors
/// When a failure cannot even be put off.
pub async fn once(app: &App) -> Result<bool, StoreError> {
    due::each(app, DueWork::Joint, |due| try_to_follow(app, due)).await
}

/// A village that fails takes its turn later, and the others take theirs all the same.
async fn try_to_follow(app: &App, due: Due) -> Result<(), StoreError> {
    let Err(error) = follow(app, due).await else { return Ok(()) };
    tracing::warn!(%error, village = %due.village, joint = %due.subject, "a village could not follow a joint post");
    put_off(app, due).await
}

async fn put_off(app: &App, due: Due) -> Result<(), StoreError> {
    let tx = app.database.village(due.village).begin().await?;
    tx.due_works().put_off(DueWork::Joint, due.subject, app.clock.now() + AGAIN_AFTER).await?;
    tx.commit().await
}

async fn follow(app: &App, due: Due) -> Result<(), Problem> {
    let now = app.clock.now();
    let id = JointPostId(due.subject);
    let tx = app.database.village(due.village).begin().await?;
    let copy = match tx.posts().of_joint(id).await? {
        Some(copy) => tx.posts().find_for_change(copy.id).await?,
        None => None,
    };
    if !tx.due_works().hold(DueWork::Joint, due.subject).await? {
        return Ok(());
    }
    // Made by another worker while this one waited: it is still due, and seen then.
    if copy.is_none() && tx.posts().of_joint(id).await?.is_some() {
        return Ok(());
    }
    // Read after the work is held: whoever changes the joint post makes it due anew, and waits for this.
    if let Some(joint) = tx.joint_posts().find(id).await? {
        match copy {
            None if joint.state == JointState::Published => publish(app, &tx, &joint, now).await?,
            Some(copy) if copy.joint.as_ref().is_some_and(|done| done.version < joint.version) => {
                keep_up(app, &tx, &joint, &copy, now).await?;
            }
            _ => {}
        }
    }
    tx.due_works().finish(DueWork::Joint, due.subject).await?;
    Ok(tx.commit().await?)
}

/// What the copy says here: about the topic of the same name, where the village has it.
async fn content(tx: &VillageTx, joint: &JointPost, now: DateTime<Utc>) -> Result<PostChange, Problem> {
    let topic = match &joint.content.topic {
        Some(slug) => tx.topics().by_slug(slug).await?.map(|topic| topic.id),
        None => None,
    };
    Content::of(joint.content.clone(), Vec::new()).change(topic, now)
}

async fn publish(app: &App, tx: &VillageTx, joint: &JointPost, now: DateTime<Utc>) -> Result<(), Problem> {
    let new = NewPost {
        kind: joint.kind,
        author: joint.author,
        club: None,
        event_uid: None,
        content: content(tx, joint, now).await?,
    };
    let id = tx.posts().create(new, now).await?;
    tx.posts().follow_joint(id, joint.id, joint.version).await?;
    let Some(draft) = tx.posts().find(id).await? else { return Ok(()) };
    tx.post_versions().keep(&draft, joint.changed_by, now).await?;
    // Late means now and once, unless it is too late.
    if telling::useful_until(&draft, joint.published_at.unwrap_or(now)).is_some_and(|until| until <= now) {
        walk(tx, joint, &draft, Step::Expire, now).await?;
        return Ok(());
    }
    let Some(post) = walk(tx, joint, &draft, Step::Publish, now).await? else { return Ok(()) };
    Ok(telling::announce_joint(app, tx, (NotificationKind::Published, 0), &post, now).await?)
}

/// Brings a copy that is behind to the version that the joint post has.
async fn keep_up(app: &App, tx: &VillageTx, joint: &JointPost, copy: &Post, now: DateTime<Utc>) -> Result<(), Problem> {
    let done = copy.joint.as_ref().map_or(0, |done| done.version);
    tx.posts().follow_joint(copy.id, joint.id, joint.version).await?;
    if joint.state == JointState::Withdrawn {
        return Ok(take_back(app, tx, joint, copy, now).await?);
    }
    if joint.all_clear.is_some() && copy.all_clear.is_none() {
        clear(tx, joint, copy, now).await?;
    }
    let Some(copy) = &tx.posts().find(copy.id).await? else { return Ok(()) };
    // What has expired here, or was taken back here, stays as it is.
    if life::lead(Step::Change, copy.state, Actor::Municipality).is_err() {
        return Ok(());
    }
    tx.posts().change(copy.id, content(tx, joint, now).await?, now).await?;
    let Some(post) = tx.posts().find(copy.id).await? else { return Ok(()) };
    tx.post_versions().keep(&post, joint.changed_by, now).await?;
    write_down(tx, joint, "post.changed", (copy.version, &post), now).await?;
    if joint.told_version > done && post.state == PostState::Published && post.all_clear.is_none() {
        telling::announce_joint_change(app, tx, (copy, &post), joint.told_version, now).await?;
    }
    Ok(())
}

/// Takes the copy back, and tells those who were told of it here, each of them in one village.
async fn take_back(
    app: &App,
    tx: &VillageTx,
    joint: &JointPost,
    copy: &Post,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let Some(post) = walk(tx, joint, copy, Step::Withdraw, now).await? else { return Ok(()) };
    if let Some(reason) = &joint.withdrawal_reason {
        tx.posts().say_why_taken_back(post.id, reason).await?;
    }
    match ending::tell_taken_back(app, tx, &post, now).await? {
        Some(id) => tx.notifications().tell_once(id, joint.version).await,
        None => Ok(()),
    }
}

/// Says of the copy that the danger is over, and tells those who were told of it here, each of them in one village.
async fn clear(tx: &VillageTx, joint: &JointPost, copy: &Post, now: DateTime<Utc>) -> Result<(), StoreError> {
    let Some(all_clear) = &joint.all_clear else { return Ok(()) };
    if life::lead(Step::AllClear, copy.state, Actor::Municipality).is_err() {
        return Ok(());
    }
    ending::clear(tx, copy, &all_clear.text, now).await?;
    let Some(post) = tx.posts().find(copy.id).await? else { return Ok(()) };
    tx.post_versions().keep(&post, joint.changed_by, now).await?;
    write_down(tx, joint, "post.cleared", (copy.version, &post), now).await?;
    match ending::tell_all_clear(tx, &post, now).await? {
        Some(id) => tx.notifications().tell_once(id, joint.version).await,
        None => Ok(()),
    }
}

/// Takes a step of the municipality; nothing when it may not be taken from where the copy is.
async fn walk(
    tx: &VillageTx,
    joint: &JointPost,
    post: &Post,
    step: Step,
    now: DateTime<Utc>,
) -> Result<Option<Post>, StoreError> {
    let Ok(To::State(to)) = life::lead(step, post.state, Actor::Municipality) else { return Ok(None) };
    let approved_by = Some(joint.changed_by);
    tx.posts().move_to(post.id, PostMove { from: post.state, to, publish_at: None, approved_by }, now).await?;
    let Some(after) = tx.posts().find(post.id).await? else { return Ok(None) };
    let action = match step {
        Step::Publish => "post.published",
        Step::Expire => "post.expired",
        _ => "post.withdrawn",
    };
    write_down(tx, joint, action, (post.version, &after), now).await?;
    Ok(Some(after))
}

async fn write_down(
    tx: &VillageTx,
    joint: &JointPost,
    action: &'static str,
    (before, post): (i32, &Post),
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let deed = Deed::new(joint.changed_by, action, post.id).versions(Some(before), Some(post.version));
    tx.audit().record(deed.detail(format!("joint post {}", joint.id)), now).await
}
