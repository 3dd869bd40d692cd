//! Server-sent events as answers (HTML Standard, section 9.2): without an end, not stored, not compressed.

use bytes::Bytes;
use futures_util::Stream;
use poem::http::header;
use poem::{Body, IntoResponse, Request, RequestBody, Response, Result};
use poem_openapi::registry::{MetaMediaType, MetaParamIn, MetaResponse, MetaResponses, MetaSchemaRef, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiExtractor, ApiExtractorType, ApiResponse, ExtractParamOptions};
use std::io;

/// A stream of events.
pub struct EventStream(Response);

/// The `Last-Event-ID` of whoever comes back: the number of an event. What is not one is the number of none.
pub struct LastEvent(pub Option<i64>);

impl EventStream {
    /// The pieces of a stream, each sent as soon as it is there.
    pub fn of(pieces: impl Stream<Item = io::Result<Bytes>> + Send + 'static) -> Self {
        let response = Response::builder()
            .header(header::CONTENT_TYPE, "text/event-stream")
            .header(header::CACHE_CONTROL, "no-store, no-transform")
            // nginx would collect the pieces.
            .header("x-accel-buffering", "no")
            .body(Body::from_bytes_stream(pieces));
        Self(response)
    }
}

impl IntoResponse for EventStream {
    fn into_response(self) -> Response {
        self.0
    }
}

impl ApiResponse for EventStream {
    fn meta() -> MetaResponses {
        let content = vec![MetaMediaType { content_type: "text/event-stream", schema: String::schema_ref() }];
        let description = "The events, one after the other, without an end.";
        MetaResponses {
            responses: vec![MetaResponse {
                description,
                status: Some(200),
                status_range: None,
                content,
                headers: vec![],
            }],
        }
    }

    fn register(_registry: &mut Registry) {}
}

impl<'a> ApiExtractor<'a> for LastEvent {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::Parameter];
    const PARAM_IS_REQUIRED: bool = false;

    type ParamType = String;
    type ParamRawType = String;

    fn param_in() -> Option<MetaParamIn> {
        Some(MetaParamIn::Header)
    }

    fn param_schema_ref() -> Option<MetaSchemaRef> {
        Some(String::schema_ref())
    }

    async fn from_request(
        request: &'a Request,
        _body: &mut RequestBody,
        _options: ExtractParamOptions<String>,
    ) -> Result<Self> {
        let given = request.headers().get("last-event-id").filter(|value| !value.is_empty());
        let number = |text: &str| text.parse::<i64>().ok().filter(|number| *number >= 0);
        Ok(Self(given.map(|value| value.to_str().ok().and_then(number).unwrap_or(i64::MAX))))
    }
}
