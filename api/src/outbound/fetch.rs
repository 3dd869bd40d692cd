//! Loading a calendar from an address that somebody has entered: the guard against requests that forge their way into the data
//! centre's own network, or that never end.
//!
//! Only https on port 443, without credentials. A name is resolved once, its addresses are checked, and the connection goes to one
//! of those. Redirects are followed three times, each checked anew. The whole has a deadline and a most of bytes, before
//! unpacking and after. What fails, fails alike: nobody learns from it which ports of which hosts are open.

use super::{NotAllowed, is_global, is_listed_origin};
use crate::app::App;
use crate::calendar::MOST_BYTES;
use crate::config::Calendars;
use async_compression::tokio::bufread::GzipDecoder;
use bytes::{Bytes, BytesMut};
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::{self, HeaderMap, HeaderValue};
use reqwest::{Client, Response, StatusCode, Url, redirect};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use uuid::Uuid;

/// The longest address that is stored, in bytes.
pub const LONGEST_URL: usize = 1024;

/// Redirects that are followed.
const MOST_REDIRECTS: usize = 3;

/// The pause after a failure, doubled with each further one, up to the longest.
const BACKOFF: TimeDelta = TimeDelta::minutes(15);
const LONGEST_BACKOFF: TimeDelta = TimeDelta::hours(24);

/// When to look at a source again that has failed so often in a row. Not at all of them at the same moment: what a source is shifts
/// its turn by up to a tenth.
pub fn next_look(app: &App, source: Uuid, failures: i32, now: DateTime<Utc>) -> DateTime<Utc> {
    let pause = if failures == 0 {
        TimeDelta::minutes(app.settings.calendars.every_min.into())
    } else {
        let doubled = u32::try_from(failures - 1).unwrap_or(0).min(10);
        (BACKOFF * (1 << doubled)).min(LONGEST_BACKOFF)
    };
    let seed = app.secrets.hash("turn", source.as_bytes()).first().copied().unwrap_or(0);
    now + pause + pause * i32::from(seed) / 2560
}

/// How a calendar is loaded.
#[derive(Clone, Debug)]
pub struct Fetch<'a> {
    /// Origins that are allowed as they are, even on private addresses: for calendars of one's own.
    pub own_origins: &'a [String],
    /// How long it may take in all.
    pub deadline: Duration,
    /// Most bytes, packed and unpacked.
    pub most_bytes: usize,
}

/// What was there the last time.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Its `ETag`.
    pub etag: Option<String>,
    /// Its `Last-Modified`.
    pub last_modified: Option<String>,
}

/// What was loaded.
#[derive(Debug)]
pub enum Fetched {
    /// It is as it was.
    Unchanged,
    /// Its bytes, and what to ask with the next time.
    Loaded(Bytes, Seen),
}

/// Why nothing was loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FetchError {
    /// It could not be had, for whatever reason.
    Unreachable,
    /// It is too large, packed or unpacked.
    TooLarge,
}

impl<'a> Fetch<'a> {
    /// As the settings say.
    pub fn of(settings: &'a Calendars) -> Self {
        Self {
            own_origins: &settings.allowed_origins,
            deadline: Duration::from_secs(settings.timeout_s),
            most_bytes: MOST_BYTES,
        }
    }

