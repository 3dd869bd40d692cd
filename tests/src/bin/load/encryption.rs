//! The floor of the push fan-out: encrypting alone (RFC 8291) with ring, written here once more so that nothing the program
//! does to its own encryption can move the floor.

use crate::machine;
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral};
use ring::error::Unspecified;
use ring::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use ring::rand::{SecureRandom, SystemRandom};
use std::time::{Duration, Instant};

/// What so many encryptions took.
pub struct Floor {
    /// Of the processor.
    pub cpu: Duration,
    /// On the clock, on one core.
    pub elapsed: Duration,
}

/// Public keys of so many browsers.
pub fn devices(count: usize) -> Vec<Vec<u8>> {
    let random = SystemRandom::new();
    let device = || EphemeralPrivateKey::generate(&ECDH_P256, &random)?.compute_public_key();
    (0..count).map(|_| device().expect("a key pair").as_ref().to_vec()).collect()
}

/// Encrypts `count` messages of `length` bytes on this thread.
pub fn measure(devices: &[Vec<u8>], count: u32, length: usize) -> Floor {
    let random = SystemRandom::new();
    let (plaintext, auth) = (vec![b'x'; length], [7; 16]);
    let (cpu, begin) = (machine::cpu(std::process::id()), Instant::now());
    for device in devices.iter().cycle().take(count as usize) {
        std::hint::black_box(encrypt(&plaintext, device, &auth, &random).expect("ring encrypts"));
    }
    Floor { elapsed: begin.elapsed(), cpu: machine::cpu(std::process::id()) - cpu }
}

fn encrypt(plaintext: &[u8], theirs: &[u8], auth: &[u8], random: &SystemRandom) -> Result<Vec<u8>, Unspecified> {
    let mut salt = [0; 16];
    random.fill(&mut salt)?;
    let own = EphemeralPrivateKey::generate(&ECDH_P256, random)?;
    let public = own.compute_public_key()?;
    let (key, nonce) = agree_ephemeral(own, &UnparsedPublicKey::new(&ECDH_P256, theirs), |shared| {
        let info = [b"WebPush: info\0".as_slice(), theirs, public.as_ref()];
        let input: [u8; 32] = expand(&Salt::new(HKDF_SHA256, auth).extract(shared), &info)?;
        let prk = Salt::new(HKDF_SHA256, &salt).extract(&input);
        let key: [u8; 16] = expand(&prk, &[b"Content-Encoding: aes128gcm\0"])?;
        Ok::<_, Unspecified>((key, expand::<12>(&prk, &[b"Content-Encoding: nonce\0"])?))
    })??;
    let mut body = [salt.as_slice(), &4096_u32.to_be_bytes(), &[65], public.as_ref(), plaintext, &[2]].concat();
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key)?);
    let tag = key.seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut body[86..])?;
    body.extend(tag.as_ref());
    Ok(body)
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
