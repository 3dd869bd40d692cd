//! Operators, who come from the command line: with a second factor from the first moment on, unless the settings say otherwise.
//! Whoever may run the program on its machine may also give an operator a new one, so that the last operator is never locked out.

use super::authenticator::{hashes, recovery_codes, set_up, step};
use super::change::tell;
use super::view::SecondFactorSetUp;
use crate::app::App;
use crate::mail_address;
use crate::text::Language;
use crate::validate::Faults;
use anyhow::Context;
use entity::{Account, AccountId, AccountMailKind, Deed, StoreError};

/// An operator who is about to get a second factor. Nothing is stored before a first code was right.
pub struct Enrolment {
    account: Account,
    is_new: bool,
    secret: Vec<u8>,
}

/// Checks somebody who is to be an operator.
///
/// # Errors
/// When the address or password is not acceptable, or the address has an account.
pub async fn new_operator(app: &App, email: &str, name: &str, password: String) -> anyhow::Result<Enrolment> {
    let mut faults = Faults::default();
    let email = faults.address("email", email).to_lowercase();
    let name = faults.line("name", name, 1, 100);
    faults.password("password", &password, app.settings.accounts.min_password, &[&email, &name]);
    if let Err(problem) = faults.into_result(()) {
        anyhow::bail!("{}", problem.in_one_line());
    }
    if app.database.registry().await?.accounts().by_email(&email).await?.is_some() {
        return Err(taken());
    }
    let password_hash = app.passwords.hash(password).await?;
    let id = AccountId::generate();
    let account =
        Account { id, email, name, password_hash, operator: true, created_at: app.clock.now(), disabled_at: None };
    Ok(Enrolment { account, is_new: true, secret: app.secrets.second_factor() })
}

/// An operator that there is, who is to get a second factor, in place of the one before.
///
/// # Errors
/// When no operator has this address.
pub async fn known_operator(app: &App, email: &str) -> anyhow::Result<Enrolment> {
    let found = app.database.registry().await?.accounts().by_email(&mail_address::of_account(email.trim())).await?;
    let account = found.filter(|account| account.operator).context("no operator has this address")?;
    Ok(Enrolment { account, is_new: false, secret: app.secrets.second_factor() })
}

impl Enrolment {
    /// What the authenticator needs.
    ///
    /// # Errors
    /// When there is a defect.
    pub fn set_up(&self) -> anyhow::Result<SecondFactorSetUp> {
        set_up(&self.secret, &self.account.email)
    }

    /// Stores account and second factor, if the code is right; gives the recovery codes. The owner of an account that was there is
    /// told by mail, its log-ins end, and the villages where it has a role find it in their logs.
    ///
    /// # Errors
    /// When the address has got an account meanwhile, or the database fails.
    pub async fn confirm(&self, app: &App, code: &str) -> anyhow::Result<Option<Vec<String>>> {
        let Some(step) = step(app, &self.secret, code)? else { return Ok(None) };
        let (id, now) = (self.account.id, app.clock.now());
        let sealed = app.secrets.seal_second_factor(id, &self.secret);
        let codes = recovery_codes(app);
        let tx = app.database.registry_tx().await?;
        if self.is_new {
            tx.accounts().create(self.account.clone()).await.map_err(told)?;
        } else {
            let had_one = tx.second_factors().of(id).await?.is_some_and(|factor| factor.confirmed)
                || tx.second_factors().was_taken_away(id).await?;
            tx.second_factors().remove(id).await?;
            tx.sessions().end_all(id).await?;
            let mail = if had_one { AccountMailKind::SecondFactorReplaced } else { AccountMailKind::SecondFactorOn };
            tell(app, &tx, mail, &self.account.email, Language::German).await?;
            tx.record_for_staff(id, Deed::by_itself("second_factor.renewed_by_command", id), now).await?;
        }
        tx.second_factors().begin(id, sealed.clone()).await?;
        tx.second_factors().confirm(id, &sealed, step, now).await?;
        tx.second_factors().set_recovery_codes(id, &hashes(app, id, &codes)).await?;
        tx.commit().await?;
        Ok(Some(codes))
    }

    /// Stores the account without a second factor: for trying out.
    ///
    /// # Errors
    /// When the address has got an account meanwhile, or the database fails.
    pub async fn without_second_factor(self, app: &App) -> anyhow::Result<()> {
        let tx = app.database.registry_tx().await?;
        tx.accounts().create(self.account).await.map_err(told)?;
        Ok(tx.commit().await?)
    }
}

fn taken() -> anyhow::Error {
    anyhow::anyhow!("this address has an account already")
}

fn told(error: StoreError) -> anyhow::Error {
    if matches!(error, StoreError::Taken) { taken() } else { error.into() }
}
