//! What the desk remembers: versions and what is different between them, copies, templates, comments.

use super::memory_view::{CommentView, TemplateView};
use super::stale::changed;
use super::view::Content;
use super::{answer_of, deed, fault, illegal};
use crate::app::App;
use crate::authority::Author;
use crate::http::{Answer, Conditional};
use crate::idempotency;
use crate::problem::Problem;
use chrono::{DateTime, Utc};
use entity::{
    ClubId, CommentKind, Deed, NewPost, NewPostTemplate, Post, PostContent, PostId, PostKind, PostTemplateId,
    PostVersion, VillageTx,
};
use similar::{ChangeTag, TextDiff};
use std::time::Duration;

/// Most templates of a village.
const MOST_TEMPLATES: i64 = 200;

/// How long two texts are compared closely.
const LONGEST_COMPARING: Duration = Duration::from_millis(200);

/// A piece of a text in a comparison.
pub struct Piece {
    /// Whether it stayed, went or came.
    pub tag: ChangeTag,
    /// The lines.
    pub text: String,
}

/// What is different between two versions.
pub struct Difference {
    /// Pointers to what is different.
    pub fields: Vec<&'static str>,
    /// The text, line by line.
    pub body: Vec<Piece>,
}

/// A post that somebody sees, whatever its state.
pub async fn seen(author: &Author, id: PostId) -> Result<(entity::Village, Post), Problem> {
    let reader = author.here.scope.read().await?;
    let post = reader.posts().find(id).await?.filter(|post| author.sees(post)).ok_or_else(Problem::not_found)?;
    Ok((reader, post))
}

/// A version of a post.
pub async fn version(author: &Author, id: PostId, version: i32) -> Result<PostVersion, Problem> {
    let (reader, post) = seen(author, id).await?;
    reader.post_versions().find(post.id, version).await?.ok_or_else(Problem::not_found)
}

/// Compares two versions of a post, whose author asks.
pub async fn compare(app: &App, author: &Author, from: PostContent, to: PostContent) -> Result<Difference, Problem> {
    let seat = app.benches.comparing.seat(author.here.village.id).await?;
    Ok(seat.does(move || difference(&from, &to)).await?.0)
}

/// Compares two contents. What is very different is compared less closely, so that it takes no longer.
fn difference(from: &PostContent, to: &PostContent) -> Difference {
    let mut body: Vec<Piece> = Vec::new();
    let mut compared = TextDiff::configure();
    let diff = compared.timeout(LONGEST_COMPARING);
    let diff = diff.diff_lines(from.body_markdown.as_str(), to.body_markdown.as_str());
    for change in diff.iter_all_changes() {
        match body.last_mut() {
            Some(last) if last.tag == change.tag() => last.text.push_str(change.value()),
            _ => body.push(Piece { tag: change.tag(), text: change.value().to_owned() }),
        }
    }
    Difference { fields: changed(from, to), body }
}

/// Makes a post say again what it said in a version: as a new version. What it shows of media stays.
pub async fn restore(
    app: &App,
    author: &Author,
    id: PostId,
    condition: &Conditional,
    number: i32,
) -> Result<Post, Problem> {
    let content = version(author, id, number).await?.content;
    let topics = author.here.scope.read().await?.topics().list().await?;
    let content = PostContent {
        // A topic that is there no more cannot come back.
        topic: content.topic.filter(|slug| topics.iter().any(|topic| topic.slug == *slug)),
        ..content
    };
    let saved = super::change(app, author, id, condition, |post| {
        let media = post.media.iter().map(|media| media.id).collect();
        Ok(Some((Content::of(content, media), Some(false))))
    });
    Ok(saved.await?.post)
}

/// Saves a new draft that says what a post says.
pub async fn duplicate(
    app: &App,
    author: &Author,
    id: PostId,
    request: Option<entity::Request>,
) -> Result<entity::Answer, Problem> {
    let now = app.clock.now();
    let tx = author.here.scope.begin().await?;
    if let Some(answer) = idempotency::claim(&tx, request.as_ref(), now).await? {
        return Ok(answer);
    }
    let post = tx.posts().find(id).await?.filter(|post| author.sees(post)).ok_or_else(Problem::not_found)?;
    let copy = Copy { kind: post.kind, club: post.club, content: PostContent::from(&post), of: post.id.0 };
    begin(tx, author, copy, request, now).await
}

/// Saves a new draft that says what a template says.
pub async fn begin_with(
    app: &App,
    author: &Author,
    id: PostTemplateId,
    request: Option<entity::Request>,
) -> Result<entity::Answer, Problem> {
    let now = app.clock.now();
    let tx = author.here.scope.begin().await?;
    if let Some(answer) = idempotency::claim(&tx, request.as_ref(), now).await? {
        return Ok(answer);
    }
    let template = tx.post_templates().find(id).await?;
    let template = template.filter(|template| is_theirs(author, template.club)).ok_or_else(Problem::not_found)?;
    let copy = Copy { kind: template.kind, club: template.club, content: template.content, of: template.id.0 };
    begin(tx, author, copy, request, now).await
}

