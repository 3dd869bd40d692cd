//! Joint posts: written once by a municipality, a post of its own in each village. What is asked here changes the joint post and
//! makes it due in every village, in one transaction; `following` does it there, village by village.

mod following;
mod routes;
mod view;

pub use following::once as follow;
pub use routes::JointRoutes;

use super::event_view::Place;
use super::{ending, illegal, loudness, telling};
use crate::app::App;
use crate::authority::MunicipalityEditor;
use crate::http::{Answer, Conditional};
use crate::idempotency;
use crate::problem::{Fault, Problem, ProblemKind};
use crate::text::Text;
use chrono::{DateTime, Utc};
use entity::{AllClear, Deed, JointPost, JointPostId, JointState, RegistryTx, VillageId};
use std::collections::HashMap;
use view::{JointDraft, JointPostView, JointResult};

/// The names in URLs of a municipality's villages.
type Slugs = HashMap<VillageId, String>;

/// The zone of local times, unless one is named.
const ZONE: &str = "Europe/Berlin";

/// Where an event of the municipality is, unless it says so itself.
async fn place(app: &App, editor: &MunicipalityEditor) -> Result<Place, Problem> {
    Place::somewhere(app, ZONE, &editor.municipality.ags).await
}

/// Saves a draft for these villages, or for all of the municipality.
async fn create(
    app: &App,
    editor: &MunicipalityEditor,
    draft: JointDraft,
    request: Option<entity::Request>,
) -> Result<entity::Answer, Problem> {
    let now = app.clock.now();
    let tx = app.database.registry_tx().await?;
    if let Some(answer) = idempotency::claim_operator(&tx, request.as_ref(), now).await? {
        return Ok(answer);
    }
    let slugs: Slugs = tx.municipality_roles().villages(editor.municipality.id).await?.into_iter().collect();
    let joint = JointPost {
        id: JointPostId::generate(),
        municipality: editor.municipality.id,
        author: editor.session.account,
        changed_by: editor.session.account,
        kind: draft.kind,
        state: JointState::Draft,
        content: draft.content,
        villages: chosen(&slugs, draft.villages.as_deref())?,
        version: 1,
        told_version: 0,
        created_at: now,
        updated_at: now,
        published_at: None,
        withdrawn_at: None,
        withdrawal_reason: None,
        all_clear: None,
    };
    tx.joint_posts().save(&joint).await?;
    write_down(&tx, editor, &joint, ("joint_post.created", None), now).await?;
    let answer = answer_of::<201>(&tx, &joint).await?;
    idempotency::keep_operator(&tx, request.as_ref(), answer.clone()).await?;
    tx.commit().await?;
    Ok(answer)
}

/// The identifiers of the villages that are named; all when none are.
fn chosen(slugs: &Slugs, named: Option<&[String]>) -> Result<Vec<VillageId>, Problem> {
    let mut faults = Vec::new();
    let mut villages: Vec<VillageId> = match named {
        None => slugs.keys().copied().collect(),
        Some(named) => {
            let ids: HashMap<&str, VillageId> = slugs.iter().map(|(id, slug)| (slug.as_str(), *id)).collect();
            let find = |(at, slug): (usize, &String)| {
                let found = ids.get(slug.as_str()).copied();
                if found.is_none() {
                    let detail = Text::new("ist kein Dorf dieser Gemeinde", "is not a village of this municipality");
                    faults.push(Fault { pointer: format!("/villages/{at}"), detail });
                }
                found
            };
            named.iter().enumerate().filter_map(find).collect()
        }
    };
    if !faults.is_empty() {
        return Err(Problem::unprocessable(faults));
    }
    villages.sort_unstable();
    villages.dedup();
    if villages.is_empty() {
        let detail = Text::new("nennt kein Dorf", "names no village");
        return Err(Problem::unprocessable(vec![Fault { pointer: "/villages".to_owned(), detail }]));
    }
    Ok(villages)
}

/// What is done to a joint post.
enum Wish {
    /// To be public in every village.
    Publish,
    /// To be withdrawn in every village, for this reason.
    Withdraw(Option<String>),
    /// The danger is over in every village, with what there is to say about it.
    AllClear(String),
}

