//! Calendars as others read them (iCalendar, RFC 5545 and RFC 7986): one writer for all that we give away, events and collections
//! of waste. calcard escapes texts, folds lines and tells the zones; here is what stands at the head of each calendar, and how
//! days, times and texts of people become values.

pub use calcard::icalendar::ICalendarProperty as Property;

use calcard::common::PartialDateTime;
use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarEntry, ICalendarParameter, ICalendarParameterName,
    ICalendarParameterValue, ICalendarValue, ICalendarValueType,
};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};

/// A zone in which times are written as instants, for which no zone has to be told.
const UNIVERSAL: [&str; 4] = ["UTC", "Etc/UTC", "Etc/Universal", "Etc/Zulu"];

/// What stands at the head of a calendar.
pub struct Head<'a> {
    /// What it is called.
    pub name: &'a str,
    /// The language of its texts, as a tag of RFC 5646.
    pub language: &'a str,
    /// After how long a calendar that follows asks again, as a duration of ISO 8601.
    pub ask_again: &'static str,
}

/// A calendar that is being written.
pub struct Writing(ICalendar);

impl Writing {
    /// A calendar without events. It names no zone of its own: all times in it have theirs, and some readers would move
    /// series that are told in UTC to it.
    pub fn new(head: &Head<'_>) -> Self {
        let mut calendar = ICalendarComponent::new(ICalendarComponentType::VCalendar);
        let language = line(head.language).to_ascii_uppercase();
        let program = format!("-//Dorf-App//Dorf-App {}//{language}", env!("CARGO_PKG_VERSION"));
        for (property, value) in [
            (Property::Version, "2.0"),
            (Property::Prodid, &program),
            (Property::Calscale, "GREGORIAN"),
            (Property::Method, "PUBLISH"),
            (Property::Other("X-WR-CALNAME".to_owned()), &line(head.name)),
            (Property::Name, &line(head.name)),
            (Property::Other("X-PUBLISHED-TTL".to_owned()), head.ask_again),
        ] {
            calendar.add_property(property, value.to_owned());
        }
        let duration = ICalendarParameter::value(ICalendarValueType::Duration);
        calendar.add_property_with_params(Property::RefreshInterval, [duration], head.ask_again.to_owned());
        Self(ICalendar { components: vec![calendar] })
    }

    /// Adds an event.
    pub fn add(&mut self, event: Vevent) {
        let id = u32::try_from(self.0.components.len()).unwrap_or(u32::MAX);
        self.0.components.push(event.0);
        if let Some(calendar) = self.0.components.first_mut() {
            calendar.component_ids.push(id);
        }
    }

    /// Its text, with the zones that its times are in.
    pub fn finished(mut self) -> String {
        self.0.add_missing_timezones();
        self.0.to_string()
    }
}

/// An event that is being written.
pub struct Vevent(ICalendarComponent);

impl Vevent {
    /// What it is known by, how often it was changed, and when it last was.
    pub fn new(uid: &str, sequence: i32, changed: DateTime<Utc>) -> Self {
        let mut event = Self(ICalendarComponent::new(ICalendarComponentType::VEvent));
        let changed = changed.format("%Y%m%dT%H%M%SZ").to_string();
        event.put(Property::Uid, line(uid));
        event.0.add_sequence(sequence.into());
        event.put(Property::Dtstamp, changed.clone());
        event.put(Property::LastModified, changed);
        event
    }

    /// A text of people, as far as there is one: nothing in it can end a line, and so begin a property.
    pub fn text(&mut self, property: Property, text: &str) {
        let text = plain(text);
        if !text.is_empty() {
            self.put(property, text);
        }
    }

    /// A value of the standard, such as a status or an address.
    pub fn put(&mut self, property: Property, value: String) {
        self.0.add_property(property, ICalendarValue::Text(value));
    }

    /// Days.
    pub fn days(&mut self, property: Property, days: &[NaiveDate]) {
        let midnight = |day: &NaiveDate| day.and_time(NaiveTime::MIN).and_utc().timestamp();
        let values = days.iter().map(|day| PartialDateTime::from_date_timestamp(midnight(day)).into()).collect();
        let entry = ICalendarEntry::new(property).with_param(ICalendarParameter::value(ICalendarValueType::Date));
        self.0.entries.push(entry.with_values(values));
    }

    /// Times of the wall clock of a zone of IANA's.
    pub fn times(&mut self, property: Property, times: &[NaiveDateTime], zone: &str) {
        let universal = UNIVERSAL.contains(&zone);
        let of = if universal { PartialDateTime::from_utc_timestamp } else { PartialDateTime::from_naive_timestamp };
        let values = times.iter().map(|time| of(time.and_utc().timestamp()).into()).collect();
        let tzid = || ICalendarParameter::tzid(zone.to_owned());
        let entry = ICalendarEntry::new(property).with_param_opt((!universal).then(tzid));
        self.0.entries.push(entry.with_values(values));
    }

    /// The rule by which it recurs, as [`crate::recurrence::Rule::for_calendars`] has it.
    pub fn rule(&mut self, rule: &str) {
        // The crate reads rules only as lines of a calendar.
        let lines = format!("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nRRULE:{rule}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n");
        let read = ICalendar::parse(&lines).ok();
        let entries = read.into_iter().flat_map(|read| read.components).flat_map(|component| component.entries);
        self.0.entries.extend(entries.filter(|entry| entry.name == Property::Rrule));
    }

    /// Where it is, in degrees.
    pub fn position(&mut self, (latitude, longitude): (f64, f64)) {
        let entry = ICalendarEntry::new(Property::Geo);
        self.0.entries.push(entry.with_values(vec![latitude.into(), longitude.into()]));
    }

    /// Who publishes it, and how they are reached. Readers of METHOD:PUBLISH want one (RFC 5546, section 3.2.1).
    pub fn organizer(&mut self, name: &str, address: &str) {
        // A quote cannot be written in a parameter (RFC 5545, section 3.1).
        let name = ICalendarParameterValue::Text(line(name).replace('"', "'"));
        let called = ICalendarParameter { name: ICalendarParameterName::Cn, value: name };
        let address = format!("mailto:{}", line(address));
        self.0.add_property_with_params(Property::Organizer, [called], ICalendarValue::Text(address));
    }
}

/// A text without control characters but line feeds.
pub fn plain(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}', '\u{85}'], "\n");
    text.chars().filter(|c| *c == '\n' || !c.is_control()).collect()
}

/// A text on one line.
pub fn line(text: &str) -> String {
    plain(text).replace('\n', " ")
}
