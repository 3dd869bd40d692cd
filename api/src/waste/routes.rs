//! The waste calendar over HTTP, for everybody.

use super::ics;
use super::view::{DateList, DistrictList};
use crate::app::App;
use crate::authority::InVillage;
use crate::contract::Group;
use crate::http::{Asked, CalendarDocument, Item, Look, PageCache, PageName, Public, PublicPage};
use crate::problem::{Problem, ProblemKind};
use crate::text::Text;
use chrono::{Datelike, NaiveDate, TimeDelta};
use poem_openapi::OpenApi;
use poem_openapi::param::Query;

/// Most days of one answer, and days shown unless asked.
const MOST_DAYS: i64 = 400;
const USUAL_DAYS: i64 = 60;

/// How far back a subscribed calendar shows dates, in days.
const BACK_DAYS: i64 = 60;

/// The public operations on the waste calendar.
pub struct WasteRoutes(pub App);

impl WasteRoutes {
    fn today(&self, here: &InVillage) -> NaiveDate {
        self.0.clock.now().with_timezone(&super::zone_of(here)).date_naive()
    }
}

#[OpenApi(tag = "Group::Public")]
impl WasteRoutes {
    /// List the waste districts of a village
    #[oai(path = "/v1/villages/:village/waste/districts", method = "get", operation_id = "list_waste_districts")]
    async fn list_waste_districts(
        &self,
        #[oai(name = "village")] here: InVillage,
        asked: Asked,
    ) -> Result<Public<DistrictList>, Problem> {
        let making = match PageCache::look(&self.0, &here, PageName::WasteDistricts).await? {
            Look::Kept(page) => return Ok(Public::page(&page, &asked).await),
            Look::Missing(making) => making,
        };
        let districts = here.scope.read().await?.waste_districts().list().await?;
        let list = || DistrictList { items: districts.iter().map(Into::into).collect() };
        let page = making.page(|| PublicPage::json(&list(), None)).await;
        Ok(Public::page(&page, &asked).await)
    }

    /// List when waste is collected in a district
    ///
    /// In the order of the days. At most 400 days at once.
    #[oai(
        path = "/v1/villages/:village/waste/districts/:district/dates",
        method = "get",
        operation_id = "list_waste_dates"
    )]
    async fn list_waste_dates(
        &self,
        #[oai(name = "village")] here: InVillage,
        district: Item<String>,
        /// The first day; today unless given.
        from: Query<Option<NaiveDate>>,
        /// The last day; 60 days after the first unless given.
        to: Query<Option<NaiveDate>>,
        asked: Asked,
    ) -> Result<Public<DateList>, Problem> {
        let first = from.0.unwrap_or_else(|| self.today(&here));
        let usual = first.checked_add_signed(TimeDelta::days(USUAL_DAYS)).unwrap_or(first);
        let last = to.0.unwrap_or(usual);
        if !(1970..=2200).contains(&first.year()) {
            let detail = Text::new("muss zwischen 1970 und 2200 liegen", "must be between 1970 and 2200");
            return Err(Problem::with_fault(ProblemKind::InvalidParameter, "from", detail));
        }
        if !(0..=MOST_DAYS).contains(&(last - first).num_days()) {
            let detail = Text::new(
                format!("muss 0 bis {MOST_DAYS} Tage nach from liegen"),
                format!("must be 0 to {MOST_DAYS} days after from"),
            );
            return Err(Problem::with_fault(ProblemKind::InvalidParameter, "to", detail));
        }
        let name = PageName::WasteDates { district: district.0.clone(), first, last };
        let making = match PageCache::look(&self.0, &here, name).await? {
            Look::Kept(page) => return Ok(Public::page(&page, &asked).await),
            Look::Missing(making) => making,
        };
        let dates = super::dates(&here, &district.0, first, last).await?;
        let page = making.page(|| PublicPage::json(&DateList::from(&dates), None)).await;
        Ok(Public::page(&page, &asked).await)
    }

    /// Subscribe to the dates of a district as a calendar
    ///
    /// iCalendar (RFC 5545), for calendar programs. It follows every change; dates keep their identity.
    #[oai(
        path = "/v1/villages/:village/waste/districts/:district/calendar.ics",
        method = "get",
        operation_id = "get_waste_calendar"
    )]
    async fn get_waste_calendar(
        &self,
        #[oai(name = "village")] here: InVillage,
        district: Item<String>,
        asked: Asked,
    ) -> Result<CalendarDocument, Problem> {
        let today = self.today(&here);
        let (first, last) = (today - TimeDelta::days(BACK_DAYS), today + TimeDelta::days(2 * MOST_DAYS));
        let name = PageName::WasteCalendar { district: district.0.clone(), today };
        let making = match PageCache::look(&self.0, &here, name).await? {
            Look::Kept(page) => return Ok(CalendarDocument::page(&page, &asked).await),
            Look::Missing(making) => making,
        };
        let dates = super::dates(&here, &district.0, first, last).await?;
        let text = || ics::calendar(&here.village, &dates.district, &dates.dates, &dates.kinds);
        let page = making.page(|| PublicPage::document("text/calendar; charset=utf-8", text(), None)).await;
        Ok(CalendarDocument::page(&page, &asked).await)
    }
}
