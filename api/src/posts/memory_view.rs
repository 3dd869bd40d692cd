//! What travels about what the desk remembers.

mod examples;

use super::event_view::EventView;
use super::memory::{Difference, Piece};
use super::view::{Delivery, Kind};
use crate::instant::Instant;
use crate::problem::Problem;
use crate::validate::Faults;
use entity::{CommentKind, PostComment, PostTemplate, PostVersion};
use poem_openapi::{Enum, Object};
use serde::Deserialize;
use similar::ChangeTag;
use uuid::Uuid;

/// A version of a post, in a list.
#[derive(Object)]
#[oai(rename = "PostVersionEntry", skip_serializing_if_is_none, example)]
pub struct VersionEntry {
    /// Its number: the post's version when it was saved. Steps count too, so that numbers may be left out.
    version: i32,
    /// Who saved it.
    account: Uuid,
    /// The name of who it was; absent when the account is there no more.
    account_name: Option<String>,
    /// When.
    saved_at: Instant,
    /// Its title.
    title: String,
}

/// A page of versions, the latest first.
#[derive(Object)]
#[oai(rename = "PostVersionList", skip_serializing_if_is_none, example)]
pub struct VersionList {
    /// The versions.
    pub items: Vec<VersionEntry>,
    /// The cursor of the next page, if there is one.
    pub next_cursor: Option<String>,
}

/// What a post said in a version.
#[derive(Object)]
#[oai(rename = "PostVersion", skip_serializing_if_is_none, example)]
pub struct VersionView {
    /// Its number.
    version: i32,
    /// Who saved it.
    account: Uuid,
    /// The name of who it was.
    account_name: Option<String>,
    /// When.
    saved_at: Instant,
    /// Its title.
    title: String,
    /// Its text, Markdown.
    body_markdown: String,
    /// What it was about.
    topic: Option<String>,
    /// From when on it was not to show any more.
    expires_at: Option<Instant>,
    /// Its dates.
    event: Option<EventView>,
    /// How loudly it was to be told.
    delivery: Delivery,
}

/// What is different between two versions.
#[derive(Object)]
#[oai(rename = "PostDifference", example)]
pub struct DifferenceView {
    /// The version compared from.
    from: i32,
    /// The version compared to.
    to: i32,
    /// JSON pointers to what is different.
    fields: Vec<String>,
    /// The whole text, in pieces of lines that stayed, went or came.
    body_markdown: Vec<PieceView>,
}

/// Lines of a text.
#[derive(Object)]
#[oai(rename = "DifferencePiece", example)]
pub struct PieceView {
    /// What became of them.
    change: PieceChange,
    /// The lines.
    text: String,
}

/// What became of lines.
#[derive(Clone, Copy, Enum, PartialEq, Eq)]
#[oai(rename_all = "snake_case")]
enum PieceChange {
    /// They stayed.
    Same,
    /// They went.
    Removed,
    /// They came.
    Added,
}

/// Something said about a post.
#[derive(Object)]
#[oai(rename = "PostComment", skip_serializing_if_is_none, example)]
pub struct CommentView {
    /// Its identifier.
    id: Uuid,
    /// Who said it.
    account: Uuid,
    /// The name of who it was; absent when the account is there no more.
    account_name: Option<String>,
    /// Why.
    kind: CommentName,
    /// What was said, plain text.
    text: String,
    /// When.
    created_at: Instant,
}

/// Why something was said.
#[derive(Clone, Copy, Enum, PartialEq, Eq)]
#[oai(rename = "PostCommentKind", rename_all = "snake_case")]
enum CommentName {
    /// A remark.
    Remark,
    /// Why the post was returned to its author.
    Return,
}

/// A page of comments, the first first.
#[derive(Object)]
#[oai(rename = "PostCommentList", skip_serializing_if_is_none, example)]
pub struct CommentList {
    /// The comments.
    pub items: Vec<CommentView>,
    /// The cursor of the next page, if there is one.
    pub next_cursor: Option<String>,
}

