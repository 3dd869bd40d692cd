//! Calendars as the body of a request: received into memory, within a limit and a deadline of their own.

use super::body::is_compressed;
use super::patience::Patience;
use crate::calendar::MOST_BYTES;
use crate::problem::{Problem, ProblemKind};
use crate::secrets::sha256;
use crate::text::Text;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use poem::http::header;
use poem::{Body, Request, RequestBody, Result};
use poem_openapi::registry::{MetaMediaType, MetaRequest, Registry};
use poem_openapi::types::{Binary, Type};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use std::time::Duration;

/// What the body may be declared as.
const ACCEPTED: [&str; 2] = ["text/calendar", "application/octet-stream"];

/// Within which all of it must arrive.
const PATIENCE: Duration = Duration::from_secs(60);

/// A calendar as the body of a request.
pub struct CalendarBody {
    /// Its bytes: at most [`MOST_BYTES`].
    pub bytes: Bytes,
    /// SHA-256 of them.
    pub hash: Vec<u8>,
}

async fn receive(body: Body) -> Result<Bytes, Problem> {
    let mut received = BytesMut::new();
    let mut chunks = std::pin::pin!(body.into_bytes_stream());
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Problem::new(ProblemKind::BadRequest))?;
        if received.len() + chunk.len() > MOST_BYTES {
            return Err(too_large());
        }
        received.extend_from_slice(&chunk);
    }
    Ok(received.freeze())
}

fn too_large() -> Problem {
    let mib = MOST_BYTES / 1024 / 1024;
    Problem::explained(
        ProblemKind::PayloadTooLarge,
        Text::new(format!("Der Kalender ist größer als {mib} MiB."), format!("The calendar is larger than {mib} MiB.")),
    )
}

impl<'a> ApiExtractor<'a> for CalendarBody {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(_registry: &mut Registry) {}

    fn request_meta() -> Option<MetaRequest> {
        let content =
            ACCEPTED.map(|content_type| MetaMediaType { content_type, schema: Binary::<Vec<u8>>::schema_ref() });
        Some(MetaRequest { description: Some("The calendar itself."), content: content.into(), required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> Result<Self> {
        let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
        let declared = text(header::CONTENT_TYPE).unwrap_or("").split(';').next().unwrap_or("").trim();
        if !ACCEPTED.iter().any(|accepted| accepted.eq_ignore_ascii_case(declared)) {
            let detail =
                Text::new("Senden Sie die Datei selbst, als text/calendar.", "Send the file itself, as text/calendar.");
            return Err(Problem::explained(ProblemKind::UnsupportedMediaType, detail).into());
        }
        if is_compressed(request) {
            return Err(Problem::compressed().into());
        }
        let announced = text(header::CONTENT_LENGTH).and_then(|length| length.parse::<usize>().ok());
        if announced.is_some_and(|announced| announced > MOST_BYTES) {
            return Err(too_large().into());
        }
        let body = body.take().map_err(|_| Problem::new(ProblemKind::BadRequest))?;
        Patience::with(request)?.extend(PATIENCE);
        let received = tokio::time::timeout(PATIENCE, receive(body)).await;
        let bytes = received.unwrap_or_else(|_| Err(Problem::new(ProblemKind::RequestTimeout)))?;
        Ok(Self { hash: sha256(&bytes), bytes })
    }
}
