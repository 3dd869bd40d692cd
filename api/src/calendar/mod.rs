//! Reading calendars (RFC 5545) that others have written: the only place that knows the parser.
//!
//! A file comes from strangers. It is cut into components first (`lines.rs`), in one pass over its bytes and within limits, so
//! that what is wrong with one component touches no other; only then each is parsed. What cannot be understood is kept, with its
//! reason. `days.rs` tells on which days components fall, `events.rs` which events they
//! are.

mod calling_off;
mod clocks;
mod content_line;
mod days;
mod definition;
mod events;
mod following;
mod grouping;
mod lines;
mod names;
mod own_clocks;
mod remarks;
mod rules;
mod series;
mod settling;
mod zones;

pub use calling_off::{CalledOff, CalledOffDate};
pub use days::Days;
pub use events::{CalendarEvents, FoundContent, FoundEvent, HiddenEvent, Looking, Says, read_events};
pub use remarks::EventRemark;
pub use settling::Elsewhere;

use crate::bench::Seat;
use crate::problem::{Fault, Problem, ProblemKind};
use crate::text::{Text, visible};
use bytes::Bytes;
use calcard::icalendar::{
    ICalendarComponent, ICalendarComponentType, ICalendarProperty, ICalendarStatus, ICalendarValue,
};
use calcard::{Entry, Parser};
use chrono::NaiveDate;
use chrono_tz::Tz;
use definition::Definition;
use lines::{About, Block, BlockKind};
use poem_openapi::Enum;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

/// Most bytes of a calendar.
pub const MOST_BYTES: usize = 5 * 1024 * 1024;

/// How long a calendar may take to be read.
const PATIENCE: Duration = Duration::from_secs(20);

/// A calendar that was read.
pub struct CalendarFile {
    /// What happens, in the order of the file.
    pub happenings: Vec<Happening>,
    /// What was left out while reading.
    pub skipped: Vec<Skipped>,
    /// What is odd about the whole.
    pub remarks: Vec<Remark>,
    /// Whether its end is there.
    ended: bool,
    zones: HashMap<String, ICalendarComponent>,
    /// The definitions of zones, by the names that the calendar gives them.
    definitions: HashMap<String, Definition>,
    /// What the calendar says of itself.
    about: About,
    /// The UIDs of events that cannot be read, but say that they are not for the public.
    hidden: Vec<String>,
}

/// A calendar by days.
pub struct CalendarDays {
    /// The file.
    pub file: CalendarFile,
    /// The days on which its components fall.
    pub days: Days,
}

/// A component that says what happens when: a VEVENT.
pub struct Happening {
    /// The how manieth component of the file it is, from 1.
    pub number: u32,
    /// What it is called; empty without a name.
    pub summary: String,
    /// What is said of it.
    pub description: String,
    /// Whether it does not take place.
    pub cancelled: bool,
    component: ICalendarComponent,
    /// Its lines.
    text: String,
}

/// A component that was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The how manieth component of the file it is, from 1.
    pub number: u32,
    /// What it is called, as far as it is known.
    pub summary: String,
    /// Why.
    pub why: SkipReason,
}

/// Why a component, or a date of one, was left out.
#[derive(Clone, Copy, Debug, Deserialize, Enum, PartialEq, Eq, Serialize)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum SkipReason {
    /// It is a task, a journal entry or something else without a date to keep.
    NotAnEvent,
    /// It does not end before the next one begins, or the file ends.
    Unclosed,
    /// It has too many or too long lines, or components too deep inside it.
    TooLarge,
    /// It cannot be understood.
    Unreadable,
    /// It does not say when.
    NoStart,
    /// Its date lies outside of the years 1900 to 2200.
    AbsurdDate,
    /// Its rule repeats it too often in a day, or for too many days.
    TooOften,
    /// Its rule cannot be understood.
    UnknownRule,
    /// Its rule ends before it begins: it has no date.
    NoDates,
    /// It lasts longer than two weeks.
    TooLong,
    /// It does not say what.
    NoLabel,
    /// Its name is longer than 120 characters.
    LongLabel,
    /// It does not take place.
    Cancelled,
    /// It lies too far back, or too far ahead.
    OutOfRange,
    /// The same is in the file already.
    Repeated,
    /// There are too many kinds, dates or events.
    TooMany,
    /// It recurs by clocks that no known time zone has.
    UnknownZone,
    /// It changes a date of a series and others in a way that is not understood, such as all before it.
    ThisAndFollowing,
    /// A date of a series that it changes belongs to what could not be understood.
    SeriesLeftOut,
    /// It is not public (CLASS): nothing of it is shown or kept here.
    Private,
    /// It is an old change of a date that its series does not have any more.
    Stale,
    /// It was removed or withdrawn here by hand.
    RemovedHere,
    /// It is public and changed, and only an editor may say so.
    NeedsEditor,
}

