//! The letter box of a village's clubs. Found as due work of all villages; claimed, sent with no transaction open, and settled inside
//! the village. What is not settled falls due again.

use super::email::Email;
use crate::app::App;
use crate::due::{self, Looks};
use chrono::TimeDelta;
use entity::{ClubLetterId, Due, DueWork, Outcome, StoreError};
use tokio_util::sync::CancellationToken;

/// Letters on their way at once. Few are written; one slow recipient holds up seven others at most.
const AT_ONCE: u64 = 8;

/// Sends what is in it.
pub struct ClubLetterBox {
    app: App,
    email: Email,
}

impl ClubLetterBox {
    /// A letter box with a way to the mail server of its own.
    ///
    /// # Errors
    /// When the mail server's settings cannot be used.
    pub fn new(app: App) -> anyhow::Result<Self> {
        Ok(Self { email: Email::new(app.clone())?, app })
    }

    /// Sends what falls due, until `stop`; what is on its way comes to an end first.
    pub async fn run(&self, stop: CancellationToken) {
        let mut looks = Looks::until(stop, &self.app);
        while looks.next().await {
            if let Err(error) = self.drain().await {
                tracing::error!(%error, "mails about clubs could not be sent");
            }
        }
        self.email.close().await;
    }

    /// Sends what is due now; whether there was anything.
    ///
    /// # Errors
    /// When the database fails. What could be sent is sent all the same.
    pub async fn drain(&self) -> Result<bool, StoreError> {
        due::at_once(&self.app, DueWork::ClubLetter, AT_ONCE, |due| self.send(due)).await
    }

    async fn send(&self, due: Due) -> Result<(), StoreError> {
        let now = self.app.clock.now();
        let id = ClubLetterId(due.subject);
        let scope = self.app.database.village(due.village);
        let lease_until = now + TimeDelta::seconds(self.app.settings.notifications.lease_s.into());
        let tx = scope.begin().await?;
        let claimed = tx.club_letters().claim(id, now, lease_until).await?;
        let village = tx.villages().find(due.village).await?;
        tx.commit().await?;
        let (Some((letter, attempt)), Some(village)) = (claimed, village) else { return Ok(()) };
        let outcome = self.email.send_club_letter(&village, &letter, attempt).await;
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
