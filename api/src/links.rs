//! The tokens in links of mails: signed, for one purpose, bound to one subscription,
//! invitation or application of one village, or to one row that says what
//! a link about an account is good for. No token is stored, so none can leak.

use crate::secrets::Secrets;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use entity::{
    AccountLinkId, ClubApplicationId, ClubInvitationId, LinkPurpose, StaffInvitationId, SubscriptionId, VillageId,
    VillageRecord,
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

/// The link with which somebody joins the staff of a village. Whether it is still good is known by the invitation.
pub fn staff_invitation_link(
    secrets: &Secrets,
    public_url: &str,
    village: &VillageRecord,
    id: StaffInvitationId,
) -> String {
    let token = write(secrets, Purpose::JoinStaff, village.id, id.0, None);
    format!("{public_url}/v1/villages/{}/staff-invitations/{token}", village.slug)
}

/// The link with which somebody becomes an editor of a municipality. Whether it is still good is known by the invitation.
pub fn municipality_invitation_link(secrets: &Secrets, public_url: &str, id: Uuid) -> String {
    format!("{public_url}/v1/admin/municipality-invitations/{}", signed(secrets, MUNICIPALITY_INVITATION, id))
}

/// What the token of such a link stands for, if it was made here.
pub fn read_municipality_invitation(secrets: &Secrets, token: &str) -> Option<Uuid> {
    read_signed(secrets, MUNICIPALITY_INVITATION, token)
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
    let token = signed(secrets, account_purpose(purpose), id.0);
    match purpose {
        LinkPurpose::SecondFactor => format!("{public_url}/v1/admin/second-factor/{token}"),
        LinkPurpose::PasswordReset => format!("{public_url}/v1/admin/password-reset/{token}"),
        LinkPurpose::EmailChange => format!("{public_url}/v1/admin/email-change/{token}"),
    }
}

/// What the token of a link in a mail about an account stands for, if it was made here for this.
pub fn read_account_link(secrets: &Secrets, purpose: LinkPurpose, token: &str) -> Option<AccountLinkId> {
    read_signed(secrets, account_purpose(purpose), token).map(Into::into)
}

/// What the token of a link to an invitation to edit for a municipality is signed for.
const MUNICIPALITY_INVITATION: &str = "municipality invitation";

/// A token that stands for what is stored under this identifier.
fn signed(secrets: &Secrets, purpose: &str, id: Uuid) -> String {
    let signature = secrets.sign(purpose, id.as_bytes());
    URL_SAFE_NO_PAD.encode([signature.as_slice(), id.as_bytes()].concat())
}

fn read_signed(secrets: &Secrets, purpose: &str, token: &str) -> Option<Uuid> {
    if token.len() > 128 {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (signature, id) = bytes.split_at_checked(16)?;
    if !secrets.verify(purpose, id, signature) {
        return None;
    }
    Uuid::from_slice(id).ok()
}

fn account_purpose(purpose: LinkPurpose) -> &'static str {
    match purpose {
        LinkPurpose::PasswordReset => "password reset",
        LinkPurpose::EmailChange => "email change",
        LinkPurpose::SecondFactor => "second factor",
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
    /// Accepting an invitation to the town hall's staff.
    JoinStaff,
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
        Purpose::JoinStaff => format!("join staff {village}"),
        Purpose::ApplyAsClub => format!("apply as club {village}"),
    }
}
