//! How attempts end, and where that leaves a delivery.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

/// Where a delivery is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum DeliveryState {
    /// To be tried, now or later.
    #[sea_orm(num_value = 0)]
    Pending,
    /// Taken over by the push service or mail server.
    #[sea_orm(num_value = 1)]
    Sent,
    /// The endpoint or mailbox exists no more; the subscription was ended.
    #[sea_orm(num_value = 2)]
    Gone,
    /// Refused for good, or given up.
    #[sea_orm(num_value = 3)]
    Refused,
    /// Its useful life ended before it could be sent.
    #[sea_orm(num_value = 4)]
    Expired,
    /// Not sent because the post was withdrawn, the danger was over, the subscription ended, or its holder was told elsewhere.
    #[sea_orm(num_value = 5)]
    Cancelled,
}

/// Why a delivery is where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum Reason {
    /// Nothing to explain.
    #[sea_orm(num_value = 0)]
    None,
    /// The push service knows the endpoint no more (404, 410).
    #[sea_orm(num_value = 1)]
    EndpointGone,
    /// The push service found the message too large (413).
    #[sea_orm(num_value = 2)]
    TooLarge,
    /// The other side asked for less (429, or another refusal that says when to come again).
    #[sea_orm(num_value = 3)]
    TooManyRequests,
    /// The other side is in trouble (5xx).
    #[sea_orm(num_value = 4)]
    Unavailable,
    /// The push service does not accept our identity (401, 403); the mail server does not take our log-in (535 and kin).
    #[sea_orm(num_value = 5)]
    Unauthorised,
    /// No answer in time.
    #[sea_orm(num_value = 6)]
    Timeout,
    /// The connection could not be made or broke.
    #[sea_orm(num_value = 7)]
    ConnectionLost,
    /// The endpoint is not one we may send to.
    #[sea_orm(num_value = 8)]
    EndpointNotAllowed,
    /// The other side refused, without a reason we know.
    #[sea_orm(num_value = 9)]
    Rejected,
    /// There is no such mailbox (5.1.1 and kin).
    #[sea_orm(num_value = 10)]
    MailboxUnknown,
    /// The mail server asked for another try (4xx).
    #[sea_orm(num_value = 11)]
    MailboxBusy,
    /// The mail server refused by policy (5.7.1 and kin).
    #[sea_orm(num_value = 12)]
    RefusedByPolicy,
    /// The message could not be made for this recipient.
    #[sea_orm(num_value = 13)]
    Unsendable,
    /// The post was withdrawn.
    #[sea_orm(num_value = 14)]
    Withdrawn,
    /// The subscription ended.
    #[sea_orm(num_value = 15)]
    SubscriptionEnded,
    /// The same device or mailbox was told of the joint post in another village.
    #[sea_orm(num_value = 16)]
    ToldElsewhere,
    /// The name of the mail server is not known.
    #[sea_orm(num_value = 20)]
    ServerUnknown,
    /// Nothing listens where the mail server should.
    #[sea_orm(num_value = 21)]
    ConnectionRefused,
    /// The mail server offers no TLS, or a certificate that is not believed.
    #[sea_orm(num_value = 22)]
    TlsFailed,
    /// An attempt has begun, and how it ends is not known yet, or never will be.
    #[sea_orm(num_value = 17)]
    Unanswered,
    /// The danger was over.
    #[sea_orm(num_value = 18)]
    Cleared,
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
