//! Accepting an invitation: with the password of the account that the address has, which stays as it is, or with a name and a
//! password for a new one.

use super::view::Acceptance;
use crate::app::App;
use crate::guessing::{self, Guessing};
use crate::problem::{Fault, Problem};
use crate::text::Text;
use crate::validate::Faults;
use entity::{Account, AccountId, StoreError};

/// Who accepts.
pub enum Accepting {
    /// Whoever has the account of the address.
    Known(AccountId),
    /// Somebody who gets one.
    New(Account),
}

/// What is to be known of an invitation that somebody accepts.
pub struct Invited<'a> {
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
        if let Some(account) = invited.account {
            return Self::known(app, account, accepted).await;
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

    /// A password that is given here is a try to get into the account, as a log-in is, and counts as one: whoever has a forwarded link
    /// guesses no more often by it, and keeps the owner out no more than by log-ins.
    async fn known(app: &App, account: Account, accepted: Acceptance) -> Result<Self, Problem> {
        guessing::throttle(app, &account.email, accepted.client).await?;
        let guessing = Guessing::of(app, &account.email, Some(&account), accepted.client);
        guessing.count(app, accepted.language).await?;
        let too_long = accepted.password.len() > crate::password::LONGEST;
        if too_long || !app.passwords.verify(accepted.password, Some(account.password_hash.clone())).await? {
            return Err(wrong_password());
        }
        guessing.was_the_owner(app).await?;
        Ok(Self::Known(account.id))
    }
}

/// The refusal when the address has got an account meanwhile: its password is needed then.
pub fn unless_taken(error: StoreError) -> Problem {
    if matches!(error, StoreError::Taken) { wrong_password() } else { error.into() }
}

fn wrong_password() -> Problem {
    let detail = Text::new("passt nicht zum Konto dieser Adresse", "is not that of the account with this address");
    Problem::unprocessable(vec![Fault { pointer: "/password".to_owned(), detail }])
}
