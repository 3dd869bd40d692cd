//! Versions, copies, templates and comments over HTTP.

use super::memory;
use super::memory_view::{
    CommentBody, CommentList, CommentView, DifferenceView, TemplateBody, TemplateList, TemplateView, VersionList,
    VersionView,
};
use super::view::PostView;
use crate::app::App;
use crate::authority::Author;
use crate::contract::Group;
use crate::http::{Answer, Body, Conditional, Cursors, Empty, Idempotent, Item, Limit, Nested};
use crate::problem::Problem;
use entity::{PostId, PostTemplateId};
use poem_openapi::OpenApi;
use poem_openapi::param::Query;
use uuid::Uuid;

/// The operations on what the desk remembers.
pub struct MemoryRoutes(pub App);

#[OpenApi]
impl MemoryRoutes {
    /// List the versions of a post
    ///
    /// Every save is kept, the last two hundred of them; the latest first.
    #[oai(
        path = "/v1/admin/villages/:village/posts/:post/versions",
        method = "get",
        operation_id = "list_post_versions",
        tag = "Group::Staff"
    )]
    async fn list_post_versions(
        &self,
        #[oai(name = "village")] author: Author,
        post: Item<PostId>,
        /// Where the list goes on: `next_cursor` of the page before.
        cursor: Query<Option<String>>,
        /// At most this many, 1 to 100; 20 unless given.
        limit: Query<Option<u32>>,
    ) -> Result<Answer<200, VersionList>, Problem> {
        let limit = Limit::of(limit.0)?;
        let (reader, post) = memory::seen(&author, post.0).await?;
        let cursors = Cursors::of(&self.0.secrets, format!("versions {} {}", author.here.village.id, post.id));
        let number = |place: &[u8]| Some(i32::from_be_bytes(place.try_into().ok()?));
        let before = cursors.read(cursor.0.as_deref(), number)?.unwrap_or(i32::MAX);
        let mut versions = reader.post_versions().list(post.id, before, limit + 1).await?;
        let more = versions.len() as u64 > limit;
        versions.truncate(limit as usize);
        let next_cursor = versions.last().filter(|_| more).map(|last| cursors.write(&last.version.to_be_bytes()));
        let next = next_cursor.as_ref().map(|cursor| {
            let slug = &author.here.village.slug;
            format!("/v1/admin/villages/{slug}/posts/{}/versions?cursor={cursor}&limit={limit}", post.id)
        });
        let items = versions.into_iter().map(Into::into).collect();
        Ok(Answer::of(&VersionList { items, next_cursor }).next(next))
    }

    /// Read a version of a post
    #[oai(
        path = "/v1/admin/villages/:village/posts/:post/versions/:version",
        method = "get",
        operation_id = "get_post_version",
        tag = "Group::Staff"
    )]
    async fn get_post_version(
        &self,
        #[oai(name = "village")] author: Author,
        post: Item<PostId>,
        version: Nested<i32>,
    ) -> Result<Answer<200, VersionView>, Problem> {
        Ok(Answer::of(&memory::version(&author, post.0, version.0).await?.into()))
    }

    /// Compare two versions of a post
    #[oai(
        path = "/v1/admin/villages/:village/posts/:post/difference",
        method = "get",
        operation_id = "get_post_difference",
        tag = "Group::Staff"
    )]
    async fn get_post_difference(
        &self,
        #[oai(name = "village")] author: Author,
        post: Item<PostId>,
        /// The version to compare from.
        #[oai(validator(minimum(value = "1"), maximum(value = "2147483647")))]
        old: Query<i32>,
        /// The version to compare to.
        #[oai(validator(minimum(value = "1"), maximum(value = "2147483647")))]
        new: Query<i32>,
    ) -> Result<Answer<200, DifferenceView>, Problem> {
        let from = memory::version(&author, post.0, old.0).await?;
        let to = memory::version(&author, post.0, new.0).await?;
        let versions = (from.version, to.version);
        let difference = memory::compare(&self.0, &author, from.content, to.content).await?;
        Ok(Answer::of(&DifferenceView::new(versions.0, versions.1, difference)))
    }

    /// Restore a version of a post
    ///
    /// The post says again what it said then, as a new version: nothing is lost. It is a change like any other. What it shows of
    /// images and documents stays.
    #[oai(
        path = "/v1/admin/villages/:village/posts/:post/versions/:version/restore",
        method = "post",
        operation_id = "restore_post_version",
        tag = "Group::Staff"
    )]
    async fn restore_post_version(
        &self,
        #[oai(name = "village")] author: Author,
        post: Item<PostId>,
        version: Nested<i32>,
        #[oai(name = "If-Match")] condition: Conditional,
    ) -> Result<Answer<200, PostView>, Problem> {
        let post = memory::restore(&self.0, &author, post.0, &condition, version.0).await?;
        Ok(Answer::of(&PostView::for_staff(&post, &author)).version(post.version))
    }

    /// Save a copy of a post as a new draft
    #[oai(
        path = "/v1/admin/villages/:village/posts/:post/duplicate",
        method = "post",
        operation_id = "duplicate_post",
        tag = "Group::Staff"
    )]
    async fn duplicate_post(
        &self,
        #[oai(name = "village")] author: Author,
        post: Item<PostId>,
        #[oai(name = "Idempotency-Key")] key: Idempotent,
    ) -> Result<Answer<201, PostView>, Problem> {
        let request = key.request(author.session.account, &[])?;
        Ok(Answer::kept(memory::duplicate(&self.0, &author, post.0, request).await?))
    }

    /// List templates
    ///
    /// Those of the town hall and of your clubs.
    #[oai(
        path = "/v1/admin/villages/:village/post-templates",
        method = "get",
        operation_id = "list_post_templates",
        tag = "Group::Staff"
    )]
    async fn list_post_templates(
        &self,
        #[oai(name = "village")] author: Author,
    ) -> Result<Answer<200, TemplateList>, Problem> {
        let templates = author.here.scope.read().await?.post_templates().list().await?;
        let theirs = templates.into_iter().filter(|template| memory::is_theirs(&author, template.club));
        Ok(Answer::of(&TemplateList { items: theirs.map(Into::into).collect() }))
    }

    /// Save what a post says as a template
    #[oai(
        path = "/v1/admin/villages/:village/post-templates",
        method = "post",
        operation_id = "create_post_template",
        tag = "Group::Staff"
    )]
    async fn create_post_template(
        &self,
        #[oai(name = "village")] author: Author,
        #[oai(name = "Idempotency-Key")] key: Idempotent,
        body: Body<TemplateBody>,
    ) -> Result<Answer<201, TemplateView>, Problem> {
        let request = key.request(author.session.account, &body.hash)?;
        let name = body.value.checked()?;
        Ok(Answer::kept(memory::save_template(&self.0, &author, name, body.value.post.into(), request).await?))
    }

    /// Delete a template
    #[oai(
        path = "/v1/admin/villages/:village/post-templates/:template",
        method = "delete",
        operation_id = "delete_post_template",
        tag = "Group::Staff"
    )]
    async fn delete_post_template(
        &self,
        #[oai(name = "village")] author: Author,
        template: Item<PostTemplateId>,
    ) -> Result<Empty, Problem> {
        memory::delete_template(&self.0, &author, template.0).await?;
        Ok(Empty)
    }

    /// Begin a post with a template
    #[oai(
        path = "/v1/admin/villages/:village/post-templates/:template/posts",
        method = "post",
        operation_id = "create_post_from_template",
        tag = "Group::Staff"
    )]
    async fn create_post_from_template(
        &self,
        #[oai(name = "village")] author: Author,
        template: Item<PostTemplateId>,
        #[oai(name = "Idempotency-Key")] key: Idempotent,
    ) -> Result<Answer<201, PostView>, Problem> {
        let request = key.request(author.session.account, &[])?;
        Ok(Answer::kept(memory::begin_with(&self.0, &author, template.0, request).await?))
    }

    /// Read what was said about a post
    ///
    /// The desk and the authors of the post read it, and nobody else. The first first.
    #[oai(
        path = "/v1/admin/villages/:village/posts/:post/comments",
        method = "get",
        operation_id = "list_post_comments",
        tag = "Group::Staff"
    )]
    async fn list_post_comments(
        &self,
        #[oai(name = "village")] author: Author,
        post: Item<PostId>,
        /// Where the list goes on: `next_cursor` of the page before.
        cursor: Query<Option<String>>,
        /// At most this many, 1 to 100; 20 unless given.
        limit: Query<Option<u32>>,
    ) -> Result<Answer<200, CommentList>, Problem> {
        let limit = Limit::of(limit.0)?;
        let (reader, post) = memory::seen(&author, post.0).await?;
        let cursors = Cursors::of(&self.0.secrets, format!("comments {} {}", author.here.village.id, post.id));
        let after = cursors.read(cursor.0.as_deref(), |place| Uuid::from_slice(place).ok().map(Into::into))?;
        let mut comments = reader.post_comments().list(post.id, after, limit + 1).await?;
        let more = comments.len() as u64 > limit;
        comments.truncate(limit as usize);
        let next_cursor = comments.last().filter(|_| more).map(|last| cursors.write(last.id.0.as_bytes()));
        let next = next_cursor.as_ref().map(|cursor| {
            let slug = &author.here.village.slug;
            format!("/v1/admin/villages/{slug}/posts/{}/comments?cursor={cursor}&limit={limit}", post.id)
        });
        let items = comments.into_iter().map(Into::into).collect();
        Ok(Answer::of(&CommentList { items, next_cursor }).next(next))
    }

    /// Say something about a post
    #[oai(
        path = "/v1/admin/villages/:village/posts/:post/comments",
        method = "post",
        operation_id = "create_post_comment",
        tag = "Group::Staff"
    )]
    async fn create_post_comment(
        &self,
        #[oai(name = "village")] author: Author,
        post: Item<PostId>,
        #[oai(name = "Idempotency-Key")] key: Idempotent,
        body: Body<CommentBody>,
    ) -> Result<Answer<201, CommentView>, Problem> {
        let request = key.request(author.session.account, &body.hash)?;
        let text = body.value.checked()?;
        Ok(Answer::kept(memory::comment(&self.0, &author, post.0, text, request).await?))
    }
}
