//! When to try again: exponential backoff with full jitter, an end, and the other side's own word for it.

use super::gate::{Failure, Pace};
use super::way::Held;
use crate::app::App;
use chrono::{DateTime, TimeDelta, Utc};
use entity::{Outcome, Reason};

/// The longest time that another side's `Retry-After` is honoured for.
const LONGEST_RETRY_AFTER: TimeDelta = TimeDelta::hours(6);

/// Decides what becomes of an attempt that failed and might succeed later.
pub struct Retry<'a> {
    /// The installation.
    pub app: &'a App,
    /// Which attempt failed, from 1.
    pub attempt: i32,
    /// From when on nobody needs to be told any more.
    pub expires_at: DateTime<Utc>,
    /// Whether it went out to learn whether others may: such an attempt is nobody's last.
    pub for_others: bool,
}

impl Retry<'_> {
    /// Later, after a backoff that grows with the attempts; given up after the last.
    pub fn later(&self, why: Reason) -> Outcome {
        self.not_before(None, why)
    }

    /// Later, but not before what the other side asked for, counted from now: its answer has just come.
    pub fn not_before(&self, asked: Option<TimeDelta>, why: Reason) -> Outcome {
        let settings = &self.app.settings.notifications;
        let is_last = self.attempt >= settings.max_attempts;
        if is_last && !self.for_others {
            return Outcome::Refused(why);
        }
        let doublings = u32::try_from(self.attempt - 1).unwrap_or(0).min(20);
        let backoff = u64::from(settings.backoff_s) << doublings;
        let longest = backoff.min(settings.longest_backoff_s.into()).max(1);
        // Full jitter, but never at once: between half of the backoff and all of it.
        let wait_ms = longest as f64 * 1000.0 * (0.5 + self.app.secrets.fraction() / 2.0);
        let own = TimeDelta::milliseconds(wait_ms as i64);
        let asked = asked.map(|asked| asked.clamp(TimeDelta::zero(), LONGEST_RETRY_AFTER));
        self.at(self.app.clock.now() + asked.map_or(own, |asked| asked.max(own)), why, !is_last)
    }

    /// Later, when whatever is in the way of others too may be over. Does not bring the end nearer.
    pub fn held(&self, held: Held) -> Outcome {
        self.at(held.until, held.why, false)
    }

    /// What failed just now, for those whom it may keep waiting.
    pub fn failure(&self, why: Reason, pace: Pace) -> Failure {
        Failure { why, now: self.app.clock.now(), pace, fraction: self.app.secrets.fraction() }
    }

    fn at(&self, at: DateTime<Utc>, why: Reason, counts: bool) -> Outcome {
        if at >= self.expires_at { Outcome::Expired(why) } else { Outcome::Later { at, why, counts } }
    }
}

/// Reads a `Retry-After` header (RFC 9110, section 10.2.3): seconds, or a date.
pub fn retry_after(header: Option<&str>, now: DateTime<Utc>) -> Option<TimeDelta> {
    let text = header?.trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(TimeDelta::seconds(seconds.into()));
    }
    let date = DateTime::parse_from_rfc2822(text).ok()?;
    Some(date.with_timezone(&Utc) - now)
}
