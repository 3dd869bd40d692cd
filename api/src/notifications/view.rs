//! What travels about notifications: the report, without anybody's name in it.

mod examples;

use crate::instant::Instant;
use entity::{Channel, DeliveryState, Notification, NotificationKind, Reason, Tally};
use poem_openapi::{Enum, Object};
use uuid::Uuid;

/// What became of telling a post.
#[derive(Object)]
#[oai(example)]
pub struct DeliveryReport {
    /// When something was told of the post, the first first; of a series with many reminders, the last 100 times.
    pub notifications: Vec<NotificationReport>,
}

/// What became of one notification.
#[derive(Object)]
#[oai(skip_serializing_if_is_none, example)]
pub struct NotificationReport {
    /// Its identifier.
    id: Uuid,
    /// What was told.
    kind: NotifiedKind,
    /// How many subscriptions were to be told.
    planned: i32,
    /// How many were: the push service or mail server took it over.
    delivered: i64,
    /// How many are still to be tried.
    pending: i64,
    /// When it was decided.
    decided_at: Instant,
    /// When the first was sent out.
    started_at: Option<Instant>,
    /// When the last came to an end.
    finished_at: Option<Instant>,
    /// All deliveries, counted by channel, state and reason.
    counts: Vec<DeliveryCount>,
}

/// How many deliveries are in a state for a reason.
#[derive(Object)]
#[oai(skip_serializing_if_is_none, example)]
pub struct DeliveryCount {
    /// On which channel.
    channel: DeliveryChannel,
    /// In which state.
    state: DeliveryStateName,
    /// Why; absent when there is nothing to explain.
    reason: Option<DeliveryReason>,
    /// How many.
    deliveries: i64,
}

/// What was told.
#[derive(Clone, Copy, Enum, PartialEq, Eq)]
#[oai(rename_all = "snake_case")]
enum NotifiedKind {
    /// That the post became public.
    Published,
    /// That it was corrected, or dates of it were moved or changed.
    Changed,
    /// The question to a mailbox whether it wants the subscription.
    Confirmation,
    /// That waste is collected the next day.
    WasteReminder,
    /// That a date of an event is near.
    EventReminder,
    /// That an event, or some of its dates, does not take place.
    Cancelled,
    /// That it was taken back.
    Withdrawn,
    /// That the danger is over.
    AllClear,
}

/// How residents are reached.
#[derive(Clone, Copy, Enum, PartialEq, Eq)]
#[oai(rename_all = "snake_case")]
enum DeliveryChannel {
    /// By push.
    WebPush,
    /// By e-mail.
    Email,
}

/// Where a delivery is in its life.
#[derive(Clone, Copy, Enum, PartialEq, Eq)]
#[oai(rename = "DeliveryState", rename_all = "snake_case")]
enum DeliveryStateName {
    /// To be tried, now or later.
    Pending,
    /// Taken over by the push service or mail server.
    Sent,
    /// The endpoint or mailbox exists no more; the subscription was ended.
    Gone,
    /// Refused for good, or given up.
    Refused,
    /// Its useful life ended before it could be sent.
    Expired,
    /// Not sent because the post was withdrawn, the danger was over, the subscription ended, or its holder was told elsewhere.
    Cancelled,
}

/// Why a delivery is where it is.
#[derive(Clone, Copy, Enum, PartialEq, Eq)]
#[oai(rename_all = "snake_case")]
enum DeliveryReason {
    /// The push service knows the endpoint no more.
    EndpointGone,
    /// The push service found the message too large.
    TooLarge,
    /// The push service asked for less.
    TooManyRequests,
    /// The push service is in trouble.
    Unavailable,
    /// The push service does not accept our identity, or the mail server our log-in.
    Unauthorised,
    /// No answer in time.
    Timeout,
    /// The connection could not be made or broke.
    ConnectionLost,
    /// The endpoint is not one we may send to.
    EndpointNotAllowed,
    /// Refused without a reason we know.
    Rejected,
    /// There is no such mailbox.
    MailboxUnknown,
    /// The mail server asked for another try.
    MailboxBusy,
    /// The mail server refused by policy.
    RefusedByPolicy,
    /// The message could not be made for this recipient.
    Unsendable,
    /// The post was withdrawn.
    Withdrawn,
    /// The subscription ended.
    SubscriptionEnded,
    /// The same device or mailbox was told of the joint post in another village.
    ToldElsewhere,
    /// The name of the mail server is not known.
    ServerUnknown,
    /// Nothing listens where the mail server should.
    ConnectionRefused,
    /// The mail server offers no TLS, or a certificate that is not believed.
    TlsFailed,
    /// An attempt has begun, and how it ends is not known yet, or never will be.
    Unanswered,
    /// The danger was over.
    Cleared,
}