/// What is odd about a calendar as a whole.
#[derive(Clone, Copy, Debug, Deserialize, Enum, PartialEq, Eq, Serialize)]
#[oai(rename = "CalendarRemark", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Remark {
    /// It has no events: nothing was changed.
    Empty,
    /// It is not UTF-8, or was broken on its way, and was read as what it seems to be.
    OtherEncoding,
    /// It has NUL or other control characters, which were left out.
    ControlCharacters,
    /// It does not end as calendars do, or has components that cannot be read: nothing was removed.
    Incomplete,
    /// A kind of waste is called otherwise from now on: it has the place of the one that was collected on these days.
    KindRenamed,
    /// It does not mention a kind of waste that is still to be collected this year: its dates stay.
    KindNotMentioned,
}

/// Why a file is no calendar to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It has no component of a calendar.
    NotACalendar,
    /// It has more bytes than [`MOST_BYTES`].
    TooLarge,
    /// It has more components than anybody reads.
    TooManyComponents,
    /// Reading it takes too long.
    TooSlow,
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let (kind, detail) = match refusal {
            Refusal::NotACalendar => (
                ProblemKind::Unprocessable,
                Text::new("ist kein Kalender (iCalendar, RFC 5545)", "is no calendar (iCalendar, RFC 5545)"),
            ),
            Refusal::TooLarge => {
                (ProblemKind::PayloadTooLarge, Text::new("ist größer als 5 MiB", "is larger than 5 MiB"))
            }
            Refusal::TooManyComponents => (
                ProblemKind::Unprocessable,
                Text::new("hat mehr als 20.000 Einträge", "has more than 20,000 components"),
            ),
            Refusal::TooSlow => (
                ProblemKind::Unprocessable,
                Text::new("ist zu verwickelt, um gelesen zu werden", "is too intricate to be read"),
            ),
        };
        Self::new(kind).naming(vec![Fault { pointer: "calendar".to_owned(), detail }])
    }
}

/// Reads a calendar, and on which days of `range` its components fall, in a seat, which is given back, and within a deadline.
///
/// # Errors
/// When the file as a whole is no calendar to be read.
pub async fn read_days(
    bytes: Bytes,
    zone: Tz,
    range: RangeInclusive<NaiveDate>,
    seat: Seat,
) -> Result<(CalendarDays, Seat), Refusal> {
    let work = seat.does(move || {
        let file = read(&bytes, zone)?;
        let days = file.days(zone, &range);
        Ok(CalendarDays { file, days })
    });
    in_time(work).await
}

/// What came of reading, unless it takes too long. The seat is taken until the work ends, not until nobody waits for it any more.
async fn in_time<T>(
    work: impl Future<Output = anyhow::Result<(Result<T, Refusal>, Seat)>>,
) -> Result<(T, Seat), Refusal> {
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(Ok((read, seat))) => read.map(|read| (read, seat)),
        Ok(Err(error)) => {
            tracing::warn!(%error, "a calendar could not be read");
            Err(Refusal::NotACalendar)
        }
        Err(_) => Err(Refusal::TooSlow),
    }
}

/// Reads a calendar for a village in this zone.
///
/// # Errors
/// When the file as a whole is no calendar to be read.
fn read(bytes: &[u8], village: Tz) -> Result<CalendarFile, Refusal> {
    if bytes.len() > MOST_BYTES {
        return Err(Refusal::TooLarge);
    }
    let cut = lines::cut(bytes)?;
    let mut file = CalendarFile {
        happenings: Vec::new(),
        skipped: Vec::new(),
        remarks: cut.remarks,
        ended: cut.ended,
        zones: HashMap::new(),
        definitions: HashMap::new(),
        about: cut.about,
        hidden: Vec::new(),
    };
    for block in cut.blocks {
        file.take(block, village);
    }
    if file.happenings.is_empty() && file.skipped.is_empty() {
        file.remarks.push(Remark::Empty);
    }
    if !file.ended || file.skipped.iter().any(|skipped| skipped.why != SkipReason::NotAnEvent) {
        file.remarks.push(Remark::Incomplete);
    }
    Ok(file)
}

