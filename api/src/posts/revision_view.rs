//! What travels about revisions.

mod examples;

use super::event_view::EventView;
use super::memory::Difference;
use super::memory_view::PieceView;
use super::merging::merged;
use super::stale::changed;
use super::view::Delivery;
use crate::instant::Instant;
use entity::{Post, PostContent, PostRevision, RevisionState};
use poem_openapi::{Enum, Object};
use serde::Deserialize;
use uuid::Uuid;

/// What a public post is to say, handed in by somebody who is reviewed.
#[derive(Object)]
#[oai(rename = "PostRevision", skip_serializing_if_is_none, example)]
pub struct RevisionView {
    /// The post. It stays as it is until the revision is approved.
    post: Uuid,
    /// Where the revision is.
    state: RevisionStateName,
    /// Rises by one each time it is handed in or given back; its `ETag`.
    version: i32,
    /// Who handed it in.
    account: Uuid,
    /// The name of who it was; absent when the account is there no more.
    account_name: Option<String>,
    /// Since when it is in its state.
    since: Instant,
    /// The version of the post that it was made from.
    based_on: i32,
    /// What it changes of what is public now: JSON pointers.
    fields: Vec<String>,
    /// What of that was changed in public meanwhile, in another way: then it cannot be approved.
    overtaken: Vec<String>,
    /// The title to be.
    title: String,
    /// The text to be, Markdown.
    body_markdown: String,
    /// The public text and the text to be, in pieces of lines that stay, go or come; present when the revision is read.
    body_difference: Option<Vec<PieceView>>,
    /// What it is to be about.
    topic: Option<String>,
    /// From when on it is not to show any more.
    expires_at: Option<Instant>,
    /// The dates to be.
    event: Option<EventView>,
    /// How loudly it is to be told.
    delivery: Delivery,
    /// The images and documents that it is to show.
    media: Vec<Uuid>,
    /// Whether followers are to be told, if whoever handed it in says so.
    notify: Option<bool>,
}

/// Where a revision is.
#[derive(Clone, Copy, Enum, PartialEq, Eq)]
#[oai(rename = "PostRevisionState", rename_all = "snake_case")]
pub enum RevisionStateName {
    /// It waits for an editor.
    HandedIn,
    /// An editor gave it back; the comments say why.
    Returned,
}

/// How a revision is approved.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(rename = "PostRevisionApproval", example)]
pub struct ApprovalBody {
    /// Whether followers are told of the change. Unless given, it is as whoever handed it in said; unless that was said either, they are
    /// exactly when coming dates are cancelled, postponed or moved.
    #[serde(default)]
    pub notify: Option<bool>,
}

impl RevisionView {
    /// A revision of a post, made from what that said then.
    pub fn new(post: &Post, base: &PostContent, revision: &PostRevision) -> Self {
        let (content, public) = (&revision.content, PostContent::from(post));
        let overtaken = merged(base, content, &public).err().unwrap_or_default();
        let names = |fields: Vec<&'static str>| fields.into_iter().map(str::to_owned).collect();
        Self {
            post: post.id.0,
            state: revision.state.into(),
            version: revision.version,
            account: revision.account.0,
            account_name: revision.account_name.clone(),
            since: revision.since.into(),
            based_on: revision.based_on,
            fields: names(changed(&public, content)),
            overtaken: names(overtaken),
            title: content.title.clone(),
            body_markdown: content.body_markdown.clone(),
            body_difference: None,
            topic: content.topic.clone(),
            expires_at: content.expires_at.map(Into::into),
            event: content.event.as_ref().map(|event| EventView::new(event, None)),
            delivery: content.delivery.into(),
            media: content.media.clone(),
            notify: revision.notify,
        }
    }
}

impl RevisionView {
    /// The same with what is different in its text.
    pub fn compared(self, difference: Difference) -> Self {
        Self { body_difference: Some(difference.body.into_iter().map(Into::into).collect()), ..self }
    }
}

impl From<RevisionState> for RevisionStateName {
    fn from(state: RevisionState) -> Self {
        match state {
            RevisionState::HandedIn => Self::HandedIn,
            RevisionState::Returned => Self::Returned,
        }
    }
}
