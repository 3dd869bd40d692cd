//! Guessing a password from many places, at the log-in or with the link of an invitation. Tries are counted per account over all
//! clients, except those from networks from which it has logged in lately: a stranger can use up the tries of strangers, and never keep
//! the owner out of a usual place. A new password begins anew. Its owner is warned by mail, once a day at most, and the villages where
//! it belongs to the staff by a line in their logs. Addresses with and without an account leave the same rows; whoever makes the mail
//! looks for the account.

use crate::app::App;
use crate::problem::Problem;
use crate::rate_limit::network;
use crate::text::Language;
use chrono::{DateTime, TimeDelta, Utc};
use entity::{Account, AccountLinkId, AccountMailKind, Deed, NewAccountMail, RegistryTx, StoreError};
use std::net::IpAddr;

/// Tries within an hour after which the owner is warned.
const WARNED_AT: i64 = 10;

/// Days for which a network is remembered after a log-in, and tries until the next one.
const REMEMBERED_D: i64 = 30;

/// Lines about log-ins of one account per day and log; of more, the log tells the first.
const LINES_PER_DAY: i64 = 24;

/// What a try to log in is counted under: keyed hashes, which tell nothing about anybody.
pub struct Guessing<'a> {
    email: &'a str,
    /// Of all strangers within the hour.
    tries: Vec<u8>,
    /// Since the last log-in.
    since: Vec<u8>,
    /// Whether this network is known.
    place: Vec<u8>,
    warned: Vec<u8>,
}

impl<'a> Guessing<'a> {
    /// A try to log in with this address.
    pub fn of(app: &App, email: &'a str, account: Option<&Account>, client: IpAddr) -> Self {
        let hash = |purpose, what: String| app.secrets.hash(purpose, what.as_bytes());
        let password = account.map_or("", |account| account.password_hash.as_str());
        Self {
            email,
            tries: hash("log-ins of strangers", format!("{email} {password}")),
            since: hash("log-ins since", email.to_owned()),
            place: hash("log-in place", format!("{} {email}", network(client))),
            warned: hash("log-in warning", email.to_owned()),
        }
    }

    /// Counts the try.
    ///
    /// # Errors
    /// 429 after too many from strange networks.
    pub async fn count(&self, app: &App, language: Language) -> Result<(), Problem> {
        let (now, most) = (app.clock.now(), app.settings.limits.logins_of_strangers);
        let tx = app.database.registry_tx().await?;
        tx.throttles().hit(&self.since, TimeDelta::days(REMEMBERED_D), now).await?;
        let mut hits = 0;
        if !tx.throttles().holds(&self.place, now).await? {
            hits = tx.throttles().hit(&self.tries, TimeDelta::hours(1), now).await?;
        }
        if hits == WARNED_AT && tx.throttles().hit(&self.warned, TimeDelta::days(1), now).await? == 1 {
            self.warn(&tx, language, now).await?;
        }
        tx.commit().await?;
        if hits > i64::from(most) { Err(Problem::too_many_requests(3600, most)) } else { Ok(()) }
    }

    async fn warn(&self, tx: &RegistryTx, language: Language, now: DateTime<Utc>) -> Result<(), StoreError> {
        let mail = NewAccountMail {
            id: AccountLinkId::generate(),
            kind: AccountMailKind::LogInsFailed,
            recipient: self.email.to_owned(),
            language: language.tag().to_owned(),
            about: String::new(),
            expires_at: now + TimeDelta::days(1),
        };
        tx.account_mails().add(mail, now).await
    }

    /// Takes the try back: the password was right, though nobody logged in. The network is not remembered for it: whoever logs in may
    /// have to show more than a password.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn was_the_owner(&self, app: &App) -> Result<(), StoreError> {
        let tx = app.database.registry_tx().await?;
        if !tx.throttles().holds(&self.place, app.clock.now()).await? {
            tx.throttles().give_back(&self.tries).await?;
        }
        tx.throttles().give_back(&self.since).await?;
        tx.commit().await
    }

    /// Notes that the log-in succeeded, in the logs of the villages where the account belongs to the staff too, with how many tries
    /// went before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn succeeded(
        &self,
        app: &App,
        tx: &RegistryTx,
        account: &Account,
        device: &str,
    ) -> Result<(), StoreError> {
        let now = app.clock.now();
        if !tx.throttles().holds(&self.place, now).await? {
            // It was no stranger: how many tries are left tells nobody that the owner was here.
            tx.throttles().give_back(&self.tries).await?;
            tx.throttles().hit(&self.place, TimeDelta::days(REMEMBERED_D), now).await?;
        }
        let failed = tx.throttles().take(&self.since, now).await? - 1;
        let lines = app.secrets.hash("log-in lines", account.id.0.as_bytes());
        if tx.throttles().hit(&lines, TimeDelta::days(1), now).await? > LINES_PER_DAY {
            return Ok(());
        }
        let mut detail = device.to_owned();
        if failed > 0 {
            detail.push_str(&format!(" (failed before: {failed})"));
        }
        tx.record_for_staff(
            account.id,
            Deed::new(account.id, "account.logged_in", account.id).detail(detail.trim()),
            now,
        )
        .await
    }
}

/// Counts log-ins to one account from one client, for all processes together. Counting per pair means that nobody can lock
/// another out.
///
/// # Errors
/// 429 after too many.
pub async fn throttle(app: &App, email: &str, client: IpAddr) -> Result<(), Problem> {
    let limit = app.settings.limits.logins_per_account;
    let key = app.secrets.hash("login", format!("{} {email}", network(client)).as_bytes());
    let tx = app.database.registry_tx().await?;
    let hits = tx.throttles().hit(&key, TimeDelta::minutes(1), app.clock.now()).await?;
    tx.commit().await?;
    if hits > i64::from(limit) { Err(Problem::too_many_requests(60, limit)) } else { Ok(()) }
}
