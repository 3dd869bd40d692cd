//! Events over HTTP, beyond what all posts have.

use super::dates;
use super::event_view::DateBody;
use super::outlook::{self, EventPreview, EventPreviewBody};
use super::view::PostView;
use crate::app::App;
use crate::authority::Author;
use crate::contract::Group;
use crate::http::{Answer, Body, Conditional, Idempotent, Item};
use crate::problem::Problem;
use entity::PostId;
use poem_openapi::OpenApi;

/// The operations on events.
pub struct EventRoutes(pub App);

#[OpenApi]
impl EventRoutes {
    /// Look at an event before it is saved
    ///
    /// The event as it would be stored, in words too, with its next dates and what else is planned on these days. Nothing is saved.
    #[oai(
        path = "/v1/admin/villages/:village/events/preview",
        method = "post",
        operation_id = "preview_event",
        tag = "Group::Staff"
    )]
    async fn preview_event(
        &self,
        #[oai(name = "village")] author: Author,
        body: Body<EventPreviewBody>,
    ) -> Result<Answer<200, EventPreview>, Problem> {
        Ok(Answer::of(&outlook::preview(&self.0, &author, body.value).await?))
    }

    /// Cancel, move or change dates of an event
    ///
    /// One date is cancelled, moved or changed, or is as usual again; the series stays as it is. With `reach` it is this date and all
    /// that follow: they do not take place, or go on differently, at another hour, on another weekday, in another place. Then the
    /// series ends before this date, and what follows is a post of its own (`following`), as public as this one, with what is left
    /// out or different later. From the first date on, it is this post that changes. What becomes of the only date of an event that
    /// happens once becomes of the event. Followers are told once, unless `notify` is false or the post is silent.
    #[oai(
        path = "/v1/admin/villages/:village/posts/:post/dates",
        method = "post",
        operation_id = "change_event_date",
        tag = "Group::Staff"
    )]
    async fn change_event_date(
        &self,
        #[oai(name = "village")] author: Author,
        post: Item<PostId>,
        #[oai(name = "If-Match")] condition: Conditional,
        #[oai(name = "Idempotency-Key")] key: Idempotent,
        body: Body<DateBody>,
    ) -> Result<Answer<200, PostView>, Problem> {
        let request = key.request(author.session.account, &body.hash)?;
        let done = dates::change_date(&self.0, &author, post.0, (&condition, request), body.value).await?;
        Ok(Answer::kept(done))
    }
}
