//! The kit: [`Dorf`] is a running server with the outside world around it; villages, editors and residents act on it over
//! HTTP, SMTP, push and the command line.

mod actors;
pub mod authenticator;
pub mod bucket;
mod calendar;
mod calendar_host;
pub mod clubs;
mod contract;
mod database;
mod dorf;
mod files;
mod imports;
pub mod postgres;
mod program;
pub mod push_receiver;
mod readers;
mod reminders;
mod reply;
mod shape;
mod small_disk;
pub mod smtp_sink;
mod stories;
mod stream;
mod waste;

pub use actors::{Draft, Editor, Post, Resident, VillageKit, alert, event, news, notice};
pub use calendar::series;
pub use calendar_host::CalendarHost;
pub use clubs::club;
pub use contract::{contract, contract_faults, contract_text};
pub use database::{Backend, TestDatabase};
pub use dorf::{Dorf, OPERATOR, PASSWORD, fresh_folder};
pub use files::{File, zlib};
pub use imports::{ics, outcomes, vevent};
pub use program::{Program, binary};
pub use readers::read_by;
pub use reply::{Ask, Reply, client};
pub use shape::Shapes;
pub use small_disk::SmallDisk;
pub use stream::{StreamEvent, StreamReader};
pub use waste::waste_calendar;
