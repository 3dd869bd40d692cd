//! Notifications: from the outbox to the resident, and the honest report of how it went.
//!
//! The characters: [`Sending`] dispatches what the outbox holds and runs one lane per channel; a lane claims deliveries,
//! sends them through its channel (`web_push`, `email`), and settles how each ended. Only the channel files know their
//! protocol.

mod club_letter;
mod club_letter_box;
mod email;
mod encryption;
mod gate;
mod housekeeping;
mod lane;
mod letter;
mod letter_box;
mod origins;
mod retry;
mod routes;
mod sending;
mod smtp;
mod told_once;
mod turns;
mod vapid;
mod view;
mod way;
mod web_push;

pub use routes::NotificationRoutes;
pub use sending::Sending;
pub use smtp::check_smtp_url;
pub use vapid::VapidSigner;
