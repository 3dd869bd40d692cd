//! Dorf-App: what it does.
//!
//! By feature: `villages`, `topics`, `clubs`, `posts`, `occurrences`, `subscriptions`, `notifications`, `accounts`, `roles`, `audit`,
//! `moderation`, `stream`, `health`; each with its use cases in `mod.rs`, its HTTP in `routes.rs` and its wire types in `view.rs`.
//! Features do not import each other: they meet in the outbox and in the types of `entity`. `authority` decides who may call,
//! `http` speaks HTTP, `problem` refuses, `config` reads the environment, `contract` is the table of contents.

mod accounts;
mod app;
mod audit;
mod authority;
mod bench;
mod budget;
mod calendar;
pub mod cli;
mod client_seats;
mod clock;
mod clubs;
mod config;
mod consent;
mod contract;
pub mod demo;
mod due;
mod enrolment;
mod feed_links;
mod guessing;
mod health;
mod hold;
mod holidays;
mod http;
mod ical;
mod idempotency;
mod instant;
mod invitation;
mod key_loss;
mod leads;
mod links;
mod local_time;
mod mail_address;
mod markdown;
mod media;
mod media_links;
mod media_store;
mod message;
mod moderation;
mod notifications;
mod occurrences;
mod opening;
mod outbound;
mod password;
mod places;
mod posts;
mod private;
mod problem;
mod pulse;
mod qr;
mod rate_limit;
mod recurrence;
mod roles;
mod school_holidays;
mod secrets;
mod server;
mod stop;
mod stream;
mod subscriptions;
mod text;
mod topics;
mod validate;
mod villages;
mod waste;
mod worker;

pub use app::App;
pub use clock::Clock;
pub use config::{DEFAULTS, Need, Settings};
pub use contract::{endpoint, yaml};
pub use posts::{picture as post_life_picture, table as post_life_table};
pub use problem::PROBLEMS;
/// The version of the consent text and its words in every language, for the test that keeps old ones from being lost.
pub fn consent() -> (&'static str, [String; 2]) {
    let text = consent::text();
    let words = |language| text.in_language(language).to_owned();
    (consent::VERSION, [words(text::Language::German), words(text::Language::English)])
}

#[doc(hidden)]
pub use server::serve_behind_edge;
pub use server::{Role, Running};
pub use worker::Worker;
