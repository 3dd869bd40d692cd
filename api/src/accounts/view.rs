//! What travels about accounts.

mod api_key;
mod examples;

pub use api_key::{ApiKeyBody, ApiKeyList, ApiKeyMade, ApiKeyView};

use crate::authority::RoleName;
use crate::instant::Instant;
use entity::{Account, EditedMunicipality, LogIn, Role, Session, SessionId};
use poem_openapi::Object;
use serde::Deserialize;
use uuid::Uuid;

/// Who logs in.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(example)]
pub struct LoginBody {
    /// The address of the account. Whatever stands here is answered alike.
    pub email: String,
    /// Its password.
    #[oai(validator(max_length = 1024))]
    pub password: String,
    /// A code of its second factor, or a recovery code, if it has one.
    #[serde(default)]
    #[oai(validator(max_length = 64))]
    pub code: Option<String>,
}

/// A log-in that has begun.
#[derive(Object)]
#[oai(example)]
pub struct LoginAnswer {
    /// To be sent as `Authorization: Bearer …`. Shown once.
    pub token: String,
    /// When the log-in ends by itself.
    pub expires_at: Instant,
    /// The account.
    pub account: Uuid,
    /// The person's name.
    pub name: String,
}

/// A log-in that is live.
#[derive(Object)]
#[oai(rename = "LogIn", example)]
pub struct LogInView {
    /// Its identifier.
    session: Uuid,
    /// What it was begun on, as far as the browser said; `unknown` otherwise.
    device: String,
    /// Whether it is the one that asks.
    current: bool,
    /// When it began.
    created_at: Instant,
    /// When it was last used, to some minutes.
    last_used_at: Instant,
    /// When it ends by itself.
    expires_at: Instant,
}

/// The log-ins of an account.
#[derive(Object)]
#[oai(example)]
pub struct LogInList {
    /// The live ones, the latest first; there are never more than a hundred.
    pub items: Vec<LogInView>,
}

/// A change of one's own password.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(example)]
pub struct ChangePasswordBody {
    /// The present password.
    #[oai(validator(max_length = 1024))]
    pub password: String,
    /// The new one.
    #[oai(validator(max_length = 1024))]
    pub new_password: String,
}

/// Another address to log in with.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(example)]
pub struct ChangeEmailBody {
    /// The present password.
    #[oai(validator(max_length = 1024))]
    pub password: String,
    /// The new address.
    #[oai(validator(max_length = 254))]
    pub email: String,
}

/// Whose password was lost.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(example)]
pub struct ResetRequestBody {
    /// The address of the account. Whatever stands here is answered alike.
    pub email: String,
}

/// A new password, by the link in a mail.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(example)]
pub struct NewPasswordBody {
    /// The last part of the link in the mail.
    #[oai(validator(max_length = 128))]
    pub token: String,
    /// The new password.
    #[oai(validator(max_length = 1024))]
    pub password: String,
}

/// A new password, on the page behind the link in a mail.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(example)]
pub struct NewPasswordForm {
    /// The new password.
    #[oai(validator(max_length = 1024))]
    pub password: String,
}

/// The present password, once more.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(example)]
pub struct PasswordBody {
    /// The present password.
    #[oai(validator(max_length = 1024))]
    pub password: String,
}

/// A second factor to be set up.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(example)]
pub struct BeginSecondFactorBody {
    /// The present password.
    #[oai(validator(max_length = 1024))]
    pub password: String,
    /// The last part of the link in the mail, for operators and after a second factor was taken away.
    #[serde(default)]
    #[oai(validator(max_length = 128))]
    pub token: Option<String>,
}

/// A second factor to be set up, on the page behind a link: first the password, then a code.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(example)]
pub struct SecondFactorForm {
    /// The present password.
    #[serde(default)]
    #[oai(validator(max_length = 1024))]
    pub password: Option<String>,
    /// A code of the authenticator.
    #[serde(default)]
    #[oai(validator(max_length = 64))]
    pub code: Option<String>,
}

/// A code of an authenticator.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(example)]
pub struct CodeBody {
    /// Six digits.
    #[oai(validator(max_length = 64))]
    pub code: String,
}

/// The present password and a code, once more.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(example)]
pub struct CodeAndPasswordBody {
    /// The present password.
    #[oai(validator(max_length = 1024))]
    pub password: String,
    /// Six digits of the authenticator, or a recovery code.
    #[oai(validator(max_length = 64))]
    pub code: String,
}

