//! The way of a post through the desk, over HTTP. Each operation is a step of `life`.

use super::desk_view::{AllClearBody, ReturnBody, ScheduleBody, WithdrawBody};
use super::steps::{self, Wish};
use super::view::PostView;
use crate::app::App;
use crate::authority::Author;
use crate::contract::Group;
use crate::http::{Answer, Body, BodyIfGiven, Conditional, Idempotent, IdempotentAlways, Item};
use crate::problem::Problem;
use entity::PostId;
use poem_openapi::OpenApi;

/// The operations that take a post from state to state.
pub struct DeskRoutes(pub App);

#[OpenApi]
impl DeskRoutes {
    /// Hand a post in for review
    ///
    /// Its author is done with it; an editor decides. `docs/post-life.md` shows which steps there are.
    #[oai(
        path = "/v1/admin/villages/:village/posts/:post/submit",
        method = "post",
        operation_id = "submit_post",
        tag = "Group::Staff"
    )]
    async fn submit_post(
        &self,
        #[oai(name = "village")] author: Author,
        post: Item<PostId>,
        #[oai(name = "If-Match")] condition: Conditional,
        #[oai(name = "Idempotency-Key")] key: Idempotent,
    ) -> Result<Answer<200, PostView>, Problem> {
        let request = key.request(author.session.account, &[])?;
        Ok(Answer::kept(steps::take(&self.0, &author, post.0, (&condition, request), Wish::Submit).await?))
    }

    /// Take a post back into your own hands
    ///
    /// It becomes a draft again. What was planned is planned no more.
    #[oai(
        path = "/v1/admin/villages/:village/posts/:post/recall",
        method = "post",
        operation_id = "recall_post",
        tag = "Group::Staff"
    )]
    async fn recall_post(
        &self,
        #[oai(name = "village")] author: Author,
        post: Item<PostId>,
        #[oai(name = "If-Match")] condition: Conditional,
        #[oai(name = "Idempotency-Key")] key: Idempotent,
    ) -> Result<Answer<200, PostView>, Problem> {
        let request = key.request(author.session.account, &[])?;
        Ok(Answer::kept(steps::take(&self.0, &author, post.0, (&condition, request), Wish::Recall).await?))
    }

    /// Approve a post
    ///
    /// It may go out as it is. Nobody approves a text of their own; alerts and urgent ones need the right to send them.
    #[oai(
        path = "/v1/admin/villages/:village/posts/:post/approve",
        method = "post",
        operation_id = "approve_post",
        tag = "Group::Staff"
    )]
    async fn approve_post(
        &self,
        #[oai(name = "village")] author: Author,
        post: Item<PostId>,
        #[oai(name = "If-Match")] condition: Conditional,
        #[oai(name = "Idempotency-Key")] key: Idempotent,
    ) -> Result<Answer<200, PostView>, Problem> {
        let request = key.request(author.session.account, &[])?;
        Ok(Answer::kept(steps::take(&self.0, &author, post.0, (&condition, request), Wish::Approve).await?))
    }

    /// Take away the time of a planned post
    ///
    /// It stays approved. Nothing is told.
    #[oai(
        path = "/v1/admin/villages/:village/posts/:post/unschedule",
        method = "post",
        operation_id = "unschedule_post",
        tag = "Group::Staff"
    )]
    async fn unschedule_post(
        &self,
        #[oai(name = "village")] author: Author,
        post: Item<PostId>,
        #[oai(name = "If-Match")] condition: Conditional,
        #[oai(name = "Idempotency-Key")] key: Idempotent,
    ) -> Result<Answer<200, PostView>, Problem> {
        let request = key.request(author.session.account, &[])?;
        Ok(Answer::kept(steps::take(&self.0, &author, post.0, (&condition, request), Wish::Unschedule).await?))
    }

    /// Publish a post
    ///
    /// Makes it public and tells everybody who follows its topic or kind: both or neither. Editors publish drafts and what is
    /// approved; a trusted club publishes its own posts; alerts and urgent posts need the right to send them.
    #[oai(
        path = "/v1/admin/villages/:village/posts/:post/publish",
        method = "post",
        operation_id = "publish_post",
        tag = "Group::Staff"
    )]
    async fn publish_post(
        &self,
        #[oai(name = "village")] author: Author,
        post: Item<PostId>,
        #[oai(name = "If-Match")] condition: Conditional,
        #[oai(name = "Idempotency-Key")] key: Idempotent,
    ) -> Result<Answer<200, PostView>, Problem> {
        let request = key.request(author.session.account, &[])?;
        Ok(Answer::kept(steps::take(&self.0, &author, post.0, (&condition, request), Wish::Publish).await?))
    }

    /// Tell a public post once more
    ///
    /// Everybody who follows is told again, as a message that replaces the one before. Needs an `Idempotency-Key`, so that it
    /// happens once, deliberately.
    #[oai(
        path = "/v1/admin/villages/:village/posts/:post/announce",
        method = "post",
        operation_id = "announce_post",
        tag = "Group::Staff"
    )]
    async fn announce_post(
        &self,
        #[oai(name = "village")] author: Author,
        post: Item<PostId>,
        #[oai(name = "If-Match")] condition: Conditional,
        #[oai(name = "Idempotency-Key")] key: IdempotentAlways,
    ) -> Result<Answer<200, PostView>, Problem> {
        let request = key.0.request(author.session.account, &[])?;
        Ok(Answer::kept(steps::take(&self.0, &author, post.0, (&condition, request), Wish::Announce).await?))
    }

    /// Withdraw a public post
    ///
    /// It shows no more, and what has not been sent yet will not be. Exactly those who were told of it are told that it was taken
    /// back, with the reason if you give one; its address answers 410 with that reason from now on.
    #[oai(
        path = "/v1/admin/villages/:village/posts/:post/withdraw",
        method = "post",
        operation_id = "withdraw_post",
        tag = "Group::Staff"
    )]
    async fn withdraw_post(
        &self,
        #[oai(name = "village")] author: Author,
        post: Item<PostId>,
        #[oai(name = "If-Match")] condition: Conditional,
        #[oai(name = "Idempotency-Key")] key: Idempotent,
        body: BodyIfGiven<WithdrawBody>,
    ) -> Result<Answer<200, PostView>, Problem> {
        let request = key.request(author.session.account, &body.hash)?;
        let wish = Wish::Withdraw(WithdrawBody::checked(body.value)?);
        Ok(Answer::kept(steps::take(&self.0, &author, post.0, (&condition, request), wish).await?))
    }

    /// Give the all-clear after an alert
    ///
    /// Exactly those who were told of the alert are told, urgently, that the danger is over; who has not been told of it yet will not
    /// be. The alert shows that for a day, also when it has expired before. Needs the right to send alerts.
    #[oai(
        path = "/v1/admin/villages/:village/posts/:post/all-clear",
        method = "post",
        operation_id = "give_all_clear",
        tag = "Group::Staff"
    )]
    async fn give_all_clear(
        &self,
        #[oai(name = "village")] author: Author,
        post: Item<PostId>,
        #[oai(name = "If-Match")] condition: Conditional,
        #[oai(name = "Idempotency-Key")] key: Idempotent,
        body: BodyIfGiven<AllClearBody>,
    ) -> Result<Answer<200, PostView>, Problem> {
        let request = key.request(author.session.account, &body.hash)?;
        let wish = Wish::AllClear(AllClearBody::checked(body.value)?);
        Ok(Answer::kept(steps::take(&self.0, &author, post.0, (&condition, request), wish).await?))
    }

    /// Hide a joint post in this village
    ///
    /// What the municipality has published in several villages does not show here, and who has not been told yet will not be. It stays
    /// in the other villages.
    #[oai(
        path = "/v1/admin/villages/:village/posts/:post/hide",
        method = "post",
        operation_id = "hide_post",
        tag = "Group::Staff"
    )]
    async fn hide_post(
        &self,
        #[oai(name = "village")] author: Author,
        post: Item<PostId>,
        #[oai(name = "If-Match")] condition: Conditional,
        #[oai(name = "Idempotency-Key")] key: Idempotent,
    ) -> Result<Answer<200, PostView>, Problem> {
        let request = key.request(author.session.account, &[])?;
        Ok(Answer::kept(steps::take(&self.0, &author, post.0, (&condition, request), Wish::Hide).await?))
    }

    /// Show a hidden joint post after all
    ///
    /// As it is by now: corrections have followed meanwhile. Nobody is told.
    #[oai(
        path = "/v1/admin/villages/:village/posts/:post/show",
        method = "post",
        operation_id = "show_post",
        tag = "Group::Staff"
    )]
    async fn show_post(
        &self,
        #[oai(name = "village")] author: Author,
        post: Item<PostId>,
        #[oai(name = "If-Match")] condition: Conditional,
        #[oai(name = "Idempotency-Key")] key: Idempotent,
    ) -> Result<Answer<200, PostView>, Problem> {
        let request = key.request(author.session.account, &[])?;
        Ok(Answer::kept(steps::take(&self.0, &author, post.0, (&condition, request), Wish::Show).await?))
    }

    /// Return a post to its author
    ///
    /// With a comment that says what is to be mended.
    #[oai(
        path = "/v1/admin/villages/:village/posts/:post/return",
        method = "post",
        operation_id = "return_post",
        tag = "Group::Staff"
    )]
    async fn return_post(
        &self,
        #[oai(name = "village")] author: Author,
        post: Item<PostId>,
        #[oai(name = "If-Match")] condition: Conditional,
        #[oai(name = "Idempotency-Key")] key: Idempotent,
        body: Body<ReturnBody>,
    ) -> Result<Answer<200, PostView>, Problem> {
        let request = key.request(author.session.account, &body.hash)?;
        let wish = Wish::Return(body.value.checked()?);
        Ok(Answer::kept(steps::take(&self.0, &author, post.0, (&condition, request), wish).await?))
    }

    /// Set the time at which a post goes out
    ///
    /// In local time. It goes out then by itself, once: also when the server stands still at that time, unless the post has expired
    /// or the event is over by then. Setting another time moves it; nothing is told before.
    #[oai(
        path = "/v1/admin/villages/:village/posts/:post/schedule",
        method = "post",
        operation_id = "schedule_post",
        tag = "Group::Staff"
    )]
    async fn schedule_post(
        &self,
        #[oai(name = "village")] author: Author,
        post: Item<PostId>,
        #[oai(name = "If-Match")] condition: Conditional,
        #[oai(name = "Idempotency-Key")] key: Idempotent,
        body: Body<ScheduleBody>,
    ) -> Result<Answer<200, PostView>, Problem> {
        let request = key.request(author.session.account, &body.hash)?;
        let wish = Wish::Schedule(body.value.checked(&author.here.village.zone)?);
        Ok(Answer::kept(steps::take(&self.0, &author, post.0, (&condition, request), wish).await?))
    }
}
