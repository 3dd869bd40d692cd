//! What an authenticator and we agree on (TOTP, RFC 6238), and the codes for when it is lost.

use super::view::SecondFactorSetUp;
use crate::app::App;
use entity::{AccountId, SecondFactor};
use totp_rs::{Builder, Totp};

/// Recovery codes of an account.
const RECOVERY_CODES: usize = 10;

/// Seconds for which an authenticator shows a code.
const STEP_S: u64 = 30;

/// What an authenticator needs to know of this secret.
///
/// # Errors
/// When the secret is unusable, which is a defect.
pub fn set_up(secret: &[u8], email: &str) -> anyhow::Result<SecondFactorSetUp> {
    let totp = totp(secret, email)?;
    let otpauth_url = totp.to_url().map_err(|error| anyhow::anyhow!("no otpauth URL: {error}"))?;
    Ok(SecondFactorSetUp { otpauth_url, secret: totp.secret().to_base32() })
}

/// The time step that a code of a stored factor belongs to: the present one, or one before or after. Of a factor that was sealed with
/// keys that are lost, no code is right.
///
/// # Errors
/// When the secret is unusable, which is a defect.
pub fn step_of(app: &App, account: AccountId, factor: &SecondFactor, code: &str) -> anyhow::Result<Option<i64>> {
    let Some(secret) = app.secrets.unseal_second_factor(account, &factor.secret_sealed) else {
        tracing::warn!(%account, "a second factor was sealed with keys that are lost: it has to be set up anew");
        return Ok(None);
    };
    step(app, &secret, code)
}

/// The same of a secret that is not stored yet.
///
/// # Errors
/// When the secret is unusable, which is a defect.
pub fn step(app: &App, secret: &[u8], code: &str) -> anyhow::Result<Option<i64>> {
    let now = u64::try_from(app.clock.now().timestamp()).unwrap_or_default();
    let step = totp(secret, "")?.check(code.trim(), now);
    Ok(step.and_then(|step| i64::try_from(step).ok()))
}

fn totp(secret: &[u8], email: &str) -> anyhow::Result<Totp> {
    // A colon divides issuer and name in the URL.
    let name = email.replace(':', "");
    let builder = Builder::new().with_secret(secret.to_vec()).with_skew(1).with_step_duration(STEP_S);
    let totp = builder.with_issuer(Some("Dorf-App")).with_account_name(name).build();
    totp.map_err(|error| anyhow::anyhow!("a second factor is unusable: {error}"))
}

/// New recovery codes, to be shown once.
pub fn recovery_codes(app: &App) -> Vec<String> {
    (0..RECOVERY_CODES).map(|_| app.secrets.recovery_code()).collect()
}

/// What is stored of recovery codes.
pub fn hashes(app: &App, account: AccountId, codes: &[String]) -> Vec<Vec<u8>> {
    codes.iter().map(|code| hash(app, account, code)).collect()
}

/// What is stored of one, however it was typed.
pub fn hash(app: &App, account: AccountId, code: &str) -> Vec<u8> {
    let letters: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    app.secrets.hash("recovery code", format!("{account} {}", letters.to_ascii_lowercase()).as_bytes())
}
