//! What we promise, told as stories that enter by the front door, on SQLite and on PostgreSQL.

mod api_keys;
mod audit;
mod bad_input;
mod contract;
mod crash;
mod delivery_by_mail;
mod delivery_by_push;
mod events_in_time;
mod faults;
mod feed;
mod house;
mod idempotency;
mod limits;
mod media;
mod own_account;
mod people;
mod post_life;
mod posts_life;
mod publishing;
mod residents_rights;
mod retention;
mod roles;
mod scheduled;
mod second_factor;
mod stranger;
mod subscriptions;
