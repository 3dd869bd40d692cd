//! Where the dates of a waste district are loaded from, over HTTP.

use super::view::{SourceBody, SourceView};
use crate::app::App;
use crate::authority::Editor;
use crate::contract::Group;
use crate::http::{Answer, Body, Empty, Item};
use crate::problem::Problem;
use poem_openapi::OpenApi;

/// The town hall's operations on the sources of waste dates.
pub struct WasteSourceRoutes(pub App);

#[OpenApi(tag = "Group::Staff")]
impl WasteSourceRoutes {
    /// Have the dates of a waste district loaded from an address
    ///
    /// It is loaded now and then every few hours, and imported when it has changed, as an upload would be. The address must be
    /// https on port 443 of a public host, without credentials. It replaces the one before.
    #[oai(
        path = "/v1/admin/villages/:village/waste/districts/:district/source",
        method = "put",
        operation_id = "set_waste_source"
    )]
    async fn set_waste_source(
        &self,
        #[oai(name = "village")] editor: Editor,
        district: Item<String>,
        body: Body<SourceBody>,
    ) -> Result<Answer<200, SourceView>, Problem> {
        let url = body.value.checked(&self.0)?;
        Ok(Answer::of(&(&super::set_source(&self.0, &editor, &district.0, &url).await?).into()))
    }

    /// Read where the dates of a waste district are loaded from, and how it went the last time
    #[oai(
        path = "/v1/admin/villages/:village/waste/districts/:district/source",
        method = "get",
        operation_id = "get_waste_source"
    )]
    async fn get_waste_source(
        &self,
        #[oai(name = "village")] editor: Editor,
        district: Item<String>,
    ) -> Result<Answer<200, SourceView>, Problem> {
        Ok(Answer::of(&(&super::source(&editor, &district.0).await?).into()))
    }

    /// Have the dates of a waste district loaded no more
    ///
    /// What was loaded stays.
    #[oai(
        path = "/v1/admin/villages/:village/waste/districts/:district/source",
        method = "delete",
        operation_id = "delete_waste_source"
    )]
    async fn delete_waste_source(
        &self,
        #[oai(name = "village")] editor: Editor,
        district: Item<String>,
    ) -> Result<Empty, Problem> {
        super::delete_source(&self.0, &editor, &district.0).await?;
        Ok(Empty)
    }
}