/// Publishes or withdraws: from now on every village follows.
async fn take(
    app: &App,
    editor: &MunicipalityEditor,
    id: JointPostId,
    (condition, request): (&Conditional, Option<entity::Request>),
    wish: Wish,
) -> Result<entity::Answer, Problem> {
    let now = app.clock.now();
    let before = find(app, editor, id).await?;
    match wish {
        Wish::Publish => may_be_loud(app, editor, &before).await?,
        Wish::AllClear(_) => may_give_all_clear(app, editor, &before).await?,
        Wish::Withdraw(_) => {}
    }
    let tx = app.database.registry_tx().await?;
    if let Some(answer) = idempotency::claim_operator(&tx, request.as_ref(), now).await? {
        return Ok(answer);
    }
    let mut joint = tx.joint_posts().find_for_change(id).await?.ok_or_else(Problem::not_found)?;
    condition.check(joint.version)?;
    let action = match (wish, joint.state) {
        (Wish::Publish, JointState::Draft) => {
            if joint.content.expires_at.is_some_and(|expiry| expiry <= now) {
                return Err(illegal("Der Beitrag wäre schon abgelaufen.", "The post would have expired already."));
            }
            loudness::tells_everywhere(app, &tx, editor, &joint, now).await?;
            (joint.state, joint.published_at) = (JointState::Published, Some(now));
            "joint_post.published"
        }
        (Wish::Withdraw(reason), JointState::Published) => {
            (joint.state, joint.withdrawn_at) = (JointState::Withdrawn, Some(now));
            joint.withdrawal_reason = reason;
            "joint_post.withdrawn"
        }
        (Wish::AllClear(text), JointState::Published) => {
            ending::can_be_cleared(joint.kind, joint.all_clear.as_ref())?;
            joint.content.expires_at = Some(ending::shows_until(now));
            joint.all_clear = Some(AllClear { at: now, text });
            "joint_post.cleared"
        }
        _ => {
            return Err(illegal(
                "Dieser Schritt ist nicht möglich, solange der Beitrag in diesem Zustand ist.",
                "This step is not possible while the post is in this state.",
            ));
        }
    };
    let answer = save(&tx, editor, joint.clone(), action, now).await?;
    idempotency::keep_operator(&tx, request.as_ref(), answer.clone()).await?;
    tx.commit().await?;
    nudge(app, &joint);
    Ok(answer)
}

/// Changes what a joint post says; once it is published, in every village. Unless `notify` says whether to, it is told exactly when
/// coming dates were cancelled, postponed or moved.
async fn change(
    app: &App,
    editor: &MunicipalityEditor,
    id: JointPostId,
    condition: &Conditional,
    changed: impl FnOnce(&JointPost) -> Result<(entity::PostContent, Option<bool>), Problem>,
) -> Result<entity::Answer, Problem> {
    let now = app.clock.now();
    let before = find(app, editor, id).await?;
    let (content, notify) = changed(&before)?;
    let dates = (before.content.event.as_ref(), content.event.as_ref());
    let tells = telling::is_told(dates, notify, now);
    if tells {
        ending::is_not_cleared(before.all_clear.as_ref())?;
        may_be_loud(app, editor, &before).await?;
    }
    let tx = app.database.registry_tx().await?;
    let mut joint = tx.joint_posts().find_for_change(id).await?.ok_or_else(Problem::not_found)?;
    condition.check(joint.version)?;
    // Changed since it was read: nobody could know the new version yet.
    if joint.version != before.version {
        return Err(Problem::new(ProblemKind::PreconditionFailed));
    }
    if joint.state == JointState::Withdrawn {
        return Err(illegal("Der Beitrag ist zurückgezogen.", "The post has been withdrawn."));
    }
    if content == joint.content && !tells {
        return answer_of::<200>(&tx, &joint).await;
    }
    joint.content = content;
    if tells && joint.state == JointState::Published {
        loudness::tells_everywhere(app, &tx, editor, &joint, now).await?;
        joint.told_version = joint.version + 1;
    }
    let answer = save(&tx, editor, joint.clone(), "joint_post.changed", now).await?;
    tx.commit().await?;
    nudge(app, &joint);
    Ok(answer)
}

/// Removes a draft for good.
async fn delete(
    app: &App,
    editor: &MunicipalityEditor,
    id: JointPostId,
    condition: &Conditional,
) -> Result<(), Problem> {
    find(app, editor, id).await?;
    let tx = app.database.registry_tx().await?;
    let joint = tx.joint_posts().find_for_change(id).await?.ok_or_else(Problem::not_found)?;
    condition.check(joint.version)?;
    if joint.state != JointState::Draft {
        return Err(illegal("Der Beitrag ist kein Entwurf mehr.", "The post is not a draft any more."));
    }
    tx.joint_posts().delete(id).await?;
    for village in &joint.villages {
        let deed = Deed::new(editor.session.account, "joint_post.deleted", id).versions(Some(joint.version), None);
        tx.record_in(*village, deed, app.clock.now()).await?;
    }
    Ok(tx.commit().await?)
}