/// What a new draft is made from.
struct Copy {
    kind: PostKind,
    club: Option<ClubId>,
    content: PostContent,
    of: uuid::Uuid,
}

async fn begin(
    tx: VillageTx,
    author: &Author,
    copy: Copy,
    request: Option<entity::Request>,
    now: DateTime<Utc>,
) -> Result<entity::Answer, Problem> {
    let account = author.session.account;
    let slug = copy.content.topic.clone();
    let topic = match &slug {
        Some(slug) => tx.topics().by_slug(slug).await?.map(|topic| topic.id),
        None => None,
    };
    let expires_at = copy.content.expires_at.filter(|at| *at > now);
    let content = Content::of(PostContent { expires_at, ..copy.content }, Vec::new());
    let content = content.change(topic, now)?;
    let draft = NewPost { kind: copy.kind, author: account, club: copy.club, event_uid: None, content };
    let id = tx.posts().create(draft, now).await?;
    let post = tx.posts().find(id).await?.ok_or_else(Problem::not_found)?;
    tx.post_versions().keep(&post, account, now).await?;
    tx.audit().record(deed(account, "post.created", None, &post).detail(format!("from {}", copy.of)), now).await?;
    let answer = answer_of::<201>(&post, author);
    idempotency::keep(&tx, request.as_ref(), answer.clone()).await?;
    tx.commit().await?;
    Ok(answer)
}

/// Whether somebody writes for the club, or for the town hall.
pub fn is_theirs(author: &Author, club: Option<ClubId>) -> bool {
    let standing = &author.standing;
    standing.is_editor()
        || club.map_or_else(|| standing.writes_for_town_hall(), |club| standing.in_club(club).is_some())
}

/// Saves what a post says as a template.
pub async fn save_template(
    app: &App,
    author: &Author,
    name: String,
    post: PostId,
    request: Option<entity::Request>,
) -> Result<entity::Answer, Problem> {
    let now = app.clock.now();
    let tx = author.here.scope.begin().await?;
    if let Some(answer) = idempotency::claim(&tx, request.as_ref(), now).await? {
        return Ok(answer);
    }
    if tx.post_templates().count().await? >= MOST_TEMPLATES {
        return Err(illegal("Das Dorf hat schon 200 Vorlagen.", "The village has 200 templates already."));
    }
    let post = tx.posts().find(post).await?.filter(|post| author.sees(post));
    let post = post.ok_or_else(|| fault("/post", "ist kein Beitrag dieses Dorfes", "is not a post of this village"))?;
    let account = author.session.account;
    let content = PostContent { expires_at: None, media: Vec::new(), ..PostContent::from(&post) };
    let new = NewPostTemplate { name, kind: post.kind, club: post.club, account, content };
    let id = tx.post_templates().create(new, now).await?;
    let template = tx.post_templates().find(id).await?.ok_or_else(Problem::not_found)?;
    tx.audit().record(Deed::new(account, "post_template.created", id), now).await?;
    let answer = Answer::<201, TemplateView>::of(&template.into()).to_keep();
    idempotency::keep(&tx, request.as_ref(), answer.clone()).await?;
    tx.commit().await?;
    Ok(answer)
}

/// Removes a template.
pub async fn delete_template(app: &App, author: &Author, id: PostTemplateId) -> Result<(), Problem> {
    let tx = author.here.scope.begin().await?;
    let template = tx.post_templates().find(id).await?;
    template.filter(|template| is_theirs(author, template.club)).ok_or_else(Problem::not_found)?;
    tx.post_templates().delete(id).await?;
    tx.audit().record(Deed::new(author.session.account, "post_template.deleted", id), app.clock.now()).await?;
    Ok(tx.commit().await?)
}

/// Says something about a post.
pub async fn comment(
    app: &App,
    author: &Author,
    id: PostId,
    text: String,
    request: Option<entity::Request>,
) -> Result<entity::Answer, Problem> {
    let now = app.clock.now();
    let account = author.session.account;
    let tx = author.here.scope.begin().await?;
    if let Some(answer) = idempotency::claim(&tx, request.as_ref(), now).await? {
        return Ok(answer);
    }
    tx.posts().find(id).await?.filter(|post| author.sees(post)).ok_or_else(Problem::not_found)?;
    let comment = tx.post_comments().add(id, account, CommentKind::Remark, text.clone(), now).await?;
    tx.audit().record(Deed::new(account, "post.commented", id), now).await?;
    let (kind, created_at) = (CommentKind::Remark, now);
    let comment = entity::PostComment { id: comment, account, account_name: None, kind, text, created_at };
    let answer = Answer::<201, CommentView>::of(&comment.into()).to_keep();
    idempotency::keep(&tx, request.as_ref(), answer.clone()).await?;
    tx.commit().await?;
    Ok(answer)
}
