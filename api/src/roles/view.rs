//! What travels about roles.

mod examples;
mod invitation;

pub use invitation::{MunicipalityInvitationList, StaffAdded, StaffInvitationList};

use crate::authority::RoleName;
use crate::instant::Instant;
use crate::problem::Problem;
use crate::validate::Faults;
use entity::{MunicipalityEditor, RoleHolder, RoleKind, Term};
use poem_openapi::{Enum, Object};
use serde::Deserialize;
use uuid::Uuid;

/// A role that a village admin gives.
#[derive(Clone, Copy, Debug, Default, Deserialize, Enum, PartialEq, Eq)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum EditorRole {
    /// Writes, reviews, publishes and withdraws.
    #[default]
    Editor,
    /// Writes; an editor always reviews.
    Contributor,
}

/// Somebody to be invited as an editor or contributor.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(example)]
pub struct InvitationBody {
    /// The address that the link is sent to; nobody else can accept.
    #[oai(validator(max_length = 254))]
    email: String,
    /// The role; `editor` unless given.
    #[serde(default)]
    #[oai(default)]
    role: EditorRole,
    /// From when on the role holds; from now on unless given.
    #[serde(default)]
    starts_at: Option<Instant>,
    /// Until when it holds: for a stand-in. For ever unless given.
    #[serde(default)]
    ends_at: Option<Instant>,
}

/// Somebody to be made an editor or contributor by the operator.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(example)]
pub struct StaffBody {
    /// The address the person logs in with.
    #[oai(validator(max_length = 254))]
    email: String,
    /// The person's name, together with a first password; without both the person is invited.
    #[serde(default)]
    #[oai(validator(min_length = 1, max_length = 100))]
    name: Option<String>,
    /// A first password, for an address that has no account.
    #[serde(default)]
    #[oai(validator(max_length = 1024))]
    password: Option<String>,
    /// The role; `editor` unless given.
    #[serde(default)]
    #[oai(default)]
    role: EditorRole,
    /// From when on the role holds; from now on unless given.
    #[serde(default)]
    starts_at: Option<Instant>,
    /// Until when it holds: for a stand-in. For ever unless given.
    #[serde(default)]
    ends_at: Option<Instant>,
}

/// Somebody to be given a role by the operator.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(example)]
pub struct AdminBody {
    /// The address the person logs in with.
    #[oai(validator(max_length = 254))]
    email: String,
    /// The person's name, together with a first password; without both the person is invited.
    #[serde(default)]
    #[oai(validator(min_length = 1, max_length = 100))]
    name: Option<String>,
    /// A first password, for an address that has no account.
    #[serde(default)]
    #[oai(validator(max_length = 1024))]
    password: Option<String>,
}

/// Somebody to be given a role, checked.
pub struct NewStaff {
    /// The address, in lower case.
    pub email: String,
    /// Name and first password, for a new account; whoever has none given is invited.
    pub first_log_in: Option<FirstLogIn>,
    /// The role.
    pub kind: RoleKind,
    /// When it holds.
    pub term: Term,
}

/// What a new account begins with.
pub struct FirstLogIn {
    /// The person's name.
    pub name: String,
    /// The password, as given.
    pub password: String,
}

/// Somebody with a role in the village.
#[derive(Object)]
#[oai(skip_serializing_if_is_none, example)]
pub struct StaffMember {
    /// The account.
    account: Uuid,
    /// The person's name.
    name: String,
    /// The address the person logs in with.
    email: String,
    /// The role.
    role: RoleName,
    /// The slug of the club, for a club's role.
    club: Option<String>,
    /// From when on it holds; always when absent.
    starts_at: Option<Instant>,
    /// Until when it holds; for ever when absent.
    ends_at: Option<Instant>,
    /// Whether the person may send alerts here.
    may_alert: bool,
}

