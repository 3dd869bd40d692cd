//! Topics over HTTP.

use super::view::{TopicBody, TopicChangeBody, TopicList, TopicView};
use crate::app::App;
use crate::authority::{InVillage, VillageAdmin};
use crate::contract::Group;
use crate::http::{Answer, Asked, Body, Empty, Idempotent, Item, Look, PageCache, PageName, Public, PublicPage};
use crate::problem::Problem;
use poem_openapi::OpenApi;

/// The operations on topics.
pub struct TopicRoutes(pub App);

#[OpenApi]
impl TopicRoutes {
    /// List the topics of a village
    #[oai(path = "/v1/villages/:village/topics", method = "get", operation_id = "list_topics", tag = "Group::Public")]
    async fn list_topics(
        &self,
        #[oai(name = "village")] here: InVillage,
        asked: Asked,
    ) -> Result<Public<TopicList>, Problem> {
        let making = match PageCache::look(&self.0, &here, PageName::Topics).await? {
            Look::Kept(page) => return Ok(Public::page(&page, &asked).await),
            Look::Missing(making) => making,
        };
        let topics = here.scope.read().await?.topics().list().await?;
        let list = TopicList { items: topics.into_iter().map(Into::into).collect() };
        let page = making.page(|| PublicPage::json(&list, None)).await;
        Ok(Public::page(&page, &asked).await)
    }

    /// Add a topic
    #[oai(
        path = "/v1/admin/villages/:village/topics",
        method = "post",
        operation_id = "create_topic",
        tag = "Group::Staff"
    )]
    async fn create_topic(
        &self,
        #[oai(name = "village")] admin: VillageAdmin,
        #[oai(name = "Idempotency-Key")] key: Idempotent,
        body: Body<TopicBody>,
    ) -> Result<Answer<201, TopicView>, Problem> {
        let request = key.request(admin.session.account, &body.hash)?;
        let topic = body.value.checked()?;
        Ok(Answer::kept(super::create(&self.0, &admin, topic, request).await?))
    }

    /// Rename a topic
    #[oai(
        path = "/v1/admin/villages/:village/topics/:topic",
        method = "patch",
        operation_id = "rename_topic",
        tag = "Group::Staff"
    )]
    async fn rename_topic(
        &self,
        #[oai(name = "village")] admin: VillageAdmin,
        topic: Item<String>,
        body: Body<TopicChangeBody>,
    ) -> Result<Answer<200, TopicView>, Problem> {
        let name = body.value.checked()?;
        Ok(Answer::of(&super::rename(&self.0, &admin, &topic.0, name.as_deref()).await?.into()))
    }

    /// Remove a topic
    ///
    /// Whoever follows it follows it no more. Refused while there are posts about it.
    #[oai(
        path = "/v1/admin/villages/:village/topics/:topic",
        method = "delete",
        operation_id = "delete_topic",
        tag = "Group::Staff"
    )]
    async fn delete_topic(
        &self,
        #[oai(name = "village")] admin: VillageAdmin,
        topic: Item<String>,
    ) -> Result<Empty, Problem> {
        super::delete(&self.0, &admin, &topic.0).await?;
        Ok(Empty)
    }
}
