//! Invitations, to the town hall and into clubs alike: what an acceptance says, whose it is, and the page behind the link. Who invites
//! to what is with the features.

mod acceptance;
mod examples;
mod found;
mod page;
mod role_words;
mod view;

pub use acceptance::{Accepting, Invited, unless_taken};
pub use found::Found;
pub use page::{Place, after, closed, first, page};
pub use role_words::{municipality_role, role};
pub use view::{AcceptInvitationBody, AcceptInvitationForm, Acceptance};
