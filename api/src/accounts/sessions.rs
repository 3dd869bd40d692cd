//! One's own log-ins and password.

use super::change::Change;
use super::view::ChangePasswordBody;
use crate::app::App;
use crate::problem::{Problem, ProblemKind};
use crate::text::{Language, Text};
use crate::validate::Faults;
use chrono::TimeDelta;
use entity::{Account, AccountId, AccountMailKind, LogIn, Session, SessionId};

/// The live log-ins of whoever asks.
pub async fn list(app: &App, session: &Session) -> Result<Vec<LogIn>, Problem> {
    let now = app.clock.now();
    let idle_since = now - app.settings.accounts.idle();
    Ok(app.database.registry().await?.sessions().of(session.account, now, idle_since).await?)
}

/// Ends one of one's own log-ins, at once.
pub async fn end(app: &App, session: &Session, ended: SessionId) -> Result<(), Problem> {
    let tx = app.database.registry_tx().await?;
    if !tx.sessions().end_one(session.account, ended).await? {
        return Err(Problem::not_found());
    }
    tx.commit().await?;
    tracing::info!(account = %session.account, "ended a log-in");
    Ok(())
}

/// Ends all of one's own log-ins but the one that asks.
pub async fn end_others(app: &App, session: &Session) -> Result<(), Problem> {
    let tx = app.database.registry_tx().await?;
    tx.sessions().end_others(session.account, session.id).await?;
    tx.commit().await?;
    tracing::info!(account = %session.account, "ended the other log-ins");
    Ok(())
}

/// Changes one's own password. Ends all other log-ins and all links that were asked for before.
pub async fn change_password(
    app: &App,
    session: &Session,
    body: ChangePasswordBody,
    language: Language,
) -> Result<(), Problem> {
    let mut faults = Faults::default();
    let about = about(app, session.account, &session.email, &session.name).await?;
    let about: Vec<&str> = about.iter().map(String::as_str).collect();
    faults.password("/new_password", &body.new_password, app.settings.accounts.min_password, &about);
    faults.into_result(())?;
    let account = confirmed(app, session, body.password).await?;
    let hash = app.passwords.hash(body.new_password).await?;
    let tx = app.database.registry_tx().await?;
    if !tx.accounts().change_password(account.id, &account.password_hash, &hash, session.id).await? {
        return Err(Problem::conflict(Text::new(
            "Das Passwort wurde gerade anderswo geändert.",
            "The password has just been changed elsewhere.",
        )));
    }
    let change = Change {
        account: account.id,
        action: "account.password_changed",
        mail: AccountMailKind::PasswordChanged,
        email: &account.email,
        language,
    };
    change.tell(app, &tx).await?;
    tx.commit().await?;
    tracing::info!(account = %account.id, "changed the password");
    Ok(())
}

/// The account of a log-in whose password was given once more: for what a stolen token alone must not do.
///
/// Tries are counted per log-in, so nobody can keep another from it.
///
/// # Errors
/// 422 when it is wrong; 429 after too many tries.
pub async fn confirmed(app: &App, session: &Session, password: String) -> Result<Account, Problem> {
    let limit = app.settings.limits.logins_per_account;
    let key = app.secrets.hash("password again", session.id.0.as_bytes());
    let tx = app.database.registry_tx().await?;
    let hits = tx.throttles().hit(&key, TimeDelta::minutes(1), app.clock.now()).await?;
    tx.commit().await?;
    if hits > i64::from(limit) {
        return Err(Problem::too_many_requests(60, limit));
    }
    let account = app.database.registry().await?.accounts().find(session.account).await?;
    let account = account.ok_or_else(|| Problem::new(ProblemKind::Unauthenticated))?;
    let too_long = password.len() > crate::password::LONGEST;
    if too_long || !app.passwords.verify(password, Some(account.password_hash.clone())).await? {
        let mut faults = Faults::default();
        faults.add("/password", "ist falsch", "is wrong");
        faults.into_result(())?;
    }
    Ok(account)
}

/// What a new password must not be made of: what everybody knows of the person.
///
/// # Errors
/// When the database fails.
pub async fn about(app: &App, account: AccountId, email: &str, name: &str) -> Result<Vec<String>, Problem> {
    let roles = app.database.registry().await?.roles().of(account).await?;
    let known = [email.to_owned(), name.to_owned()];
    Ok(known.into_iter().chain(roles.into_iter().map(|role| role.village_slug)).collect())
}
