//! Accounts: log-ins of staff. Single sign-on will live here.

mod api_key_routes;
mod api_keys;
mod authenticator;
mod change;
mod email_change;
mod operator_deeds;
mod operator_routes;
mod operators;
mod own_routes;
mod pages;
mod password_reset;
mod recovery_routes;
mod routes;
mod second_factor;
mod second_factor_link;
mod second_factor_page;
mod second_factor_routes;
mod second_factor_rule;
mod sessions;
mod view;

use api_key_routes::ApiKeyRoutes;
use operator_routes::OperatorAccountRoutes;
pub use operators::{Enrolment, known_operator, new_operator};
use own_routes::OwnAccountRoutes;
use recovery_routes::RecoveryRoutes;
use routes::AccountRoutes;
use second_factor_routes::SecondFactorRoutes;

use crate::app::App;
use crate::guessing::{self, Guessing};
use crate::mail_address;
use crate::problem::{Problem, ProblemKind};
use crate::secrets::Token;
use crate::text::Language;
use chrono::{DateTime, TimeDelta, Utc};
use entity::{Account, AccountId, EditedMunicipality, NewLogIn, Role, Session};
use std::net::IpAddr;
use view::LoginBody;

/// The operations on accounts.
pub type Routes =
    (AccountRoutes, OwnAccountRoutes, SecondFactorRoutes, RecoveryRoutes, ApiKeyRoutes, OperatorAccountRoutes);

/// The operations on accounts, for one installation.
pub fn routes(app: &App) -> Routes {
    (
        AccountRoutes(app.clone()),
        OwnAccountRoutes(app.clone()),
        SecondFactorRoutes(app.clone()),
        RecoveryRoutes(app.clone()),
        ApiKeyRoutes(app.clone()),
        OperatorAccountRoutes(app.clone()),
    )
}

/// A log-in that has just begun.
pub struct Begun {
    token: Token,
    account: Account,
    expires_at: DateTime<Utc>,
}

/// Where a log-in comes from.
struct Caller<'a> {
    client: IpAddr,
    device: &'a str,
    language: Language,
}

/// Logs in. Takes as long and answers alike whether there is such an account or not.
async fn log_in(app: &App, login: LoginBody, caller: Caller<'_>) -> Result<Begun, Problem> {
    let Caller { client, device, language } = caller;
    app.limits.login(client)?;
    let email = mail_address::of_account(&login.email);
    let now = app.clock.now();
    guessing::throttle(app, &email, client).await?;
    let too_long = login.password.len() > crate::password::LONGEST || email.len() > 254 || email.contains('\0');
    let known = match too_long {
        false => app.database.registry().await?.accounts().by_email(&email).await?,
        true => None,
    };
    let email = if too_long { String::new() } else { email };
    let guessing = Guessing::of(app, &email, known.as_ref(), client);
    guessing.count(app, language).await?;
    let password = if too_long { String::new() } else { login.password };
    let hash = known.as_ref().map(|account| account.password_hash.clone());
    let matches = app.passwords.verify(password, hash).await?;
    let account = known.filter(|_| matches).ok_or_else(|| Problem::new(ProblemKind::WrongCredentials))?;
    if account.disabled_at.is_some() {
        return Err(Problem::new(ProblemKind::WrongCredentials));
    }
    second_factor::check_log_in(app, &account, login.code.as_deref(), client, language).await?;
    let token = app.secrets.token();
    let expires_at = now + TimeDelta::hours(app.settings.accounts.session_h.into());
    let tx = app.database.registry_tx().await?;
    let log_in = NewLogIn { account: &account, token_hash: &token.hash, device, now, expires_at };
    if !tx.sessions().create(&log_in).await? {
        return Err(Problem::new(ProblemKind::WrongCredentials));
    }
    guessing.succeeded(app, &tx, &account, device).await?;
    tx.commit().await?;
    tracing::info!(account = %account.id, "logged in");
    Ok(Begun { token, account, expires_at })
}

/// Ends a log-in.
async fn log_out(app: &App, session: &Session) -> Result<(), Problem> {
    let tx = app.database.registry_tx().await?;
    tx.sessions().end(session.id).await?;
    tx.commit().await?;
    tracing::info!(account = %session.account, "logged out");
    Ok(())
}

/// Where an account has which role: in villages, and in municipalities.
async fn roles(app: &App, account: AccountId) -> Result<(Vec<Role>, Vec<EditedMunicipality>), Problem> {
    let registry = app.database.registry().await?;
    Ok((registry.roles().of(account).await?, registry.municipality_roles().of(account).await?))
}
