//! Events for calendars and other sites, over HTTP.

use super::calendar::{self, Wanted};
use super::linked_data;
use crate::app::App;
use crate::authority::InVillage;
use crate::contract::Group;
use crate::http::{Asked, Calendar, Item, LinkedData, PublicDocument};
use crate::problem::Problem;
use entity::PostId;
use poem_openapi::OpenApi;
use poem_openapi::param::Query;

/// The operations on events for calendars.
pub struct CalendarRoutes(pub App);

#[OpenApi(tag = "Group::Public")]
impl CalendarRoutes {
    /// Read the events as iCalendar
    ///
    /// To be saved, or subscribed to (`webcal:`): calendars ask again every hour and follow what changes. Dates that do not take
    /// place stay, as cancelled; so do events that were taken back, for 30 days and without their text. Events of the last 90
    /// days and of the time to come.
    #[oai(path = "/v1/villages/:village/calendar.ics", method = "get", operation_id = "get_calendar")]
    async fn get_calendar(
        &self,
        #[oai(name = "village")] here: InVillage,
        /// Only events about the topic with this slug.
        topic: Query<Option<String>>,
        /// Only events of the club with this slug.
        club: Query<Option<String>>,
        asked: Asked,
    ) -> Result<PublicDocument<Calendar>, Problem> {
        let wanted = Wanted { topic: topic.0, club: club.0, post: None };
        let page = calendar::calendar(&self.0, &here, wanted).await?;
        Ok(PublicDocument::page(&page, &asked).await)
    }

    /// Read an event as iCalendar
    #[oai(path = "/v1/villages/:village/posts/:post/event.ics", method = "get", operation_id = "get_event_calendar")]
    async fn get_event_calendar(
        &self,
        #[oai(name = "village")] here: InVillage,
        post: Item<PostId>,
        asked: Asked,
    ) -> Result<PublicDocument<Calendar>, Problem> {
        let wanted = Wanted { post: Some(post.0), ..Wanted::default() };
        let page = calendar::calendar(&self.0, &here, wanted).await?;
        Ok(PublicDocument::page(&page, &asked).await)
    }

    /// Read an event as JSON-LD
    ///
    /// An `Event` of schema.org, for the `script` of a web page; of a series, the coming dates as `subEvent`.
    #[oai(path = "/v1/villages/:village/posts/:post/event.jsonld", method = "get", operation_id = "get_linked_event")]
    async fn get_linked_event(
        &self,
        #[oai(name = "village")] here: InVillage,
        post: Item<PostId>,
        asked: Asked,
    ) -> Result<PublicDocument<LinkedData>, Problem> {
        let page = linked_data::event(&self.0, &here, post.0).await?;
        Ok(PublicDocument::page(&page, &asked).await)
    }
}
