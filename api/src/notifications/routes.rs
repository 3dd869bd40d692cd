//! Notifications over HTTP.

use super::view::{DeliveryReport, NotificationReport, PushPublicKey};
use crate::app::App;
use crate::authority::Editor;
use crate::contract::Group;
use crate::http::{Answer, Asked, Item, Public, PublicPage};
use crate::problem::Problem;
use entity::{Notification, NotificationId, PostId};
use poem_openapi::OpenApi;

/// A post is told a handful of times; of a series, reminders are many.
const MOST_TOLD: u64 = 100;

/// The operations on notifications.
pub struct NotificationRoutes(pub App);

#[OpenApi]
impl NotificationRoutes {
    /// What became of telling a post
    ///
    /// Planned, started and finished, and how many deliveries are in which state for which reason. Never who.
    #[oai(
        path = "/v1/admin/villages/:village/posts/:post/deliveries",
        method = "get",
        operation_id = "get_deliveries",
        tag = "Group::Staff"
    )]
    async fn get_deliveries(
        &self,
        #[oai(name = "village")] editor: Editor,
        post: Item<PostId>,
    ) -> Result<Answer<200, DeliveryReport>, Problem> {
        let reader = editor.here.scope.read().await?;
        reader.posts().find(post.0).await?.ok_or_else(Problem::not_found)?;
        let told = reader.notifications().last_of_post(post.0, MOST_TOLD).await?;
        let ids: Vec<NotificationId> = told.iter().map(|notification| notification.id).collect();
        let mut tallies = reader.deliveries().tallies(&ids).await?;
        let report = |notification: Notification| {
            let tallies = tallies.remove(&notification.id).unwrap_or_default();
            NotificationReport::new(notification, tallies)
        };
        Ok(Answer::of(&DeliveryReport { notifications: told.into_iter().map(report).collect() }))
    }

    /// The key to subscribe with
    #[oai(path = "/v1/push/public-key", method = "get", operation_id = "get_push_public_key", tag = "Group::Public")]
    async fn get_push_public_key(&self, asked: Asked) -> Result<Public<PushPublicKey>, Problem> {
        let public_key = self.0.vapid.public_key().to_owned();
        let page = PublicPage::json(&PushPublicKey { public_key }, None);
        Ok(Public::page(&page, &asked).await)
    }
}
