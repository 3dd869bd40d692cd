//! Another address to log in with: asked for with the password, taking effect by a link in a mail to the new address. The old one
//! is told of both, the new one of the change. Nobody learns here whether an address has an account.

use super::change::{Change, tell};
use super::second_factor_link;
use super::sessions::confirmed;
use super::view::ChangeEmailBody;
use crate::app::App;
use crate::links;
use crate::mail_address;
use crate::problem::Problem;
use crate::text::Language;
use crate::validate::Faults;
use chrono::{DateTime, TimeDelta, Utc};
use entity::{AccountId, AccountLinkId, AccountMailKind, LinkPurpose, NewAccountMail, RegistryTx, Session, StoreError};

/// Asks for another address.
///
/// # Errors
/// 409 after a second factor was taken away; 422 when it is no address or the password is wrong.
pub async fn ask(app: &App, session: &Session, body: ChangeEmailBody, language: Language) -> Result<(), Problem> {
    let mut faults = Faults::default();
    let email = faults.address("/email", &body.email).to_lowercase();
    faults.into_result(())?;
    let account = confirmed(app, session, body.password).await?;
    // Else the link to a second factor could be sent elsewhere by the password alone.
    second_factor_link::must_have_come_by_it(app, &account, None).await?;
    let now = app.clock.now();
    let tx = app.database.registry_tx().await?;
    if may_ask(app, &tx, account.id, &email, now).await? {
        let mail = NewAccountMail {
            id: AccountLinkId::generate(),
            kind: AccountMailKind::EmailChange,
            recipient: email,
            language: language.tag().to_owned(),
            about: String::new(),
            expires_at: now + TimeDelta::minutes(app.settings.accounts.link_min.into()),
        };
        tx.account_links().create_email_change(mail.id, account.id, &mail.recipient, mail.expires_at).await?;
        tx.account_mails().add(mail, now).await?;
        let change = Change {
            account: account.id,
            action: "account.email_change_asked",
            mail: AccountMailKind::EmailChangeAsked,
            email: &account.email,
            language,
        };
        change.tell(app, &tx).await?;
    }
    tx.commit().await?;
    tracing::info!(account = %account.id, "asked for another address");
    Ok(())
}

/// Whether a mailbox may be asked once more today whether it is somebody's new address, and this account may have one asked. The mail
/// goes to whomever the account names.
async fn may_ask(
    app: &App,
    tx: &RegistryTx,
    account: AccountId,
    email: &str,
    now: DateTime<Utc>,
) -> Result<bool, Problem> {
    let (limits, throttles) = (&app.settings.limits, tx.throttles());
    let of_mailbox = app.secrets.hash("address change to", mail_address::person(email).as_bytes());
    let of_account = app.secrets.hash("address change of", account.0.as_bytes());
    let to_mailbox = throttles.hit(&of_mailbox, TimeDelta::days(1), now).await?;
    let by_account = throttles.hit(&of_account, TimeDelta::hours(1), now).await?;
    Ok(to_mailbox <= i64::from(limits.confirmations_per_mailbox)
        && by_account <= i64::from(limits.account_mails_per_mailbox))
}

/// Whether a link's token is good. Uses nothing up.
pub async fn is_good(app: &App, token: &str) -> Result<bool, Problem> {
    let Some(id) = links::read_account_link(&app.secrets, LinkPurpose::EmailChange, token) else { return Ok(false) };
    let registry = app.database.registry().await?;
    Ok(registry.account_links().find(id, LinkPurpose::EmailChange, app.clock.now()).await?.is_some())
}

/// Gives the account of a link its new address. The link is used up.
///
/// # Errors
/// 404 when the link is good no more, also because the address has got an account meanwhile.
pub async fn change(app: &App, token: &str, language: Language) -> Result<(), Problem> {
    let id = links::read_account_link(&app.secrets, LinkPurpose::EmailChange, token).ok_or_else(Problem::not_found)?;
    let tx = app.database.registry_tx().await?;
    let used = tx.account_links().use_up(id, LinkPurpose::EmailChange, app.clock.now()).await?;
    let link = used.ok_or_else(Problem::not_found)?;
    let email = link.email.ok_or_else(Problem::not_found)?;
    let before = tx.accounts().find(link.account).await?.ok_or_else(Problem::not_found)?;
    match tx.accounts().change_email(link.account, &email).await {
        Err(StoreError::Taken) => return Err(Problem::not_found()),
        other => other?,
    }
    tell(app, &tx, AccountMailKind::EmailSet, &email, language).await?;
    let change = Change {
        account: before.id,
        action: "account.email_changed",
        mail: AccountMailKind::EmailChanged,
        email: &before.email,
        language,
    };
    change.tell(app, &tx).await?;
    tx.commit().await?;
    tracing::info!(account = %link.account, "changed the address");
    Ok(())
}
