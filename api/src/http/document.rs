//! Public reads that are not JSON of ours: documents in a format that other programs know.

use super::answer::text_header;
use super::public::{Asked, PublicPage};
use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry};
use std::marker::PhantomData;

/// A format of documents.
pub trait Format {
    /// Its media type.
    const MEDIA_TYPE: &'static str;
}

/// RSS 2.0.
pub struct Rss;

/// Atom (RFC 4287).
pub struct Atom;

/// JSON Feed 1.1.
pub struct JsonFeed;

/// iCalendar (RFC 5545).
pub struct Calendar;

/// JSON-LD.
pub struct LinkedData;

/// A page of HTML.
pub struct Html;

/// YAML (RFC 9512).
pub struct Yaml;

/// JSON that is written down as a whole.
pub struct Json;

impl Format for Html {
    const MEDIA_TYPE: &'static str = "text/html";
}

impl Format for Yaml {
    const MEDIA_TYPE: &'static str = "application/yaml";
}

impl Format for Json {
    const MEDIA_TYPE: &'static str = "application/json";
}

impl Format for Calendar {
    const MEDIA_TYPE: &'static str = "text/calendar";
}

impl Format for LinkedData {
    const MEDIA_TYPE: &'static str = "application/ld+json";
}

impl Format for Rss {
    const MEDIA_TYPE: &'static str = "application/rss+xml";
}

impl Format for Atom {
    const MEDIA_TYPE: &'static str = "application/atom+xml";
}

impl Format for JsonFeed {
    const MEDIA_TYPE: &'static str = "application/feed+json";
}

/// The answer of a public read: a document of the format `F`, or 304 when the asker has it.
pub struct PublicDocument<F> {
    response: Response,
    format: PhantomData<fn() -> F>,
}

impl<F> PublicDocument<F> {
    /// Answers with this page.
    pub async fn page(page: &PublicPage, asked: &Asked) -> Self {
        Self { response: page.answer(asked).await, format: PhantomData }
    }
}

impl<F> IntoResponse for PublicDocument<F> {
    fn into_response(self) -> Response {
        self.response
    }
}

impl<F: Format> ApiResponse for PublicDocument<F> {
    fn meta() -> MetaResponses {
        let answer = |status, description, content, headers| MetaResponse {
            description,
            status: Some(status),
            status_range: None,
            content,
            headers,
        };
        // `contract` says more of what has a schema.
        let is_json = F::MEDIA_TYPE.ends_with("json");
        let schema = MetaSchemaRef::Inline(Box::new(MetaSchema::new(if is_json { "object" } else { "string" })));
        let content = vec![MetaMediaType { content_type: F::MEDIA_TYPE, schema }];
        let tag = || text_header("ETag", "Stands for these bytes; send it back in `If-None-Match`.");
        let headers = vec![tag(), text_header("Content-Disposition", "The name to save it under.")];
        MetaResponses {
            responses: vec![
                answer(200, "The document.", content, headers),
                answer(304, "The asker has it already.", vec![], vec![tag()]),
            ],
        }
    }

    fn register(_registry: &mut Registry) {}
}
