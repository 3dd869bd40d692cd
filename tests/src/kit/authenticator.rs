//! An authenticator: what a phone shows for a secret.

use chrono::{DateTime, Utc};
use totp_rs::{Builder, Secret};

/// The code that it shows at this moment.
pub fn code(secret: &str, now: DateTime<Utc>) -> String {
    let secret = Secret::try_from_base32(secret).expect("base32");
    let totp = Builder::new().with_secret(secret).build().expect("an authenticator");
    totp.generate(u64::try_from(now.timestamp()).expect("a time")).to_string()
}
