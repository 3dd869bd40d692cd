//! Passwords: argon2id (RFC 9106), hashed off the async threads, a few at a time, so that log-ins never stop reads.

mod known;

pub use known::is_known;

use crate::config::Accounts;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// The longest password that is hashed, in bytes. Longer ones are refused before any work.
pub const LONGEST: usize = 1024;

/// Hashes and checks passwords.
#[derive(Clone)]
pub struct Passwords {
    argon2: Argon2<'static>,
    at_once: Arc<Semaphore>,
    /// What a password is checked against when there is no such account, so that both take as long.
    nobody: Arc<str>,
}

impl Passwords {
    /// Takes the cost from the settings.
    ///
    /// # Errors
    /// When argon2 does not accept the cost.
    pub fn new(settings: &Accounts) -> anyhow::Result<Self> {
        let params = Params::new(settings.argon2_memory_kib, settings.argon2_passes, 1, None)
            .map_err(|error| anyhow::anyhow!("wrong setting accounts.argon2_memory_kib or argon2_passes: {error}"))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobody = argon2
            .hash_password(b"nobody has this password")
            .map_err(|error| anyhow::anyhow!("passwords cannot be hashed: {error}"))?
            .to_string();
        let at_once = Arc::new(Semaphore::new(settings.hashing_at_once));
        Ok(Self { argon2, at_once, nobody: nobody.into() })
    }

    /// The PHC string of a password.
    ///
    /// # Errors
    /// When the hashing fails, which is a defect.
    pub async fn hash(&self, password: String) -> anyhow::Result<String> {
        let argon2 = self.argon2.clone();
        self.off_thread(move || argon2.hash_password(password.as_bytes()).map(|hash| hash.to_string()))
            .await?
            .map_err(|error| anyhow::anyhow!("passwords cannot be hashed: {error}"))
    }

    /// Whether `password` is the one of `hash`; without a hash, no, after as long.
    ///
    /// # Errors
    /// When the checking fails, which is a defect.
    pub async fn verify(&self, password: String, hash: Option<String>) -> anyhow::Result<bool> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.nobody.to_string());
        let argon2 = self.argon2.clone();
        let matches = self
            .off_thread(move || {
                PasswordHash::new(&hash).is_ok_and(|hash| argon2.verify_password(password.as_bytes(), &hash).is_ok())
            })
            .await?;
        Ok(matches && known)
    }

    async fn off_thread<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> anyhow::Result<T> {
        let permit = self.at_once.clone().acquire_owned().await?;
        // The permit goes with the work: who hangs up meanwhile frees no place for another.
        let work = move || {
            let _permit = permit;
            work()
        };
        Ok(tokio::task::spawn_blocking(work).await?)
    }
}
