//! School holidays over HTTP.

use super::view::{LandHolidaysBody, LandHolidaysView};
use crate::app::App;
use crate::authority::{InVillage, Operator};
use crate::contract::Group;
use crate::holidays::Land;
use crate::http::{Answer, Body, Conditional, Sole};
use crate::problem::Problem;
use poem_openapi::OpenApi;

/// The operations on school holidays.
pub struct SchoolHolidayRoutes(pub App);

#[OpenApi]
impl SchoolHolidayRoutes {
    /// Read the school holidays of a village's Land
    ///
    /// As far as the operator has entered them.
    #[oai(
        path = "/v1/villages/:village/school-holidays",
        method = "get",
        operation_id = "list_school_holidays",
        tag = "Group::Public"
    )]
    async fn list_school_holidays(
        &self,
        #[oai(name = "village")] here: InVillage,
    ) -> Result<Answer<200, LandHolidaysView>, Problem> {
        let land = Land::of(&here.village.ags);
        let holidays = match land {
            Some(land) => super::of(&self.0, land.code()).await?,
            None => entity::LandHolidays::default(),
        };
        Ok(Answer::of(&LandHolidaysView::new(land, &holidays)))
    }

    /// Read the school holidays of a Land
    ///
    /// Lands are named by ISO 3166-2, such as `DE-NW`.
    #[oai(
        path = "/v1/operator/school-holidays/:land",
        method = "get",
        operation_id = "get_school_holidays",
        tag = "Group::Operator"
    )]
    async fn get_school_holidays(
        &self,
        _operator: Operator,
        land: Sole<Land>,
    ) -> Result<Answer<200, LandHolidaysView>, Problem> {
        let holidays = super::of(&self.0, land.0.code()).await?;
        Ok(Answer::of(&LandHolidaysView::new(Some(land.0), &holidays)).version(holidays.version))
    }

    /// Enter the school holidays of a Land
    ///
    /// All of them, in the place of those before; they hold for every village of the Land. Series that are saved already stay as they
    /// are. Needs `If-Match`: before they are entered for the first time, their version is 0.
    #[oai(
        path = "/v1/operator/school-holidays/:land",
        method = "put",
        operation_id = "set_school_holidays",
        tag = "Group::Operator"
    )]
    async fn set_school_holidays(
        &self,
        operator: Operator,
        land: Sole<Land>,
        #[oai(name = "If-Match")] condition: Conditional,
        body: Body<LandHolidaysBody>,
    ) -> Result<Answer<200, LandHolidaysView>, Problem> {
        let periods = body.value.checked()?;
        let saved = super::replace(&self.0, &operator, land.0, &condition, periods).await?;
        Ok(Answer::of(&LandHolidaysView::new(Some(land.0), &saved)).version(saved.version))
    }
}
