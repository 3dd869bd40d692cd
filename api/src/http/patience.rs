//! How long a request may take before it is given up.

use crate::problem::{Problem, ProblemKind};
use poem::Request;
use std::future::Future;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// The deadline of one request. What has to wait for a long body asks for more.
#[derive(Clone)]
pub struct Patience(watch::Sender<Instant>);

/// The time was up.
pub struct TimeIsUp;

impl Patience {
    /// Patience for so long from now.
    pub fn of(duration: Duration) -> Self {
        Self(watch::Sender::new(Instant::now() + duration))
    }

    /// The patience of a request that passed the edge.
    ///
    /// # Errors
    /// When it did not, which is a defect.
    pub fn with(request: &Request) -> Result<Self, Problem> {
        request.data::<Self>().cloned().ok_or_else(|| Problem::new(ProblemKind::Internal))
    }

    /// Waits longer than was said.
    pub fn extend(&self, by: Duration) {
        self.0.send_modify(|until| *until += by);
    }

    /// Waits for work until the deadline, as it is by then.
    ///
    /// # Errors
    /// When the time is up; the work is dropped.
    pub async fn wait_for<F: Future>(&self, work: F) -> Result<F::Output, TimeIsUp> {
        let mut until = self.0.subscribe();
        let mut work = std::pin::pin!(work);
        loop {
            let deadline = *until.borrow_and_update();
            tokio::select! {
                done = &mut work => return Ok(done),
                _ = until.changed() => {}
                () = tokio::time::sleep_until(deadline) => return Err(TimeIsUp),
            }
        }
    }
}
