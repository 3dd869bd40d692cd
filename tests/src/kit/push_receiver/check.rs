//! What must be right about every push message.

use api::demo::device::{Device, VapidClaims, verify_vapid};
use hyper::header::{AUTHORIZATION, CONTENT_ENCODING};
use hyper::{HeaderMap, Method};
use serde_json::Value;

/// Largest body every push service takes, in octets (RFC 8030, section 7.2).
const LARGEST: usize = 4096;

/// A complete request and the circumstances it is judged by.
pub(super) struct Arrived<'a> {
    pub method: &'a Method,
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
    pub origin: &'a str,
    pub now_unix: i64,
}

impl Arrived<'_> {
    /// Content and sender, or what is wrong.
    pub(super) fn open(&self, device: &Device) -> Result<(Value, VapidClaims), String> {
        self.shape()?;
        let authorization = self.header(AUTHORIZATION.as_str())?.ok_or("no Authorization")?;
        let vapid = verify_vapid(authorization, self.origin, self.now_unix).map_err(|error| error.to_string())?;
        let plain = device.open(self.body).map_err(|error| error.to_string())?;
        let payload = serde_json::from_slice(&plain).map_err(|error| format!("the content is not JSON: {error}"))?;
        Ok((payload, vapid))
    }

    /// Method, size and headers (RFC 8030, section 5; RFC 8291, section 4).
    fn shape(&self) -> Result<(), String> {
        if self.method != Method::POST {
            return Err(format!("{} instead of POST", self.method));
        }
        if self.body.len() > LARGEST {
            return Err(format!("a body of {} octets", self.body.len()));
        }
        let encoding = self.header(CONTENT_ENCODING.as_str())?;
        if encoding != Some("aes128gcm") {
            return Err(format!("the content encoding {encoding:?}"));
        }
        let ttl = self.header("ttl")?.ok_or("no TTL")?;
        if ttl.is_empty() || !ttl.bytes().all(|octet| octet.is_ascii_digit()) {
            return Err(format!("the TTL {ttl:?}"));
        }
        if let Some(topic) = self.header("topic")?.filter(|topic| !is_topic(topic)) {
            return Err(format!("the topic {topic:?}"));
        }
        match self.header("urgency")? {
            None | Some("very-low" | "low" | "normal" | "high") => Ok(()),
            Some(urgency) => Err(format!("the urgency {urgency:?}")),
        }
    }

    /// A header that may be there once.
    fn header(&self, name: &str) -> Result<Option<&str>, String> {
        let mut values = self.headers.get_all(name).iter();
        let Some(value) = values.next() else {
            return Ok(None);
        };
        if values.next().is_some() {
            return Err(format!("more than one {name}"));
        }
        value.to_str().map(Some).map_err(|_| format!("{name} is not ASCII"))
    }
}

/// At most 32 characters of the base64url alphabet (RFC 8030, section 5.4).
fn is_topic(topic: &str) -> bool {
    let allowed = |octet: u8| octet.is_ascii_alphanumeric() || octet == b'-' || octet == b'_';
    !topic.is_empty() && topic.len() <= 32 && topic.bytes().all(allowed)
}
