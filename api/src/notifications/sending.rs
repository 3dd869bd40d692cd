//! Sending: dispatches the outbox, runs a lane per channel, keeps house. One path for the lucky case and for recovery:
//! everything is found by its due time in the database, woken by a signal that carries nothing, and by a timer.

use super::club_letter_box::ClubLetterBox;
use super::email::Email;
use super::housekeeping;
use super::lane::{Ending, Lane, Sender};
use super::letter_box::LetterBox;
use super::web_push::WebPush;
use crate::app::App;
use crate::due;
use entity::{Channel, Due, DueWork, StoreError};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Sends what is due.
pub struct Sending {
    app: App,
    lanes: [Lane; 2],
    letters: LetterBox,
    club_letters: ClubLetterBox,
    email: Arc<Email>,
}

impl Sending {
    /// For an installation.
    ///
    /// # Errors
    /// When the mail server's settings or the system's certificates cannot be used.
    pub fn new(app: App) -> anyhow::Result<Self> {
        let push = Sender::WebPush(WebPush::new(app.clone())?);
        // One way to the mail server for all mails: what one learns of it, the others need not try.
        let email = Arc::new(Email::new(app.clone())?);
        let settings = &app.settings;
        let lanes = [
            Lane::new(app.clone(), Channel::WebPush, push, settings.push.max_in_flight),
            Lane::new(app.clone(), Channel::Email, Sender::Email(email.clone()), settings.mail.max_in_flight),
        ];
        let letters = LetterBox::new(app.clone(), email.clone());
        let club_letters = ClubLetterBox::new(app.clone(), email.clone());
        Ok(Self { app, lanes, letters, club_letters, email })
    }

    /// Works until `stop`, then lets what is on its way come to an end; after `http.shutdown_timeout_s` that is cut off and put back.
    pub async fn run(&self, stop: CancellationToken) {
        let ending = Ending { stop, cut: CancellationToken::new() };
        tokio::select! {
            () = self.work(&ending) => {}
            () = self.cut_off(&ending) => {}
        }
        self.email.close().await;
    }

    async fn work(&self, ending: &Ending) {
        let [push, email] = &self.lanes;
        let changes = || self.app.database.changes();
        let stop = &ending.stop;
        tokio::join!(
            due::keep(&self.app, stop, "notifications", || self.dispatch()),
            push.run(changes(), ending.clone()),
            email.run(changes(), ending.clone()),
            self.letters.run(ending.clone()),
            self.club_letters.run(ending.clone()),
            housekeeping::run(&self.app, stop.clone()),
        );
    }

    /// Cuts off what has not come to an end in time. Does not end by itself.
    async fn cut_off(&self, ending: &Ending) {
        ending.stop.cancelled().await;
        let patience = Duration::from_secs(self.app.settings.http.shutdown_timeout_s);
        let _ = tokio::time::timeout(patience, std::future::pending::<()>()).await;
        ending.cut.cancel();
        std::future::pending().await
    }

    /// Sends everything that is due now; whether there was anything.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn work_off(&self) -> Result<bool, StoreError> {
        let mut any = self.dispatch().await?;
        for lane in &self.lanes {
            any |= lane.drain().await?;
        }
        any |= self.letters.drain().await?;
        any |= self.club_letters.drain().await?;
        Ok(any)
    }

    /// Forgets what its time is over for, once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_house(&self) -> Result<(), StoreError> {
        housekeeping::once(&self.app).await
    }

    /// Turns what is in the outbox into deliveries; whether there was anything.
    async fn dispatch(&self) -> Result<bool, StoreError> {
        due::each(&self.app, DueWork::Dispatch, |due| self.dispatch_one(due)).await
    }

    async fn dispatch_one(&self, due: Due) -> Result<(), StoreError> {
        let tx = self.app.database.village(due.village).begin().await?;
        let at_once = self.app.settings.notifications.planned_at_once;
        tx.notifications().dispatch(due.subject.into(), at_once, self.app.clock.now()).await?;
        tx.commit().await
    }
}
