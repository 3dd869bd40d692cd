//! Answers to staff and residents about what is theirs: JSON with a version, never stored by caches.

use poem::http::{HeaderValue, StatusCode, header};
use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{MetaHeader, MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::{ToJSON, Type};
use std::marker::PhantomData;

/// An answer of one status with a JSON body of the shape `T`.
pub struct Answer<const STATUS: u16, T> {
    body: String,
    etag: Option<String>,
    location: Option<String>,
    link: Option<String>,
    shape: PhantomData<fn() -> T>,
}

impl<const STATUS: u16, T: ToJSON> Answer<STATUS, T> {
    /// An answer that says this.
    pub fn of(value: &T) -> Self {
        Self { body: value.to_json_string(), etag: None, location: None, link: None, shape: PhantomData }
    }

    /// With a strong `ETag` made of a version.
    pub fn version(self, version: i32) -> Self {
        Self { etag: Some(format!("\"{version}\"")), ..self }
    }

    /// With the `Location` of what was created.
    pub fn at(self, location: String) -> Self {
        Self { location: Some(location), ..self }
    }

    /// With a `Link` (RFC 8288) to the next page, if there is one.
    pub fn next(self, url: Option<String>) -> Self {
        Self { link: url.map(|url| format!("<{url}>; rel=\"next\"")), ..self }
    }

    /// What is kept of the answer for a repeat of the request.
    pub fn to_keep(&self) -> entity::Answer {
        entity::Answer {
            status: i16::try_from(STATUS).unwrap_or(200),
            etag: self.etag.clone(),
            location: self.location.clone(),
            body: self.body.clone(),
        }
    }

    /// The answer that was kept.
    pub fn kept(answer: entity::Answer) -> Self {
        Self { body: answer.body, etag: answer.etag, location: answer.location, link: None, shape: PhantomData }
    }
}

impl<const STATUS: u16, T> IntoResponse for Answer<STATUS, T> {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(STATUS).unwrap_or(StatusCode::OK);
        let mut response = Response::builder()
            .status(status)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::CACHE_CONTROL, "no-store")
            .body(self.body);
        let fields = [(header::ETAG, self.etag), (header::LOCATION, self.location), (header::LINK, self.link)];
        for (name, value) in fields {
            if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

impl<const STATUS: u16, T: Type> ApiResponse for Answer<STATUS, T> {
    fn meta() -> MetaResponses {
        let created = STATUS == 201;
        let mut headers = vec![text_header("ETag", "The version of what the body shows, for `If-Match`.")];
        if created {
            headers.push(text_header("Location", "Where what was created can be read."));
        } else {
            headers.push(text_header("Link", "The next page of a list, with `rel=\"next\"` (RFC 8288)."));
        }
        MetaResponses {
            responses: vec![MetaResponse {
                description: if created { "It was created." } else { "As asked." },
                status: Some(STATUS),
                status_range: None,
                content: vec![MetaMediaType { content_type: "application/json", schema: T::schema_ref() }],
                headers,
            }],
        }
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

/// 202: taken in; what comes of it is not told here.
pub struct Accepted;

/// 204: done, and nothing to say.
pub struct Empty;

/// An answer without a body.
macro_rules! bodiless {
    ($name:ident, $status:ident, $code:literal, $description:literal) => {
        impl IntoResponse for $name {
            fn into_response(self) -> Response {
                Response::builder().status(StatusCode::$status).header(header::CACHE_CONTROL, "no-store").finish()
            }
        }

        impl ApiResponse for $name {
            fn meta() -> MetaResponses {
                MetaResponses {
                    responses: vec![MetaResponse {
                        description: $description,
                        status: Some($code),
                        status_range: None,
                        content: vec![],
                        headers: vec![],
                    }],
                }
            }

            fn register(_registry: &mut Registry) {}
        }
    };
}

bodiless!(Empty, NO_CONTENT, 204, "Done.");
bodiless!(Accepted, ACCEPTED, 202, "Taken in. What comes of it is not told here.");

/// A header whose value is a text, as the contract describes it.
pub(super) fn text_header(name: &str, description: &str) -> MetaHeader {
    MetaHeader {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        required: false,
        deprecated: false,
        schema: String::schema_ref(),
    }
}
