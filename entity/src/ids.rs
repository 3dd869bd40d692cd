//! Identifiers: UUIDv7 (RFC 9562, section 5.7), each of its own type so that none can stand in for another.

use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new identifier, later than every one this process made before.
            pub fn generate() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::try_parse(text).map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl From<$name> for sea_orm::Value {
            fn from(id: $name) -> Self {
                id.0.into()
            }
        }
    )*};
}

ids! {
    /// A municipality (Gemeinde, Stadt).
    MunicipalityId,
    /// A village: the tenant.
    VillageId,
    /// A member of staff.
    AccountId,
    /// A log-in.
    SessionId,
    /// A key with which a program writes in a village.
    ApiKeyId,
    /// A link in a mail about an account.
    AccountLinkId,
    /// What an account may do in a village.
    RoleId,
    /// A club (Verein).
    ClubId,
    /// Somebody's wish that a club take part.
    ClubApplicationId,
    /// An invitation into a club.
    ClubInvitationId,
    /// A mail about a club.
    ClubLetterId,
    /// An invitation to the staff of a village.
    StaffInvitationId,
    /// An invitation to edit for a municipality.
    MunicipalityInvitationId,
    /// A line of a village's audit log.
    AuditEntryId,
    /// What a post is about.
    TopicId,
    /// Anything published.
    PostId,
    /// One date of an event.
    OccurrenceId,
    /// A text for several villages of a municipality.
    JointPostId,
    /// What was said about a post at the desk.
    PostCommentId,
    /// A text to begin posts with.
    PostTemplateId,
    /// What a resident says against a post.
    ReportId,
    /// An image or PDF file.
    MediaId,
    /// One way to reach one resident in one village.
    SubscriptionId,
    /// One thing to tell.
    NotificationId,
    /// One notification to one subscription.
    DeliveryId,
    /// A part of a village whose waste is collected on the same days.
    WasteDistrictId,
    /// A kind of waste.
    WasteKindId,
    /// A day on which a kind of waste is collected in a district.
    WasteDateId,
    /// One import of a district's dates.
    WasteImportId,
    /// Where the dates of a waste district are loaded from.
    WasteSourceId,
    /// A calendar that events come from.
    EventCalendarId,
    /// One import of a calendar's events.
    EventImportId,
}
