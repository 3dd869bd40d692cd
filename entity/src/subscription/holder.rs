//! Who is reached, and how.

use sea_orm::FromQueryResult;

/// The push subscription of a browser: RFC 8030 endpoint and RFC 8291 keys.
#[derive(Clone, PartialEq, Eq)]
pub struct PushEndpoint {
    /// Where to send to. A capability: knowing it is being allowed to send.
    pub endpoint: String,
    /// SHA-256 of the endpoint.
    pub endpoint_hash: Vec<u8>,
    /// The browser's public key, an uncompressed P-256 point of 65 bytes.
    pub p256dh: Vec<u8>,
    /// The browser's authentication secret of 16 bytes, sealed.
    pub auth_sealed: Vec<u8>,
}

/// A mailbox.
#[derive(Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// The address as given.
    pub address: String,
    /// The address as compared: in lower case.
    pub key: String,
}

/// Who is reached, and how.
#[derive(Clone, PartialEq, Eq)]
pub enum Holder {
    /// By web push.
    WebPush(PushEndpoint),
    /// By e-mail.
    Email(Mailbox),
    /// Nobody any more.
    Nobody,
}

/// The columns that say who is reached.
#[derive(FromQueryResult)]
pub(crate) struct Reach {
    pub(super) endpoint: Option<String>,
    pub(super) endpoint_hash: Option<Vec<u8>>,
    pub(super) p256dh: Option<Vec<u8>>,
    pub(super) auth_sealed: Option<Vec<u8>>,
    pub(super) mailbox: Option<String>,
    pub(super) mailbox_key: Option<String>,
}

impl From<Reach> for Holder {
    fn from(reach: Reach) -> Self {
        let push = reach.endpoint.zip(reach.endpoint_hash).zip(reach.p256dh.zip(reach.auth_sealed));
        match (push, reach.mailbox.zip(reach.mailbox_key)) {
            (Some(((endpoint, endpoint_hash), (p256dh, auth_sealed))), _) => {
                Self::WebPush(PushEndpoint { endpoint, endpoint_hash, p256dh, auth_sealed })
            }
            (None, Some((address, key))) => Self::Email(Mailbox { address, key }),
            (None, None) => Self::Nobody,
        }
    }
}
