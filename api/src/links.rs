//! The tokens in links of mails: signed, for one purpose, bound to one subscription of one village. Nothing is stored for
//! them, so nothing can leak.

use crate::secrets::Secrets;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use entity::{SubscriptionId, VillageId, VillageRecord};
use uuid::Uuid;

/// The link with which a mailbox leaves; it works for as long as the subscription exists.
pub fn unsubscribe_link(secrets: &Secrets, public_url: &str, village: &VillageRecord, id: SubscriptionId) -> String {
    let token = write(secrets, Purpose::Unsubscribe, village.id, id, None);
    format!("{public_url}/v1/villages/{}/unsubscribe/{token}", village.slug)
}

/// The link with which a mailbox confirms, and until when it works.
pub fn confirmation_link(
    secrets: &Secrets,
    public_url: &str,
    village: &VillageRecord,
    id: SubscriptionId,
    until: DateTime<Utc>,
) -> String {
    let token = write(secrets, Purpose::Confirm, village.id, id, Some(until));
    format!("{public_url}/v1/villages/{}/subscriptions/confirm/{token}", village.slug)
}

/// What a token is for.
#[derive(Clone, Copy)]
pub enum Purpose {
    /// Confirming a mailbox.
    Confirm,
    /// Leaving.
    Unsubscribe,
}

/// The subscription of a token, if the token was made here, for this, in this village, and is still good.
pub fn read(
    secrets: &Secrets,
    purpose: Purpose,
    village: VillageId,
    token: &str,
    now: DateTime<Utc>,
) -> Option<SubscriptionId> {
    if token.len() > 128 {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (signature, data) = bytes.split_at_checked(16)?;
    if !secrets.verify(&name(purpose, village), data, signature) {
        return None;
    }
    let (id, until) = data.split_at_checked(16)?;
    if !until.is_empty() && i64::from_be_bytes(until.try_into().ok()?) <= now.timestamp_millis() {
        return None;
    }
    Some(Uuid::from_slice(id).ok()?.into())
}

fn write(
    secrets: &Secrets,
    purpose: Purpose,
    village: VillageId,
    id: SubscriptionId,
    until: Option<DateTime<Utc>>,
) -> String {
    let mut data = id.0.as_bytes().to_vec();
    if let Some(until) = until {
        data.extend(until.timestamp_millis().to_be_bytes());
    }
    let signature = secrets.sign(&name(purpose, village), &data);
    URL_SAFE_NO_PAD.encode([signature.as_slice(), &data].concat())
}

fn name(purpose: Purpose, village: VillageId) -> String {
    match purpose {
        Purpose::Confirm => format!("confirm {village}"),
        Purpose::Unsubscribe => format!("unsubscribe {village}"),
    }
}
