//! VAPID (RFC 8292) as a push service sees it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};
use serde_json::Value;

use super::{OpenError, uncompressed};

/// How far ahead a VAPID token may expire, in seconds (RFC 8292, section 2).
const LONGEST_VALIDITY: i64 = 24 * 60 * 60;

/// What a VAPID token says about its sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VapidClaims {
    /// Origin of the push service it is meant for, e.g. `https://push.example:8443`.
    pub aud: String,
    /// When it stops being valid, in Unix seconds.
    pub exp: i64,
    /// Whom to ask about the sender: a `mailto:` or `https:` URI.
    pub sub: String,
    /// The sender's public key, base64url without padding.
    pub key: String,
}

/// Checks an `Authorization: vapid t=…, k=…` header (RFC 8292) as the push service at `audience` has to.
///
/// `audience` is the service's origin with its port unless that is the scheme's default; `now_unix` is in seconds.
pub fn verify_vapid(authorization: &str, audience: &str, now_unix: i64) -> Result<VapidClaims, OpenError> {
    let (token, key) = credentials(authorization)?;
    let claims = verified(token, key)?;
    let text = |name| claims[name].as_str().map(str::to_owned);
    let aud = text("aud").ok_or(OpenError::Vapid("aud is not a text"))?;
    let exp = claims["exp"].as_i64().ok_or(OpenError::Vapid("exp is not a whole number"))?;
    let sub = text("sub").ok_or(OpenError::Subject)?;
    if aud != audience {
        return Err(OpenError::Audience { found: aud, wanted: audience.to_owned() });
    }
    if exp <= now_unix || exp > now_unix.saturating_add(LONGEST_VALIDITY) {
        return Err(OpenError::Expiry { exp, now: now_unix });
    }
    if !sub.starts_with("mailto:") && !sub.starts_with("https:") {
        return Err(OpenError::Subject);
    }
    Ok(VapidClaims { aud, exp, sub, key: key.to_owned() })
}

/// The parameters `t` and `k` (RFC 8292, section 3); others are ignored, doubled ones refused.
fn credentials(authorization: &str) -> Result<(&str, &str), OpenError> {
    let (scheme, rest) = authorization.split_once(' ').ok_or(OpenError::Vapid("no parameters"))?;
    if !scheme.eq_ignore_ascii_case("vapid") {
        return Err(OpenError::Vapid("another scheme"));
    }
    let parameters: Vec<_> = rest.split(',').filter_map(|parameter| parameter.trim().split_once('=')).collect();
    let only = |name: &str| {
        let mut found = parameters.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        found.next().filter(|_| found.next().is_none()).map(|&(_, value)| value)
    };
    let token = only("t").ok_or(OpenError::Vapid("not exactly one t"))?;
    Ok((token, only("k").ok_or(OpenError::Vapid("not exactly one k"))?))
}

/// The claims of a token that `key` has signed with ES256 (RFC 7515, RFC 7518 section 3.4).
fn verified(token: &str, key: &str) -> Result<Value, OpenError> {
    let (signed, signature) = token.rsplit_once('.').ok_or(OpenError::Vapid("not a JWT"))?;
    let (header, claims) = signed.split_once('.').ok_or(OpenError::Vapid("not a JWT"))?;
    if json(header)?["alg"] != "ES256" {
        return Err(OpenError::Vapid("alg is not ES256"));
    }
    let key = uncompressed(&decode(key)?).ok_or(OpenError::Vapid("k is not a P-256 point"))?;
    let signature = Signature::from_slice(&decode(signature)?).map_err(|_| OpenError::Signature)?;
    VerifyingKey::from(key).verify(signed.as_bytes(), &signature).map_err(|_| OpenError::Signature)?;
    json(claims)
}

fn json(part: &str) -> Result<Value, OpenError> {
    serde_json::from_slice(&decode(part)?).map_err(|_| OpenError::Vapid("not JSON"))
}

fn decode(part: &str) -> Result<Vec<u8>, OpenError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| OpenError::Vapid("not base64url without padding"))
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 8292, section 2.4.
    const EXAMPLE: &str = concat!(
        "vapid t=eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3B",
        "1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE0NTM1MjM3NjgsInN1YiI6Im1haWx0bzpwdXN",
        "oQGV4YW1wbGUuY29tIn0.i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlMuCGSK2rpiUfnK",
        "9ojFwDXb1JrErtmysazNjjvW2L9OkSSHzvoD1oA, ",
        "k=BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPC",
        "fA5aq9ojSwk5Y2EmClBPs",
    );
    const SERVICE: &str = "https://push.example.net";
    const EXPIRY: i64 = 1_453_523_768;

    #[test]
    fn the_example_of_rfc_8292_is_accepted_for_a_day_before_it_expires() {
        let claims = verify_vapid(EXAMPLE, SERVICE, EXPIRY - 1).unwrap();
        assert_eq!((claims.exp, &*claims.sub), (EXPIRY, "mailto:push@example.com"));
        assert!(verify_vapid(EXAMPLE, SERVICE, EXPIRY - LONGEST_VALIDITY).is_ok());
        for now in [EXPIRY, EXPIRY - LONGEST_VALIDITY - 1] {
            let error = OpenError::Expiry { exp: EXPIRY, now };
            assert_eq!(verify_vapid(EXAMPLE, SERVICE, now), Err(error));
        }
    }

    #[test]
    fn another_origin_is_refused_even_if_only_the_port_differs() {
        let found = verify_vapid(EXAMPLE, "https://push.example.net:8443", EXPIRY - 1);
        assert!(matches!(found, Err(OpenError::Audience { .. })), "{found:?}");
    }

    #[test]
    fn an_altered_token_is_refused() {
        let altered = EXAMPLE.replace(".i3CY", ".j3CY");
        assert_eq!(verify_vapid(&altered, SERVICE, EXPIRY - 1), Err(OpenError::Signature));
        for broken in ["", "vapid", "Bearer t=a, k=b", &EXAMPLE.replace(", k=", ", j=")] {
            let found = verify_vapid(broken, SERVICE, EXPIRY - 1);
            assert!(matches!(found, Err(OpenError::Vapid(_))), "{broken}: {found:?}");
        }
    }
}
