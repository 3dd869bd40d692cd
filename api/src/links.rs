//! The tokens in links of mails: signed, for one purpose, bound to one subscription,
//! invitation or application of one village, or to one row that says what
//! a link about an account is good for. No token is stored, so none can leak.

use crate::secrets::Secrets;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use entity::{
    AccountLinkId, ClubApplicationId, ClubInvitationId, LinkPurpose, SubscriptionId, VillageId, VillageRecord,
};
use uuid::Uuid;

/// The link with which a mailbox leaves; it works for as long as the subscription exists.
pub fn unsubscribe_link(secrets: &Secrets, public_url: &str, village: &VillageRecord, id: SubscriptionId) -> String {
    let token = write(secrets, Purpose::Unsubscribe, village.id, id.0, None);
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
    let token = write(secrets, Purpose::Confirm, village.id, id.0, Some(until));
    format!("{public_url}/v1/villages/{}/subscriptions/confirm/{token}", village.slug)
}

/// The link with which somebody joins a club. Whether it is still good is known by the invitation.
pub fn club_invitation_link(
    secrets: &Secrets,
    public_url: &str,
    village: &VillageRecord,
    id: ClubInvitationId,
) -> String {
    let token = write(secrets, Purpose::JoinClub, village.id, id.0, None);
    format!("{public_url}/v1/villages/{}/club-invitations/{token}", village.slug)
}

/// The link with which a club's application is confirmed. Whether it is still good is known by the application.
pub fn club_application_link(
    secrets: &Secrets,
    public_url: &str,
    village: &VillageRecord,
    id: ClubApplicationId,
) -> String {
    let token = write(secrets, Purpose::ApplyAsClub, village.id, id.0, None);
    format!("{public_url}/v1/villages/{}/club-applications/{token}", village.slug)
}

/// The link of a mail about an account. What it is good for, until when and for whom is stored under its identifier; it works
/// once.
pub fn account_link(secrets: &Secrets, public_url: &str, purpose: LinkPurpose, id: AccountLinkId) -> String {
    let signature = secrets.sign(account_purpose(purpose), id.0.as_bytes());
    let token = URL_SAFE_NO_PAD.encode([signature.as_slice(), id.0.as_bytes()].concat());
    match purpose {
        LinkPurpose::PasswordReset => format!("{public_url}/v1/admin/password-reset/{token}"),
        LinkPurpose::EmailChange => format!("{public_url}/v1/admin/email-change/{token}"),
    }
}

/// What the token of a link in a mail about an account stands for, if it was made here for this.
pub fn read_account_link(secrets: &Secrets, purpose: LinkPurpose, token: &str) -> Option<AccountLinkId> {
    if token.len() > 128 {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (signature, id) = bytes.split_at_checked(16)?;
    if !secrets.verify(account_purpose(purpose), id, signature) {
        return None;
    }
    Some(Uuid::from_slice(id).ok()?.into())
}

fn account_purpose(purpose: LinkPurpose) -> &'static str {
    match purpose {
        LinkPurpose::PasswordReset => "password reset",
        LinkPurpose::EmailChange => "email change",
    }
}

/// What a token is for.
#[derive(Clone, Copy)]
pub enum Purpose {
    /// Confirming a mailbox.
    Confirm,
    /// Leaving.
    Unsubscribe,
    /// Accepting an invitation into a club.
    JoinClub,
    /// Confirming the application of a club.
    ApplyAsClub,
}

/// What a token stands for, if the token was made here, for this, in this village, and is still good.
pub fn read(secrets: &Secrets, purpose: Purpose, village: VillageId, token: &str, now: DateTime<Utc>) -> Option<Uuid> {
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
    Uuid::from_slice(id).ok()
}

fn write(secrets: &Secrets, purpose: Purpose, village: VillageId, id: Uuid, until: Option<DateTime<Utc>>) -> String {
    let mut data = id.as_bytes().to_vec();
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
        Purpose::JoinClub => format!("join club {village}"),
        Purpose::ApplyAsClub => format!("apply as club {village}"),
    }
}
