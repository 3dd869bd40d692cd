//! Pages for people without the app: confirming and leaving, and the documentation of the API.

use super::answer::text_header;
use poem::http::{StatusCode, header};
use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::Type;

/// What a page without scripts may do: style itself and post its form back.
const STRICT_POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// An HTML page.
pub struct HtmlPage {
    html: String,
    policy: &'static str,
}

/// A text in a machine's format, such as YAML.
pub struct TextPage(pub &'static str, pub String);

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
        described("text/csv")
    }

    fn register(_registry: &mut Registry) {}
}

impl HtmlPage {
    /// A page without scripts.
    pub fn new(html: String) -> Self {
        Self { html, policy: STRICT_POLICY }
    }

    /// A page that runs the scripts it carries, and no others.
    pub fn with_own_scripts(html: String) -> Self {
        let policy = "default-src 'self'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src 'self' data:; \
                      base-uri 'none'; frame-ancestors 'none'";
        Self { html, policy }
    }
}

impl IntoResponse for HtmlPage {
    fn into_response(self) -> Response {
        Response::builder()
            .status(StatusCode::OK)
            .header(header::CONTENT_TYPE, "text/html; charset=utf-8")
            .header(header::CONTENT_SECURITY_POLICY, self.policy)
            .header(header::CACHE_CONTROL, "no-store")
            .body(self.html)
    }
}

impl IntoResponse for TextPage {
    fn into_response(self) -> Response {
        Response::builder().header(header::CONTENT_TYPE, self.0).body(self.1)
    }
}

fn described(content_type: &'static str) -> MetaResponses {
    MetaResponses {
        responses: vec![MetaResponse {
            description: "The page.",
            status: Some(200),
            status_range: None,
            content: vec![MetaMediaType { content_type, schema: String::schema_ref() }],
            headers: vec![text_header("Cache-Control", "How long it may be kept.")],
        }],
    }
}

impl ApiResponse for HtmlPage {
    fn meta() -> MetaResponses {
        described("text/html")
    }

    fn register(_registry: &mut Registry) {}
}

impl ApiResponse for TextPage {
    fn meta() -> MetaResponses {
        described("text/plain")
    }

    fn register(_registry: &mut Registry) {}
}