impl CalendarFile {
    /// Whether all of it could be read, so that what is not there is there no more.
    pub fn is_whole(&self) -> bool {
        !self.remarks.contains(&Remark::Incomplete)
    }

    fn take(&mut self, mut block: Block, village: Tz) {
        block.text = rules::mended(&block.text, village);
        let parsed = match block.fault {
            Some(why) => Err(why),
            None if block.kind == BlockKind::Other => Err(SkipReason::NotAnEvent),
            None => parsed(&block.text).ok_or(SkipReason::Unreadable),
        };
        match (block.kind, parsed) {
            (BlockKind::Zone, Ok(zone)) => self.note_zone(zone, &block.inside),
            (BlockKind::Zone, Err(_)) => {}
            (_, Ok(component)) => self.happenings.push(Happening::new(block.number, component, block.text)),
            (_, Err(why)) => {
                let summary = if block.is_private { String::new() } else { shortened(&lines::summary(&block.text)) };
                let value = |name| lines::value_of(&block.text, name);
                if block.is_private && value("RECURRENCE-ID").is_none() {
                    self.hidden.extend(value("UID"));
                }
                self.skipped.push(Skipped { number: block.number, summary, why });
            }
        }
    }

    /// Notes the definition of a zone. Which is meant by its name, `named` says.
    fn note_zone(&mut self, zone: ICalendarComponent, inside: &str) {
        let name = zones::key(text_of(&zone, &ICalendarProperty::Tzid)).to_owned();
        if let Some(definition) = Definition::of(inside) {
            self.definitions.entry(name).or_insert(definition);
        }
        let name = zone.timezone().map(|(name, _)| name.to_owned());
        if let Some(name) = name {
            self.zones.entry(name).or_insert(zone);
        }
    }
}

/// Parses one component. A parser that panics has not understood it.
fn parsed(text: &str) -> Option<ICalendarComponent> {
    let parse = || match Parser::new(text).entry() {
        Entry::ICalendar(calendar) => calendar.components.into_iter().next(),
        _ => None,
    };
    catch_unwind(AssertUnwindSafe(parse)).ok().flatten()
}

impl Happening {
    fn new(number: u32, component: ICalendarComponent, block: String) -> Self {
        let text = |property: &ICalendarProperty| text_of(&component, property).trim().to_owned();
        Self {
            number,
            summary: visible(&text(&ICalendarProperty::Summary)).split_whitespace().collect::<Vec<_>>().join(" "),
            description: text(&ICalendarProperty::Description),
            cancelled: value_of(&component, &ICalendarProperty::Status)
                .is_some_and(|value| *value == ICalendarValue::Status(ICalendarStatus::Cancelled)),
            component,
            text: block,
        }
    }

    /// Left out for a reason; what is not public is not named.
    fn skipped(&self, why: SkipReason) -> Skipped {
        let summary = if self.is_private() { String::new() } else { shortened(&self.summary) };
        Skipped { number: self.number, summary, why }
    }

    fn uid(&self) -> String {
        text_of(&self.component, &ICalendarProperty::Uid).to_owned()
    }

    fn has(&self, property: &ICalendarProperty) -> bool {
        value_of(&self.component, property).is_some()
    }
}

fn value_of<'a>(component: &'a ICalendarComponent, property: &ICalendarProperty) -> Option<&'a ICalendarValue> {
    component.entries.iter().find(|entry| entry.name == *property).and_then(|entry| entry.values.first())
}

fn text_of<'a>(component: &'a ICalendarComponent, property: &ICalendarProperty) -> &'a str {
    match value_of(component, property) {
        Some(ICalendarValue::Text(text)) => text,
        _ => "",
    }
}

/// A name as reports show it.
fn shortened(text: &str) -> String {
    text.chars().take(120).collect()
}

/// A VEVENT, as the parser calls it.
const EVENT: ICalendarComponentType = ICalendarComponentType::VEvent;
