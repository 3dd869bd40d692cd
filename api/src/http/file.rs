//! Files as answers: with a fixed type, in whole or in part (RFC 9110, section 14), and harmless wherever they are opened.

use super::answer::text_header;
use crate::problem::{Problem, ProblemKind};
use crate::text::Text;
use bytes::Bytes;
use futures_util::stream::BoxStream;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use poem::http::{HeaderValue, StatusCode, header};
use poem::web::headers::{ContentRange, ETag, HeaderMapExt, IfNoneMatch, IfRange, Range};
use poem::{Body, FromRequest, IntoResponse, Request, RequestBody, Response, Result};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::{Binary, Type};
use std::io;
use std::ops::{self, Bound};

/// A page of its own for whoever opens the file as one: nothing runs in it, and nothing is loaded.
const HARMLESS: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";

/// What may not stand in a `filename*` (RFC 8187, `attr-char`).
const NOT_IN_A_NAME: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'%')
    .add(b'\'')
    .add(b'(')
    .add(b')')
    .add(b'*')
    .add(b',')
    .add(b'/')
    .add(b':')
    .add(b';')
    .add(b'<')
    .add(b'=')
    .add(b'>')
    .add(b'?')
    .add(b'@')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'{')
    .add(b'}');

/// Who may keep a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeping {
    /// Everybody, for some minutes: what a name stands for never changes, but it may be taken back. Asking again costs no bytes.
    Briefly,
    /// Nobody.
    Nobody,
}

/// How a browser is to treat a file.
#[derive(Clone, Copy, Debug)]
pub enum Showing<'a> {
    /// In its place in a page.
    InPlace,
    /// Saved under this name, never opened in a page of ours.
    Saved(&'a str),
}

/// What a request says about the file it wants.
pub struct AskedFile {
    range: Option<Range>,
    if_range: Option<IfRange>,
    if_none_match: Option<IfNoneMatch>,
}

/// A file, or a part of it, or 304.
pub struct FileAnswer(Response);

impl AskedFile {
    /// Whether the asker has the file of this tag already.
    pub fn has(&self, tag: &str) -> bool {
        match (&self.if_none_match, etag(tag)) {
            (Some(condition), Some(tag)) => !condition.precondition_passes(&tag),
            _ => false,
        }
    }

    /// Whether a part is asked for, so that the length has to be known first.
    pub fn wants_part(&self, tag: &str) -> bool {
        let unchanged = match (&self.if_range, etag(tag)) {
            (Some(condition), tag) => !condition.is_modified(tag.as_ref(), None),
            (None, _) => true,
        };
        self.range.is_some() && unchanged
    }

    /// The part that is asked for of a file of this length; none for all of it. Several parts at once are answered with all of
    /// it, as the RFC allows.
    ///
    /// # Errors
    /// 416 when the file has no such part.
    pub fn part(&self, length: u64) -> Result<Option<ops::Range<u64>>, Problem> {
        let Some(range) = &self.range else { return Ok(None) };
        let mut parts = range.satisfiable_ranges(length);
        let (first, second) = (parts.next(), parts.next());
        match (first, second) {
            (Some(_), Some(_)) => Ok(None),
            (Some((Bound::Included(from), to)), None) => {
                let to = match to {
                    Bound::Included(last) => last.saturating_add(1).min(length),
                    Bound::Excluded(end) => end.min(length),
                    Bound::Unbounded => length,
                };
                if from < to { Ok(Some(from..to)) } else { Err(Problem::out_of_range(length)) }
            }
            // More bytes from the end than there are: all of them. The parser says nothing then, so it is asked once more
            // about a file that is long enough.
            (None, _) if length > 0 && starts_near_the_end(range) => Ok(None),
            _ => Err(Problem::out_of_range(length)),
        }
    }
}

fn starts_near_the_end(range: &Range) -> bool {
    let first = range.satisfiable_ranges(u64::MAX).next();
    matches!(first, Some((Bound::Included(from), Bound::Unbounded)) if from > u64::MAX / 2 && from < u64::MAX)
}

impl FileAnswer {
    /// 304: what the asker has is what there is.
    pub fn unchanged(tag: &str, keeping: Keeping) -> Self {
        Self(with_headers(tag, keeping).status(StatusCode::NOT_MODIFIED).finish())
    }

