//! Accepting an invitation: with the password of the account that the address has, which stays as it is, or with a name and a
//! password for a new one.

use super::view::Acceptance;
use crate::app::App;
use crate::problem::{Fault, Problem};
use crate::text::Text;
use crate::validate::Faults;
use chrono::TimeDelta;
use entity::{Account, AccountId, StoreError};
use uuid::Uuid;

/// How often one invitation may be tried to be accepted in an hour.
const TRIES: u32 = 10;

/// Who accepts.
pub enum Accepting {
    /// Whoever has the account of the address.
    Known(AccountId),
    /// Somebody who gets one.
    New(Account),
}

/// What is to be known of an invitation that somebody accepts.
pub struct Invited<'a> {
    /// Its identifier.
    pub id: Uuid,
    /// Its address.
    pub email: &'a str,
    /// The account that the address has.
    pub account: Option<Account>,
    /// What a new password must not be: names of the place.
    pub place: &'a [&'a str],
}

impl Accepting {
    /// Finds out.
    ///
    /// # Errors
    /// 422 when the password is not that of the account, or name or password are not acceptable; 429 after too many tries.
    pub async fn of(app: &App, invited: Invited<'_>, accepted: Acceptance) -> Result<Self, Problem> {
        throttle(app, invited.id).await?;
        if let Some(account) = invited.account {
            let matches = app.passwords.verify(accepted.password, Some(account.password_hash)).await?;
            return matches.then_some(Self::Known(account.id)).ok_or_else(wrong_password);
        }
        let mut faults = Faults::default();
        let name = faults.line("/name", accepted.name.as_deref().unwrap_or_default(), 1, 100);
        let about: Vec<&str> = [invited.email, &name].into_iter().chain(invited.place.iter().copied()).collect();
        faults.password("/password", &accepted.password, app.settings.accounts.min_password, &about);
        faults.into_result(())?;
        let password_hash = app.passwords.hash(accepted.password).await?;
        let (id, email, created_at) = (AccountId::generate(), invited.email.to_owned(), app.clock.now());
        Ok(Self::New(Account { id, email, name, password_hash, operator: false, created_at, disabled_at: None }))
    }
}

/// Counted per invitation, so that whoever has a forwarded link cannot guess the password of its address.
async fn throttle(app: &App, invitation: Uuid) -> Result<(), Problem> {
    let key = app.secrets.hash("staff invitation", invitation.as_bytes());
    let tx = app.database.registry_tx().await?;
    let hits = tx.throttles().hit(&key, TimeDelta::hours(1), app.clock.now()).await?;
    tx.commit().await?;
    if hits > i64::from(TRIES) { Err(Problem::too_many_requests(3600, TRIES)) } else { Ok(()) }
}

/// The refusal when the address has got an account meanwhile: its password is needed then.
pub fn unless_taken(error: StoreError) -> Problem {
    if matches!(error, StoreError::Taken) { wrong_password() } else { error.into() }
}

fn wrong_password() -> Problem {
    let detail = Text::new("passt nicht zum Konto dieser Adresse", "is not that of the account with this address");
    Problem::unprocessable(vec![Fault { pointer: "/password".to_owned(), detail }])
}
