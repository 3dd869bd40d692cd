//! The letter box of a village's clubs. Found as due work of all villages; claimed, sent with no transaction open, and settled inside
//! the village. What is not settled falls due again.

use super::email::Email;
use crate::app::App;
use chrono::TimeDelta;
use entity::{ClubLetterId, Due, DueWork, Outcome, StoreError};
use futures_util::future::join_all;
use std::time::Duration;
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
        let mut changes = self.app.database.changes();
        let mut poll = tokio::time::interval(Duration::from_secs(self.app.settings.notifications.poll_s.max(1)));
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                _ = poll.tick() => {}
                _ = changes.changed() => {}
            }
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
        let mut any = false;
        loop {
            let now = self.app.clock.now();
            let due = self.app.database.registry().await?.due_works().due(DueWork::ClubLetter, now, AT_ONCE).await?;
            if due.is_empty() {
                return Ok(any);
            }
            any = true;
            for settled in join_all(due.into_iter().map(|due| self.send(due))).await {
                settled?;
            }
        }
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
            Outcome::Gone(why) | Outcome::Refused(why) | Outcome::Expired(why) => {
                tracing::warn!(mail = %id, village = %due.village, reason = ?why, "a mail about a club was given up");
                tx.club_letters().delete(id).await?;
            }
        }
        tx.commit().await
    }
}
