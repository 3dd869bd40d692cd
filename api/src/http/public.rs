//! Public reads: the same bytes for everybody, with a strong `ETag`, compressed once, kept in memory.
//!
//! The key of a kept page begins with the village and its generation, so a change is a new key and nothing has to be
//! forgotten in time. A page also names the instant at which it stops being true (the next expiry of a post on it).

use super::answer::text_header;
use crate::secrets::sha256;
use crate::text::weighted;
use async_compression::Level;
use async_compression::tokio::write::{BrotliEncoder, GzipEncoder};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use poem::http::{HeaderMap, HeaderValue, StatusCode, header};
use poem::web::headers::{ETag, HeaderMapExt, IfNoneMatch};
use poem::{FromRequest, IntoResponse, Request, RequestBody, Response, Result};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::{ToJSON, Type};
use std::io;
use std::marker::PhantomData;
use std::sync::Arc;
use tokio::io::AsyncWriteExt;
use tokio::sync::{OnceCell, Semaphore};

/// Pages shorter than this are not compressed.
const WORTH_COMPRESSING: usize = 1024;

/// Pages longer than this take some milliseconds to compress: not on the threads that answer, and only two at once.
const LONG_TO_COMPRESS: usize = 64 * 1024;
static COMPRESSING: Semaphore = Semaphore::const_new(2);

/// What caches on the way may do with a page: keep it for half a minute, then ask whether it changed.
const CACHE_CONTROL: &str = "public, max-age=30, stale-while-revalidate=60";

/// One public page.
pub struct PublicPage {
    tag: String,
    content_type: &'static str,
    /// What it is called when it is saved.
    file_name: Option<HeaderValue>,
    /// What a browser may do with it, if that is more than nothing.
    policy: Option<HeaderValue>,
    links: Vec<HeaderValue>,
    plain: Bytes,
    gzip: OnceCell<Bytes>,
    brotli: OnceCell<Bytes>,
    true_until: Option<DateTime<Utc>>,
}

/// What a request says about the page it wants.
pub struct Asked {
    if_none_match: Option<IfNoneMatch>,
    encoding: Encoding,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Identity,
    Gzip,
    Brotli,
}

impl PublicPage {
    /// A page of JSON.
    pub fn json<T: ToJSON>(value: &T, true_until: Option<DateTime<Utc>>) -> Arc<Self> {
        Self::list(value, None, true_until)
    }

    /// A page of a list in JSON, with the path and query of the next one.
    pub fn list<T: ToJSON>(value: &T, next: Option<String>, true_until: Option<DateTime<Utc>>) -> Arc<Self> {
        let next = next.map(|url| format!("<{url}>; rel=\"next\""));
        Self::linked(value, next.as_slice(), true_until)
    }

    /// A page of JSON with these values of `Link` (RFC 8288).
    pub fn linked<T: ToJSON>(value: &T, links: &[String], true_until: Option<DateTime<Utc>>) -> Arc<Self> {
        Self::new("application/json", value.to_json_string().into_bytes(), links, true_until)
    }

    /// A document of this media type.
    pub fn document(media_type: &'static str, text: String, true_until: Option<DateTime<Utc>>) -> Arc<Self> {
        Self::new(media_type, text.into_bytes(), &[], true_until)
    }

    /// A document that is saved under a name of ASCII letters, digits, hyphens and dots.
    pub fn file(media_type: &'static str, text: String, name: &str, true_until: Option<DateTime<Utc>>) -> Arc<Self> {
        let mut page = Self::made(media_type, text.into_bytes(), &[], true_until);
        page.file_name = HeaderValue::from_str(&format!("inline; filename=\"{name}\"")).ok();
        Arc::new(page)
    }

    /// A page of HTML that runs the scripts it carries, and no others.
    pub fn page_with_own_scripts(html: String) -> Arc<Self> {
        let mut page = Self::made("text/html; charset=utf-8", html.into_bytes(), &[], None);
        page.policy = Some(HeaderValue::from_static(
            "default-src 'self'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src 'self' data:; \
             base-uri 'none'; frame-ancestors 'none'",
        ));
        Arc::new(page)
    }

