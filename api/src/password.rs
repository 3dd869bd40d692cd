//! Passwords: argon2id (RFC 9106), hashed off the async threads, a few at a time, so that log-ins never stop reads.

mod known;

pub use known::is_known;

use crate::config::Accounts;
use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::password_hash::{self, CustomizedPasswordHasher, PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use std::cell::RefCell;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// The longest password that is hashed, in bytes. Longer ones are refused before any work.
pub const LONGEST: usize = 1024;

/// Hashes and checks passwords.
#[derive(Clone)]
pub struct Passwords {
    params: Params,
    at_once: Arc<Semaphore>,
    idle: Arc<Mutex<Vec<Hasher>>>,
    /// What a password is checked against when there is no such account, so that both take as long.
    nobody: Arc<str>,
}

/// One seat's argon2 with the memory it works in. Taken anew for each password, that memory would stay with the allocator, once
/// for every thread that ever hashed.
struct Hasher {
    params: Params,
    memory: RefCell<Vec<Block>>,
}

impl Passwords {
    /// Takes the cost from the settings.
    ///
    /// # Errors
    /// When argon2 does not accept the cost.
    pub fn new(settings: &Accounts) -> anyhow::Result<Self> {
        let params = Params::new(settings.argon2_memory_kib, settings.argon2_passes, 1, None)
            .map_err(|error| anyhow::anyhow!("wrong setting accounts.argon2_memory_kib or argon2_passes: {error}"))?;
        let hasher = Hasher::new(params.clone());
        let nobody = hasher
            .hash_password(b"nobody has this password")
            .map_err(|error| anyhow::anyhow!("passwords cannot be hashed: {error}"))?
            .to_string();
        let at_once = Arc::new(Semaphore::new(settings.hashing_at_once));
        Ok(Self { params, at_once, idle: Arc::new(Mutex::new(vec![hasher])), nobody: nobody.into() })
    }

    /// The PHC string of a password.
    ///
    /// # Errors
    /// When the hashing fails, which is a defect.
    pub async fn hash(&self, password: String) -> anyhow::Result<String> {
        self.off_thread(move |hasher| hasher.hash_password(password.as_bytes()).map(|hash| hash.to_string()))
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
        let matches = self
            .off_thread(move |hasher| {
                PasswordHash::new(&hash).is_ok_and(|hash| hasher.verify_password(password.as_bytes(), &hash).is_ok())
            })
            .await?;
        Ok(matches && known)
    }

    async fn off_thread<T, W>(&self, work: W) -> anyhow::Result<T>
    where
        T: Send + 'static,
        W: FnOnce(&Hasher) -> T + Send + 'static,
    {
        let permit = self.at_once.clone().acquire_owned().await?;
        let (idle, params) = (self.idle.clone(), self.params.clone());
        // The permit goes with the work: who hangs up meanwhile frees no place for another.
        let work = move || {
            let _permit = permit;
            let free = || idle.lock().unwrap_or_else(PoisonError::into_inner);
            let hasher = free().pop().unwrap_or_else(|| Hasher::new(params));
            let done = work(&hasher);
            free().push(hasher);
            done
        };
        Ok(tokio::task::spawn_blocking(work).await?)
    }
}

impl Hasher {
    fn new(params: Params) -> Self {
        Self { params, memory: RefCell::default() }
    }
}

impl PasswordHasher<PasswordHash> for Hasher {
    fn hash_password_with_salt(&self, password: &[u8], salt: &[u8]) -> password_hash::Result<PasswordHash> {
        self.hash_password_customized(password, salt, None, None, self.params.clone())
    }
}

/// With this, the crate checks passwords too: by the cost that their hash names, in constant time.
impl CustomizedPasswordHasher<PasswordHash> for Hasher {
    type Params = Params;

    fn hash_password_customized(
        &self,
        password: &[u8],
        salt: &[u8],
        algorithm: Option<&str>,
        version: Option<u32>,
        params: Params,
    ) -> password_hash::Result<PasswordHash> {
        let algorithm = algorithm.map(Algorithm::try_from).transpose()?.unwrap_or_default();
        let version = version.map(Version::try_from).transpose()?.unwrap_or_default();
        let salt = Salt::new(salt)?;
        let mut out = vec![0; params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN)];
        let mut memory = self.memory.borrow_mut();
        memory.resize(params.block_count(), Block::new());
        let argon2 = Argon2::new(algorithm, version, params);
        argon2.hash_password_into_with_memory(password, &salt, &mut out, memory.as_mut_slice())?;
        Ok(PasswordHash {
            algorithm: algorithm.ident(),
            version: Some(version.into()),
            params: ParamsString::try_from(argon2.params())?,
            salt: Some(salt),
            hash: Some(Output::new(&out)?),
        })
    }
}
