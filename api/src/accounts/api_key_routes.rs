//! API keys over HTTP.

use super::api_keys;
use super::view::{ApiKeyBody, ApiKeyList, ApiKeyMade};
use crate::app::App;
use crate::authority::VillageAdmin;
use crate::contract::Group;
use crate::http::{Answer, Body, Empty, Item};
use crate::problem::Problem;
use entity::ApiKeyId;
use poem_openapi::OpenApi;

/// The operations on API keys.
pub struct ApiKeyRoutes(pub App);

#[OpenApi(tag = "Group::Staff")]
impl ApiKeyRoutes {
    /// List the village's API keys
    #[oai(path = "/v1/admin/villages/:village/api-keys", method = "get", operation_id = "list_api_keys")]
    async fn list_api_keys(
        &self,
        #[oai(name = "village")] admin: VillageAdmin,
    ) -> Result<Answer<200, ApiKeyList>, Problem> {
        let keys = admin.here.scope.read().await?.api_keys().list().await?;
        Ok(Answer::of(&ApiKeyList { items: keys.into_iter().map(Into::into).collect() }))
    }

    /// Make an API key
    ///
    /// For a program such as the website's CMS. Its token is shown once and sent as `Authorization: Bearer dorfkey_…`. It acts in
    /// the name of whoever made it, as an editor of this village as far as its scopes go, with posts only; it ends with its
    /// time, when it is revoked, and while whoever made it is no admin here.
    #[oai(path = "/v1/admin/villages/:village/api-keys", method = "post", operation_id = "make_api_key")]
    async fn make_api_key(
        &self,
        #[oai(name = "village")] admin: VillageAdmin,
        body: Body<ApiKeyBody>,
    ) -> Result<Answer<201, ApiKeyMade>, Problem> {
        Ok(Answer::of(&api_keys::make(&self.0, &admin, body.value).await?))
    }

    /// Revoke an API key
    ///
    /// At once.
    #[oai(path = "/v1/admin/villages/:village/api-keys/:key", method = "delete", operation_id = "revoke_api_key")]
    async fn revoke_api_key(
        &self,
        #[oai(name = "village")] admin: VillageAdmin,
        key: Item<ApiKeyId>,
    ) -> Result<Empty, Problem> {
        api_keys::revoke(&self.0, &admin, key.0).await?;
        Ok(Empty)
    }
}