/// The staff of a village.
#[derive(Object)]
#[oai(example)]
pub struct StaffList {
    /// Everybody with a role here, by name.
    pub items: Vec<StaffMember>,
}

/// An editor of a municipality.
#[derive(Object)]
#[oai(example)]
pub struct MunicipalityEditorView {
    /// The account.
    account: Uuid,
    /// The person's name.
    name: String,
    /// The address the person logs in with.
    email: String,
}

/// The editors of a municipality.
#[derive(Object)]
#[oai(example)]
pub struct MunicipalityEditorList {
    /// All of them, by name.
    pub items: Vec<MunicipalityEditorView>,
}

impl From<EditorRole> for RoleKind {
    fn from(role: EditorRole) -> Self {
        match role {
            EditorRole::Editor => Self::Editor,
            EditorRole::Contributor => Self::Contributor,
        }
    }
}

impl InvitationBody {
    /// Checks the values.
    pub fn checked(self) -> Result<NewStaff, Problem> {
        let Self { email, role, starts_at, ends_at } = self;
        StaffBody { email, name: None, password: None, role, starts_at, ends_at }.checked(0, &[])
    }
}

impl StaffBody {
    /// Checks the values. The password must not be the name of the place either.
    pub fn checked(self, shortest_password: usize, place: &[&str]) -> Result<NewStaff, Problem> {
        let person = AdminBody { email: self.email, name: self.name, password: self.password };
        let mut faults = Faults::default();
        let staff = person.collect(&mut faults, shortest_password, place, self.role.into());
        let term = Term { starts: self.starts_at.map(Into::into), ends: self.ends_at.map(Into::into) };
        if term.ends.is_some_and(|ends| term.starts.is_some_and(|starts| ends <= starts)) {
            faults.add("/ends_at", "liegt nicht nach dem Beginn", "is not after the start");
        }
        faults.into_result(NewStaff { term, ..staff })
    }
}

impl AdminBody {
    /// Checks the values.
    pub fn checked(self, shortest_password: usize, place: &[&str], kind: RoleKind) -> Result<NewStaff, Problem> {
        let mut faults = Faults::default();
        let staff = self.collect(&mut faults, shortest_password, place, kind);
        faults.into_result(staff)
    }

    fn collect(self, faults: &mut Faults, shortest_password: usize, place: &[&str], kind: RoleKind) -> NewStaff {
        let email = faults.address("/email", &self.email).to_lowercase();
        let first_log_in = match (self.name, self.password) {
            (Some(name), Some(password)) => {
                let name = faults.line("/name", &name, 1, 100);
                let about: Vec<&str> = [email.as_str(), &name].into_iter().chain(place.iter().copied()).collect();
                faults.password("/password", &password, shortest_password, &about);
                Some(FirstLogIn { name, password })
            }
            (None, None) => None,
            (Some(_), None) => {
                faults.add(
                    "/password",
                    "fehlt: mit einem Namen wird gleich ein Konto angelegt; ohne beides wird eingeladen",
                    "is missing: with a name, an account is made at once; without both, the person is invited",
                );
                None
            }
            (None, Some(_)) => {
                faults.add(
                    "/name",
                    "gehört zum Passwort eines neuen Kontos",
                    "belongs to the password of a new account",
                );
                None
            }
        };
        NewStaff { email, first_log_in, kind, term: Term::default() }
    }
}

impl From<RoleHolder> for StaffMember {
    fn from(holder: RoleHolder) -> Self {
        Self {
            account: holder.account.0,
            name: holder.name,
            email: holder.email,
            role: holder.kind.into(),
            club: holder.club_slug,
            starts_at: holder.term.starts.map(Into::into),
            ends_at: holder.term.ends.map(Into::into),
            may_alert: holder.may_alert,
        }
    }
}

impl From<MunicipalityEditor> for MunicipalityEditorView {
    fn from(editor: MunicipalityEditor) -> Self {
        Self { account: editor.account_id, name: editor.name, email: editor.email }
    }
}
