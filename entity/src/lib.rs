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
mod changes;
mod database;
mod delivery;
mod delivery_count;
mod due_work;
mod error;
mod event;
mod follow;
mod idempotency_key;
mod ids;
mod instant;
mod municipality;
mod notification;
mod operator_idempotency_key;
mod outcome;
mod post;
mod role;
pub mod schema;
mod scope;
mod session;
mod sql;
mod subscription;
mod throttle;
mod topic;
mod village;

pub use account::{Account, Accounts, NewAccount};
pub use changes::Generation;
pub use database::{Database, DatabaseOptions, Fitness};
pub use delivery::{Claim, Claimed, Deliveries, Settlement};
pub use delivery_count::Tally;
pub use due_work::{Due, DueWork, DueWorks};
pub use error::StoreError;
pub use event::EventDates;
pub use follow::Follow;
pub use idempotency_key::{Answer, IdempotencyKeys, Kept, Request};
pub use ids::*;
pub use municipality::{Municipalities, Municipality};
pub use notification::{NewNotification, Notification, NotificationKind, Notifications, Urgency};
pub use operator_idempotency_key::OperatorIdempotencyKeys;
pub use outcome::{DeliveryState, Outcome, Reason};
pub use post::{FeedQuery, NewPost, Position, Post, PostChange, PostKind, PostState, Posts};
pub use role::{Role, RoleHolder, RoleKind, Roles};
pub use scope::{Registry, RegistryTx, Village, VillageScope, VillageTx};
pub use session::{Session, Sessions};
pub use subscription::{
    Channel, Holder, Mailbox, NewSubscription, PushEndpoint, Subscription, SubscriptionState, Subscriptions,
};
pub use throttle::Throttles;
pub use topic::{Topic, Topics};
pub use village::{NewVillage, VillageQuery, VillageRecord, Villages};
