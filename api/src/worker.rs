//! The worker: does what falls due. Posts go out and expire at their times, clubs are asked whether they are still there,
//! collections of waste are reminded of; what the outbox holds is sent.

use crate::app::App;
use crate::clubs;
use crate::notifications::Sending;
use crate::posts;
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

    /// Works until `stop`, then lets what is on its way come to an end.
    pub async fn run(&self, stop: CancellationToken) {
        tokio::join!(
            posts::keep_times_until(&self.app, stop.clone()),
            posts::index_until(&self.app, stop.clone()),
            clubs::keep_asking_until(&self.app, stop.clone()),
            waste::remind_until(&self.app, stop.clone()),
            waste::load_until(&self.app, stop.clone()),
            self.sending.run(stop)
        );
    }

    /// Does everything that is due now, until nothing is: for tests and tools that want to know when it is done.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn work_off(&self) -> Result<(), StoreError> {
        loop {
            let any = posts::keep_times(&self.app).await?
                | posts::index(&self.app).await?
                | clubs::keep_asking(&self.app).await?
                | waste::load_due(&self.app).await?
                | waste::remind(&self.app).await?;
            if !self.sending.work_off().await? && !any {
                return Ok(());
            }
        }
    }

    /// Forgets what its time is over for, once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_house(&self) -> Result<(), StoreError> {
        self.sending.keep_house().await
    }
}
