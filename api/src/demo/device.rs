//! The other end of web push: a resident's browser.
//!
//! A [`Device`] does what a browser does when somebody allows notifications: it makes a key pair and a secret, hands
//! both halves that may be known to the application server, and later opens what arrives. [`verify_vapid`] is the
//! part of the push service: it checks who sent a message.
//!
//! Sending uses *ring*; nothing of it is used here. Both sides were written from the RFCs, so a mistake in one of
//! them shows instead of cancelling out.

use aes_gcm::Aes128Gcm;
use aes_gcm::aead::{Aead, KeyInit};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hkdf::Hkdf;
use p256::elliptic_curve::rand_core::{OsRng, RngCore};
use p256::elliptic_curve::sec1::ToEncodedPoint;
use p256::{PublicKey, SecretKey};
use sha2::Sha256;

pub use error::OpenError;
pub use vapid::{VapidClaims, verify_vapid};

mod error;
mod vapid;

/// Octets of an uncompressed P-256 point (X9.62): 0x04, x, y.
const POINT: usize = 65;
/// Octets of the salt that starts an `aes128gcm` body (RFC 8188, section 2.1).
const SALT: usize = 16;
/// Octets of the AES-GCM authentication tag.
const TAG: usize = 16;

/// A browser's push subscription, private half included.
pub struct Device {
    key: SecretKey,
    auth: [u8; 16],
}

impl Default for Device {
    fn default() -> Self {
        Self::new()
    }
}

impl Device {
    /// A device nobody has seen before.
    pub fn new() -> Device {
        let mut auth = [0; 16];
        OsRng.fill_bytes(&mut auth);
        Device { key: SecretKey::random(&mut OsRng), auth }
    }

    /// The public key as the Push API hands it out: base64url without padding of the 65-octet point.
    pub fn p256dh(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.point())
    }

    /// The authentication secret, 16 octets in base64url without padding (RFC 8291, section 3.2).
    pub fn auth(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.auth)
    }

    /// The plaintext of a push message's body (RFC 8188 with the keys of RFC 8291).
    pub fn open(&self, body: &[u8]) -> Result<Vec<u8>, OpenError> {
        let message = Message::parse(body)?;
        let sender = uncompressed(message.sender).ok_or(OpenError::SenderKey)?;
        let (key, nonce) = self.derive(&message, &sender)?;
        let mut plain =
            Aes128Gcm::new(&key.into()).decrypt(&nonce.into(), message.record).map_err(|_| OpenError::Decrypt)?;
        let delimiter = plain.iter().rposition(|&octet| octet != 0).ok_or(OpenError::Padding)?;
        if plain[delimiter] != 2 {
            return Err(OpenError::Padding);
        }
        plain.truncate(delimiter);
        Ok(plain)
    }

    /// Content encryption key and nonce (RFC 8291, section 3.4).
    fn derive(&self, message: &Message<'_>, sender: &PublicKey) -> Result<([u8; 16], [u8; 12]), OpenError> {
        let shared = p256::ecdh::diffie_hellman(self.key.to_nonzero_scalar(), sender.as_affine());
        let info = [b"WebPush: info\0".as_slice(), &self.point(), message.sender].concat();
        let input: [u8; 32] = expand(&self.auth, shared.raw_secret_bytes(), &info)?;
        Ok((
            expand(message.salt, &input, b"Content-Encoding: aes128gcm\0")?,
            expand(message.salt, &input, b"Content-Encoding: nonce\0")?,
        ))
    }

    fn point(&self) -> Vec<u8> {
        self.key.public_key().to_encoded_point(false).as_bytes().to_vec()
    }
}

/// The parts of an `aes128gcm` body with its only record (RFC 8188, section 2.1).
struct Message<'a> {
    salt: &'a [u8],
    sender: &'a [u8],
    record: &'a [u8],
}

impl<'a> Message<'a> {
    fn parse(body: &'a [u8]) -> Result<Self, OpenError> {
        let (salt, rest) = body.split_at_checked(SALT).ok_or(OpenError::Truncated)?;
        let (size, rest) = rest.split_first_chunk().ok_or(OpenError::Truncated)?;
        let (&length, rest) = rest.split_first().ok_or(OpenError::Truncated)?;
        let (sender, record) = rest.split_at_checked(usize::from(length)).ok_or(OpenError::Truncated)?;
        if record.len() <= TAG {
            return Err(OpenError::Truncated);
        }
        let size = u32::from_be_bytes(*size);
        if size < 18 || u64::from(size) <= record.len() as u64 {
            return Err(OpenError::RecordSize { size, record: record.len() });
        }
        Ok(Message { salt, sender, record })
    }
}

/// HKDF-SHA-256, extract and expand (RFC 5869).
fn expand<const N: usize>(salt: &[u8], input: &[u8], info: &[u8]) -> Result<[u8; N], OpenError> {
    let mut key = [0; N];
    let hkdf = Hkdf::<Sha256>::new(Some(salt), input);
    hkdf.expand(info, &mut key).map_err(|_| OpenError::Decrypt)?;
    Ok(key)
}

/// Other encodings of a point are not allowed in web push (RFC 8291, section 4; RFC 8292, section 3.2).
fn uncompressed(point: &[u8]) -> Option<PublicKey> {
    (point.len() == POINT).then(|| PublicKey::from_sec1_bytes(point).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 8291, section 5 and appendix A.
    const RECEIVER: &str = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94";
    const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";
    const POINT_OF_RECEIVER: &str =
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    const BODY: &str = concat!(
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml",
        "mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT",
        "pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN",
    );

    fn bytes(base64url: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(base64url).unwrap()
    }

    fn receiver() -> Device {
        Device { key: SecretKey::from_slice(&bytes(RECEIVER)).unwrap(), auth: bytes(AUTH).try_into().unwrap() }
    }

    #[test]
    fn the_example_of_rfc_8291_opens() {
        assert_eq!(receiver().p256dh(), POINT_OF_RECEIVER);
        assert_eq!(receiver().auth(), AUTH);
        let plain = receiver().open(&bytes(BODY)).unwrap();
        assert_eq!(plain, b"When I grow up, I want to be a watermelon");
    }

    #[test]
    fn another_device_cannot_open_it() {
        assert_eq!(Device::new().open(&bytes(BODY)), Err(OpenError::Decrypt));
    }

    #[test]
    fn no_shortened_or_altered_message_opens() {
        let whole = bytes(BODY);
        for length in 0..whole.len() {
            assert!(receiver().open(&whole[..length]).is_err(), "{length} octets");
        }
        for position in 0..whole.len() {
            let mut altered = whole.clone();
            altered[position] ^= 1;
            // A larger record size means nothing to a single record.
            assert_eq!(receiver().open(&altered).is_ok(), (16..20).contains(&position), "{position}");
        }
    }

    #[test]
    fn a_second_record_is_refused() {
        let mut body = bytes(BODY);
        let record = body.len() - 86;
        body[16..20].copy_from_slice(&(record as u32).to_be_bytes());
        assert_eq!(receiver().open(&body), Err(OpenError::RecordSize { size: record as u32, record }));
    }
}
