//! Problems: every refusal the program gives, as RFC 9457 `application/problem+json`.

mod kind;

pub use kind::{PROBLEMS, ProblemKind};

use crate::media_store::MediaStoreError;
use crate::text::{Language, Text};
use entity::StoreError;
use poem::error::ResponseError;
use poem::http::{HeaderValue, StatusCode, header};
use poem::{IntoResponse, Response};
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::{Example, ToJSON, Type};
use poem_openapi::{ApiResponse, Object};

/// One thing wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// A JSON pointer (RFC 6901) into the body, or the name of a parameter or header.
    pub pointer: String,
    /// What is wrong.
    pub detail: Text,
}

/// A refusal.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{kind:?}")]
pub struct Problem {
    /// Why.
    pub kind: ProblemKind,
    // Boxed, so that a result that may be a problem stays small.
    more: Box<More>,
}

/// What there is to say beyond the kind.
#[derive(Clone, Debug, Default)]
struct More {
    detail: Option<Text>,
    faults: Vec<Fault>,
    retry_after_s: Option<u64>,
    limit: Option<u32>,
    allow: Option<String>,
    length: Option<u64>,
}

/// The body of a refusal (RFC 9457).
#[derive(Object)]
#[oai(rename = "Problem", skip_serializing_if_is_none, example)]
pub struct ProblemBody {
    /// Names the kind of problem: `urn:dorf:problem:` and one of the names in the table of problems.
    #[oai(rename = "type")]
    kind: String,
    /// The kind of problem for people, in the language asked for.
    title: String,
    /// The HTTP status.
    #[oai(validator(minimum(value = "400"), maximum(value = "599")))]
    status: u16,
    /// What is wrong this time, for people.
    detail: Option<String>,
    /// The identifier of the request, as in the log and in the header `X-Request-Id`: `urn:uuid:…`.
    instance: String,
    /// What is wrong, one by one.
    errors: Option<Vec<FaultBody>>,
}

/// One thing wrong with a request.
#[derive(Object)]
#[oai(rename = "ProblemFault", example)]
struct FaultBody {
    /// A JSON pointer (RFC 6901) into the request's body, or the name of a parameter or header.
    pointer: String,
    /// What is wrong with it, for people.
    detail: String,
}

impl Example for ProblemBody {
    fn example() -> Self {
        let long = Text::new("ist zu lang: höchstens 200 Zeichen", "is too long: at most 200 characters");
        let detail = Text::new("Bitte berichtigen Sie die Angaben.", "Please correct the values.");
        let mut problem = Problem::with_fault(ProblemKind::Unprocessable, "/title", long);
        problem.more.detail = Some(detail);
        problem.body(Language::default(), uuid::uuid!("01a20565-141b-7555-8fb8-c400675143fd"))
    }
}

impl Example for FaultBody {
    fn example() -> Self {
        Self { pointer: "/title".to_owned(), detail: "ist zu lang: höchstens 200 Zeichen".to_owned() }
    }
}

impl Problem {
    /// A problem of this kind, with nothing more to say.
    pub fn new(kind: ProblemKind) -> Self {
        Self { kind, more: Box::default() }
    }

    /// A problem of this kind, explained.
    pub fn explained(kind: ProblemKind, detail: Text) -> Self {
        Self { kind, more: Box::new(More { detail: Some(detail), ..More::default() }) }
    }

    /// A problem of this kind with one field, parameter or header.
    pub fn with_fault(kind: ProblemKind, pointer: impl Into<String>, detail: Text) -> Self {
        let faults = vec![Fault { pointer: pointer.into(), detail }];
        Self { kind, more: Box::new(More { faults, ..More::default() }) }
    }

    /// Values that cannot be accepted, each named.
    pub fn unprocessable(faults: Vec<Fault>) -> Self {
        Self { kind: ProblemKind::Unprocessable, more: Box::new(More { faults, ..More::default() }) }
    }

    /// The same, naming fields one by one.
    pub fn naming(mut self, faults: Vec<Fault>) -> Self {
        self.more.faults = faults;
        self
    }

    /// There is no such thing here.
    pub fn not_found() -> Self {
        Self::new(ProblemKind::NotFound)
    }

    /// The present state forbids it.
    pub fn conflict(detail: Text) -> Self {
        Self::explained(ProblemKind::Conflict, detail)
    }

    /// More requests than `limit`; to be tried again after a while.
    pub fn too_many_requests(retry_after_s: u64, limit: u32) -> Self {
        let more = More { retry_after_s: Some(retry_after_s), limit: Some(limit), ..More::default() };
        Self { kind: ProblemKind::TooManyRequests, more: Box::new(more) }
    }

    /// Not now; perhaps after a while.
    pub fn again_after(kind: ProblemKind, retry_after_s: u64) -> Self {
        Self { kind, more: Box::new(More { retry_after_s: Some(retry_after_s), ..More::default() }) }
    }

    /// The same, explained.
    pub fn because(mut self, detail: Text) -> Self {
        self.more.detail = Some(detail);
        self
    }

