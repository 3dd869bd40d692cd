//! A second factor: codes of an authenticator (TOTP, RFC 6238), each good once, and recovery codes for when that is lost.

use super::authenticator::{hash, hashes, recovery_codes, set_up, step_of};
use super::change::Change;
use super::second_factor_link;
use super::sessions::confirmed;
use super::view::{BeginSecondFactorBody, CodeAndPasswordBody, RecoveryCodes, SecondFactorSetUp};
use crate::app::App;
use crate::problem::{Problem, ProblemKind};
use crate::rate_limit::network;
use crate::text::{Language, Text};
use crate::validate::Faults;
use chrono::TimeDelta;
use entity::{Account, AccountId, AccountMailKind, RegistryTx, SecondFactor, Session};
use std::net::IpAddr;

/// Begins to set up a second factor. It is not asked for before it was confirmed with a first code.
pub async fn begin(app: &App, session: &Session, body: BeginSecondFactorBody) -> Result<SecondFactorSetUp, Problem> {
    let account = confirmed(app, session, body.password).await?;
    second_factor_link::must_have_come_by_it(app, &account, body.token.as_deref()).await?;
    begin_for(app, &account).await
}

/// The same for an account whose password was given, and by a link where one is needed.
pub async fn begin_for(app: &App, account: &Account) -> Result<SecondFactorSetUp, Problem> {
    let secret = app.secrets.second_factor();
    let sealed = app.secrets.seal_second_factor(account.id, &secret);
    let tx = app.database.registry_tx().await?;
    if !tx.second_factors().begin(account.id, sealed).await? {
        return Err(Problem::conflict(Text::new(
            "Der zweite Faktor ist schon eingeschaltet.",
            "The second factor is switched on already.",
        )));
    }
    tx.commit().await?;
    Ok(set_up(&secret, &account.email)?)
}

/// Switches on what was set up, with a first code. Ends all other log-ins: they were begun without it.
pub async fn confirm(app: &App, session: &Session, code: &str, language: Language) -> Result<RecoveryCodes, Problem> {
    tried(app, "second factor set-up", session.id.0.as_bytes(), TimeDelta::minutes(1), limit(app)).await?;
    let found = app.database.registry().await?.second_factors().of(session.account).await?;
    let factor = found.filter(|factor| !factor.confirmed).ok_or_else(nothing_set_up)?;
    let step = step_of(app, session.account, &factor, code)?.ok_or_else(wrong_code)?;
    let now = app.clock.now();
    let tx = app.database.registry_tx().await?;
    let mail = told_of_new(&tx, session.account).await?;
    if !tx.second_factors().confirm(session.account, &factor.secret_sealed, step, now).await? {
        return Err(nothing_set_up());
    }
    let codes = recovery_codes(app);
    tx.second_factors().set_recovery_codes(session.account, &hashes(app, session.account, &codes)).await?;
    tx.sessions().end_others(session.account, session.id).await?;
    let change =
        Change { account: session.account, action: "second_factor.switched_on", mail, email: &session.email, language };
    change.tell(app, &tx).await?;
    tx.commit().await?;
    tracing::info!(account = %session.account, "switched the second factor on");
    Ok(RecoveryCodes { codes })
}

/// What the owner is told of a second factor that is switched on: whether it is the first, or one was taken away before.
///
/// # Errors
/// When the database fails.
pub async fn told_of_new(tx: &RegistryTx, account: AccountId) -> Result<AccountMailKind, Problem> {
    let another = tx.second_factors().was_taken_away(account).await?;
    Ok(if another { AccountMailKind::SecondFactorReplaced } else { AccountMailKind::SecondFactorOn })
}

/// Switches the second factor off.
pub async fn remove(
    app: &App,
    session: &Session,
    body: CodeAndPasswordBody,
    language: Language,
) -> Result<(), Problem> {
    let account = confirmed(app, session, body.password).await?;
    use_code_again(app, &account, &body.code, language).await?;
    let tx = app.database.registry_tx().await?;
    tx.second_factors().remove(account.id).await?;
    let change = Change {
        account: account.id,
        action: "second_factor.switched_off",
        mail: AccountMailKind::SecondFactorOff,
        email: &account.email,
        language,
    };
    change.tell(app, &tx).await?;
    tx.commit().await?;
    tracing::info!(account = %account.id, "switched the second factor off");
    Ok(())
}