    fn new(
        content_type: &'static str,
        bytes: Vec<u8>,
        links: &[String],
        true_until: Option<DateTime<Utc>>,
    ) -> Arc<Self> {
        Arc::new(Self::made(content_type, bytes, links, true_until))
    }

    fn made(content_type: &'static str, bytes: Vec<u8>, links: &[String], true_until: Option<DateTime<Utc>>) -> Self {
        let tag = URL_SAFE_NO_PAD.encode(&sha256(&bytes)[..12]);
        let links = links.iter().filter_map(|link| HeaderValue::from_str(link).ok()).collect();
        let (plain, gzip, brotli) = (Bytes::from(bytes), OnceCell::new(), OnceCell::new());
        Self { tag, content_type, file_name: None, policy: None, links, plain, gzip, brotli, true_until }
    }

    /// Its size before it is compressed, in bytes.
    pub(super) fn len(&self) -> usize {
        self.plain.len()
    }

    /// Whether what it says holds.
    pub(super) fn is_true_at(&self, now: DateTime<Utc>) -> bool {
        self.true_until.is_none_or(|until| now < until)
    }

    async fn encoded(&self, encoding: Encoding) -> Bytes {
        let kept = match encoding {
            Encoding::Identity => return self.plain.clone(),
            Encoding::Gzip => &self.gzip,
            Encoding::Brotli => &self.brotli,
        };
        let compress = async || {
            if self.plain.len() < LONG_TO_COMPRESS {
                return self.compressed(encoding);
            }
            let _seat = COMPRESSING.acquire().await;
            tokio::task::block_in_place(|| self.compressed(encoding))
        };
        kept.get_or_init(compress).await.clone()
    }

    fn compressed(&self, encoding: Encoding) -> Bytes {
        let quality = Level::Precise(5);
        let write = async {
            match encoding {
                Encoding::Identity => Ok(self.plain.to_vec()),
                Encoding::Gzip => {
                    let mut encoder = GzipEncoder::with_quality(Vec::new(), quality);
                    encoder.write_all(&self.plain).await.and(encoder.shutdown().await).map(|()| encoder.into_inner())
                }
                Encoding::Brotli => {
                    let mut encoder = BrotliEncoder::with_quality(Vec::new(), quality);
                    encoder.write_all(&self.plain).await.and(encoder.shutdown().await).map(|()| encoder.into_inner())
                }
            }
        };
        // Writing into memory neither waits nor fails.
        write.now_or_never().and_then(io::Result::ok).unwrap_or_default().into()
    }

    /// Different encodings are different representations, so their strong tags differ (RFC 9110, section 8.8.3.3).
    fn etag(&self, encoding: Encoding) -> String {
        let suffix = match encoding {
            Encoding::Identity => "",
            Encoding::Gzip => "-gz",
            Encoding::Brotli => "-br",
        };
        format!("\"{}{suffix}\"", self.tag)
    }

    pub(super) async fn answer(&self, asked: &Asked) -> Response {
        let encoding = if self.plain.len() < WORTH_COMPRESSING { Encoding::Identity } else { asked.encoding };
        let etag = self.etag(encoding);
        let mut response = Response::builder()
            .header(header::ETAG, &etag)
            .header(header::CACHE_CONTROL, CACHE_CONTROL)
            .header(header::VARY, "Accept-Encoding")
            .finish();
        for link in &self.links {
            response.headers_mut().append(header::LINK, link.clone());
        }
        let unchanged = match (&asked.if_none_match, etag.parse::<ETag>()) {
            (Some(condition), Ok(etag)) => !condition.precondition_passes(&etag),
            _ => false,
        };
        if unchanged {
            response.set_status(StatusCode::NOT_MODIFIED);
            return response;
        }
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        if let Some(name) = &self.file_name {
            response.headers_mut().insert(header::CONTENT_DISPOSITION, name.clone());
        }
        if let Some(policy) = &self.policy {
            response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy.clone());
        }
        let name = match encoding {
            Encoding::Identity => None,
            Encoding::Gzip => Some("gzip"),
            Encoding::Brotli => Some("br"),
        };
        if let Some(name) = name {
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
        }
        response.set_body(self.encoded(encoding).await);
        response
    }
}

