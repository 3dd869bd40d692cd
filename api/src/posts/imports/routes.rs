//! Calendars that events come from, over HTTP.

use super::view::{CalendarBody, CalendarChangeBody, CalendarList, CalendarView, ImportList, ImportView, LineList};
use crate::app::App;
use crate::authority::Author;
use crate::contract::Group;
use crate::http::{self, Answer, Body, Conditional, Cursors, Empty, Idempotent, Item, Limit};
use crate::problem::Problem;
use entity::{EventCalendarId, EventImportId};
use poem_openapi::OpenApi;
use poem_openapi::param::Query;

/// The operations on calendars that events come from.
pub struct EventCalendarRoutes(pub App);

#[OpenApi(tag = "Group::Staff")]
impl EventCalendarRoutes {
    /// List the calendars that events come from
    ///
    /// An editor sees all of the village, others those of their clubs.
    #[oai(
        path = "/v1/admin/villages/:village/calendar-sources",
        method = "get",
        operation_id = "list_calendar_sources"
    )]
    async fn list_calendar_sources(
        &self,
        #[oai(name = "village")] author: Author,
    ) -> Result<Answer<200, CalendarList>, Problem> {
        Ok(Answer::of(&CalendarList { items: super::list(&author).await? }))
    }

    /// Add a calendar that events come from
    ///
    /// Of a club or, by an editor, of the town hall. With an address it is loaded now and then every few hours, and imported when it
    /// has changed, as an upload would be. A village has at most 50, a club 5.
    #[oai(
        path = "/v1/admin/villages/:village/calendar-sources",
        method = "post",
        operation_id = "create_calendar_source"
    )]
    async fn create_calendar_source(
        &self,
        #[oai(name = "village")] author: Author,
        #[oai(name = "Idempotency-Key")] key: Idempotent,
        body: Body<CalendarBody>,
    ) -> Result<Answer<201, CalendarView>, Problem> {
        let request = key.request(author.session.account, &body.hash)?;
        let said = body.value.checked(&self.0)?;
        Ok(Answer::kept(super::create(&self.0, &author, said, request).await?))
    }

    /// Read a calendar that events come from, and how loading it went the last time
    #[oai(
        path = "/v1/admin/villages/:village/calendar-sources/:calendar",
        method = "get",
        operation_id = "get_calendar_source"
    )]
    async fn get_calendar_source(
        &self,
        #[oai(name = "village")] author: Author,
        calendar: Item<EventCalendarId>,
    ) -> Result<Answer<200, CalendarView>, Problem> {
        let calendar = super::find(&author, calendar.0).await?;
        Ok(Answer::of(&calendar).version(calendar.version))
    }

    /// Change a calendar that events come from
    ///
    /// Needs `If-Match` with its version. One with an address is loaded anew.
    #[oai(
        path = "/v1/admin/villages/:village/calendar-sources/:calendar",
        method = "patch",
        operation_id = "change_calendar_source"
    )]
    async fn change_calendar_source(
        &self,
        #[oai(name = "village")] author: Author,
        calendar: Item<EventCalendarId>,
        #[oai(name = "If-Match")] condition: Conditional,
        body: Body<CalendarChangeBody>,
    ) -> Result<Answer<200, CalendarView>, Problem> {
        let change = body.value.checked(&self.0)?;
        let calendar = super::change(&self.0, &author, calendar.0, &condition, change).await?;
        Ok(Answer::of(&calendar).version(calendar.version))
    }

    /// Remove a calendar that events come from
    ///
    /// The posts that came from it stay, and follow it no more. Needs `If-Match`.
    #[oai(
        path = "/v1/admin/villages/:village/calendar-sources/:calendar",
        method = "delete",
        operation_id = "delete_calendar_source"
    )]
    async fn delete_calendar_source(
        &self,
        #[oai(name = "village")] author: Author,
        calendar: Item<EventCalendarId>,
        #[oai(name = "If-Match")] condition: Conditional,
    ) -> Result<Empty, Problem> {
        super::delete(&self.0, &author, calendar.0, &condition).await?;
        Ok(Empty)
    }

    /// Import events into a calendar
    ///
    /// The body is a calendar (iCalendar). Each event becomes a post: of a reviewed club one that waits for an editor, otherwise a
    /// public one, and nobody is sent a message. An event is known by its UID, so importing again changes nothing that is the same
    /// and follows what is different; what is not in the calendar any more and would still take place is cancelled. An empty or
    /// broken calendar cancels nothing, and what is over stays. What cannot be understood is left out, with a reason.
    #[oai(
        path = "/v1/admin/villages/:village/calendar-sources/:calendar/imports",
        method = "post",
        operation_id = "import_events"
    )]
    async fn import_events(
        &self,
        #[oai(name = "village")] author: Author,
        calendar: Item<EventCalendarId>,
        #[oai(name = "Idempotency-Key")] key: Idempotent,
        body: http::CalendarBody,
    ) -> Result<Answer<201, ImportView>, Problem> {
        let request = key.request(author.session.account, &body.hash)?;
        Ok(Answer::kept(super::upload(&self.0, &author, calendar.0, body, request).await?))
    }

    /// List the imports of a calendar
    ///
    /// The latest 10, the last first.
    #[oai(
        path = "/v1/admin/villages/:village/calendar-sources/:calendar/imports",
        method = "get",
        operation_id = "list_event_imports"
    )]
    async fn list_event_imports(
        &self,
        #[oai(name = "village")] author: Author,
        calendar: Item<EventCalendarId>,
    ) -> Result<Answer<200, ImportList>, Problem> {
        Ok(Answer::of(&ImportList { items: super::imports(&author, calendar.0).await? }))
    }

    /// Read what came of an import of events
    #[oai(
        path = "/v1/admin/villages/:village/event-imports/:event_import",
        method = "get",
        operation_id = "get_event_import"
    )]
    async fn get_event_import(
        &self,
        #[oai(name = "village")] author: Author,
        event_import: Item<EventImportId>,
    ) -> Result<Answer<200, ImportView>, Problem> {
        Ok(Answer::of(&super::find_import(&author, event_import.0).await?))
    }

    /// List what came of each component of an import of events
    ///
    /// In the order of the calendar; what it does not have any more comes last.
    #[oai(
        path = "/v1/admin/villages/:village/event-imports/:event_import/lines",
        method = "get",
        operation_id = "list_event_import_lines"
    )]
    async fn list_event_import_lines(
        &self,
        #[oai(name = "village")] author: Author,
        event_import: Item<EventImportId>,
        /// Where the list goes on: `next_cursor` of the page before.
        cursor: Query<Option<String>>,
        /// At most this many, 1 to 100; 20 unless given.
        limit: Query<Option<u32>>,
    ) -> Result<Answer<200, LineList>, Problem> {
        let (limit, id) = (Limit::of(limit.0)?, event_import.0);
        let cursors = Cursors::of(&self.0.secrets, format!("event import {} {id}", author.here.village.id));
        let number = |bytes: &[u8]| Some(i32::from_be_bytes(bytes.try_into().ok()?));
        let after = cursors.read(cursor.0.as_deref(), number)?;
        let mut lines = super::lines(&author, id, after, limit).await?;
        let more = lines.len() as u64 > limit;
        lines.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let last = lines.last().filter(|_| more);
        let next_cursor = last.map(|(number, _)| cursors.write(&number.to_be_bytes()));
        let slug = &author.here.village.slug;
        let next = next_cursor
            .as_ref()
            .map(|cursor| format!("/v1/admin/villages/{slug}/event-imports/{id}/lines?cursor={cursor}&limit={limit}"));
        let items = lines.into_iter().map(|(_, line)| line).collect();
        Ok(Answer::of(&LineList { items, next_cursor }).next(next))
    }
}
