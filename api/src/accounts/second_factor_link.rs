//! A second factor by a link in a mail, where a password alone must not be enough: after the one before was taken away, and for
//! operators. The page behind the link asks for the password, shows the secret, asks for a code, and shows recovery codes.

use super::authenticator::{hashes, recovery_codes, step_of};
use super::change::Change;
use super::password_reset::may_mail;
use super::second_factor::{begin_for, nothing_set_up, told_of_new, tried, wrong_code};
use super::sessions::confirmed;
use super::view::{RecoveryCodes, SecondFactorSetUp};
use crate::app::App;
use crate::config::Need;
use crate::links;
use crate::problem::Problem;
use crate::text::{Language, Text};
use crate::validate::Faults;
use chrono::TimeDelta;
use entity::{Account, AccountLinkId, AccountMailKind, LinkPurpose, NewAccountMail, RegistryTx, Session};

/// How often password and code may be tried with one link in an hour.
const TRIES: u32 = 10;

/// Sends a link to the owner of an account; it is good when this commits.
///
/// # Errors
/// When the database fails.
pub async fn send(
    app: &App,
    tx: &RegistryTx,
    account: &Account,
    kind: AccountMailKind,
    language: Language,
) -> Result<(), Problem> {
    let now = app.clock.now();
    let mail = NewAccountMail {
        id: AccountLinkId::generate(),
        kind,
        recipient: account.email.clone(),
        language: language.tag().to_owned(),
        about: String::new(),
        expires_at: now + TimeDelta::minutes(app.settings.accounts.link_min.into()),
    };
    tx.account_links().create_second_factor(mail.id, account.id, mail.expires_at).await?;
    Ok(tx.account_mails().add(mail, now).await?)
}

/// Has a link sent once more, for somebody who is logged in.
///
/// # Errors
/// 409 when none is needed; 422 when the password is wrong.
pub async fn ask(app: &App, session: &Session, password: String, language: Language) -> Result<(), Problem> {
    let account = confirmed(app, session, password).await?;
    if !needs_link(app, &account).await? {
        return Err(nothing_set_up());
    }
    let tx = app.database.registry_tx().await?;
    if may_mail(app, &tx, &account.email).await? {
        send(app, &tx, &account, AccountMailKind::SecondFactorLink, language).await?;
    }
    Ok(tx.commit().await?)
}

/// Whether a second factor can be set up by a link only. Operators that have none are from before they needed one: whoever has
/// learned such a password must not be the one who makes it strong.
async fn needs_link(app: &App, account: &Account) -> Result<bool, Problem> {
    let registry = app.database.registry().await?;
    if account.operator && app.settings.accounts.operator_second_factor == Need::Required {
        let found = registry.second_factors().of(account.id).await?;
        return Ok(found.is_none_or(|factor| !factor.confirmed));
    }
    Ok(registry.second_factors().was_taken_away(account.id).await?)
}

/// Refuses somebody who needs the link and comes without.
///
/// # Errors
/// 409 then.
pub async fn must_have_come_by_it(app: &App, account: &Account, token: Option<&str>) -> Result<(), Problem> {
    if !needs_link(app, account).await? {
        return Ok(());
    }
    let found = match token {
        Some(token) => account_of(app, token).await?,
        None => None,
    };
    found.filter(|found| found.id == account.id).map(drop).ok_or_else(|| {
        Problem::conflict(Text::new(
            "Ihren zweiten Faktor richten Sie mit einem Link ein, der an Ihre Adresse geschickt wird. Das Passwort allein genügt nicht.",
            "You set up your second factor with a link that is sent to your address. The password alone is not enough.",
        ))
    })
}

/// The account that a link's token opens, if the link is still good. Uses nothing up.
pub async fn account_of(app: &App, token: &str) -> Result<Option<Account>, Problem> {
    let Some(id) = links::read_account_link(&app.secrets, LinkPurpose::SecondFactor, token) else { return Ok(None) };
    let registry = app.database.registry().await?;
    let Some(link) = registry.account_links().find(id, LinkPurpose::SecondFactor, app.clock.now()).await? else {
        return Ok(None);
    };
    Ok(registry.accounts().find(link.account).await?)
}

/// Begins to set one up on the page, with the password.
///
/// # Errors
/// 404 when the link is good no more; 422 when the password is wrong.
pub async fn begin(app: &App, token: &str, password: String) -> Result<SecondFactorSetUp, Problem> {
    let account = account_of(app, token).await?.ok_or_else(Problem::not_found)?;
    throttle(app, token).await?;
    let too_long = password.len() > crate::password::LONGEST;
    if too_long || !app.passwords.verify(password, Some(account.password_hash.clone())).await? {
        let mut faults = Faults::default();
        faults.add("/password", "ist falsch", "is wrong");
        faults.into_result(())?;
    }
    begin_for(app, &account).await
}

/// Switches it on with a first code. The link is used up, and all log-ins end: they were begun without it.
///
/// # Errors
/// 404 when the link is good no more; 409 when nothing was begun; 422 when the code is wrong.
pub async fn confirm(app: &App, token: &str, code: &str, language: Language) -> Result<RecoveryCodes, Problem> {
    let account = account_of(app, token).await?.ok_or_else(Problem::not_found)?;
    throttle(app, token).await?;
    let found = app.database.registry().await?.second_factors().of(account.id).await?;
    let factor = found.filter(|factor| !factor.confirmed).ok_or_else(nothing_set_up)?;
    let step = step_of(app, account.id, &factor, code)?.ok_or_else(wrong_code)?;
    let tx = app.database.registry_tx().await?;
    let mail = told_of_new(&tx, account.id).await?;
    if !tx.second_factors().confirm(account.id, &factor.secret_sealed, step, app.clock.now()).await? {
        return Err(nothing_set_up());
    }
    let codes = recovery_codes(app);
    tx.second_factors().set_recovery_codes(account.id, &hashes(app, account.id, &codes)).await?;
    tx.sessions().end_all(account.id).await?;
    let change =
        Change { account: account.id, action: "second_factor.switched_on", mail, email: &account.email, language };
    change.tell(app, &tx).await?;
    tx.commit().await?;
    tracing::info!(account = %account.id, "switched the second factor on, by a link");
    Ok(RecoveryCodes { codes })
}

async fn throttle(app: &App, token: &str) -> Result<(), Problem> {
    tried(app, "second factor link", token.as_bytes(), TimeDelta::hours(1), TRIES).await
}
