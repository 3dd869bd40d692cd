//! Where files are: a folder, or a bucket of an S3-compatible service. The only file that knows which.
//!
//! A file is found by village, key and size; all three are made here, never taken from a request as they are.

use crate::config::{Media, Settings};
use crate::media_links::MediaSize;
use crate::private::create_private_folder;
use anyhow::Context;
use bytes::Bytes;
use entity::VillageId;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use object_store::aws::AmazonS3Builder;
use object_store::client::{HttpClient, HttpConnector};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    ClientOptions, GetOptions, GetRange, ObjectStore, ObjectStoreExt, PutPayload, RetryConfig, prefix::PrefixStore,
};
use secrecy::ExposeSecret;
use std::error::Error;
use std::io;
use std::ops::Range;
use std::time::Duration;

/// Where files are kept.
pub struct MediaStore(Box<dyn ObjectStore>);

/// A file, or a part of it, on its way out.
pub struct Stored {
    /// How many bytes the whole file has.
    pub length: u64,
    /// The bytes.
    pub bytes: BoxStream<'static, io::Result<Bytes>>,
}

/// Why a file could not be written or read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MediaStoreError {
    /// It is not there.
    #[error("the file is not in the store")]
    Missing,
    /// There is no room for it.
    #[error("the store is full")]
    Full,
    /// The store does not answer, or does not let us in. Trying again later may help.
    #[error("the store is not available")]
    Unavailable,
}

impl MediaStore {
    /// Opens the store of the settings; makes its folder if need be.
    ///
    /// # Errors
    /// When the folder cannot be made, or the settings of the service make no sense.
    pub fn open(settings: &Settings) -> anyhow::Result<Self> {
        match settings.media.bucket.as_str() {
            "" => {
                let folder = settings.media_dir();
                create_private_folder(&folder)
                    .with_context(|| format!("cannot create {} (media.folder)", folder.display()))?;
                // A file is announced as stored only when it survives a power failure.
                let store = LocalFileSystem::new_with_prefix(&folder)?.with_fsync(true);
                Ok(Self(Box::new(store)))
            }
            bucket => Self::of_service(bucket, &settings.media),
        }
    }

    fn of_service(bucket: &str, settings: &Media) -> anyhow::Result<Self> {
        let patience = Duration::from_secs(settings.s3_timeout_s);
        let store = AmazonS3Builder::new()
            .with_bucket_name(bucket)
            .with_endpoint(settings.s3_endpoint.trim_end_matches('/'))
            .with_allow_http(settings.s3_endpoint.starts_with("http://"))
            .with_region(&settings.s3_region)
            .with_access_key_id(&settings.s3_access_key_id)
            .with_secret_access_key(settings.s3_secret_access_key.expose_secret())
            .with_retry(RetryConfig { max_retries: 2, retry_timeout: patience, ..RetryConfig::default() })
            // One by one: every service can do that.
            .with_disable_bulk_delete(true)
            .with_http_connector(OwnClient { patience })
            .build()
            .context("the S3 service of the settings cannot be used (media.s3_…)")?;
        match settings.s3_prefix.trim_matches('/') {
            "" => Ok(Self(Box::new(store))),
            prefix => Ok(Self(Box::new(PrefixStore::new(store, prefix)))),
        }
    }

    /// Writes a file, whole or not at all.
    ///
    /// # Errors
    /// [`MediaStoreError::Full`] or [`MediaStoreError::Unavailable`].
    pub async fn put(
        &self,
        village: VillageId,
        key: &str,
        size: MediaSize,
        bytes: Bytes,
    ) -> Result<(), MediaStoreError> {
        let put = self.0.put(&place(village, key, size), PutPayload::from_bytes(bytes)).await;
        put.map(drop).map_err(|error| meaning(&error))
    }

    /// How many bytes a file has.
    ///
    /// # Errors
    /// All but [`MediaStoreError::Full`].
    pub async fn length(&self, village: VillageId, key: &str, size: MediaSize) -> Result<u64, MediaStoreError> {
        Ok(self.0.head(&place(village, key, size)).await.map_err(|error| meaning(&error))?.size)
    }

    /// Opens a file, or a part that it has.
    ///
    /// # Errors
    /// All but [`MediaStoreError::Full`].
    pub async fn get(
        &self,
        village: VillageId,
        key: &str,
        size: MediaSize,
        part: Option<Range<u64>>,
    ) -> Result<Stored, MediaStoreError> {
        let options = GetOptions { range: part.map(GetRange::Bounded), ..GetOptions::default() };
        let found = self.0.get_opts(&place(village, key, size), options).await.map_err(|error| meaning(&error))?;
        let length = found.meta.size;
        Ok(Stored { length, bytes: found.into_stream().map_err(io::Error::other).boxed() })
    }

    /// Removes all sizes of a file. What is not there is removed already.
    ///
    /// # Errors
    /// [`MediaStoreError::Unavailable`]; then some may be left.
    pub async fn remove(&self, village: VillageId, key: &str) -> Result<(), MediaStoreError> {
        for size in [MediaSize::Full, MediaSize::Medium, MediaSize::Thumbnail] {
            match self.0.delete(&place(village, key, size)).await.map_err(|error| meaning(&error)) {
                Ok(()) | Err(MediaStoreError::Missing) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// `VILLAGE/ab/abcdef….thumbnail`: no folder grows beyond what file systems like.
fn place(village: VillageId, key: &str, size: MediaSize) -> Path {
    let shelf: String = key.chars().take(2).collect();
    Path::from_iter([village.to_string(), shelf, format!("{key}.{}", size.word())])
}

/// Logged here, where the cause is known; its text may hold a path, never a secret.
fn meaning(error: &object_store::Error) -> MediaStoreError {
    if matches!(error, object_store::Error::NotFound { .. }) {
        return MediaStoreError::Missing;
    }
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(one) = cause {
        match one.downcast_ref::<io::Error>().map(io::Error::kind) {
            Some(io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge) => {
                tracing::error!(%error, "the media store is full");
                return MediaStoreError::Full;
            }
            _ => cause = one.source(),
        }
    }
    tracing::error!(%error, "the media store failed");
    MediaStoreError::Unavailable
}

/// Speaks to the service with a client of our own: no redirects, no proxy from the environment, every request bounded.
#[derive(Debug)]
struct OwnClient {
    patience: Duration,
}

impl HttpConnector for OwnClient {
    fn connect(&self, _options: &ClientOptions) -> object_store::Result<HttpClient> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(Duration::from_secs(5))
            .timeout(self.patience)
            .build()
            .map_err(|error| object_store::Error::Generic { store: "S3", source: Box::new(error) })?;
        Ok(HttpClient::new(client))
    }
}
