//! What is stored, and the only way to it.
//!
//! The characters:
//! - [`Database`] opens SQLite or PostgreSQL and hands out scopes; nothing else can reach a row.
//! - [`Village`] reads one village, [`VillageTx`] changes one village in a transaction. Both carry the village with them,
//!   so no query can be written without it.
//! - [`Registry`] and [`RegistryTx`] reach what belongs to no village: the list of villages, accounts, sessions.
//! - [`Due`] is what the one door across villages shows: what is due where and when, and nothing personal.
//!
//! One file per table, each with a private row, a public struct and a store. Other crates name stores and structs, never
//! an entity, a pool or a connection.

mod account;
mod account_link;
mod account_mail;
mod alert_right;
mod api_key;
mod audience;
mod audit_entry;
mod changes;
mod club;
mod club_application;
mod club_invitation;
mod club_letter;
mod club_member;
mod consent;
mod continuation;
mod database;
mod delivery;
mod delivery_count;
mod delivery_record;
mod due_work;
mod ended_invitation;
mod error;
mod event;
mod event_calendar;
mod event_change;
mod event_import;
mod event_item;
mod event_override;
mod event_reminder;
mod follow;
mod ground;
mod idempotency_key;
mod ids;
mod installation;
mod instant;
mod joint_claim;
mod joint_post;
mod media;
mod municipality;
mod municipality_invitation;
mod municipality_role;
mod notification;
mod occurrence;
mod operator_idempotency_key;
mod outcome;
mod post;
mod post_comment;
mod post_media;
mod post_revision;
mod post_template;
mod post_version;
mod proof;
mod reminder_lead;
mod report;
mod role;
mod row_lock;
pub mod schema;
mod school_holiday;
mod scope;
mod search_word;
mod second_factor;
mod second_factor_rule;
mod session;
mod sql;
mod staff_invitation;
mod standing;
mod stream_event;
mod subscription;
mod throttle;
mod told;
mod topic;
mod transaction;
mod village;
mod waste_date;
mod waste_district;
mod waste_follow;
mod waste_import;
mod waste_kind;
mod waste_reminder;
mod waste_source;

pub use account::{Account, Accounts, NewAccount};
pub use account_link::{AccountLink, AccountLinks, LinkPurpose};
pub use account_mail::{AccountMail, AccountMailKind, AccountMails, NewAccountMail};
pub use alert_right::AlertRights;
pub use api_key::{ApiKey, ApiKeys, ApiScope};
pub use audit_entry::{AuditEntry, AuditKey, AuditLog, AuditQuery, AuditVerdict, Deed};
pub use changes::Generation;
pub use club::{Club, ClubCategory, ClubPage, ClubQuery, ClubState, Clubs, Trust};
pub use club_application::{ClubApplication, ClubApplications};
pub use club_invitation::{ClubInvitation, ClubInvitations};
pub use club_letter::{ClubLetter, ClubLetterKind, ClubLetters};
pub use club_member::ClubMember;
pub use consent::{Consent, ConsentAct, Consents};
pub use continuation::{Continuations, Neighbour};
pub use database::{Database, DatabaseOptions};
pub use delivery::{Claim, Claimed, Deliveries, Settlement};
pub use delivery_count::Tally;
pub use delivery_record::DeliveryRecord;
pub use due_work::{Due, DueWork, DueWorks};
pub use ended_invitation::{EndedInvitations, InvitationEnding};
pub use error::StoreError;
pub use event::{AccessFact, EventDates, EventIdentity, EventStatus, Events, PlannedEvent};
pub use event_calendar::{EventCalendar, EventCalendars, NewEventCalendar};
pub use event_change::{ChangedDate, EventChange, EventChanges, Fate};
pub use event_import::{EventImport, EventImports};
pub use event_item::{CalledItem, EventItem, EventItems};
pub use event_override::EventOverride;
pub use event_reminder::{EventReminder, EventReminders};
pub use follow::Follow;
pub use ground::{Fitness, Ground, Unusable, address as database_address, file as database_file};
pub use idempotency_key::{Answer, IdempotencyKeys, Kept, Request};
pub use ids::*;
pub use installation::{Installation, KeyPrints};
pub use joint_claim::{ClaimPlace, JointClaims};
pub use joint_post::{JointPost, JointPosts, JointState};
pub use media::{DoomedMedia, Media, MediaFiles, MediaFormat, MediaState, MediaWords, NewMedia};
pub use municipality::{Municipalities, Municipality};
pub use municipality_invitation::{MunicipalityInvitation, MunicipalityInvitations};
pub use municipality_role::{EditedMunicipality, MunicipalityEditor, MunicipalityRoles};
pub use notification::{NewNotification, Notification, NotificationKind, Notifications, Urgency};
pub use occurrence::{
    ListedOccurrence, NewOccurrence, Occurrence, OccurrencePlace, OccurrenceQuery, OccurrenceState, Occurrences,
};
pub use operator_idempotency_key::OperatorIdempotencyKeys;
pub use outcome::{DeliveryState, Outcome, Reason};
pub use post::{
    AllClear, CalendarQuery, FeedQuery, FoundPosts, JointCopy, NewPost, OwnPosts, PlanQuery, Position, Post,
    PostChange, PostDelivery, PostKind, PostMove, PostState, Posts, QueueQuery, StaffQuery, TakenBack, Waiting, Waits,
};
pub use post_comment::{CommentKind, PostComment, PostComments};
pub use post_media::MediaUse;
pub use post_revision::{PostRevision, PostRevisions, RevisionState};
pub use post_template::{NewPostTemplate, PostTemplate, PostTemplates};
pub use post_version::{PostContent, PostVersion, PostVersions};
pub use report::{NewReport, Report, ReportReason, ReportState, Reports};
pub use role::{NewRole, Role, RoleHolder, RoleKind, Roles, Term};
pub use school_holiday::{LandHolidays, SchoolHoliday, SchoolHolidayName, SchoolHolidays};
pub use scope::{Registry, RegistryTx, Village, VillageScope, VillageTx};
pub use search_word::SearchTerms;
pub use second_factor::{SecondFactor, SecondFactors};
pub use second_factor_rule::SecondFactorRules;
pub use session::{LogIn, NewLogIn, Session, Sessions};
pub use staff_invitation::{StaffInvitation, StaffInvitations};
pub use standing::{ClubRole, Standing};
pub use stream_event::{Since, Stream, StreamChange, StreamEvent};
pub use subscription::{
    AskedFor, Channel, Followed, Holder, Mailbox, NewSubscription, PushEndpoint, Subscription, SubscriptionState,
    SubscriptionWishes, Subscriptions,
};
pub use throttle::Throttles;
pub use topic::{Topic, Topics};
pub use village::{Logo, NewVillage, VillageQuery, VillageRecord, Villages};
pub use waste_date::{NewWasteDate, WasteDate, WasteDates};
pub use waste_district::{WasteDistrict, WasteDistricts};
pub use waste_follow::WasteFollow;
pub use waste_import::{WasteImport, WasteImports};
pub use waste_kind::{NewWasteKind, WasteIcon, WasteKind, WasteKinds};
pub use waste_reminder::{WasteReminder, WasteReminders};
pub use waste_source::{SourceOutcome, WasteSource, WasteSources};
