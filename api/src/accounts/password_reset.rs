//! A new password for whoever has lost the old one, by a link in a mail.
//!
//! Asking is answered alike, in as long, whether the address has an account or not: the same rows are written, and only whoever
//! makes the mail looks for the account. Several links may be good at once, so that nobody can spoil another's by asking again;
//! using one ends them all.

use super::change::Change;
use super::sessions::about;
use crate::app::App;
use crate::links;
use crate::mail_address;
use crate::problem::Problem;
use crate::text::Language;
use crate::validate::Faults;
use chrono::TimeDelta;
use entity::{Account, AccountLinkId, AccountMailKind, LinkPurpose, NewAccountMail, RegistryTx};

/// Has a link sent to the account of this address, if there is one.
pub async fn ask(app: &App, email: &str, language: Language) -> Result<(), Problem> {
    let email = mail_address::of_account(email);
    if email.len() > 254 || email.contains('\0') {
        return Ok(());
    }
    let now = app.clock.now();
    let tx = app.database.registry_tx().await?;
    if may_mail(app, &tx, &email).await? {
        let mail = NewAccountMail {
            id: AccountLinkId::generate(),
            kind: AccountMailKind::PasswordReset,
            recipient: email,
            language: language.tag().to_owned(),
            about: String::new(),
            expires_at: now + TimeDelta::minutes(app.settings.accounts.link_min.into()),
        };
        tx.account_mails().add(mail, now).await?;
    }
    Ok(tx.commit().await?)
}

/// Whether a mailbox may get one more mail with a link this hour. Counted by a keyed hash of whose it is.
pub async fn may_mail(app: &App, tx: &RegistryTx, email: &str) -> Result<bool, Problem> {
    let key = app.secrets.hash("account mail", mail_address::person(email).as_bytes());
    let hits = tx.throttles().hit(&key, TimeDelta::hours(1), app.clock.now()).await?;
    Ok(hits <= i64::from(app.settings.limits.account_mails_per_mailbox))
}

/// The account that a link's token opens, if the link is still good. Uses nothing up.
pub async fn account_of(app: &App, token: &str) -> Result<Option<Account>, Problem> {
    let Some(id) = links::read_account_link(&app.secrets, LinkPurpose::PasswordReset, token) else { return Ok(None) };
    let registry = app.database.registry().await?;
    let Some(link) = registry.account_links().find(id, LinkPurpose::PasswordReset, app.clock.now()).await? else {
        return Ok(None);
    };
    Ok(registry.accounts().find(link.account).await?)
}

/// Sets a new password with a link's token, which is used up. Ends all log-ins and links of the account. A password that is not
/// acceptable leaves the link as it is.
///
/// # Errors
/// 404 when the link is good no more; 422 when the password is not acceptable.
pub async fn reset(app: &App, token: &str, password: String, language: Language) -> Result<(), Problem> {
    let account = account_of(app, token).await?.ok_or_else(Problem::not_found)?;
    let mut faults = Faults::default();
    let about = about(app, account.id, &account.email, &account.name).await?;
    let about: Vec<&str> = about.iter().map(String::as_str).collect();
    faults.password("/password", &password, app.settings.accounts.min_password, &about);
    faults.into_result(())?;
    let hash = app.passwords.hash(password).await?;
    let id =
        links::read_account_link(&app.secrets, LinkPurpose::PasswordReset, token).ok_or_else(Problem::not_found)?;
    let tx = app.database.registry_tx().await?;
    let used = tx.account_links().use_up(id, LinkPurpose::PasswordReset, app.clock.now()).await?;
    let link = used.ok_or_else(Problem::not_found)?;
    tx.accounts().set_password(link.account, &hash).await?;
    let change = Change {
        account: account.id,
        action: "account.password_reset",
        mail: AccountMailKind::PasswordChanged,
        email: &account.email,
        language,
    };
    change.tell(app, &tx).await?;
    tx.commit().await?;
    tracing::info!(account = %link.account, "reset the password");
    Ok(())
}
