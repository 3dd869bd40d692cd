//! Following a village over HTTP.

use super::line::Line;
use crate::app::App;
use crate::authority::InVillage;
use crate::contract::Group;
use crate::http::{ClientAddress, EventStream, LastEvent};
use crate::problem::Problem;
use poem_openapi::OpenApi;

/// The operation on streams.
pub struct StreamRoutes(pub App);

#[OpenApi(tag = "Group::Public")]
impl StreamRoutes {
    /// Follow the village while it happens
    ///
    /// Server-sent events (`EventSource`) about public posts, in the order in which they took effect: `published`, `changed`,
    /// `cancelled` (an event, or a date of it), `withdrawn`, `expired`. The data name the post, its kind and the time, as in
    /// `{"post":"019ab0f2-3d5c-7b14-8e6a-9c27d40b1f63","kind":"news","at":"2026-11-23T09:30:00.000Z"}`; read the post for more.
    ///
    /// A new stream begins with `ready`: read the feed after it, and nothing is missed. `Last-Event-ID` goes on after that event
    /// without loss; a browser sends it by itself when it comes back. When more has happened than is kept (the last 1,000
    /// events of a village), or the identifier is not one of this village, `reset` comes instead: read the feed anew.
    ///
    /// The server ends a stream when it stops; come back then. A comment every 20 seconds or so keeps the line alive.
    #[oai(path = "/v1/villages/:village/stream", method = "get", operation_id = "follow_village")]
    async fn follow_village(
        &self,
        #[oai(name = "village")] here: InVillage,
        #[oai(name = "Last-Event-ID")] last: LastEvent,
        client: ClientAddress,
    ) -> Result<EventStream, Problem> {
        let seat = self.0.streams.seat(client.0)?;
        let line = Line::new(self.0.clone(), here.village.id, last.0, seat).await?;
        Ok(EventStream::of(line.pieces()))
    }
}
