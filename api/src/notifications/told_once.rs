//! Who is subscribed in several villages is told of a joint post once: of what was claimed for sending, only that stays which holds
//! the claim to its recipient.

use crate::app::App;
use crate::message::Matter;
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    Channel, ClaimPlace, Claimed, Holder, JointPostId, NotificationId, NotificationKind, Outcome, Reason, Settlement,
    StoreError, VillageTx,
};

/// Which telling of which joint post.
pub struct Telling {
    notification: NotificationId,
    joint: JointPostId,
    kind: NotificationKind,
    version: i32,
}

impl Telling {
    /// The telling that a notification belongs to, when it is one of a joint post.
    pub fn of(matter: &Matter) -> Option<Self> {
        let notification = &matter.notification;
        let joint = matter.post.as_ref()?.joint.as_ref()?.id;
        let version = notification.joint_version?;
        Some(Self { notification: notification.id, joint, kind: notification.kind, version })
    }

    /// The keyed hash of a recipient. It says nothing outside this installation, and nothing about another telling.
    fn recipient(&self, app: &App, holder: &Holder) -> Option<Vec<u8>> {
        let (channel, key) = match holder {
            Holder::WebPush(push) => (0, push.endpoint_hash.as_slice()),
            Holder::Email(mailbox) => (1, mailbox.key.as_bytes()),
            Holder::Nobody => return None,
        };
        let telling = [self.joint.0.as_bytes().as_slice(), &[self.kind as u8, channel], &self.version.to_be_bytes()];
        Some(app.secrets.hash("joint claim", &[&telling.concat(), key].concat()))
    }
}

/// Keeps those of the claimed deliveries that are to tell. Who has been told is settled; who may still be told by another's
/// attempt waits for the end of the lease.
pub async fn keep(
    app: &App,
    tx: &VillageTx,
    (telling, channel): (&Telling, Channel),
    claimed: Vec<Claimed>,
    now: DateTime<Utc>,
) -> Result<Vec<Claimed>, StoreError> {
    let recipients = claimed.iter().filter_map(|one| Some((telling.recipient(app, &one.holder)?, one.id)));
    let lease = TimeDelta::seconds(app.settings.notifications.lease_s.into());
    // Longer than the lease: the holder's next attempt comes before another's.
    let places = tx.joint_claims().take(&recipients.collect::<Vec<_>>(), now, now + lease * 2).await?;
    let mut tells = Vec::new();
    let mut ended = Vec::new();
    for one in claimed {
        let outcome = match places.get(&one.id) {
            Some(ClaimPlace::Told) => Outcome::NotNeeded(Reason::ToldElsewhere),
            Some(ClaimPlace::Waits) => Outcome::Later { at: now + lease, why: Reason::None, counts: false },
            Some(ClaimPlace::Holds) | None => {
                tells.push(one);
                continue;
            }
        };
        ended.push(Settlement { id: one.id, attempt: one.attempt, subscription: one.subscription, outcome });
    }
    tx.deliveries().settle(telling.notification, channel, &ended, now).await?;
    Ok(tells)
}
