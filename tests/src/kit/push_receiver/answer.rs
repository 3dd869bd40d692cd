//! How a push service can react.

/// What the service does with a push message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum PushAnswer {
    /// 201: stored and, since the device is on-line, delivered.
    #[default]
    Created,
    /// 410: the subscription has ended.
    Gone,
    /// 404: the subscription has never been.
    NotFound,
    /// 413: the message is too large.
    TooLarge,
    /// 429 with `Retry-After` in seconds.
    TooMany {
        /// Seconds.
        retry_after: u32,
    },
    /// 503, with `Retry-After` in seconds if there is one.
    Unavailable {
        /// Seconds.
        retry_after: Option<u32>,
    },
    /// 401: the sender is not known.
    Unauthorised,
    /// 403: the sender is not allowed.
    Forbidden,
    /// Any other status, with `Retry-After` in seconds if there is one.
    Says {
        /// The status.
        status: u16,
        /// Seconds.
        retry_after: Option<u32>,
    },
    /// 500.
    Broken,
    /// 307 with this `Location`.
    Redirect(String),
    /// Reads the request and never answers.
    Hang,
    /// Reads the request and closes the connection; on HTTP/2 every other stream of it dies, too.
    Drop,
    /// Stores the message and closes the connection like [`PushAnswer::Drop`]: the sender cannot know.
    CreatedThenDrop,
    /// 201 (the message is stored) with a body that never ends.
    HugeBody,
    /// This answer once, and [`PushAnswer::Created`] from then on.
    Once(Box<PushAnswer>),
}

impl PushAnswer {
    /// Whether the message is stored.
    pub(super) fn accepts(&self) -> bool {
        matches!(self, PushAnswer::Created | PushAnswer::CreatedThenDrop | PushAnswer::HugeBody)
    }

    /// The answer for the next message; `Once` is used up by it.
    pub(super) fn next(&mut self) -> PushAnswer {
        let mut answer = self.clone();
        while let PushAnswer::Once(only) = answer {
            *self = PushAnswer::Created;
            answer = *only;
        }
        answer
    }
}
