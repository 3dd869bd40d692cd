//! Uploads: a file as the body of a request, written to a nameless file while it arrives, so that its size costs no memory.

use super::body::is_compressed;
use super::patience::Patience;
use crate::problem::{Problem, ProblemKind};
use crate::text::Text;
use futures_util::StreamExt;
use poem::http::header;
use poem::{Body, Request, RequestBody, Result};
use poem_openapi::registry::{MetaMediaType, MetaRequest, Registry};
use poem_openapi::types::{Binary, Type};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use ring::digest;
use std::io;
use std::path::Path;
use std::time::Duration;
use tokio::io::{AsyncSeekExt, AsyncWriteExt};

/// What the body may be declared as. What it is, is seen from its content alone.
pub const ACCEPTED: [&str; 5] =
    ["application/octet-stream", "image/jpeg", "image/png", "image/webp", "application/pdf"];

/// A file as the body of a request. Nothing of it is read before [`Upload::spool`].
pub struct Upload {
    /// What it is declared as, in small letters and without parameters.
    pub declared: String,
    body: Body,
    announced: Option<u64>,
    patience: Patience,
}

/// A file that has arrived. It has no name and goes with this value, or with the process.
pub struct Spooled {
    /// The file, at its beginning.
    pub file: std::fs::File,
    /// SHA-256 of its bytes.
    pub hash: Vec<u8>,
}

/// What an upload may cost.
#[derive(Clone, Copy, Debug)]
pub struct UploadLimits {
    /// Most bytes.
    pub bytes: u64,
    /// Within which all of it must arrive.
    pub time: Duration,
}

impl Upload {
    /// Receives the file into a nameless one in `folder`.
    ///
    /// # Errors
    /// 413 when it is larger than allowed, 408 when it comes too slowly, 400 when it breaks off, 507 when there is no room.
    pub async fn spool(self, folder: &Path, limits: UploadLimits) -> Result<Spooled, Problem> {
        if self.announced.is_some_and(|announced| announced > limits.bytes) {
            return Err(too_large(limits));
        }
        self.patience.extend(limits.time);
        let received = tokio::time::timeout(limits.time, receive(self.body, folder, limits)).await;
        received.unwrap_or_else(|_| Err(Problem::new(ProblemKind::RequestTimeout)))
    }
}

async fn receive(body: Body, folder: &Path, limits: UploadLimits) -> Result<Spooled, Problem> {
    let folder = folder.to_owned();
    let nameless = tokio::task::spawn_blocking(move || tempfile::tempfile_in(folder)).await;
    let nameless = nameless.map_err(|error| Problem::from(anyhow::Error::new(error)))?.map_err(not_written)?;
    let mut file = tokio::fs::File::from_std(nameless);
    let mut hash = digest::Context::new(&digest::SHA256);
    let mut length = 0;
    let mut chunks = std::pin::pin!(body.into_bytes_stream());
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Problem::new(ProblemKind::BadRequest))?;
        length += chunk.len() as u64;
        if length > limits.bytes {
            return Err(too_large(limits));
        }
        hash.update(&chunk);
        file.write_all(&chunk).await.map_err(not_written)?;
    }
    file.flush().await.map_err(not_written)?;
    file.rewind().await.map_err(not_written)?;
    Ok(Spooled { file: file.into_std().await, hash: hash.finish().as_ref().to_vec() })
}

fn not_written(error: io::Error) -> Problem {
    tracing::error!(%error, "an upload could not be written down");
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Problem::new(ProblemKind::InsufficientStorage),
        _ => Problem::new(ProblemKind::Unavailable),
    }
}

fn too_large(limits: UploadLimits) -> Problem {
    let kib = limits.bytes / 1024;
    Problem::explained(
        ProblemKind::PayloadTooLarge,
        Text::new(format!("Die Datei ist größer als {kib} KiB."), format!("The file is larger than {kib} KiB.")),
    )
}

impl<'a> ApiExtractor<'a> for Upload {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(_registry: &mut Registry) {}

    fn request_meta() -> Option<MetaRequest> {
        let content =
            ACCEPTED.map(|content_type| MetaMediaType { content_type, schema: Binary::<Vec<u8>>::schema_ref() });
        Some(MetaRequest { description: Some("The file itself."), content: content.into(), required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> Result<Self> {
        let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
        let declared = text(header::CONTENT_TYPE).unwrap_or("").split(';').next().unwrap_or("").trim();
        let declared = declared.to_ascii_lowercase();
        if is_compressed(request) {
            return Err(Problem::compressed().into());
        }
        let body = body.take().map_err(|_| Problem::new(ProblemKind::BadRequest))?;
        let announced = text(header::CONTENT_LENGTH).and_then(|length| length.parse().ok());
        Ok(Self { declared, body, announced, patience: Patience::with(request)? })
    }
}
