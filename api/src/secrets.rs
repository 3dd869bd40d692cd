//! Keys and tokens: made on the first start, kept in files that only their owner can read, never logged.
//!
//! One master key of 32 bytes gives, by HKDF (RFC 5869), a key for signing what leaves the house and comes back (cursors,
//! links in mails), one for sealing what must be stored and read again, one for hashing what is only compared, and one for
//! chaining the audit logs. The VAPID
//! key (RFC 8292) is one per installation: residents' browsers are bound to it.

use crate::private::create_private_folder;
use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entity::{AccountId, AuditKey, KeyPrints, PushEndpoint, VillageId};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use ring::{digest, hkdf, hmac};
use std::io::Write;
use std::path::Path;

/// The keys of an installation.
pub struct Secrets {
    signing: hmac::Key,
    hashing: hmac::Key,
    sealing: LessSafeKey,
    audit: AuditKey,
    prints: KeyPrints,
    random: SystemRandom,
    /// The VAPID private key: 32 bytes, base64url.
    vapid: String,
}

/// A random token that is shown once: 32 bytes, base64url.
pub struct Token {
    /// What its holder gets.
    pub text: String,
    /// What is stored: its SHA-256.
    pub hash: Vec<u8>,
}

/// What to do about keys that are not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Make them.
    Make,
    /// Refuse: something was written with others.
    Refuse,
}

impl Secrets {
    /// Reads the keys in `folder`.
    ///
    /// # Errors
    /// When a file cannot be read or written, or is not a key, or is missing and may not be made.
    pub fn open(folder: &Path, missing: Missing) -> anyhow::Result<Self> {
        if missing == Missing::Make {
            create_private_folder(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        }
        let random = SystemRandom::new();
        let master = key_file(&folder.join("master.key"), missing, &random)?;
        let vapid = key_file(&folder.join("vapid.key"), missing, &random)?;
        let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, b"dorf");
        let master = salt.extract(&master);
        let signing = hmac::Key::new(hmac::HMAC_SHA256, &derived(&master, b"signing")?);
        let hashing = hmac::Key::new(hmac::HMAC_SHA256, &derived(&master, b"hashing")?);
        let sealing = UnboundKey::new(&AES_256_GCM, &derived(&master, b"sealing")?)
            .map_err(|_| anyhow::anyhow!("the sealing key is unusable"))?;
        let audit = AuditKey::new(&derived(&master, b"audit")?);
        let prints = KeyPrints { master: print(&derived(&master, b"print")?), vapid: print(&vapid) };
        let vapid = URL_SAFE_NO_PAD.encode(vapid);
        Ok(Self { signing, hashing, sealing: LessSafeKey::new(sealing), audit, prints, random, vapid })
    }

    /// What the keys look like from outside.
    pub fn prints(&self) -> &KeyPrints {
        &self.prints
    }

    /// The VAPID private key, base64url.
    pub(crate) fn vapid(&self) -> &str {
        &self.vapid
    }

    /// The key that chains the audit logs.
    pub fn audit_key(&self) -> &AuditKey {
        &self.audit
    }

    /// A new random token.
    pub fn token(&self) -> Token {
        let text = URL_SAFE_NO_PAD.encode(self.random_bytes::<32>());
        let hash = sha256(text.as_bytes());
        Token { text, hash }
    }

    /// The unguessable name of a file: 16 bytes, hexadecimal.
    pub fn file_key(&self) -> String {
        self.random_bytes::<16>().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// A number from 0 up to, not including, 1: for jitter.
    pub fn fraction(&self) -> f64 {
        f64::from(u32::from_le_bytes(self.random_bytes::<4>())) / (f64::from(u32::MAX) + 1.0)
    }

    /// Signs `data` for one purpose: 16 bytes that nobody else can make.
    pub fn sign(&self, purpose: &str, data: &[u8]) -> [u8; 16] {
        let mut signature = [0; 16];
        signature.copy_from_slice(&mac(&self.signing, purpose, data)[..16]);
        signature
    }

    /// Whether `signature` is what [`Secrets::sign`] gives, compared in constant time.
    pub fn verify(&self, purpose: &str, data: &[u8], signature: &[u8]) -> bool {
        same(&self.sign(purpose, data), signature)
    }

    /// A keyed hash of `data`, to count or find it by without storing it.
    pub fn hash(&self, purpose: &str, data: &[u8]) -> Vec<u8> {
        mac(&self.hashing, purpose, data)
    }

    /// Seals `data` (AES-256-GCM) so that it opens only in the same `context`.
    fn seal(&self, context: &[u8], data: &[u8]) -> Vec<u8> {
        let nonce = self.random_bytes::<NONCE_LEN>();
        let mut sealed = data.to_vec();
        let tag = self
            .sealing
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(context), &mut sealed)
            .expect("AES-GCM seals anything this short");
        [nonce.as_slice(), &sealed, tag.as_ref()].concat()
    }

