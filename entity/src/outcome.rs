//! How attempts end, and where that leaves a delivery.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

/// Where a delivery is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum DeliveryState {
    /// To be tried, now or later.
    Pending = 0,
    /// Taken over by the push service or mail server.
    Sent = 1,
    /// The endpoint or mailbox exists no more; the subscription was ended.
    Gone = 2,
    /// Refused for good, or given up.
    Refused = 3,
    /// Its useful life ended before it could be sent.
    Expired = 4,
    /// Not sent because the post was withdrawn, the danger was over, the subscription ended, or its holder was told elsewhere.
    Cancelled = 5,
}

/// Why a delivery is where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum Reason {
    /// Nothing to explain.
    None = 0,
    /// The push service knows the endpoint no more (404, 410).
    EndpointGone = 1,
    /// The push service found the message too large (413).
    TooLarge = 2,
    /// The other side asked for less (429, or another refusal that says when to come again).
    TooManyRequests = 3,
    /// The other side is in trouble (5xx).
    Unavailable = 4,
    /// The push service does not accept our identity (401, 403); the mail server does not take our log-in (535 and kin).
    Unauthorised = 5,
    /// No answer in time.
    Timeout = 6,
    /// The connection could not be made or broke.
    ConnectionLost = 7,
    /// The endpoint is not one we may send to.
    EndpointNotAllowed = 8,
    /// The other side refused, without a reason we know.
    Rejected = 9,
    /// There is no such mailbox (5.1.1 and kin).
    MailboxUnknown = 10,
    /// The mail server asked for another try (4xx).
    MailboxBusy = 11,
    /// The mail server refused by policy (5.7.1 and kin).
    RefusedByPolicy = 12,
    /// The message could not be made for this recipient.
    Unsendable = 13,
    /// The post was withdrawn.
    Withdrawn = 14,
    /// The subscription ended.
    SubscriptionEnded = 15,
    /// The same device or mailbox was told of the joint post in another village.
    ToldElsewhere = 16,
    /// The name of the mail server is not known.
    ServerUnknown = 20,
    /// Nothing listens where the mail server should.
    ConnectionRefused = 21,
    /// The mail server offers no TLS, or a certificate that is not believed.
    TlsFailed = 22,
    /// An attempt has begun, and how it ends is not known yet, or never will be.
    Unanswered = 17,
    /// The danger was over.
    Cleared = 18,
}

/// How one attempt ended. There is no further way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The other side took it over.
    Sent,
    /// To be tried again at `at`. Without `counts`, the attempt does not bring the end nearer.
    Later {
        /// Not before this.
        at: DateTime<Utc>,
        /// Why.
        why: Reason,
        /// Whether this attempt counts towards the last one.
        counts: bool,
    },
    /// Nobody is there any more: the subscription ends.
    Gone(Reason),
    /// It will not be tried again; the subscription stays.
    Refused(Reason),
    /// Its useful life is over.
    Expired(Reason),
    /// It was not tried, and need not be any more.
    NotNeeded(Reason),
}
