//! What can be wrong with a push message.

/// Why a push message or its sender was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The body ends before the `aes128gcm` header does, or holds no complete record (RFC 8188, section 2.1).
    #[error("the body is too short for an aes128gcm message")]
    Truncated,
    /// The record size is below 18, or not greater than the one record sent (RFC 8188, section 2.1; RFC 8291, section 4).
    #[error("the record size {size} does not fit the single record of {record} octets")]
    RecordSize {
        /// The record size of the header, in octets.
        size: u32,
        /// What follows the header, in octets.
        record: usize,
    },
    /// The key id is not an uncompressed P-256 point (RFC 8291, section 4).
    #[error("the sender's key is not an uncompressed P-256 point")]
    SenderKey,
    /// Key derivation failed or the tag is wrong: another device's message, or an altered one.
    #[error("the message cannot be decrypted")]
    Decrypt,
    /// The decrypted record lacks the delimiter 0x02 of a last record (RFC 8188, section 2).
    #[error("the padding delimiter of the last record is missing")]
    Padding,
    /// The Authorization header or the token in it is malformed (RFC 8292, sections 2 and 3).
    #[error("malformed VAPID authorization: {0}")]
    Vapid(&'static str),
    /// The token was not signed by the key that came with it.
    #[error("the VAPID signature is wrong")]
    Signature,
    /// The token was made for another push service.
    #[error("the VAPID token is for {found}, not for {wanted}")]
    Audience {
        /// The origin in the token.
        found: String,
        /// The origin of the service.
        wanted: String,
    },
    /// The token has expired, or expires later than in 24 hours (both in Unix seconds).
    #[error("the VAPID token expires at {exp}, and it is {now}")]
    Expiry {
        /// When the token expires.
        exp: i64,
        /// When it was checked.
        now: i64,
    },
    /// The contact is neither a `mailto:` nor an `https:` URI (RFC 8292, section 2.1).
    #[error("the VAPID subject is neither mailto: nor https:")]
    Subject,
}