    /// Opens what [`Secrets::seal`] sealed; `None` when it was not sealed here for this context.
    fn unseal(&self, context: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, rest) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut data = rest.to_vec();
        let opened = self.sealing.open_in_place(nonce, Aad::from(context), &mut data).ok()?;
        Some(opened.to_vec())
    }

    /// Seals the authentication secret of a push subscription, for one endpoint in one village.
    pub fn seal_push_auth(&self, village: VillageId, endpoint_hash: &[u8], auth: &[u8]) -> Vec<u8> {
        self.seal(&push_auth(village, endpoint_hash), auth)
    }

    /// Opens the authentication secret of a push subscription.
    pub fn unseal_push_auth(&self, village: VillageId, push: &PushEndpoint) -> Option<Vec<u8>> {
        self.unseal(&push_auth(village, &push.endpoint_hash), &push.auth_sealed)
    }

    /// The secret of a new second factor: 20 bytes, as RFC 4226 recommends.
    pub fn second_factor(&self) -> Vec<u8> {
        self.random_bytes::<20>().to_vec()
    }

    /// A new recovery code: 80 bits, in groups that a person can type.
    pub fn recovery_code(&self) -> String {
        let digits: String = self.random_bytes::<10>().iter().map(|byte| format!("{byte:02x}")).collect();
        [&digits[..5], &digits[5..10], &digits[10..15], &digits[15..]].join("-")
    }

    /// Seals the secret of a second factor, for one account.
    pub fn seal_second_factor(&self, account: AccountId, secret: &[u8]) -> Vec<u8> {
        self.seal(&second_factor(account), secret)
    }

    /// Opens the secret of a second factor.
    pub fn unseal_second_factor(&self, account: AccountId, sealed: &[u8]) -> Option<Vec<u8>> {
        self.unseal(&second_factor(account), sealed)
    }

    /// 16 random bytes, as each encrypted message needs them.
    pub fn salt(&self) -> [u8; 16] {
        self.random_bytes()
    }

    fn random_bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.random.fill(&mut bytes).expect("the system has random numbers");
        bytes
    }
}

/// What a sealed authentication secret is bound to.
fn push_auth(village: VillageId, endpoint_hash: &[u8]) -> Vec<u8> {
    [b"push auth".as_slice(), village.0.as_bytes(), endpoint_hash].concat()
}

/// What the sealed secret of a second factor is bound to.
fn second_factor(account: AccountId) -> Vec<u8> {
    [b"second factor".as_slice(), account.0.as_bytes()].concat()
}

/// Enough of the SHA-256 of a key of 256 bits to tell it from others.
fn print(key: &[u8]) -> String {
    sha256(key).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// SHA-256.
pub fn sha256(data: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA256, data).as_ref().to_vec()
}

/// Whether two byte strings are the same, in a time that tells nothing about where they differ.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    // A MAC of each under a fixed key: ring compares MACs in constant time.
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"compare");
    hmac::verify(&key, b, hmac::sign(&key, a).as_ref()).is_ok()
}

fn mac(key: &hmac::Key, purpose: &str, data: &[u8]) -> Vec<u8> {
    let mut context = hmac::Context::with_key(key);
    context.update(&(purpose.len() as u64).to_be_bytes());
    context.update(purpose.as_bytes());
    context.update(data);
    context.sign().as_ref().to_vec()
}

fn derived(master: &hkdf::Prk, label: &[u8]) -> anyhow::Result<[u8; 32]> {
    let mut key = [0; 32];
    master
        .expand(&[label], hkdf::HKDF_SHA256)
        .and_then(|okm| okm.fill(&mut key))
        .map_err(|_| anyhow::anyhow!("a key could not be derived"))?;
    Ok(key)
}

/// Reads a key of 32 bytes, written as base64url, or makes it. It appears whole or not at all, readable by its owner only.
fn key_file(path: &Path, missing: Missing, random: &SystemRandom) -> anyhow::Result<Vec<u8>> {
    if !path.exists() {
        anyhow::ensure!(missing == Missing::Make, "the key {} is missing", path.display());
        create_key_file(path, random).with_context(|| format!("cannot create the key {}", path.display()))?;
    }
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read the key {}", path.display()))?;
    let key = URL_SAFE_NO_PAD.decode(text.trim()).ok().filter(|key| key.len() == 32);
    key.with_context(|| format!("{} is not a key: 32 bytes in base64url were expected", path.display()))
}

fn create_key_file(path: &Path, random: &SystemRandom) -> anyhow::Result<()> {
    let folder = path.parent().context("a key needs a folder")?;
    let mut key = [0; 32];
    loop {
        random.fill(&mut key).map_err(|_| anyhow::anyhow!("the system has no random numbers"))?;
        // Fits both purposes: any 32 bytes make a master key, all but a few make a P-256 private key.
        if p256::SecretKey::from_slice(&key).is_ok() {
            break;
        }
    }
    let mut file = tempfile_in(folder)?;
    file.1.write_all(URL_SAFE_NO_PAD.encode(key).as_bytes())?;
    file.1.sync_all()?;
    // Linking, unlike renaming, does not replace a key that another process made meanwhile.
    let linked = std::fs::hard_link(&file.0, path);
    std::fs::remove_file(&file.0)?;
    linked.or_else(|error| if error.kind() == std::io::ErrorKind::AlreadyExists { Ok(()) } else { Err(error) })?;
    // Durable before anything is written with it: a database does not start without its keys.
    #[cfg(unix)]
    std::fs::File::open(folder)?.sync_all()?;
    Ok(())
}

fn tempfile_in(folder: &Path) -> anyhow::Result<(std::path::PathBuf, std::fs::File)> {
    let path = folder.join(format!(".{}", uuid::Uuid::now_v7()));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&path)?;
    Ok((path, file))
}
