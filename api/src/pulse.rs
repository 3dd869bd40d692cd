//! The pulse: a running process proves every minute that what it writes is there, which leaves the time behind; and when it starts it
//! knows from that whether its clock is behind what is stored.
//!
//! A machine without a battery starts in the past and is set right within minutes. What is published or confirmed in that time would
//! be dated before what it follows, so nothing is changed and nothing is sent meanwhile. A clock that stays behind for an hour is
//! believed: then it was what is stored that came from a wrong one.

use crate::app::App;
use crate::problem::{Problem, ProblemKind};
use crate::text::Text;
use chrono::{DateTime, TimeDelta, Utc};
use entity::StoreError;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// By how much clocks differ without anybody minding.
const TOLERANCE: TimeDelta = TimeDelta::seconds(60);

/// How often the pulse beats, and how many beats a clock may be behind before it is believed.
const BEAT: Duration = Duration::from_secs(60);
const BEATS_OF_GRACE: u32 = 60;

/// How often it is looked whether a clock that was behind is right now.
const LOOK: Duration = Duration::from_secs(1);

/// What the pulse has seen.
#[derive(Default)]
pub struct Pulse {
    /// The latest instant that was stored when this process started, in milliseconds.
    seen_at: AtomicI64,
}

impl Pulse {
    /// Takes this for the latest instant that is stored, whatever was before.
    pub fn note(&self, seen: DateTime<Utc>) {
        self.seen_at.store(seen.timestamp_millis(), Ordering::SeqCst);
    }

    /// By how much the clock is behind what is stored, if it is.
    pub fn behind(&self, now: DateTime<Utc>) -> Option<TimeDelta> {
        let behind =
            TimeDelta::milliseconds(self.seen_at.load(Ordering::SeqCst).saturating_sub(now.timestamp_millis()));
        (behind > TOLERANCE).then_some(behind)
    }
}

/// Looks at what is stored before anything is done.
///
/// # Errors
/// When the database fails.
pub async fn begin(app: &App) -> Result<(), StoreError> {
    let seen = app.database.registry().await?.installation().seen_at().await?;
    app.pulse.note(seen.unwrap_or_default());
    tell(app);
    Ok(())
}

/// Beats until `stop`.
pub async fn run(app: App, stop: CancellationToken) {
    let mut beat = tokio::time::interval(BEAT);
    beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut behind_for = 0;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = beat.tick() => {}
        }
        if let Err(error) = app.database.prove(app.clock.now()).await {
            tracing::error!(%error, "it cannot be proven that what is written is there");
            continue;
        }
        behind_for = if tell(&app) { behind_for + 1 } else { 0 };
        if behind_for > BEATS_OF_GRACE
            && let Err(error) = believe_clock(&app).await
        {
            tracing::error!(%error, "the clock could not be believed");
        }
    }
}

/// Refuses while the clock is behind.
///
/// # Errors
/// 503, with the reason.
pub fn check_clock(app: &App) -> Result<(), Problem> {
    match app.pulse.behind(app.clock.now()) {
        None => Ok(()),
        Some(behind) => {
            let minutes = behind.num_minutes();
            let detail = Text::new(
                format!(
                    "Die Uhr des Servers geht mindestens {minutes} Minuten nach. Bis sie gestellt ist, wird nichts geändert."
                ),
                format!("The server's clock is at least {minutes} minutes behind. Nothing is changed until it is set."),
            );
            Err(Problem::again_after(ProblemKind::Unavailable, 30).because(detail))
        }
    }
}

/// Waits until the clock is right, or until `stop`.
pub async fn until_clock_is_right(app: &App, stop: &CancellationToken) {
    let mut look = tokio::time::interval(LOOK);
    while app.pulse.behind(app.clock.now()).is_some() {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = look.tick() => {}
        }
    }
}

/// Says so when the clock is behind; whether it is.
fn tell(app: &App) -> bool {
    let behind = app.pulse.behind(app.clock.now());
    if let Some(behind) = behind {
        tracing::error!(
            behind_s = behind.num_seconds(),
            "the clock is behind what is stored: nothing is changed or sent until it is set (after an hour it is believed)"
        );
    }
    behind.is_some()
}

async fn believe_clock(app: &App) -> Result<(), StoreError> {
    let now = app.clock.now();
    let tx = app.database.registry_tx().await?;
    tx.installation().believe(now).await?;
    tx.commit().await?;
    app.pulse.note(now);
    tracing::warn!(
        "the clock has been behind for an hour and is believed now: what is stored was dated by a wrong one"
    );
    Ok(())
}
