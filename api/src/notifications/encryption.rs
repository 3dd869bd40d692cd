//! Message encryption for web push (RFC 8291): `aes128gcm` (RFC 8188) in one record.
//!
//! On ring's primitives, which are in the program for TLS anyway: web-push leaves this to OpenSSL through `ece`, which takes
//! three times as long and cannot be told otherwise. See `docs/decisions/0004-push-encryption-on-ring.md`.

use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral};
use ring::error::Unspecified;
use ring::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use ring::rand::SystemRandom;

/// The size of the one record: what RFC 8291 asks push services to take.
const RECORD: u32 = 4096;

/// The longest plaintext that still makes a body of 4096 bytes: less the header of 86, the delimiter and the tag.
pub const LONGEST: usize = 4096 - 86 - 1 - 16;

/// Encrypts `plaintext` for the browser whose public key is `p256dh` (65 bytes) and whose authentication secret is `auth`
/// (16 bytes). `salt` is fresh for each message; so is the sender's key pair, made here.
///
/// # Errors
/// When the public key is not a point of the curve, or the plaintext is longer than [`LONGEST`].
pub fn encrypt(
    plaintext: &[u8],
    p256dh: &[u8],
    auth: &[u8],
    salt: [u8; 16],
    random: &SystemRandom,
) -> Result<Vec<u8>, Unspecified> {
    if plaintext.len() > LONGEST {
        return Err(Unspecified);
    }
    let ours = EphemeralPrivateKey::generate(&ECDH_P256, random)?;
    let our_public = ours.compute_public_key()?;
    let theirs = UnparsedPublicKey::new(&ECDH_P256, p256dh);
    let (key, nonce) =
        agree_ephemeral(ours, &theirs, |shared| derive(shared, auth, p256dh, our_public.as_ref(), salt))??;

    let mut body = Vec::with_capacity(plaintext.len() + 103);
    body.extend(salt);
    body.extend(RECORD.to_be_bytes());
    body.push(65);
    body.extend(our_public.as_ref());
    let header = body.len();
    body.extend(plaintext);
    // The delimiter of the last record (RFC 8188, section 2).
    body.push(2);
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key)?);
    let nonce = Nonce::assume_unique_for_key(nonce);
    let tag = key.seal_in_place_separate_tag(nonce, Aad::empty(), &mut body[header..])?;
    body.extend(tag.as_ref());
    Ok(body)
}

/// The key schedule of RFC 8291, section 3.4: content encryption key and nonce.
fn derive(
    shared: &[u8],
    auth: &[u8],
    their_public: &[u8],
    our_public: &[u8],
    salt: [u8; 16],
) -> Result<([u8; 16], [u8; 12]), Unspecified> {
    let info = [b"WebPush: info\0".as_slice(), their_public, our_public];
    let input: [u8; 32] = expand(&Salt::new(HKDF_SHA256, auth).extract(shared), &info)?;
    let prk = Salt::new(HKDF_SHA256, &salt).extract(&input);
    Ok((expand(&prk, &[b"Content-Encoding: aes128gcm\0"])?, expand(&prk, &[b"Content-Encoding: nonce\0"])?))
}

fn expand<const N: usize>(prk: &Prk, info: &[&[u8]]) -> Result<[u8; N], Unspecified> {
    let mut out = [0; N];
    prk.expand(info, Bytes(N))?.fill(&mut out)?;
    Ok(out)
}

/// How many bytes to expand to.
struct Bytes(usize);

impl KeyType for Bytes {
    fn len(&self) -> usize {
        self.0
    }
}
