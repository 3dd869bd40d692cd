//! What the link of an invitation leads to. Whoever has a link that was made here learns what became of the invitation; whoever has
//! none learns nothing.

use crate::problem::{Problem, ProblemKind};
use crate::text::Text;
use entity::InvitationEnding;

/// What a token stands for.
pub enum Found<T> {
    /// An invitation that can be accepted.
    Open(T),
    /// None.
    Closed(Closed),
}

/// Why there is nothing to accept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// The invitation has ended.
    Ended(InvitationEnding),
    /// The token was not made here, or for somebody or something that is switched off.
    Unknown,
}

impl<T> Found<T> {
    /// The invitation of a token that was made here is not open any more: how it ended, as far as that is known yet. The clock alone ends
    /// some, which is noted later, and forgotten after a while.
    pub fn ended(ending: Option<InvitationEnding>) -> Self {
        Self::Closed(Closed::Ended(ending.unwrap_or(InvitationEnding::Expired)))
    }

    /// Nothing that anybody is told of.
    pub fn unknown() -> Self {
        Self::Closed(Closed::Unknown)
    }

    /// The invitation.
    ///
    /// # Errors
    /// 404, which says why, when there is none.
    pub fn or_refused(self) -> Result<T, Problem> {
        match self {
            Self::Open(invitation) => Ok(invitation),
            Self::Closed(closed) => Err(closed.refusal()),
        }
    }
}

impl Closed {
    /// The refusal.
    pub fn refusal(self) -> Problem {
        match self {
            Self::Ended(_) => Problem::explained(ProblemKind::NotFound, self.words()),
            Self::Unknown => Problem::not_found(),
        }
    }

    /// What is said of it.
    pub fn words(self) -> Text {
        match self {
            Self::Ended(InvitationEnding::Accepted) => Text::new(
                "Die Einladung wurde schon angenommen. Melden Sie sich mit Ihrer Adresse und Ihrem Passwort an.",
                "The invitation was accepted already. Log in with your address and your password.",
            ),
            Self::Ended(InvitationEnding::Revoked) => {
                Text::new("Die Einladung wurde zurückgenommen.", "The invitation was taken back.")
            }
            Self::Ended(InvitationEnding::Replaced) => Text::new(
                "Sie wurden danach noch einmal eingeladen. Es gilt der Link in der neueren E-Mail.",
                "You were invited once more after this. The link in the newer mail is good.",
            ),
            Self::Ended(InvitationEnding::Expired) => Text::new(
                "Die Einladung ist abgelaufen. Lassen Sie sich noch einmal einladen.",
                "The invitation has expired. Ask to be invited once more.",
            ),
            Self::Unknown => Text::new(
                "Er ist nicht vollständig, oder zu ihm gibt es keine Einladung.",
                "It is not complete, or there is no invitation behind it.",
            ),
        }
    }
}
