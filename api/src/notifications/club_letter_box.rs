//! The letter box of a village's clubs. Found as due work of all villages; claimed, sent with no transaction open, and settled inside
//! the village. What is not settled falls due again.

use super::club_letter::{ClubMail, invites, inviting};
use super::email::Email;
use super::lane::Ending;
use crate::app::App;
use crate::due::{self, Looks};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{ClubLetterId, Due, DueWork, Outcome, Reason, StoreError, VillageId, VillageTx};
use std::sync::Arc;

/// Letters on their way at once. Few are written.
const AT_ONCE: usize = 8;

/// Sends what is in it.
pub struct ClubLetterBox {
    app: App,
    email: Arc<Email>,
}

impl ClubLetterBox {
    /// A letter box with this way to the mail server.
    pub fn new(app: App, email: Arc<Email>) -> Self {
        Self { app, email }
    }

    /// Sends what falls due, until it is to stop; what is on its way comes to an end first, or is cut off.
    pub async fn run(&self, ending: Ending) {
        let mut looks = Looks::until(ending.stop.clone(), &self.app);
        while looks.next().await {
            if let Err(error) = self.send_due(&ending).await {
                tracing::error!(%error, "mails about clubs could not be sent");
            }
        }
    }

    /// Sends what is due now; whether there was anything.
    ///
    /// # Errors
    /// When the database fails. What could be sent is sent all the same.
    pub async fn drain(&self) -> Result<bool, StoreError> {
        self.send_due(&Ending::default()).await
    }

    async fn send_due(&self, ending: &Ending) -> Result<bool, StoreError> {
        due::at_once(&self.app, DueWork::ClubLetter, AT_ONCE, &ending.stop, |due| self.send(due, ending)).await
    }

    async fn send(&self, due: Due, ending: &Ending) -> Result<(), StoreError> {
        let now = self.app.clock.now();
        let id = ClubLetterId(due.subject);
        let scope = self.app.database.village(due.village);
        let lease_until = now + TimeDelta::seconds(self.app.settings.notifications.lease_s.into());
        let Some((mail, attempt)) = claim(scope.begin().await?, id, due.village, (now, lease_until)).await? else {
            return Ok(());
        };
        let outcome = tokio::select! {
            outcome = self.email.send_club_letter(&mail, attempt) => outcome,
            () = ending.cut.cancelled() => Outcome::Later { at: self.app.clock.now(), why: Reason::None, counts: false },
        };
        let tx = scope.begin().await?;
        match outcome {
            Outcome::Sent => tx.club_letters().delete(id).await?,
            Outcome::Later { at, counts, .. } => {
                let so_far = if counts { attempt } else { attempt - 1 };
                tx.club_letters().postpone(id, attempt, at, so_far).await?;
            }
            Outcome::Gone(why) | Outcome::Refused(why) | Outcome::Expired(why) | Outcome::NotNeeded(why) => {
                tracing::warn!(mail = %id, village = %due.village, reason = ?why, "a mail about a club was given up");
                tx.club_letters().delete(id).await?;
            }
        }
        tx.commit().await
    }
}

/// Claims a mail, and which attempt this is. An invitation that was taken back, replaced or accepted meanwhile is deleted instead.
async fn claim(
    tx: VillageTx,
    id: ClubLetterId,
    village: VillageId,
    (now, lease_until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Option<(ClubMail, i32)>, StoreError> {
    let claimed = tx.club_letters().claim(id, now, lease_until).await?;
    let village = tx.villages().find(village).await?;
    let (Some((letter, attempt)), Some(village)) = (claimed, village) else {
        tx.commit().await?;
        return Ok(None);
    };
    let inviting = inviting(&tx, &letter).await?;
    let is_void = invites(&letter) && inviting.is_none();
    if is_void {
        tx.club_letters().delete(id).await?;
    }
    tx.commit().await?;
    Ok((!is_void).then_some((ClubMail { village, letter, inviting }, attempt)))
}