/// The answer of a public read: a page of the shape `T`, or 304 when the asker has it.
pub struct Public<T> {
    response: Response,
    shape: PhantomData<fn() -> T>,
}

impl<T> Public<T> {
    /// Answers with this page.
    pub async fn page(page: &PublicPage, asked: &Asked) -> Self {
        Self { response: page.answer(asked).await, shape: PhantomData }
    }
}

impl<T> IntoResponse for Public<T> {
    fn into_response(self) -> Response {
        self.response
    }
}

impl<T: Type> ApiResponse for Public<T> {
    fn meta() -> MetaResponses {
        let headers = || {
            vec![
                text_header("ETag", "Stands for these bytes; send it back in `If-None-Match`."),
                text_header(
                    "Link",
                    "The next page of a list, with `rel=\"next\"`; the feed in other forms, with `rel=\"alternate\"` (RFC 8288).",
                ),
            ]
        };
        let answer = |status, description, content, headers| MetaResponse {
            description,
            status: Some(status),
            status_range: None,
            content,
            headers,
        };
        let content = vec![MetaMediaType { content_type: "application/json", schema: T::schema_ref() }];
        MetaResponses {
            responses: vec![
                answer(200, "As asked.", content, headers()),
                answer(
                    304,
                    "Nothing has changed since the answer whose `ETag` was sent in `If-None-Match`.",
                    vec![],
                    headers(),
                ),
            ],
        }
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

/// The answer of a public read: a calendar, or 304 when the asker has it.
pub struct CalendarDocument(Response);

impl CalendarDocument {
    /// Answers with this page.
    pub async fn page(page: &PublicPage, asked: &Asked) -> Self {
        Self(page.answer(asked).await)
    }
}

impl IntoResponse for CalendarDocument {
    fn into_response(self) -> Response {
        self.0
    }
}

impl ApiResponse for CalendarDocument {
    fn meta() -> MetaResponses {
        let answer = |status, description, content, headers| MetaResponse {
            description,
            status: Some(status),
            status_range: None,
            content,
            headers,
        };
        let content = vec![MetaMediaType { content_type: "text/calendar", schema: String::schema_ref() }];
        let tag = || text_header("ETag", "Stands for these bytes; send it back in `If-None-Match`.");
        let headers = vec![tag(), text_header("Content-Disposition", "The name to save it under.")];
        MetaResponses {
            responses: vec![
                answer(200, "The calendar.", content, headers),
                answer(304, "The asker has it already.", vec![], vec![tag()]),
            ],
        }
    }

    fn register(_registry: &mut Registry) {}
}

impl<'a> FromRequest<'a> for Asked {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> Result<Self> {
        let headers = request.headers();
        Ok(Self { if_none_match: headers.typed_get(), encoding: best_encoding(headers) })
    }
}

/// The encoding that `Accept-Encoding` (RFC 9110, section 12.5.3) prefers; on a tie, the smaller one.
fn best_encoding(headers: &HeaderMap) -> Encoding {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or("");
    let weight_of = |name: &str| {
        accepted.split(',').take(16).find_map(|entry| {
            let (coding, weight) = weighted(entry);
            coding.eq_ignore_ascii_case(name).then_some(weight)
        })
    };
    let any = weight_of("*").unwrap_or(0.0);
    let brotli = weight_of("br").unwrap_or(any);
    let gzip = weight_of("gzip").unwrap_or(any);
    if brotli > 0.0 && brotli >= gzip {
        Encoding::Brotli
    } else if gzip > 0.0 {
        Encoding::Gzip
    } else {
        Encoding::Identity
    }
}
