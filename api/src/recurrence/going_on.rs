//! What becomes of a rule when its series goes on in another way from one of its dates on.

use super::rule::{Frequency, instant_text, letters};
use super::{Refusal, Rule};
use chrono::{NaiveDateTime, TimeDelta, Weekday};
use chrono_tz::Tz;

/// Where a series turns: what was to begin `at` begins at `starts`.
#[derive(Clone, Copy, Debug)]
pub struct Turn {
    /// The start that the date has by the rule.
    pub at: NaiveDateTime,
    /// The start that it gets.
    pub starts: NaiveDateTime,
    /// The zone of these times.
    pub zone: Tz,
    /// Whether it is about whole days.
    pub all_day: bool,
}

impl Turn {
    /// By how many days the start moves.
    fn days(&self) -> i64 {
        self.starts.date().signed_duration_since(self.at.date()).num_days()
    }
}

impl Rule {
    /// The same rule for what begins at a turn, after so many of its dates. A single weekday moves with the start, and the last day
    /// too.
    ///
    /// # Errors
    /// When there is no such rule.
    pub fn going_on(&self, turn: &Turn, after: usize) -> Result<Self, Refusal> {
        let mut parts = Vec::new();
        if let Some(count) = self.count {
            let gone = u32::try_from(after).unwrap_or(u32::MAX);
            parts.push(("COUNT", Some(count.saturating_sub(gone).max(1).to_string())));
        }
        if let Some(until) = self.until.filter(|_| turn.at != turn.starts) {
            let until = until.local(turn.zone);
            if self.is_within_a_day() {
                return self.with(&[("UNTIL", Some(instant_text(until + (turn.starts - turn.at), turn.zone)))]);
            }
            // What ends earlier in the day than it would take place ends the day before.
            let missed = i64::from(until.time() < turn.at.time());
            let last = until.date().checked_add_signed(TimeDelta::days(turn.days() - missed)).unwrap_or(until.date());
            parts.push(("UNTIL", Some(Self::until_text(last, turn.zone, turn.all_day))));
        }
        if let ([day], Frequency::Weekly) = (self.weekdays.as_slice(), self.frequency) {
            parts.push(("BYDAY", Some(letters(later(day.weekday, turn.days())).to_owned())));
        }
        self.with(&parts)
    }
}

fn later(day: Weekday, days: i64) -> Weekday {
    let number = (i64::from(day.num_days_from_monday()) + days).rem_euclid(7);
    u8::try_from(number).ok().and_then(|number| Weekday::try_from(number).ok()).unwrap_or(day)
}
