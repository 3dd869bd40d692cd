//! Pages for people without the app: confirming and leaving.

use super::answer::text_header;
use poem::http::{StatusCode, header};
use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{MetaHeader, MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::Type;

/// What a page without scripts may do: style itself and post its form back.
const STRICT_POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// An HTML page without scripts.
pub struct HtmlPage(String);

/// A file to be kept by whoever asked for it.
pub struct Download {
    name: &'static str,
    content_type: &'static str,
    text: String,
}

impl Download {
    /// A table as CSV (RFC 4180, RFC 7111).
    pub fn csv(name: &'static str, text: String) -> Self {
        Self { name, content_type: "text/csv; charset=utf-8; header=present", text }
    }
}

impl IntoResponse for Download {
    fn into_response(self) -> Response {
        Response::builder()
            .header(header::CONTENT_TYPE, self.content_type)
            .header(header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", self.name))
            .header(header::CACHE_CONTROL, "no-store")
            .body(self.text)
    }
}

impl ApiResponse for Download {
    fn meta() -> MetaResponses {
        described("text/csv", vec![text_header("Content-Disposition", "The name to save it under.")])
    }

    fn register(_registry: &mut Registry) {}
}

impl HtmlPage {
    /// A page without scripts.
    pub fn new(html: String) -> Self {
        Self(html)
    }
}

impl IntoResponse for HtmlPage {
    fn into_response(self) -> Response {
        Response::builder()
            .status(StatusCode::OK)
            .header(header::CONTENT_TYPE, "text/html; charset=utf-8")
            .header(header::CONTENT_SECURITY_POLICY, STRICT_POLICY)
            .header(header::CACHE_CONTROL, "no-store")
            .body(self.0)
    }
}

fn described(content_type: &'static str, mut headers: Vec<MetaHeader>) -> MetaResponses {
    headers.push(text_header("Cache-Control", "How long it may be kept."));
    MetaResponses {
        responses: vec![MetaResponse {
            description: "The page.",
            status: Some(200),
            status_range: None,
            content: vec![MetaMediaType { content_type, schema: String::schema_ref() }],
            headers,
        }],
    }
}

impl ApiResponse for HtmlPage {
    fn meta() -> MetaResponses {
        described("text/html", Vec::new())
    }

    fn register(_registry: &mut Registry) {}
}
