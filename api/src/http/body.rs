//! Reading bodies: counted while they arrive, within a deadline, refused with the name of the field at fault.

use super::objects::Objects;
use super::wording;
use crate::app::App;
use crate::problem::{Problem, ProblemKind};
use crate::secrets::sha256;
use crate::text::Text;
use poem::error::ReadBodyError;
use poem::http::header;
use poem::{Request, RequestBody, Result};
use poem_openapi::registry::{MetaMediaType, MetaRequest, MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use serde::de::DeserializeOwned;
use std::time::Duration;

/// A JSON body.
pub struct Body<T> {
    /// What it says.
    pub value: T,
    /// SHA-256 of its bytes.
    pub hash: Vec<u8>,
    /// Whether it is `{}`: as a change, it asks for none.
    pub is_empty: bool,
}

/// A JSON body that may be left out.
pub struct BodyIfGiven<T> {
    /// What it says, if it is there.
    pub value: Option<T>,
    /// SHA-256 of its bytes.
    pub hash: Vec<u8>,
}

/// An HTML form's body that is read and ignored: mail clients and pages post one (RFC 8058).
pub struct Form;

/// What was entered into an HTML form: texts by the names of its fields.
pub struct FormOf<T>(pub T);

impl<'a, T: DeserializeOwned + Type> ApiExtractor<'a> for Body<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        Some(MetaRequest {
            description: None,
            content: vec![MetaMediaType { content_type: "application/json", schema: T::schema_ref() }],
            required: true,
        })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> Result<Self> {
        expect_json(request)?;
        let bytes = read(request, body).await?;
        let (value, is_empty) = parse(&bytes)?;
        Ok(Self { value, hash: sha256(&bytes), is_empty })
    }
}

impl<'a, T: DeserializeOwned + Type> ApiExtractor<'a> for BodyIfGiven<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        <Body<T> as ApiExtractor<'a>>::request_meta().map(|meta| MetaRequest { required: false, ..meta })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> Result<Self> {
        let bytes = read(request, body).await?;
        if bytes.is_empty() {
            return Ok(Self { value: None, hash: Vec::new() });
        }
        expect_json(request)?;
        let (value, _) = parse(&bytes)?;
        Ok(Self { value: Some(value), hash: sha256(&bytes) })
    }
}

impl<'a> ApiExtractor<'a> for Form {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn request_meta() -> Option<MetaRequest> {
        let schema = MetaSchema {
            description: Some("Whatever the form says; it is not read."),
            example: Some(serde_json::json!({"List-Unsubscribe": "One-Click"})),
            ..MetaSchema::new("object")
        };
        let schema = MetaSchemaRef::Inline(Box::new(schema));
        Some(MetaRequest {
            description: None,
            content: vec![MetaMediaType { content_type: "application/x-www-form-urlencoded", schema }],
            required: false,
        })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> Result<Self> {
        read(request, body).await?;
        Ok(Self)
    }
}

impl<'a, T: DeserializeOwned + Type> ApiExtractor<'a> for FormOf<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        let form = MetaMediaType { content_type: "application/x-www-form-urlencoded", schema: T::schema_ref() };
        Some(MetaRequest { description: None, content: vec![form], required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> Result<Self> {
        if !is_media_type(request, "application/x-www-form-urlencoded") {
            return Err(Problem::explained(
                ProblemKind::UnsupportedMediaType,
                Text::new("Erwartet wird ein HTML-Formular.", "An HTML form is expected."),
            )
            .into());
        }
        let bytes = read(request, body).await?;
        let fields = form_urlencoded::parse(&bytes).map(|(name, text)| (name.into_owned(), text.into_owned().into()));
        let fields = serde_json::Value::Object(fields.collect());
        Ok(Self(serde_path_to_error::deserialize(fields).map_err(|error| invalid::<T>(&error))?))
    }
}

fn expect_json(request: &Request) -> Result<(), Problem> {
    if is_media_type(request, "application/json") {
        return Ok(());
    }
    let detail = Text::new("Erwartet wird application/json.", "application/json is expected.");
    Err(Problem::explained(ProblemKind::UnsupportedMediaType, detail))
}

fn is_media_type(request: &Request, expected: &str) -> bool {
    let given = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    given.split(';').next().unwrap_or("").trim().eq_ignore_ascii_case(expected)
}

/// Whether the body would have to be unpacked, to who knows what size.
pub(super) fn is_compressed(request: &Request) -> bool {
    request.headers().contains_key(header::CONTENT_ENCODING)
}

async fn read(request: &Request, body: &mut RequestBody) -> Result<bytes::Bytes, Problem> {
    let app = request.data::<App>().ok_or_else(|| Problem::new(ProblemKind::Internal))?;
    let settings = &app.settings.http;
    if is_compressed(request) {
        return Err(Problem::compressed());
    }
    let limit = settings.max_body_kib * 1024;
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    if announced.and_then(|length| length.parse::<usize>().ok()).is_some_and(|length| length > limit) {
        return Err(Problem::new(ProblemKind::PayloadTooLarge));
    }
    let body = body.take().map_err(|_| Problem::new(ProblemKind::BadRequest))?;
    let deadline = Duration::from_secs(settings.body_timeout_s);
    match tokio::time::timeout(deadline, body.into_bytes_limit(limit)).await {
        Err(_) => Err(Problem::new(ProblemKind::RequestTimeout)),
        Ok(Err(ReadBodyError::PayloadTooLarge)) => Err(Problem::new(ProblemKind::PayloadTooLarge)),
        Ok(Err(_)) => Err(Problem::new(ProblemKind::BadRequest)),
        Ok(Ok(bytes)) => Ok(bytes),
    }
}

/// Reads a value twice: from the tree of JSON, whose lists are not taken for objects, and from the bytes, which still hold what a
/// tree does not, a member given twice. And whether it has no members.
fn parse<T: DeserializeOwned + Type>(bytes: &[u8]) -> Result<(T, bool), Problem> {
    let json: serde_json::Value = serde_json::from_slice(bytes).map_err(|error| unreadable(&error))?;
    serde_path_to_error::deserialize::<_, T>(Objects(&json)).map_err(|error| invalid::<T>(&error))?;
    let mut bytes = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut bytes).map_err(|error| invalid::<T>(&error))?;
    Ok((value, json.as_object().is_some_and(serde_json::Map::is_empty)))
}

/// What serde found, with the path to it as a JSON pointer.
fn invalid<T: Type>(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    if !error.inner().is_data() {
        return unreadable(error.inner());
    }
    let pointer = error.path().iter().fold(String::new(), |pointer, segment| {
        use serde_path_to_error::Segment;
        let name = match segment {
            Segment::Seq { index } => index.to_string(),
            Segment::Map { key } | Segment::Enum { variant: key } => key.replace('~', "~0").replace('/', "~1"),
            Segment::Unknown => return pointer,
        };
        format!("{pointer}/{name}")
    });
    let (pointer, what) = wording::of_body::<T>(pointer, &error.inner().to_string());
    Problem::with_fault(ProblemKind::InvalidBody, pointer, what)
}

fn unreadable(error: &serde_json::Error) -> Problem {
    let (line, column) = (error.line(), error.column());
    Problem::with_fault(
        ProblemKind::InvalidBody,
        "",
        Text::new(
            format!("ist kein gültiges JSON (Zeile {line}, Spalte {column})"),
            format!("is not valid JSON (line {line}, column {column})"),
        ),
    )
}
