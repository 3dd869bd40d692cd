//! Messages that call events off (METHOD:CANCEL, RFC 5546, section 3.2.5): of an event of which one knows they say its UID and perhaps
//! which date of it, and need not say anything else.

use super::events::{FoundEvent, Looking, Says, titled};
use super::grouping::identity;
use super::series::as_date_of;
use super::zones::Written;
use super::{CalendarFile, Happening, SkipReason, Skipped};
use calcard::icalendar::ICalendarProperty;
use chrono::NaiveDateTime;
use chrono_tz::Tz;
use entity::EventDates;

/// What is called off of an event.
#[derive(Clone, Debug)]
pub enum CalledOff {
    /// All of it.
    Everything,
    /// A date of it, which is known in its calendar by this where it stands alone.
    Date(CalledOffDate),
}

/// A date that is called off.
#[derive(Clone, Debug)]
pub struct CalledOffDate {
    /// By which it is known where its series is not in the calendar.
    pub alone: String,
    at: Written,
    and_following: bool,
}

impl CalledOffDate {
    /// Whether it is about this date of a series, by its start as the rule has it.
    pub fn means(&self, series: &EventDates, date: NaiveDateTime) -> bool {
        let Ok(zone) = series.zone.parse::<Tz>() else { return false };
        let at = as_date_of(series, &self.at, zone);
        date == at || (self.and_following && date > at)
    }
}

impl CalendarFile {
    /// Whether it is a message that calls off what it has.
    pub(super) fn calls_off(&self) -> bool {
        self.about.method.as_deref() == Some("CANCEL")
    }

    /// Whether it is a message about some events (RFC 5546), which says nothing of others.
    pub(super) fn is_message(&self) -> bool {
        self.about.method.as_deref().is_some_and(|method| method != "PUBLISH")
    }

    /// What it calls off.
    pub(super) fn called_off(&self, looking: &Looking, skipped: &mut Vec<Skipped>) -> Vec<FoundEvent> {
        let mut found = Vec::new();
        for happening in &self.happenings {
            // What is not for the public says nothing to it, not even this.
            if happening.is_private() {
                skipped.push(happening.skipped(SkipReason::Private));
                continue;
            }
            match self.called_off_by(happening, looking) {
                Ok(what) => found.push(FoundEvent {
                    number: happening.number,
                    identity: identity(&[&happening.known_by()]),
                    said: String::new(),
                    likeness: String::new(),
                    parts: Vec::new(),
                    uid: None,
                    sequence: happening.source_sequence(),
                    title: titled(happening),
                    remarks: Vec::new(),
                    says: Says::CalledOff(what),
                }),
                Err(why) => skipped.push(happening.skipped(why)),
            }
        }
        found
    }

    fn called_off_by(&self, happening: &Happening, looking: &Looking) -> Result<CalledOff, SkipReason> {
        let Some(at) = self.only(happening, &ICalendarProperty::RecurrenceId, looking.zone)? else {
            return Ok(CalledOff::Everything);
        };
        let alone = identity(&[&happening.known_by(), &happening.text_line("RECURRENCE-ID")]);
        Ok(CalledOff::Date(CalledOffDate { alone, at, and_following: happening.is_this_and_following() }))
    }
}
