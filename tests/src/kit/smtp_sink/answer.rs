//! How a mail server can react.

/// What the sink does with a recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Answer {
    /// Takes the mail.
    #[default]
    Accept,
    /// RCPT TO is answered 450 4.2.0: mailbox busy.
    Busy,
    /// RCPT TO is answered 451 4.3.0: local error.
    LocalError,
    /// RCPT TO is answered with this line.
    Says(&'static str),
    /// RCPT TO is answered 550 5.1.1: no such mailbox.
    Unknown,
    /// RCPT TO is answered 550 5.7.1: refused by policy.
    Blocked,
    /// Closes the connection while the content arrives; nothing is kept.
    DropInData,
    /// Never answers anything again on this connection, from RCPT TO on.
    Hang,
    /// Keeps the mail and closes the connection without saying so: the client cannot know.
    DropAfterData,
}