/// What an authenticator needs. Shown once.
#[derive(Object)]
#[oai(example)]
pub struct SecondFactorSetUp {
    /// To be shown as a QR code.
    pub otpauth_url: String,
    /// The same secret to be typed in, in base32.
    pub secret: String,
}

/// Codes for when the authenticator is lost. Shown once.
#[derive(Object)]
#[oai(example)]
pub struct RecoveryCodes {
    /// Ten codes, each good once.
    pub codes: Vec<String>,
}

/// What a village asks of its staff.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(example)]
pub struct SecondFactorRuleBody {
    /// Whether everybody must have a second factor.
    pub required: bool,
}

/// What a village asks of its staff.
#[derive(Object)]
#[oai(rename = "SecondFactorRule", example)]
pub struct SecondFactorRuleView {
    /// Whether everybody must have a second factor.
    pub required: bool,
}

/// An account, as operators see it.
#[derive(Object)]
#[oai(rename = "Account", example)]
pub struct AccountView {
    /// Its identifier.
    account: Uuid,
    /// The person's name.
    name: String,
    /// The address the person logs in with.
    email: String,
    /// Whether it is an operator's.
    operator: bool,
    /// Whether it is disabled.
    disabled: bool,
}

/// Accounts.
#[derive(Object)]
#[oai(example)]
pub struct AccountList {
    /// What was found.
    pub items: Vec<AccountView>,
}

impl From<Account> for AccountView {
    fn from(account: Account) -> Self {
        Self {
            account: account.id.0,
            name: account.name,
            email: account.email,
            operator: account.operator,
            disabled: account.disabled_at.is_some(),
        }
    }
}

/// The token of a link in a mail.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(example)]
pub struct TokenBody {
    /// The last part of the link in the mail.
    #[oai(validator(max_length = 128))]
    pub token: String,
}

/// Whose the log-in is.
#[derive(Object)]
#[oai(example)]
pub struct Me {
    /// The account.
    pub account: Uuid,
    /// The person's name.
    pub name: String,
    /// The address of the account.
    pub email: String,
    /// Whether this is an operator of the installation.
    pub operator: bool,
    /// Whether the account has a second factor.
    pub second_factor: bool,
    /// When the log-in ends by itself.
    pub expires_at: Instant,
    /// What the account may do in which village.
    pub roles: Vec<RoleView>,
    /// The municipalities whose editor the account is: in all their villages it may do what an editor of the village may.
    pub municipalities: Vec<EditedMunicipalityView>,
}

/// A municipality, for its editor.
#[derive(Object)]
#[oai(rename = "EditedMunicipality", example)]
pub struct EditedMunicipalityView {
    /// Its identifier.
    pub municipality: Uuid,
    /// Its name.
    pub name: String,
    /// Its villages, by their names in URLs.
    pub villages: Vec<String>,
}

/// A role in a village.
#[derive(Object)]
#[oai(skip_serializing_if_is_none, example)]
pub struct RoleView {
    /// The village's name in URLs.
    pub village: String,
    /// The role.
    pub role: RoleName,
    /// From when on it holds; always when absent.
    pub starts_at: Option<Instant>,
    /// Until when it holds; for ever when absent.
    pub ends_at: Option<Instant>,
}

impl LogInView {
    /// A log-in, seen from the log-in `current`.
    pub fn new(log_in: LogIn, current: SessionId) -> Self {
        Self {
            session: log_in.id.0,
            device: if log_in.device.is_empty() { "unknown".to_owned() } else { log_in.device },
            current: log_in.id == current,
            created_at: log_in.created_at.into(),
            last_used_at: log_in.last_used_at.into(),
            expires_at: log_in.expires_at.into(),
        }
    }
}

impl From<Role> for RoleView {
    fn from(role: Role) -> Self {
        Self {
            village: role.village_slug,
            role: role.kind.into(),
            starts_at: role.term.starts.map(Into::into),
            ends_at: role.term.ends.map(Into::into),
        }
    }
}

impl From<EditedMunicipality> for EditedMunicipalityView {
    fn from(edited: EditedMunicipality) -> Self {
        Self { municipality: edited.id.0, name: edited.name, villages: edited.villages }
    }
}

impl Me {
    /// Whose a log-in is, and what the account is where.
    pub fn new(session: Session, roles: Vec<Role>, municipalities: Vec<EditedMunicipality>) -> Self {
        Self {
            account: session.account.0,
            name: session.name,
            email: session.email,
            operator: session.operator,
            second_factor: session.second_factor,
            expires_at: session.expires_at.into(),
            roles: roles.into_iter().map(Into::into).collect(),
            municipalities: municipalities.into_iter().map(Into::into).collect(),
        }
    }
}
