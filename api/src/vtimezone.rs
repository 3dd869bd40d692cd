//! A zone as calendars want it told (VTIMEZONE, RFC 5545, section 3.6.5), out of the zone database that the program has.
//!
//! Changes of the clock that come back every year by one rule, such as the last Sunday in March, are one component with that
//! rule; what happened once, or until some year, is said so.

use chrono::{
    DateTime, Datelike, Days, FixedOffset, NaiveDate, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc, Weekday,
};
use chrono_tz::{OffsetComponents, OffsetName, Tz};
use std::fmt::Write;

/// How many years ahead the clock is looked at; a rule that holds until then is taken to go on.
const YEARS_AHEAD: i32 = 4;

/// A change of the clock.
#[derive(Clone, Debug)]
struct Change {
    at: DateTime<Utc>,
    /// The wall clock at that moment, before it is changed.
    local: NaiveDateTime,
    from: FixedOffset,
    to: FixedOffset,
    summer: bool,
    name: String,
}

/// Changes in consecutive years by one rule.
struct Run {
    first: Change,
    last: Change,
    /// Which of the weekdays of its month: 1 for the first, -1 for the last. What is left fits all of them.
    nth: Vec<i8>,
}

/// The lines of the zone, for events from `first_year` on.
pub fn lines(zone: Tz, first_year: i32, now: DateTime<Utc>) -> String {
    let last_year = now.year().max(first_year) + YEARS_AHEAD;
    // A year more, so that some change comes before every event.
    let changes = changes(zone, first_year - 1, last_year);
    let mut text = format!("BEGIN:VTIMEZONE\r\nTZID:{}\r\n", zone.name());
    if changes.is_empty() {
        let at = zone.offset_from_utc_datetime(&now.naive_utc());
        let name = at.abbreviation().unwrap_or_default().to_owned();
        let start = NaiveDate::default().into();
        let only = Change { at: now, local: start, from: at.fix(), to: at.fix(), summer: false, name };
        only.write(&mut text, None);
    }
    for run in runs(changes) {
        let goes_on = run.first.at < run.last.at && run.last.local.year() == last_year;
        let rule = (run.first.at < run.last.at).then(|| run.rule(goes_on));
        run.first.write(&mut text, rule.as_deref());
    }
    text.push_str("END:VTIMEZONE\r\n");
    text
}

/// All changes of the clock from the beginning of one year to the end of another.
fn changes(zone: Tz, first_year: i32, last_year: i32) -> Vec<Change> {
    let day = |year| NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default().and_time(chrono::NaiveTime::MIN);
    let (mut at, end) = (day(first_year), day(last_year + 1));
    let offset = |at: &NaiveDateTime| zone.offset_from_utc_datetime(at).fix();
    let mut changes = Vec::new();
    while at < end {
        let next = at + Days::new(1);
        if offset(&at) != offset(&next) {
            let (mut before, mut after) = (at, next);
            while after - before > TimeDelta::seconds(1) {
                let middle = before + (after - before) / 2;
                if offset(&middle) == offset(&at) { before = middle } else { after = middle }
            }
            changes.push(change(zone, after, offset(&at)));
        }
        at = next;
    }
    changes
}

fn change(zone: Tz, at: NaiveDateTime, from: FixedOffset) -> Change {
    let new = zone.offset_from_utc_datetime(&at);
    Change {
        at: at.and_utc(),
        local: at + TimeDelta::seconds(from.local_minus_utc().into()),
        from,
        to: new.fix(),
        summer: !new.dst_offset().is_zero(),
        name: new.abbreviation().unwrap_or_default().to_owned(),
    }
}

/// The changes, those together that one rule makes.
fn runs(changes: Vec<Change>) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for change in changes {
        let nth = change.nth();
        let fits = |run: &Run| run.last.is_like(&change) && run.nth.iter().any(|n| nth.contains(n));
        match runs.iter_mut().find(|run| fits(run)) {
            Some(run) => {
                run.nth.retain(|n| nth.contains(n));
                run.last = change;
            }
            None => runs.push(Run { first: change.clone(), last: change, nth }),
        }
    }
    runs
}

impl Run {
    fn rule(&self, goes_on: bool) -> String {
        let day = match self.first.local.weekday() {
            Weekday::Mon => "MO",
            Weekday::Tue => "TU",
            Weekday::Wed => "WE",
            Weekday::Thu => "TH",
            Weekday::Fri => "FR",
            Weekday::Sat => "SA",
            Weekday::Sun => "SU",
        };
        let nth = self.nth.last().copied().unwrap_or(-1);
        let until = if goes_on { String::new() } else { format!(";UNTIL={}", self.last.at.format("%Y%m%dT%H%M%SZ")) };
        format!("RRULE:FREQ=YEARLY;BYMONTH={};BYDAY={nth}{day}{until}\r\n", self.first.local.month())
    }
}

impl Change {
    /// Which of the weekdays of its month it falls on, counted from the beginning and, if it is so, as the last.
    fn nth(&self) -> Vec<i8> {
        let day = self.local.day();
        let nth = i8::try_from((day - 1) / 7 + 1).unwrap_or(1);
        let is_last = (self.local + Days::new(7)).month() != self.local.month();
        if is_last { vec![nth, -1] } else { vec![nth] }
    }

    /// Whether the other is the same change a year later, but for the day of the month.
    fn is_like(&self, next: &Self) -> bool {
        let day = |it: &Self| (it.local.month(), it.local.weekday(), it.local.time());
        day(self) == day(next)
            && (self.from, self.to, self.summer, &self.name) == (next.from, next.to, next.summer, &next.name)
            && self.local.year() + 1 == next.local.year()
    }

    fn write(&self, text: &mut String, rule: Option<&str>) {
        let kind = if self.summer { "DAYLIGHT" } else { "STANDARD" };
        // Writing to a text does not fail.
        let _ = write!(
            text,
            "BEGIN:{kind}\r\nDTSTART:{}\r\n{}TZOFFSETFROM:{}\r\nTZOFFSETTO:{}\r\nTZNAME:{}\r\nEND:{kind}\r\n",
            self.local.format("%Y%m%dT%H%M%S"),
            rule.unwrap_or_default(),
            offset(self.from),
            offset(self.to),
            self.name
        );
    }
}

/// `+0100`, with seconds where there are any.
fn offset(offset: FixedOffset) -> String {
    let seconds = offset.local_minus_utc();
    let (sign, seconds) = if seconds < 0 { ('-', -seconds) } else { ('+', seconds) };
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if rest == 0 { format!("{sign}{hours:02}{minutes:02}") } else { format!("{sign}{hours:02}{minutes:02}{rest:02}") }
}
