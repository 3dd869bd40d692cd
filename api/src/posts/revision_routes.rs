//! Revisions over HTTP.

use super::desk_view::ReturnBody;
use super::event_view::Place;
use super::revising::{self, Decision};
use super::revision_view::{ApprovalBody, RevisionView};
use super::view::{PostChangeBody, PostView};
use crate::app::App;
use crate::authority::Author;
use crate::contract::Group;
use crate::http::{Answer, Body, BodyIfGiven, Conditional, Empty, Idempotent, Item};
use crate::problem::Problem;
use entity::{PostContent, PostId};
use poem_openapi::OpenApi;

/// The operations on revisions.
pub struct RevisionRoutes(pub App);

#[OpenApi(tag = "Group::Staff")]
impl RevisionRoutes {
    /// Hand in a change of a public post
    ///
    /// For those whose texts are reviewed: the post stays as it is until an editor approves the change. What is absent stays as it is
    /// public now; `notify` is a wish that whoever approves may overrule. A post has one revision; handing in again replaces it. A reviewed club needs none to cancel or move its own
    /// dates, or to say something about one: `change_event_date` does that at once.
    #[oai(path = "/v1/admin/villages/:village/posts/:post/revision", method = "put", operation_id = "hand_in_revision")]
    async fn hand_in_revision(
        &self,
        #[oai(name = "village")] author: Author,
        post: Item<PostId>,
        #[oai(name = "If-Match")] condition: Conditional,
        #[oai(name = "Idempotency-Key")] key: Idempotent,
        body: Body<PostChangeBody>,
    ) -> Result<Answer<200, RevisionView>, Problem> {
        let request = key.request(author.session.account, &body.hash)?;
        let place = Place::of(&self.0, &author.here.village).await?;
        let wanted = |post: &entity::Post| body.value.checked(post.kind, PostContent::from(post), &place);
        let done = revising::hand_in(&self.0, &author, post.0, (&condition, request), wanted).await?;
        Ok(Answer::kept(done))
    }

    /// Read the revision of a public post
    ///
    /// What was handed in, with what it changes of what is public now.
    #[oai(path = "/v1/admin/villages/:village/posts/:post/revision", method = "get", operation_id = "get_revision")]
    async fn get_revision(
        &self,
        #[oai(name = "village")] author: Author,
        post: Item<PostId>,
    ) -> Result<Answer<200, RevisionView>, Problem> {
        revising::read(&self.0, &author, post.0).await
    }

    /// Take a revision back
    ///
    /// The post stays as it is.
    #[oai(
        path = "/v1/admin/villages/:village/posts/:post/revision",
        method = "delete",
        operation_id = "take_back_revision"
    )]
    async fn take_back_revision(
        &self,
        #[oai(name = "village")] author: Author,
        post: Item<PostId>,
        #[oai(name = "If-Match")] condition: Conditional,
    ) -> Result<Empty, Problem> {
        revising::take_back(&self.0, &author, post.0, &condition).await?;
        Ok(Empty)
    }

    /// Approve a revision
    ///
    /// The post says it from now on, as a new version. What became of single dates meanwhile stays; where the same was changed in
    /// public in another way, it is refused with 409 and has to be handed in anew. `If-Match` is the `ETag` of the revision.
    #[oai(
        path = "/v1/admin/villages/:village/posts/:post/revision/approve",
        method = "post",
        operation_id = "approve_revision"
    )]
    async fn approve_revision(
        &self,
        #[oai(name = "village")] author: Author,
        post: Item<PostId>,
        #[oai(name = "If-Match")] condition: Conditional,
        #[oai(name = "Idempotency-Key")] key: Idempotent,
        body: BodyIfGiven<ApprovalBody>,
    ) -> Result<Answer<200, PostView>, Problem> {
        let request = key.request(author.session.account, &body.hash)?;
        let decision = Decision::Approve(body.value.and_then(|body| body.notify));
        Ok(Answer::kept(revising::decide(&self.0, &author, post.0, (&condition, request), decision).await?))
    }

    /// Return a revision to whoever handed it in
    ///
    /// With a comment that says what is to be mended. The post stays as it is. `If-Match` is the `ETag` of the revision.
    #[oai(
        path = "/v1/admin/villages/:village/posts/:post/revision/return",
        method = "post",
        operation_id = "return_revision"
    )]
    async fn return_revision(
        &self,
        #[oai(name = "village")] author: Author,
        post: Item<PostId>,
        #[oai(name = "If-Match")] condition: Conditional,
        #[oai(name = "Idempotency-Key")] key: Idempotent,
        body: Body<ReturnBody>,
    ) -> Result<Answer<200, RevisionView>, Problem> {
        let request = key.request(author.session.account, &body.hash)?;
        let decision = Decision::Return(body.value.checked()?);
        Ok(Answer::kept(revising::decide(&self.0, &author, post.0, (&condition, request), decision).await?))
    }
}