/// The key that browsers subscribe with.
#[derive(Object)]
#[oai(example)]
pub struct PushPublicKey {
    /// For `applicationServerKey` of `PushManager.subscribe()`: an uncompressed P-256 point, base64url.
    pub public_key: String,
}

impl NotificationReport {
    /// The report of a notification.
    pub fn new(notification: Notification, tallies: Vec<Tally>) -> Self {
        let count = |state| tallies.iter().filter(|tally| tally.state == state).map(|tally| tally.deliveries).sum();
        Self {
            id: notification.id.0,
            kind: match notification.kind {
                NotificationKind::Published => NotifiedKind::Published,
                NotificationKind::Changed => NotifiedKind::Changed,
                NotificationKind::Confirmation => NotifiedKind::Confirmation,
                NotificationKind::WasteReminder => NotifiedKind::WasteReminder,
                NotificationKind::EventReminder => NotifiedKind::EventReminder,
                NotificationKind::Cancelled => NotifiedKind::Cancelled,
                NotificationKind::Withdrawn => NotifiedKind::Withdrawn,
                NotificationKind::AllClear => NotifiedKind::AllClear,
            },
            planned: notification.planned,
            delivered: count(DeliveryState::Sent),
            pending: count(DeliveryState::Pending),
            decided_at: notification.created_at.into(),
            started_at: notification.started_at.map(Into::into),
            finished_at: notification.finished_at.map(Into::into),
            counts: tallies.iter().map(Into::into).collect(),
        }
    }
}

impl From<&Tally> for DeliveryCount {
    fn from(tally: &Tally) -> Self {
        Self {
            channel: match tally.channel {
                Channel::WebPush => DeliveryChannel::WebPush,
                Channel::Email => DeliveryChannel::Email,
            },
            state: match tally.state {
                DeliveryState::Pending => DeliveryStateName::Pending,
                DeliveryState::Sent => DeliveryStateName::Sent,
                DeliveryState::Gone => DeliveryStateName::Gone,
                DeliveryState::Refused => DeliveryStateName::Refused,
                DeliveryState::Expired => DeliveryStateName::Expired,
                DeliveryState::Cancelled => DeliveryStateName::Cancelled,
            },
            reason: reason(tally.reason),
            deliveries: tally.deliveries,
        }
    }
}

fn reason(reason: Reason) -> Option<DeliveryReason> {
    Some(match reason {
        Reason::None => return None,
        Reason::EndpointGone => DeliveryReason::EndpointGone,
        Reason::TooLarge => DeliveryReason::TooLarge,
        Reason::TooManyRequests => DeliveryReason::TooManyRequests,
        Reason::Unavailable => DeliveryReason::Unavailable,
        Reason::Unauthorised => DeliveryReason::Unauthorised,
        Reason::Timeout => DeliveryReason::Timeout,
        Reason::ConnectionLost => DeliveryReason::ConnectionLost,
        Reason::EndpointNotAllowed => DeliveryReason::EndpointNotAllowed,
        Reason::Rejected => DeliveryReason::Rejected,
        Reason::MailboxUnknown => DeliveryReason::MailboxUnknown,
        Reason::MailboxBusy => DeliveryReason::MailboxBusy,
        Reason::RefusedByPolicy => DeliveryReason::RefusedByPolicy,
        Reason::Unsendable => DeliveryReason::Unsendable,
        Reason::Withdrawn => DeliveryReason::Withdrawn,
        Reason::SubscriptionEnded => DeliveryReason::SubscriptionEnded,
        Reason::ToldElsewhere => DeliveryReason::ToldElsewhere,
        Reason::ServerUnknown => DeliveryReason::ServerUnknown,
        Reason::ConnectionRefused => DeliveryReason::ConnectionRefused,
        Reason::TlsFailed => DeliveryReason::TlsFailed,
        Reason::Unanswered => DeliveryReason::Unanswered,
        Reason::Cleared => DeliveryReason::Cleared,
    })
}
