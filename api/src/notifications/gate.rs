//! A gate: open until something does not work for whoever comes; then shut, and one at a time tries, at growing intervals, until it
//! works again. Nobody waits for a fixed time, and nobody's attempt is used up by waiting.

use chrono::{DateTime, TimeDelta, Utc};
use entity::Reason;

/// How soon whoever finds another trying looks again.
pub const AGAIN: TimeDelta = TimeDelta::seconds(1);

/// The times between two tries.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// After the first failure; doubled after each further one.
    first: TimeDelta,
    /// The most that it becomes.
    longest: TimeDelta,
}

impl Pace {
    /// For what may be over at any moment.
    pub const QUICK: Self = Self { first: TimeDelta::seconds(2), longest: TimeDelta::seconds(60) };
    /// For what somebody must mend first, where every further try does harm: a log-in that is refused.
    pub const SLOW: Self = Self { first: TimeDelta::seconds(30), longest: TimeDelta::minutes(10) };
}

/// Something that did not work.
#[derive(Clone, Copy, Debug)]
pub struct Failure {
    /// Why.
    pub why: Reason,
    /// When.
    pub now: DateTime<Utc>,
    /// How long to wait before the next try.
    pub pace: Pace,
    /// A random number from 0 to 1, so that not all come at once.
    pub fraction: f64,
}

/// What somebody who comes to a gate finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// It is open.
    Open,
    /// It is shut, and a try is due.
    Due,
    /// It is shut until then, or somebody is trying.
    Shut {
        /// When to come again.
        until: DateTime<Utc>,
        /// Why it is shut.
        why: Reason,
        /// Whether nobody is trying.
        is_idle: bool,
    },
}

/// A gate.
#[derive(Debug, Default)]
pub struct Gate(Option<Shut>);

#[derive(Debug)]
struct Shut {
    why: Reason,
    failures: u32,
    next_try: DateTime<Utc>,
    /// When whoever tries will have come to an end.
    trying_until: Option<DateTime<Utc>>,
}

impl Gate {
    /// What somebody finds who comes now.
    pub fn look(&self, now: DateTime<Utc>) -> Found {
        let Some(shut) = &self.0 else { return Found::Open };
        match shut.trying_until {
            Some(end) if now < end => Found::Shut { until: now + AGAIN, why: shut.why, is_idle: false },
            _ if now < shut.next_try => Found::Shut { until: shut.next_try, why: shut.why, is_idle: true },
            _ => Found::Due,
        }
    }

    /// Whether it is open.
    pub fn is_open(&self) -> bool {
        self.0.is_none()
    }

    /// Somebody tries, and will know before `end`.
    pub fn begin(&mut self, end: DateTime<Utc>) {
        if let Some(shut) = &mut self.0 {
            shut.trying_until = Some(end);
        }
    }

    /// It works.
    pub fn open(&mut self) {
        self.0 = None;
    }

    /// Whoever was to try has learnt nothing.
    pub fn leave(&mut self) {
        if let Some(shut) = &mut self.0 {
            shut.trying_until = None;
        }
    }

    /// It does not work: shuts; and waits longer when this was the `try` that was due. Others that were on their way when it shut
    /// say nothing new. Whether it was open.
    pub fn fail(&mut self, failure: &Failure, was_due: bool) -> bool {
        let failures = match &self.0 {
            None => 1,
            Some(shut) if was_due => shut.failures.saturating_add(1),
            Some(_) => return false,
        };
        let doubled = failure.pace.first * (1 << (failures - 1).min(16));
        let wait_ms = doubled.min(failure.pace.longest).num_milliseconds() as f64 * (0.5 + failure.fraction / 2.0);
        let next_try = failure.now + TimeDelta::milliseconds(wait_ms as i64);
        let was_open = self.is_open();
        self.0 = Some(Shut { why: failure.why, failures, next_try, trying_until: None });
        was_open
    }
}