/// Saves the next version, which every village follows unless it is a draft.
async fn save(
    tx: &RegistryTx,
    editor: &MunicipalityEditor,
    joint: JointPost,
    action: &'static str,
    now: DateTime<Utc>,
) -> Result<entity::Answer, Problem> {
    let before = joint.version;
    let (changed_by, version) = (editor.session.account, before + 1);
    let joint = JointPost { changed_by, version, updated_at: now, ..joint };
    tx.joint_posts().save(&joint).await?;
    write_down(tx, editor, &joint, (action, Some(before)), now).await?;
    answer_of::<200>(tx, &joint).await
}

async fn answer_of<const STATUS: u16>(tx: &RegistryTx, joint: &JointPost) -> Result<entity::Answer, Problem> {
    let slugs: Slugs = tx.municipality_roles().villages(joint.municipality).await?.into_iter().collect();
    let answer = Answer::<STATUS, _>::of(&JointPostView::new(joint, &slugs)).version(joint.version);
    let at = || format!("/v1/admin/municipalities/{}/joint-posts/{}", joint.municipality, joint.id);
    Ok(if STATUS == 201 { answer.at(at()) } else { answer }.to_keep())
}

/// Makes it due in every village unless it is a draft, and writes it down there.
async fn write_down(
    tx: &RegistryTx,
    editor: &MunicipalityEditor,
    joint: &JointPost,
    (action, before): (&'static str, Option<i32>),
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    for village in &joint.villages {
        if joint.state != JointState::Draft {
            tx.joint_posts().follow_in(*village, joint, now).await?;
        }
        let deed = Deed::new(editor.session.account, action, joint.id).versions(before, Some(joint.version));
        tx.record_in(*village, deed, now).await?;
    }
    Ok(())
}

fn nudge(app: &App, joint: &JointPost) {
    joint.villages.iter().for_each(|village| app.database.village(*village).nudge());
}

/// A joint post of the editor's municipality.
async fn find(app: &App, editor: &MunicipalityEditor, id: JointPostId) -> Result<JointPost, Problem> {
    let found = app.database.registry().await?.joint_posts().find(id).await?;
    found.filter(|joint| joint.municipality == editor.municipality.id).ok_or_else(Problem::not_found)
}

/// What is loud needs the right to send alerts, given by name, in every village that it goes to.
async fn may_be_loud(app: &App, editor: &MunicipalityEditor, joint: &JointPost) -> Result<(), Problem> {
    if !joint.is_loud() {
        return Ok(());
    }
    if villages_to_alert(app, editor, joint).await? == joint.villages.len() {
        return Ok(());
    }
    Err(Problem::explained(
        ProblemKind::Forbidden,
        Text::new(
            "Warnungen und Dringendes sendet nur, wem dieses Recht in jedem der Dörfer namentlich gegeben ist.",
            "Alerts and urgent messages are sent only by those who were given the right by name in each village.",
        ),
    ))
}

/// The all-clear needs that right in one of them: a village that has taken it away keeps nobody elsewhere from hearing that the danger
/// is over.
async fn may_give_all_clear(app: &App, editor: &MunicipalityEditor, joint: &JointPost) -> Result<(), Problem> {
    if !joint.is_loud() || villages_to_alert(app, editor, joint).await? > 0 {
        return Ok(());
    }
    Err(Problem::explained(
        ProblemKind::Forbidden,
        Text::new(
            "Entwarnen kann nur, wem in einem der Dörfer namentlich das Recht gegeben ist, Warnungen zu senden.",
            "The all-clear is given only by those who were given the right to send alerts by name in one of the villages.",
        ),
    ))
}

/// In how many of its villages an editor may send alerts.
async fn villages_to_alert(app: &App, editor: &MunicipalityEditor, joint: &JointPost) -> Result<usize, Problem> {
    let now = app.clock.now();
    let mut count = 0;
    for village in &joint.villages {
        let reader = app.database.village(*village).read().await?;
        count += usize::from(reader.roles().standing(editor.session.account, now).await?.may_alert);
    }
    Ok(count)
}

/// What became of a joint post in each village. Each is read in its own scope: there are a few dozen at most.
async fn results(app: &App, joint: &JointPost, slugs: &Slugs) -> Result<Vec<JointResult>, Problem> {
    let mut results = Vec::new();
    for village in &joint.villages {
        let reader = app.database.village(*village).read().await?;
        let copy = reader.posts().of_joint(joint.id).await?;
        let mut tallies = Vec::new();
        if let Some(copy) = &copy {
            for notification in reader.notifications().of_post(copy.id).await? {
                tallies.extend(reader.deliveries().tally(notification.id).await?);
            }
        }
        let slug = slugs.get(village).cloned().unwrap_or_default();
        results.push(JointResult::new(joint, slug, copy.as_ref(), &tallies));
    }
    results.sort_by(|a, b| a.village.cmp(&b.village));
    Ok(results)
}
