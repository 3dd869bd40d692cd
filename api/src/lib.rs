//! Dorf-App: what it does.
//!
//! By feature: `villages`, `topics`, `posts`, `subscriptions`, `notifications`, `accounts`, `roles`, `audit`, `health`; each with its use cases
//! in `mod.rs`, its HTTP in `routes.rs` and its wire types in `view.rs`. Features do not import each other: they meet in the
//! outbox and in the types of `entity`. `authority` decides who may call, `http` speaks HTTP, `problem` refuses, `config` reads
//! the environment, `contract` is the table of contents.

mod accounts;
mod app;
mod audit;
mod authority;
pub mod cli;
mod clock;
mod config;
mod contract;
pub mod demo;
mod health;
mod http;
mod idempotency;
mod links;
mod markdown;
mod notifications;
mod outbound;
mod password;
mod posts;
mod problem;
mod rate_limit;
mod roles;
mod secrets;
mod server;
mod subscriptions;
mod text;
mod topics;
mod validate;
mod villages;

pub use app::App;
pub use clock::Clock;
pub use config::{DEFAULTS, Settings};
pub use contract::{endpoint, yaml};
pub use notifications::Worker;
pub use problem::PROBLEMS;
#[doc(hidden)]
pub use server::serve_behind_edge;
pub use server::{Role, Running};
