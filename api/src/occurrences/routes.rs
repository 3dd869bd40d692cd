//! Occurrences over HTTP.

use super::Wanted;
use super::view::{OccurrenceList, PlannedDates};
use crate::app::App;
use crate::authority::{Author, InVillage};
use crate::contract::Group;
use crate::http::{Answer, Asked, Limit, Public};
use crate::problem::Problem;
use chrono::{DateTime, Utc};
use poem_openapi::OpenApi;
use poem_openapi::param::Query;

/// The operations on occurrences.
pub struct OccurrenceRoutes(pub App);

#[OpenApi]
impl OccurrenceRoutes {
    /// List the dates of events
    ///
    /// Every date of the public events, series too, that begins in a window of at most 400 days or is under way when it begins, in
    /// time order. Dates that are cancelled show as such. Series are known about two years ahead.
    #[oai(
        path = "/v1/villages/:village/occurrences",
        method = "get",
        operation_id = "list_occurrences",
        tag = "Group::Public"
    )]
    async fn list_occurrences(
        &self,
        #[oai(name = "village")] here: InVillage,
        /// The beginning of the window; of today unless given.
        from: Query<Option<DateTime<Utc>>>,
        /// The end of the window, which is not part of it; 31 days later unless given.
        to: Query<Option<DateTime<Utc>>>,
        /// Only events about the topic with this slug.
        topic: Query<Option<String>>,
        /// Only events of the club with this slug.
        club: Query<Option<String>>,
        /// Where the list goes on: `next_cursor` of the page before, with the same window.
        cursor: Query<Option<String>>,
        /// At most this many, 1 to 100; 20 unless given.
        limit: Query<Option<u32>>,
        asked: Asked,
    ) -> Result<Public<OccurrenceList>, Problem> {
        let limit = Limit::of(limit.0)?;
        let wanted = Wanted { from: from.0, to: to.0, topic: topic.0, club: club.0, cursor: cursor.0, limit };
        let page = super::occurrences(&self.0, &here, wanted).await?;
        Ok(Public::page(&page, &asked).await)
    }

    /// List all planned dates
    ///
    /// For who plans an event: the dates of a window of at most 100 days that are public or on the way to it. Of what others have
    /// not published, only who, when and where.
    #[oai(
        path = "/v1/admin/villages/:village/dates",
        method = "get",
        operation_id = "list_planned_dates",
        tag = "Group::Staff"
    )]
    async fn list_planned_dates(
        &self,
        #[oai(name = "village")] author: Author,
        /// The beginning of the window.
        from: Query<DateTime<Utc>>,
        /// The end of the window, which is not part of it.
        to: Query<DateTime<Utc>>,
    ) -> Result<Answer<200, PlannedDates>, Problem> {
        Ok(Answer::of(&super::planned(&author, from.0, to.0).await?))
    }
}