/// Something to be said about a post.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(rename = "PostCommentBody", example)]
pub struct CommentBody {
    /// Plain text. The desk and the authors of the post read it, and nobody else.
    #[oai(validator(min_length = 1, max_length = 2000))]
    text: String,
}

/// A text to begin posts with.
#[derive(Object)]
#[oai(rename = "PostTemplate", skip_serializing_if_is_none, example)]
pub struct TemplateView {
    /// Its identifier.
    id: Uuid,
    /// Its name.
    name: String,
    /// What begins with it.
    kind: Kind,
    /// The slug of the club whose it is; absent for the town hall.
    club: Option<String>,
    /// The title it begins with.
    title: String,
    /// The text it begins with, Markdown.
    body_markdown: String,
    /// When it was saved.
    created_at: Instant,
}

/// The templates somebody may use, by name.
#[derive(Object)]
#[oai(rename = "PostTemplateList", example)]
pub struct TemplateList {
    /// The templates.
    pub items: Vec<TemplateView>,
}

/// A template to be saved.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(rename = "PostTemplateBody", example)]
pub struct TemplateBody {
    /// Its name: one line of plain text.
    #[oai(validator(min_length = 1, max_length = 100))]
    name: String,
    /// The post whose text it takes.
    pub post: Uuid,
}

impl CommentBody {
    /// The text, checked.
    pub fn checked(self) -> Result<String, Problem> {
        let mut faults = Faults::default();
        let text = faults.paragraphs("/text", &self.text, 1, 2000);
        faults.into_result(text)
    }
}

impl TemplateBody {
    /// The name, checked.
    pub fn checked(&self) -> Result<String, Problem> {
        let mut faults = Faults::default();
        let name = faults.line("/name", &self.name, 1, 100);
        faults.into_result(name)
    }
}

impl From<PostVersion> for VersionEntry {
    fn from(version: PostVersion) -> Self {
        Self {
            version: version.version,
            account: version.account.0,
            account_name: version.account_name,
            saved_at: version.saved_at.into(),
            title: version.content.title,
        }
    }
}

impl From<PostVersion> for VersionView {
    fn from(version: PostVersion) -> Self {
        let content = version.content;
        Self {
            version: version.version,
            account: version.account.0,
            account_name: version.account_name,
            saved_at: version.saved_at.into(),
            title: content.title,
            body_markdown: content.body_markdown,
            topic: content.topic,
            expires_at: content.expires_at.map(Into::into),
            event: content.event.as_ref().map(|event| EventView::new(event, None)),
            delivery: content.delivery.into(),
        }
    }
}

impl DifferenceView {
    /// The difference between two versions.
    pub fn new(from: i32, to: i32, difference: Difference) -> Self {
        let fields = difference.fields.into_iter().map(str::to_owned).collect();
        Self { from, to, fields, body_markdown: difference.body.into_iter().map(Into::into).collect() }
    }
}

impl From<Piece> for PieceView {
    fn from(piece: Piece) -> Self {
        let change = match piece.tag {
            ChangeTag::Equal => PieceChange::Same,
            ChangeTag::Delete => PieceChange::Removed,
            ChangeTag::Insert => PieceChange::Added,
        };
        Self { change, text: piece.text }
    }
}

impl From<PostComment> for CommentView {
    fn from(comment: PostComment) -> Self {
        Self {
            id: comment.id.0,
            account: comment.account.0,
            account_name: comment.account_name,
            kind: match comment.kind {
                CommentKind::Remark => CommentName::Remark,
                CommentKind::Return => CommentName::Return,
            },
            text: comment.text,
            created_at: comment.created_at.into(),
        }
    }
}

impl From<PostTemplate> for TemplateView {
    fn from(template: PostTemplate) -> Self {
        Self {
            id: template.id.0,
            name: template.name,
            kind: template.kind.into(),
            club: template.club_slug,
            title: template.content.title,
            body_markdown: template.content.body_markdown,
            created_at: template.created_at.into(),
        }
    }
}
