//! Two people on one post: whoever was slower is told who was faster, when, and what has changed since.

use crate::authority::Author;
use crate::http::Conditional;
use crate::message::{Words, Years};
use crate::problem::{Fault, Problem, ProblemKind};
use crate::text::{Language, Text};
use entity::{AuditEntry, AuditQuery, Post, PostContent, VillageTx};

/// Lines of the log that are looked at to find out whether a step was taken.
const LOOKED_AT: u64 = 20;

/// Refuses what was made from another version.
///
/// # Errors
/// 428 without `If-Match`; 412 when it names another version, with what has changed since.
pub async fn check(tx: &VillageTx, author: &Author, condition: &Conditional, post: &Post) -> Result<(), Problem> {
    match condition.check(post.version) {
        Err(problem) if problem.kind == ProblemKind::PreconditionFailed => {
            let seen = condition.version().unwrap_or_default();
            told(tx, author, post, seen).await
        }
        checked => checked,
    }
}

async fn told(tx: &VillageTx, author: &Author, post: &Post, seen: i32) -> Result<(), Problem> {
    let query = AuditQuery { subject: Some(post.id.0), limit: LOOKED_AT, ..AuditQuery::default() };
    let lines = tx.audit().list(&query).await?;
    let since = lines.iter().filter(|line| line.to_version.is_some_and(|version| version > seen));
    let stepped = since.clone().any(|line| !["post.created", "post.changed"].contains(&line.action.as_str()));
    let before = tx.post_versions().said_at(post.id, seen).await?.map(|version| version.content);
    let mut pointers = before.map_or_else(Vec::new, |before| changed(&before, &PostContent::from(post)));
    if stepped {
        pointers.push("/state");
    }
    let detail = Text::new("wurde inzwischen geändert", "was changed meanwhile");
    let faults = pointers.into_iter().map(|pointer| Fault { pointer: pointer.to_owned(), detail: detail.clone() });
    // Whoever names a version that there never was is told who made the one that there is.
    let last = since.max_by_key(|line| line.number);
    let last = last.or_else(|| lines.iter().find(|line| line.to_version == Some(post.version)));
    let problem = Problem::explained(ProblemKind::PreconditionFailed, who(post, author, last));
    Err(problem.naming(faults.collect()))
}

fn who(post: &Post, author: &Author, line: Option<&AuditEntry>) -> Text {
    let version = post.version;
    let at = line.map_or(post.updated_at, AuditEntry::at);
    let said = |language| Words { language, ..Words::of(&author.here.village, at, Years::Always) }.moment(at);
    let name = line.and_then(|line| line.account_name.as_deref()).unwrap_or("Dorf-App");
    Text::new(
        format!(
            "Die jetzige Fassung ist \"{version}\", von {name}, {}. Laden Sie sie und wiederholen Sie Ihre Änderung.",
            said(Language::German)
        ),
        format!(
            "The current version is \"{version}\", by {name}, {}. Load it and make your change again.",
            said(Language::English)
        ),
    )
}

/// Pointers to what two contents say differently.
pub fn changed(one: &PostContent, other: &PostContent) -> Vec<&'static str> {
    let differs = [
        ("/title", one.title != other.title),
        ("/body_markdown", one.body_markdown != other.body_markdown),
        ("/topic", one.topic != other.topic),
        ("/expires_at", one.expires_at != other.expires_at),
        ("/event", one.event != other.event),
        ("/delivery", one.delivery != other.delivery),
        ("/media", one.media != other.media),
    ];
    differs.into_iter().filter(|(_, differs)| *differs).map(|(pointer, _)| pointer).collect()
}
