//! What travels when an invitation is accepted.

use crate::text::Language;
use poem_openapi::Object;
use serde::Deserialize;
use std::net::IpAddr;

/// An invitation to be accepted.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(example)]
pub struct AcceptInvitationBody {
    /// The last part of the link in the mail.
    #[oai(validator(max_length = 128))]
    pub(super) token: String,
    /// Your name; needed when the address has no account yet.
    #[serde(default)]
    #[oai(validator(max_length = 100))]
    pub(super) name: Option<String>,
    /// The password of the account that the address has, or of the one that it gets.
    #[oai(validator(max_length = 1024))]
    pub(super) password: String,
}

/// The same, on the page behind the link.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(example)]
pub struct AcceptInvitationForm {
    /// Your name, for a new account.
    #[serde(default)]
    #[oai(validator(max_length = 100))]
    pub(super) name: Option<String>,
    /// The password of the account.
    #[oai(validator(max_length = 1024))]
    pub(super) password: String,
}

/// How an invitation is accepted.
pub struct Acceptance {
    /// The token of the link.
    pub token: String,
    /// The name, for a new account.
    pub name: Option<String>,
    /// The password of the account there is, or of the new one.
    pub password: String,
    /// From where.
    pub client: IpAddr,
    /// In which language the owner of an account is warned.
    pub language: Language,
}

impl AcceptInvitationBody {
    /// What is accepted, and how.
    pub fn acceptance(self, client: IpAddr, language: Language) -> Acceptance {
        Acceptance { token: self.token, name: self.name, password: self.password, client, language }
    }
}

impl AcceptInvitationForm {
    /// What is accepted, and how.
    pub fn acceptance(self, token: String, client: IpAddr, language: Language) -> Acceptance {
        Acceptance { token, name: self.name, password: self.password, client, language }
    }
}
