//! The worker: does what falls due. Posts go out and expire at their times, clubs are asked whether they are still there,
//! collections of waste are reminded of; what the outbox holds is sent.

use crate::app::App;
use crate::clubs;
use crate::due::keep;
use crate::notifications::Sending;
use crate::posts;
use crate::pulse;
use crate::waste;
use entity::StoreError;
use tokio_util::sync::CancellationToken;

/// Does due work.
pub struct Worker {
    app: App,
    sending: Sending,
}

impl Worker {
    /// A worker for an installation.
    ///
    /// # Errors
    /// When the mail server's settings or the system's certificates cannot be used.
    pub fn new(app: App) -> anyhow::Result<Self> {
        Ok(Self { sending: Sending::new(app.clone())?, app })
    }

    /// Works once the clock is right and until `stop`, then lets what is on its way come to an end.
    pub async fn run(&self, stop: CancellationToken) {
        let app = &self.app;
        pulse::until_clock_is_right(app, &stop).await;
        tokio::join!(
            keep(app, &stop, "posts whose time has come", || posts::keep_times(app)),
            keep(app, &stop, "posts to be found", || posts::index(app)),
            keep(app, &stop, "questions to clubs", || clubs::keep_asking(app)),
            keep(app, &stop, "reminders of waste", || waste::remind(app)),
            keep(app, &stop, "calendars of waste", || waste::load_due(app)),
            keep(app, &stop, "joint posts to follow", || posts::follow(app)),
            keep(app, &stop, "calendars of events", || posts::load_events(app)),
            self.sending.run(stop.clone()),
        );
    }

    /// Does everything that is due now, until nothing is: for tests and tools that want to know when it is done.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn work_off(&self) -> Result<(), StoreError> {
        while self.app.pulse.behind(self.app.clock.now()).is_none() {
            let any = posts::keep_times(&self.app).await?
                | posts::load_events(&self.app).await?
                | posts::index(&self.app).await?
                | posts::follow(&self.app).await?
                | clubs::keep_asking(&self.app).await?
                | waste::load_due(&self.app).await?
                | waste::remind(&self.app).await?;
            if !self.sending.work_off().await? && !any {
                break;
            }
        }
        Ok(())
    }

    /// Forgets what its time is over for, once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_house(&self) -> Result<(), StoreError> {
        self.sending.keep_house().await
    }
}
