//! Saying who we are to push services (VAPID, RFC 8292): one signature per origin, used until it is about to expire, since
//! signing costs more than encrypting.

use crate::secrets::Secrets;
use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use p256::elliptic_curve::sec1::ToEncodedPoint;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use web_push::{SubscriptionInfo, VapidSignatureBuilder};

/// For how long a signature is good. RFC 8292 allows 24 hours.
const GOOD_FOR: TimeDelta = TimeDelta::hours(12);

/// A signature is renewed this long before it expires.
const RENEWED_BEFORE: TimeDelta = TimeDelta::hours(1);

/// Most origins remembered at once.
const MOST_ORIGINS: usize = 1000;

/// Signs for push services.
pub struct VapidSigner {
    key: String,
    contact: String,
    public_key: String,
    signed: Mutex<HashMap<String, Signed>>,
}

struct Signed {
    authorization: Arc<str>,
    expires_at: DateTime<Utc>,
}

impl VapidSigner {
    /// Takes the key of the installation; `contact` is who push services may turn to.
    ///
    /// # Errors
    /// When the key is not a P-256 private key.
    pub fn new(secrets: &Secrets, contact: &str) -> anyhow::Result<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(secrets.vapid())?;
        let private = p256::SecretKey::from_slice(&bytes).context("vapid.key is not a P-256 private key")?;
        let public_key = URL_SAFE_NO_PAD.encode(private.public_key().to_encoded_point(false).as_bytes());
        Ok(Self { key: secrets.vapid().to_owned(), contact: contact.to_owned(), public_key, signed: Mutex::default() })
    }

    /// The public key, as `applicationServerKey` of `PushManager.subscribe()` wants it: base64url.
    pub fn public_key(&self) -> &str {
        &self.public_key
    }

    /// The `Authorization` header for an origin.
    ///
    /// # Errors
    /// When signing fails, which is a defect.
    pub fn authorization(&self, origin: &str, now: DateTime<Utc>) -> anyhow::Result<Arc<str>> {
        let mut signed = self.signed.lock().map_err(|_| anyhow::anyhow!("signing panicked before"))?;
        if let Some(known) = signed.get(origin)
            && now + RENEWED_BEFORE < known.expires_at
            && known.expires_at <= now + GOOD_FOR
        {
            return Ok(known.authorization.clone());
        }
        if signed.len() >= MOST_ORIGINS {
            signed.clear();
        }
        let expires_at = now + GOOD_FOR;
        let authorization: Arc<str> = self.sign(origin, expires_at)?.into();
        signed.insert(origin.to_owned(), Signed { authorization: authorization.clone(), expires_at });
        Ok(authorization)
    }

    fn sign(&self, origin: &str, expires_at: DateTime<Utc>) -> anyhow::Result<String> {
        let nobody = SubscriptionInfo::new(origin, "", "");
        let mut builder = VapidSignatureBuilder::from_base64(&self.key, &nobody)?;
        builder.add_claim("aud", origin);
        builder.add_claim("sub", self.contact.as_str());
        builder.add_claim("exp", expires_at.timestamp());
        let signature = builder.build()?;
        Ok(format!("vapid t={}, k={}", signature.auth_t, self.public_key))
    }
}