    /// A file of `length` bytes, or the `part` of it that `bytes` are.
    pub fn of(
        described: FileHead<'_>,
        length: u64,
        part: Option<ops::Range<u64>>,
        bytes: BoxStream<'static, io::Result<Bytes>>,
    ) -> Self {
        let sent = part.as_ref().map_or(length, |part| part.end - part.start);
        let mut response = with_headers(described.tag, described.keeping)
            .header(header::CONTENT_TYPE, described.content_type)
            .header(header::CONTENT_LENGTH, sent)
            .header(header::ACCEPT_RANGES, "bytes")
            .header(header::CONTENT_SECURITY_POLICY, HARMLESS)
            .header(header::CONTENT_DISPOSITION, disposition(described.showing))
            .body(Body::from_bytes_stream(bytes));
        if let Some(range) = part.and_then(|part| ContentRange::bytes(part, length).ok()) {
            response.set_status(StatusCode::PARTIAL_CONTENT);
            response.headers_mut().typed_insert(range);
        }
        Self(response)
    }
}

/// What is said of a file before its bytes.
pub struct FileHead<'a> {
    /// Stands for its bytes.
    pub tag: &'a str,
    /// Its media type.
    pub content_type: &'static str,
    /// How a browser is to treat it.
    pub showing: Showing<'a>,
    /// Who may keep it.
    pub keeping: Keeping,
}

fn with_headers(tag: &str, keeping: Keeping) -> poem::ResponseBuilder {
    let builder = Response::builder().header(header::ETAG, format!("\"{tag}\""));
    match keeping {
        Keeping::Briefly => builder.header(header::CACHE_CONTROL, "public, max-age=300"),
        Keeping::Nobody => builder.header(header::CACHE_CONTROL, "no-store"),
    }
}

/// `Content-Disposition` (RFC 6266): a name of ASCII letters for everybody, and the real one (RFC 8187) for who can read it.
fn disposition(showing: Showing<'_>) -> HeaderValue {
    let Showing::Saved(name) = showing else { return HeaderValue::from_static("inline") };
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ' ') { c } else { '_' }).collect();
    let encoded = utf8_percent_encode(name, NOT_IN_A_NAME);
    let value = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}");
    HeaderValue::from_str(&value).unwrap_or(HeaderValue::from_static("attachment"))
}

fn etag(tag: &str) -> Option<ETag> {
    format!("\"{tag}\"").parse().ok()
}

impl<'a> FromRequest<'a> for AskedFile {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> Result<Self> {
        let headers = request.headers();
        // What cannot be read is ignored, as the RFC wants it.
        Ok(Self { range: headers.typed_get(), if_range: headers.typed_get(), if_none_match: headers.typed_get() })
    }
}

impl IntoResponse for FileAnswer {
    fn into_response(self) -> Response {
        self.0
    }
}

impl ApiResponse for FileAnswer {
    fn meta() -> MetaResponses {
        let content = || {
            ["image/jpeg", "image/png", "application/pdf"]
                .map(|content_type| MetaMediaType { content_type, schema: Binary::<Vec<u8>>::schema_ref() })
                .into()
        };
        let headers = || {
            vec![
                text_header("ETag", "Stands for these bytes; send it back in `If-None-Match` or `If-Range`."),
                text_header("Content-Disposition", "`inline`, or `attachment` with the name to save it under."),
            ]
        };
        let answer = |status, description, content, headers| MetaResponse {
            description,
            status: Some(status),
            status_range: None,
            content,
            headers,
        };
        let mut of_part = headers();
        of_part.push(text_header("Content-Range", "Which bytes these are, and of how many."));
        MetaResponses {
            responses: vec![
                answer(200, "The file.", content(), headers()),
                answer(206, "The part that `Range` asked for.", content(), of_part),
                answer(304, "The asker has it already.", vec![], vec![text_header("ETag", "Stands for these bytes.")]),
            ],
        }
    }

    fn register(_registry: &mut Registry) {}
}

impl Problem {
    /// The file has no such part; it has `length` bytes.
    fn out_of_range(length: u64) -> Self {
        Self::with_fault(
            ProblemKind::RangeNotSatisfiable,
            "Range",
            Text::new(format!("die Datei hat {length} Bytes"), format!("the file has {length} bytes")),
        )
        .of_length(length)
    }
}