/// Makes new recovery codes; those before are worth nothing any more.
pub async fn renew_codes(
    app: &App,
    session: &Session,
    body: CodeAndPasswordBody,
    language: Language,
) -> Result<RecoveryCodes, Problem> {
    let account = confirmed(app, session, body.password).await?;
    use_code_again(app, &account, &body.code, language).await?;
    let codes = recovery_codes(app);
    let tx = app.database.registry_tx().await?;
    tx.second_factors().set_recovery_codes(account.id, &hashes(app, account.id, &codes)).await?;
    let change = Change {
        account: account.id,
        action: "recovery_codes.renewed",
        mail: AccountMailKind::RecoveryCodesRenewed,
        email: &account.email,
        language,
    };
    change.tell(app, &tx).await?;
    tx.commit().await?;
    Ok(RecoveryCodes { codes })
}

/// Asks for a code if the account has a second factor; the last step of logging in.
///
/// # Errors
/// 401 without a code or with a wrong one; 429 after too many tries.
pub async fn check_log_in(
    app: &App,
    account: &Account,
    code: Option<&str>,
    client: IpAddr,
    language: Language,
) -> Result<(), Problem> {
    let found = app.database.registry().await?.second_factors().of(account.id).await?;
    let Some(factor) = found.filter(|factor| factor.confirmed) else { return Ok(()) };
    let code = code.ok_or_else(|| Problem::new(ProblemKind::SecondFactorCodeRequired))?;
    let pair = format!("{} {}", network(client), account.id);
    tried(app, "second factor", pair.as_bytes(), TimeDelta::minutes(1), limit(app)).await?;
    if is_short(code) {
        // Over all clients, for whoever knows this password: six digits can be guessed. Choosing a new password begins anew, and
        // recovery codes are not counted, so that whoever tries here locks nobody out.
        let key = format!("{} {}", account.id, account.password_hash);
        let most = app.settings.limits.second_factor_tries;
        tried(app, "second factor of all", key.as_bytes(), TimeDelta::hours(1), most).await?;
    }
    match use_code(app, account, &factor, code, language).await? {
        true => Ok(()),
        false => Err(Problem::new(ProblemKind::WrongCredentials)),
    }
}

/// Uses up a code of an account that must have a second factor, for somebody who is logged in.
async fn use_code_again(app: &App, account: &Account, code: &str, language: Language) -> Result<(), Problem> {
    let found = app.database.registry().await?.second_factors().of(account.id).await?;
    let factor = found.filter(|factor| factor.confirmed).ok_or_else(nothing_set_up)?;
    if use_code(app, account, &factor, code, language).await? { Ok(()) } else { Err(wrong_code()) }
}

/// Uses up a code, of the authenticator or for recovery. Whether it was good.
async fn use_code(
    app: &App,
    account: &Account,
    factor: &SecondFactor,
    code: &str,
    language: Language,
) -> Result<bool, Problem> {
    let tx = app.database.registry_tx().await?;
    let good = if is_short(code) {
        match step_of(app, account.id, factor, code)? {
            Some(step) => tx.second_factors().use_step(account.id, step).await?,
            None => false,
        }
    } else {
        let good = tx.second_factors().use_recovery_code(account.id, &hash(app, account.id, code)).await?;
        if good {
            let change = Change {
                account: account.id,
                action: "recovery_code.used",
                mail: AccountMailKind::RecoveryCodeUsed,
                email: &account.email,
                language,
            };
            change.tell(app, &tx).await?;
        }
        good
    };
    tx.commit().await?;
    Ok(good)
}

/// Whether this looks like an authenticator's code.
fn is_short(code: &str) -> bool {
    code.trim().len() <= 6
}

fn limit(app: &App) -> u32 {
    app.settings.limits.logins_per_account
}

/// Counts a try, for all processes together.
///
/// # Errors
/// 429 when there were too many.
pub async fn tried(app: &App, purpose: &str, what: &[u8], window: TimeDelta, most: u32) -> Result<(), Problem> {
    let key = app.secrets.hash(purpose, what);
    let tx = app.database.registry_tx().await?;
    let hits = tx.throttles().hit(&key, window, app.clock.now()).await?;
    tx.commit().await?;
    let wait_s = u64::try_from(window.num_seconds()).unwrap_or(60);
    if hits > i64::from(most) { Err(Problem::too_many_requests(wait_s, most)) } else { Ok(()) }
}

/// The refusal of a code.
pub fn wrong_code() -> Problem {
    let mut faults = Faults::default();
    faults.add("/code", "ist falsch, zu alt oder schon benutzt", "is wrong, too old or used before");
    faults.into_result(()).err().unwrap_or_else(|| Problem::new(ProblemKind::Unprocessable))
}

/// The refusal when there is nothing to confirm or use.
pub fn nothing_set_up() -> Problem {
    Problem::conflict(Text::new(
        "Hier ist kein zweiter Faktor einzuschalten oder eingeschaltet.",
        "There is no second factor here, or none to switch on.",
    ))
}
