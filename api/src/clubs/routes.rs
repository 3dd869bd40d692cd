//! Clubs over HTTP, for everybody.

use super::directory;
use super::view::{Category, ClubList, ClubView};
use crate::app::App;
use crate::authority::InVillage;
use crate::contract::Group;
use crate::http::{Asked, Item, Limit, Public};
use crate::problem::Problem;
use poem_openapi::OpenApi;
use poem_openapi::param::Query;

/// What everybody may know of clubs.
pub struct ClubRoutes(pub App);

#[OpenApi(tag = "Group::Public")]
impl ClubRoutes {
    /// List the clubs of a village
    ///
    /// Those that take part, by name.
    #[oai(path = "/v1/villages/:village/clubs", method = "get", operation_id = "list_clubs")]
    async fn list_clubs(
        &self,
        #[oai(name = "village")] here: InVillage,
        category: Query<Option<Category>>,
        cursor: Query<Option<String>>,
        limit: Query<Option<u32>>,
        asked: Asked,
    ) -> Result<Public<ClubList>, Problem> {
        let wanted =
            directory::Wanted { category: category.0.map(Into::into), cursor: cursor.0, limit: Limit::of(limit.0)? };
        let page = directory::list(&self.0, &here, &wanted).await?;
        Ok(Public::page(&page, &asked).await)
    }

    /// Read the page of a club
    #[oai(path = "/v1/villages/:village/clubs/:club", method = "get", operation_id = "get_club")]
    async fn get_club(
        &self,
        #[oai(name = "village")] here: InVillage,
        club: Item<String>,
        asked: Asked,
    ) -> Result<Public<ClubView>, Problem> {
        let page = directory::one(&self.0, &here, &club.0).await?;
        Ok(Public::page(&page, &asked).await)
    }
}
