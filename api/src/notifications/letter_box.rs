//! The letter box: mails about accounts, which belong to no village. As in a lane, what is due is claimed for a while, sent with
//! no transaction open, and settled; what is not settled falls due again.

use super::email::Email;
use super::lane::{Ending, MAIL_TAKEN_WITHIN};
use crate::app::App;
use crate::places::{Party, Places};
use chrono::TimeDelta;
use entity::{AccountMail, Outcome, Reason, StoreError, Urgency};
use futures_util::stream::{FuturesUnordered, StreamExt};
use std::sync::Arc;
use std::time::Duration;

/// Letters on their way at once, without those that the mail server keeps waiting; and with them. Few are written; slow recipients
/// must not hold up the others.
const AT_ONCE: usize = 10;
const MOST: usize = 32;

/// Who sends them: the installation, to people who wait for them.
const PARTY: Party = (None, Urgency::High);

/// Sends what is in it.
pub struct LetterBox {
    app: App,
    email: Arc<Email>,
    seats: Places,
}

impl LetterBox {
    /// A letter box with this way to the mail server.
    pub fn new(app: App, email: Arc<Email>) -> Self {
        Self { app, email, seats: Places::new(AT_ONCE) }
    }

    /// Sends what falls due, until it is to stop; then lets what is on its way come to an end, until that is cut off.
    pub async fn run(&self, ending: Ending) {
        let mut poll = tokio::time::interval(Duration::from_secs(self.app.settings.notifications.poll_s.max(1)));
        poll.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut sending = FuturesUnordered::new();
        loop {
            tokio::select! {
                () = ending.stop.cancelled() => break,
                Some(settled) = sending.next() => say(settled),
                _ = poll.tick() => match self.claim(MOST.saturating_sub(sending.len())).await {
                    Ok(letters) => sending.extend(letters.into_iter().map(|letter| self.send(letter, &ending))),
                    Err(error) => tracing::error!(%error, "mails about accounts could not be claimed"),
                },
            }
        }
        while let Some(settled) = sending.next().await {
            say(settled);
        }
    }

    /// Sends what is due now; whether there was anything.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn drain(&self) -> Result<bool, StoreError> {
        let mut any = false;
        loop {
            let (letters, ending) = (self.claim(MOST).await?, Ending::default());
            if letters.is_empty() {
                return Ok(any);
            }
            any = true;
            let mut sending: FuturesUnordered<_> =
                letters.into_iter().map(|letter| self.send(letter, &ending)).collect();
            while let Some(settled) = sending.next().await {
                settled?;
            }
        }
    }

    /// Claims what there is room for: `most`, and no more than there are seats.
    async fn claim(&self, most: usize) -> Result<Vec<AccountMail>, StoreError> {
        let room = most.min(self.seats.room(PARTY));
        let now = self.app.clock.now();
        let lease_until = now + TimeDelta::seconds(self.app.settings.notifications.lease_s.into());
        let mut letters = Vec::new();
        // What is for nobody takes no room, so as many rows are looked at until the room is taken.
        while letters.len() < room {
            let limit = u32::try_from(room - letters.len()).unwrap_or(u32::MAX);
            let tx = self.app.database.registry_tx().await?;
            let (claimed, looked_at) = tx.account_mails().claim(limit, now, lease_until).await?;
            tx.commit().await?;
            letters.extend(claimed);
            if looked_at == 0 {
                break;
            }
        }
        Ok(letters)
    }

    async fn send(&self, letter: AccountMail, ending: &Ending) -> Result<(), StoreError> {
        let seat = self.seats.try_take(PARTY);
        let sending = async {
            tokio::select! {
                outcome = self.email.send_letter(&letter) => outcome,
                () = ending.cut.cancelled() => Outcome::Later { at: self.app.clock.now(), why: Reason::None, counts: false },
            }
        };
        tokio::pin!(sending);
        let outcome = match tokio::time::timeout(MAIL_TAKEN_WITHIN, &mut sending).await {
            Ok(outcome) => outcome,
            Err(_) => {
                drop(seat);
                sending.await
            }
        };
        let (id, attempt) = (letter.mail.id, letter.attempt);
        let tx = self.app.database.registry_tx().await?;
        match outcome {
            Outcome::Sent => tx.account_mails().delete(id).await?,
            Outcome::Later { at, counts, .. } => {
                let so_far = if counts { attempt } else { attempt - 1 };
                tx.account_mails().postpone(id, attempt, at, so_far).await?;
            }
            Outcome::Gone(why) | Outcome::Refused(why) | Outcome::Expired(why) | Outcome::NotNeeded(why) => {
                tracing::warn!(mail = %id, reason = ?why, "a mail about an account was given up");
                tx.account_mails().delete(id).await?;
            }
        }
        tx.commit().await
    }
}

fn say(settled: Result<(), StoreError>) {
    if let Err(error) = settled {
        tracing::error!(%error, "a mail about an account could not be settled; it is due again after its lease");
    }
}
