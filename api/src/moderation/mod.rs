//! Moderation: residents report posts, the town hall decides, and says why to the reporter and to the author.

mod routes;
mod view;

pub use routes::ModerationRoutes;

use crate::app::App;
use crate::authority::{Editor, InVillage};
use crate::http::Cursors;
use crate::problem::Problem;
use crate::secrets::Token;
use crate::text::Text;
use chrono::{DateTime, TimeDelta, Utc};
use entity::{Deed, NewReport, Post, PostId, PostState, Report, ReportId, ReportState, VillageTx};
use uuid::Uuid;
use view::{Decision, ReportText};

/// Reports of one post that the desk reads; further ones are counted, and decided with any of these.
const MOST_OPEN: i64 = 20;

/// Reports a public post; gives the report and the secret that its decision can be read with.
async fn report(app: &App, here: &InVillage, post: PostId, said: ReportText) -> Result<(ReportId, Token), Problem> {
    let now = app.clock.now();
    let secret = app.secrets.token();
    let tx = here.scope.begin().await?;
    tx.posts().find_public(post, now).await?.ok_or_else(Problem::not_found)?;
    let reads_on = tx.reports().open_of(post).await? < MOST_OPEN;
    let (state, explanation) =
        if reads_on { (ReportState::Open, said.explanation) } else { (ReportState::Counted, String::new()) };
    let new = NewReport { post, reason: said.reason.into(), explanation, secret_hash: secret.hash.clone() };
    let id = tx.reports().create(new, state, now).await?;
    tx.commit().await?;
    tracing::info!(village = %here.village.id, report = %id, %post, "a post was reported");
    Ok((id, secret))
}

/// A page of the queue, the oldest report first, and the cursor of the next.
async fn queue(
    app: &App,
    editor: &Editor,
    state: ReportState,
    limit: u64,
    cursor: Option<&str>,
) -> Result<(Vec<Report>, Option<String>), Problem> {
    let cursors = Cursors::of(&app.secrets, format!("reports {} {state:?}", editor.here.village.id));
    let after = cursors.read(cursor, |place| Uuid::from_slice(place).ok().map(Into::into))?;
    let mut reports = editor.here.scope.read().await?.reports().list(state, after, limit + 1).await?;
    let more = reports.len() as u64 > limit;
    reports.truncate(limit as usize);
    let next = reports.last().filter(|_| more).map(|last| cursors.write(last.id.0.as_bytes()));
    Ok((reports, next))
}

/// Decides a report: the post stays, or is withdrawn with all that is not sent yet.
async fn decide(app: &App, editor: &Editor, id: ReportId, decision: Decision) -> Result<Report, Problem> {
    let now = app.clock.now();
    let tx = editor.here.scope.begin().await?;
    let report = tx.reports().find(id).await?.ok_or_else(Problem::not_found)?;
    // The post first, as whoever takes a step with it does: the log is held last, so that nobody waits for the other.
    let post = match decision.state {
        ReportState::Withdrawn => tx.posts().find_for_change(report.post).await?,
        _ => None,
    };
    if !tx.reports().decide(&report, decision.state, &decision.reasons, now).await? {
        return Err(Problem::conflict(Text::new(
            "Über diese Meldung ist schon entschieden.",
            "This report has been decided already.",
        )));
    }
    let action = match decision.state {
        ReportState::Withdrawn => "report.upheld",
        _ => "report.dismissed",
    };
    tx.audit().record(Deed::new(editor.session.account, action, id), now).await?;
    // A post that is public no more, by itself or by somebody, needs no withdrawal; one that is hidden with its club would be back.
    let comes_back = |post: &Post| post.state == PostState::Hidden && post.joint.is_none();
    if let Some(post) = post.filter(|post| post.state == PostState::Published || comes_back(post)) {
        take_down(app, &tx, editor, &post, now).await?;
    }
    let report = tx.reports().find(id).await?.ok_or_else(Problem::not_found)?;
    tx.commit().await?;
    tracing::info!(village = %editor.here.village.id, report = %id, by = %editor.session.account, "a report was decided");
    Ok(report)
}

/// Takes a public post back: what is not sent yet will not be, and those who were told are told so. The reasons are for the
/// reporter and the author, and not told. One of the municipality is hidden here: it stays in the other villages.
async fn take_down(app: &App, tx: &VillageTx, editor: &Editor, post: &Post, now: DateTime<Utc>) -> Result<(), Problem> {
    let to = tx.posts().take_down(post, now).await?;
    let action = if to == PostState::Hidden {
        tx.notifications().cancel_for_post(post.id, now).await?;
        "post.hidden"
    } else {
        let useful = TimeDelta::hours(app.settings.notifications.useful_life_h.into());
        tx.notifications().take_back(post, now + useful, now).await?;
        "post.withdrawn"
    };
    let deed = Deed::new(editor.session.account, action, post.id);
    tx.audit().record(deed.versions(Some(post.version), Some(post.version + 1)).detail("after a report"), now).await?;
    Ok(())
}