    /// The method is not offered; these are.
    pub fn method_not_allowed(allow: Option<String>) -> Self {
        Self { kind: ProblemKind::MethodNotAllowed, more: Box::new(More { allow, ..More::default() }) }
    }

    /// With the length of the file that has no such part.
    pub fn of_length(mut self, length: u64) -> Self {
        self.more.length = Some(length);
        self
    }

    /// The body is compressed, so that its size cannot be told.
    pub fn compressed() -> Self {
        Self::explained(
            ProblemKind::UnsupportedMediaType,
            Text::new("Der Inhalt darf nicht komprimiert sein.", "The body must not be compressed."),
        )
    }

    /// Everything at fault in one line of English: for the command line.
    pub fn in_one_line(&self) -> String {
        let english = Language::English;
        let faults =
            self.more.faults.iter().map(|fault| format!("{} {}", fault.pointer, fault.detail.in_language(english)));
        faults
            .chain(self.more.detail.iter().map(|detail| detail.in_language(english).to_owned()))
            .collect::<Vec<_>>()
            .join("; ")
    }

    /// The body in the reader's language.
    pub fn body(&self, language: Language, request_id: uuid::Uuid) -> ProblemBody {
        let (_, slug, status, de, en) = self.kind.row();
        ProblemBody {
            kind: format!("urn:dorf:problem:{slug}"),
            title: Text::new(*de, *en).in_language(language).to_owned(),
            status: *status,
            detail: self.more.detail.as_ref().map(|detail| detail.in_language(language).to_owned()),
            instance: format!("urn:uuid:{request_id}"),
            errors: (!self.more.faults.is_empty()).then(|| {
                self.more
                    .faults
                    .iter()
                    .map(|fault| FaultBody {
                        pointer: fault.pointer.clone(),
                        detail: fault.detail.in_language(language).to_owned(),
                    })
                    .collect()
            }),
        }
    }

    /// The whole answer: headers, and the body in the reader's language.
    pub fn render(&self, language: Language, request_id: uuid::Uuid) -> Response {
        let mut response = Response::builder()
            .status(self.kind.status())
            .header(header::CONTENT_TYPE, "application/problem+json")
            .header(header::CONTENT_LANGUAGE, language.tag())
            .header(header::VARY, "Accept-Language")
            .header(header::CACHE_CONTROL, "no-store")
            .body(self.body(language, request_id).to_json_string());
        self.add_headers(&mut response);
        response
    }

    fn add_headers(&self, response: &mut Response) {
        let headers = response.headers_mut();
        let mut add = |name: &'static str, value: String| {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        };
        if matches!(self.kind, ProblemKind::Unauthenticated) {
            add("www-authenticate", "Bearer realm=\"dorf\"".to_owned());
        }
        if let Some(seconds) = self.more.retry_after_s {
            add("retry-after", seconds.to_string());
            if let Some(limit) = self.more.limit {
                add("ratelimit", format!("limit={limit}, remaining=0, reset={seconds}"));
            }
        }
        if let Some(length) = self.more.length {
            add("content-range", format!("bytes */{length}"));
        }
        if let Some(allow) = &self.more.allow {
            add("allow", allow.clone());
        }
    }
}

impl ResponseError for Problem {
    fn status(&self) -> StatusCode {
        self.kind.status()
    }

    /// Only for a problem that does not pass the edge, which knows the reader's language and the request's identifier.
    fn as_response(&self) -> Response {
        self.render(Language::default(), uuid::Uuid::nil())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        self.as_response()
    }
}

impl ApiResponse for Problem {
    /// That there are problems; `contract` derives which.
    fn meta() -> MetaResponses {
        MetaResponses {
            responses: vec![MetaResponse {
                description: "The request was refused.",
                status: None,
                status_range: Some("4XX".to_owned()),
                content: vec![MetaMediaType {
                    content_type: "application/problem+json",
                    schema: ProblemBody::schema_ref(),
                }],
                headers: vec![],
            }],
        }
    }

    fn register(registry: &mut Registry) {
        ProblemBody::register(registry);
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => {
                tracing::error!(%error, "the database did not answer");
                Self::again_after(ProblemKind::Unavailable, 5)
            }
            StoreError::Full(_) => {
                tracing::error!(%error, "the database is full");
                Self::again_after(ProblemKind::InsufficientStorage, 60)
            }
            StoreError::Taken | StoreError::Referenced => Self::new(ProblemKind::Conflict),
            StoreError::Unexpected(_) => {
                tracing::error!(%error, "unexpected database error");
                Self::new(ProblemKind::Internal)
            }
        }
    }
}

impl From<MediaStoreError> for Problem {
    fn from(error: MediaStoreError) -> Self {
        match error {
            MediaStoreError::Missing => Self::not_found(),
            MediaStoreError::Full => Self::again_after(ProblemKind::InsufficientStorage, 60),
            MediaStoreError::Unavailable => Self::again_after(ProblemKind::Unavailable, 5),
        }
    }
}

impl From<anyhow::Error> for Problem {
    fn from(error: anyhow::Error) -> Self {
        tracing::error!(%error, "unexpected error");
        Self::new(ProblemKind::Internal)
    }
}