    /// Whether an address may be entered at all. Its host is looked at when it is loaded.
    ///
    /// # Errors
    /// When it is not https on port 443, has credentials, or names an address that is not public.
    pub fn check(&self, address: &str) -> Result<Url, NotAllowed> {
        if address.len() > LONGEST_URL || address.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(NotAllowed);
        }
        let mut url = Url::parse(address).map_err(|_| NotAllowed)?;
        url.set_fragment(None);
        if !url.username().is_empty() || url.password().is_some() || url.host().is_none() {
            return Err(NotAllowed);
        }
        if self.is_own(&url) {
            return Ok(url);
        }
        let usual = url.scheme() == "https" && url.port_or_known_default() == Some(443);
        let address_is_public = literal(&url).is_none_or(is_global);
        if usual && address_is_public { Ok(url) } else { Err(NotAllowed) }
    }

    /// Loads what is at an address, if it has changed.
    ///
    /// # Errors
    /// When it cannot be had, or is too large.
    pub async fn load(&self, address: &str, seen: &Seen) -> Result<Fetched, FetchError> {
        let work = self.follow(address, seen);
        tokio::time::timeout(self.deadline, work).await.unwrap_or(Err(FetchError::Unreachable))
    }

    async fn follow(&self, address: &str, seen: &Seen) -> Result<Fetched, FetchError> {
        let mut url = self.check(address).map_err(|_| FetchError::Unreachable)?;
        for _ in 0..=MOST_REDIRECTS {
            let response = self.ask(&url, seen).await?;
            match response.status() {
                StatusCode::OK => return self.read(response).await,
                StatusCode::NOT_MODIFIED => return Ok(Fetched::Unchanged),
                status if status.is_redirection() => {
                    let to = response.headers().get(header::LOCATION).and_then(|to| to.to_str().ok());
                    let to = to.and_then(|to| url.join(to).ok()).ok_or(FetchError::Unreachable)?;
                    url = self.check(to.as_str()).map_err(|_| FetchError::Unreachable)?;
                }
                _ => return Err(FetchError::Unreachable),
            }
        }
        Err(FetchError::Unreachable)
    }

    async fn ask(&self, url: &Url, seen: &Seen) -> Result<Response, FetchError> {
        let client = self.client(url).await?;
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static("text/calendar, */*;q=0.1"));
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        headers.insert(header::USER_AGENT, HeaderValue::from_static("Dorf-App"));
        for (name, value) in [(header::IF_NONE_MATCH, &seen.etag), (header::IF_MODIFIED_SINCE, &seen.last_modified)] {
            if let Some(value) = value.as_deref().and_then(|value| HeaderValue::from_str(value).ok()) {
                headers.insert(name, value);
            }
        }
        client.get(url.clone()).headers(headers).send().await.map_err(|_| FetchError::Unreachable)
    }

    /// A client that knows this host by the addresses that were checked, and no other.
    async fn client(&self, url: &Url) -> Result<Client, FetchError> {
        let host = url.host_str().ok_or(FetchError::Unreachable)?;
        let builder = Client::builder().no_proxy().redirect(redirect::Policy::none()).timeout(self.deadline);
        let builder = match literal(url) {
            Some(_) => builder,
            None => builder.resolve_to_addrs(host, &self.addresses(url, host).await?),
        };
        builder.build().map_err(|_| FetchError::Unreachable)
    }

    /// The addresses of a host. One that is not public spoils them all: a name that leads here and there leads here on purpose.
    async fn addresses(&self, url: &Url, host: &str) -> Result<Vec<SocketAddr>, FetchError> {
        let port = url.port_or_known_default().unwrap_or(443);
        let found = tokio::net::lookup_host((host, port)).await.map_err(|_| FetchError::Unreachable)?;
        let found: Vec<SocketAddr> = found.collect();
        let all_public = found.iter().all(|address| is_global(address.ip()));
        if found.is_empty() || !(all_public || self.is_own(url)) { Err(FetchError::Unreachable) } else { Ok(found) }
    }

    async fn read(&self, mut response: Response) -> Result<Fetched, FetchError> {
        let text = |name| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let seen = Seen { etag: text(header::ETAG), last_modified: text(header::LAST_MODIFIED) };
        let encoding = text(header::CONTENT_ENCODING).unwrap_or_default().to_ascii_lowercase();
        if response.content_length().is_some_and(|length| length > self.most_bytes as u64) {
            return Err(FetchError::TooLarge);
        }
        let mut read = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(|_| FetchError::Unreachable)? {
            if read.len() + chunk.len() > self.most_bytes {
                return Err(FetchError::TooLarge);
            }
            read.extend_from_slice(&chunk);
        }
        let bytes = match encoding.as_str() {
            "" | "identity" => read.freeze(),
            "gzip" | "x-gzip" => self.unpacked(&read).await?,
            _ => return Err(FetchError::Unreachable),
        };
        Ok(Fetched::Loaded(bytes, seen))
    }

    async fn unpacked(&self, packed: &[u8]) -> Result<Bytes, FetchError> {
        let mut unpacked = Vec::new();
        let most = self.most_bytes as u64;
        let mut decoder = GzipDecoder::new(packed).take(most + 1);
        decoder.read_to_end(&mut unpacked).await.map_err(|_| FetchError::Unreachable)?;
        if unpacked.len() > self.most_bytes { Err(FetchError::TooLarge) } else { Ok(unpacked.into()) }
    }

    fn is_own(&self, url: &Url) -> bool {
        is_listed_origin(self.own_origins, &url.origin().ascii_serialization())
    }
}

/// The address that a URL names instead of a host.
fn literal(url: &Url) -> Option<std::net::IpAddr> {
    url.host_str()?.trim_matches(['[', ']']).parse().ok()
}
