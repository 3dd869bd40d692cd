//! Which events the components of a calendar are. Each event stands alone, so that one that cannot be understood touches no other.

use super::grouping::{Group, Hashes, identity};
use super::series::reason;
use super::settling::Elsewhere;
use super::{CalendarFile, CalledOff, EventRemark, Happening, Refusal, Remark, SkipReason, Skipped, shortened};
use crate::bench::Seat;
use crate::recurrence;
use bytes::Bytes;
use calcard::icalendar::{ICalendarEntry, ICalendarProperty};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use entity::PlannedEvent;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The highest SEQUENCE that is taken over: some programs write seconds there, and ours has to rise still.
const MOST_CHANGES: i32 = i32::MAX / 2;

/// Dates of new and changed events that are worked out in one file, twice what an import writes: all of them are in memory at once.
/// What is beyond stays as it was and comes with a later import.
const MOST_DATES: usize = 100_000;

/// What an event of a calendar is looked at with.
#[derive(Clone, Debug)]
pub struct Looking {
    /// The village's zone, in which times without one are meant.
    pub zone: Tz,
    /// Now.
    pub now: DateTime<Utc>,
    /// What was said of events before, by their identities: hashes of what need not be read again.
    pub known: Arc<HashMap<String, String>>,
}

/// The events of a calendar.
#[derive(Clone)]
pub struct CalendarEvents {
    /// Those that were understood.
    pub events: Vec<FoundEvent>,
    /// The components that were left out.
    pub skipped: Vec<Skipped>,
    /// The identities of events that are in the calendar, whether they were understood or not.
    pub mentioned: HashSet<String>,
    /// Those that are not public, or have no date of their own any more.
    pub hidden: Vec<HiddenEvent>,
    /// Whether what the calendar does not have is there no more.
    pub tells_all: bool,
    /// What is odd about the whole.
    pub remarks: Vec<Remark>,
}

/// An event of which nothing is shown, or told.
#[derive(Clone)]
pub struct HiddenEvent {
    /// By which it is known in this calendar.
    pub identity: String,
    /// A hash of what it is called and when it is.
    pub likeness: String,
}

/// An event of a calendar.
#[derive(Clone)]
pub struct FoundEvent {
    /// The how manieth component of the file it is, from 1; of a series, the first.
    pub number: u32,
    /// By which it is known in this calendar.
    pub identity: String,
    /// A hash of all that is said of it.
    pub said: String,
    /// A hash of what it is called and when it is: it is known by this where its UID is another with each download.
    pub likeness: String,
    /// The components that change dates of it, by their places in the file, with what they are called.
    pub parts: Vec<(u32, String)>,
    /// Its UID.
    pub uid: Option<String>,
    /// How often its publisher has changed it (SEQUENCE).
    pub sequence: i32,
    /// What it is called.
    pub title: String,
    /// What is odd about it.
    pub remarks: Vec<EventRemark>,
    /// What it says.
    pub says: Says,
}

/// What an event of a calendar says.
#[derive(Clone)]
pub enum Says {
    /// What it said before.
    AsBefore,
    /// That it does not take place.
    CalledOff(CalledOff),
    /// This.
    Content(Box<FoundContent>),
}

/// What an event of a calendar says.
#[derive(Clone)]
pub struct FoundContent {
    /// Its description, plain text.
    pub text: String,
    /// Where there is more on the web.
    pub url: Option<String>,
    /// What it is about, in the calendar's words.
    pub categories: Vec<String>,
    /// When and where it is.
    pub event: PlannedEvent,
    /// Dates that it has no more, though nobody says that they do not take place.
    pub elsewhere: Elsewhere,
}

/// Reads the events of a calendar in a seat, which is given back with them, and within a deadline.
///
/// # Errors
/// When the file as a whole is no calendar to be read.
pub async fn read_events(bytes: Bytes, looking: Looking, seat: Seat) -> Result<(CalendarEvents, Seat), Refusal> {
    let given_up = Arc::new(AtomicBool::new(false));
    let asked = given_up.clone();
    let work = seat.does(move || {
        let file = super::read(&bytes, looking.zone)?;
        file.events(&looking, &asked).ok_or(Refusal::TooSlow)
    });
    let read = super::in_time(work).await;
    given_up.store(true, Ordering::Relaxed);
    read
}

impl CalendarFile {
    /// The events; `None` when nobody waits for them any more.
    fn events(&self, looking: &Looking, given_up: &AtomicBool) -> Option<CalendarEvents> {
        let mut all = CalendarEvents {
            events: Vec::new(),
            skipped: self.skipped.clone(),
            mentioned: HashSet::new(),
            hidden: Vec::new(),
            tells_all: self.is_whole() && !self.is_message(),
            remarks: self.remarks.clone(),
        };
        all.hidden.extend(
            self.hidden
                .iter()
                .map(|uid| HiddenEvent { identity: identity(&[uid]), likeness: identity(&["hidden", uid]) }),
        );
        let mut room = MOST_DATES;
        if self.calls_off() {
            all.events = self.called_off(looking, &mut all.skipped);
        } else {
            for group in self.grouped(&mut all.skipped) {
                if given_up.load(Ordering::Relaxed) {
                    return None;
                }
                self.take_group(&group, looking, &mut room, &mut all);
            }
        }
        all.skipped.sort_by_key(|skipped| skipped.number);
        Some(all)
    }

    fn take_group(&self, group: &Group<'_>, looking: &Looking, room: &mut usize, all: &mut CalendarEvents) {
        let hashes = group.hashes(self.home(looking.zone), looking.now);
        let hidden = HiddenEvent { identity: group.identity.clone(), likeness: hashes.likeness.clone() };
        if group.main.is_private() {
            all.hidden.push(hidden);
            let parts = std::iter::once(&group.main).chain(&group.changes);
            all.skipped.extend(parts.map(|part| part.skipped(SkipReason::Private)));
            return;
        }
        all.mentioned.insert(group.identity.clone());
        match self.event(group, hashes, looking, room, &mut all.skipped) {
            Ok(event) => all.events.push(event),
            Err(why) => {
                // What has no date any more is gone; without a word, where others stand for its dates.
                if why == SkipReason::NoDates {
                    all.mentioned.remove(&group.identity);
                    if !group.instead.is_empty() {
                        all.hidden.push(hidden);
                    }
                }
                all.skipped.push(group.main.skipped(why));
                let left_out = |change: &&Happening| change.skipped(SkipReason::SeriesLeftOut);
                all.skipped.extend(group.changes.iter().map(left_out));
            }
        }
    }

    fn event(
        &self,
        group: &Group<'_>,
        hashes: Hashes,
        looking: &Looking,
        room: &mut usize,
        skipped: &mut Vec<Skipped>,
    ) -> Result<FoundEvent, SkipReason> {
        let main = group.main;
        let mut found = FoundEvent {
            number: main.number,
            identity: group.identity.clone(),
            likeness: hashes.likeness,
            uid: Some(clean(&main.uid(), 255, false)).filter(|uid| !uid.is_empty() && *uid == main.uid()),
            sequence: main.source_sequence(),
            title: titled(main),
            parts: group.changes.iter().map(|change| (change.number, shortened(&change.summary))).collect(),
            remarks: self.remarks(group, looking.zone),
            says: Says::AsBefore,
            said: hashes.said,
        };
        let known = looking.known.get(&group.identity);
        if known.is_some_and(|known| [&found.said, &hashes.said_before].contains(&known)) {
            return Ok(found);
        }
        if *room == 0 {
            return Err(SkipReason::TooMany);
        }
        let mut dates = self.dates(main, looking)?;
        let (left_out, elsewhere) = self.settle(&mut dates, group, looking)?;
        for (change, why) in left_out {
            found.parts.retain(|(number, _)| *number != change.number);
            skipped.push(change.skipped(why));
            // What is left out is looked at each time, to be left out again.
            found.said = identity(&[&found.said, "in part"]);
        }
        let event = recurrence::plan(dates, looking.now).map_err(reason)?;
        *room = room.saturating_sub(event.occurrences.len());
        found.says = Says::Content(Box::new(FoundContent {
            text: clean(&main.description, crate::markdown::LONGEST / 3, true),
            url: address(main),
            categories: texts_of(main, &ICalendarProperty::Categories),
            event,
            elsewhere,
        }));
        Ok(found)
    }
}

/// What an event is called.
pub fn titled(happening: &Happening) -> String {
    let title = clean(&happening.summary, 200, false);
    if title.is_empty() { "Termin".to_owned() } else { title }
}

/// Where there is more on the web.
fn address(main: &Happening) -> Option<String> {
    let url = reqwest::Url::parse(&main.text_line("URL")).ok()?;
    let on_the_web = ["http", "https"].contains(&url.scheme()) && url.host_str().is_some_and(|host| host.contains('.'));
    let plain = url.username().is_empty() && url.password().is_none() && url.as_str().len() <= 500;
    (on_the_web && plain).then(|| url.to_string())
}

fn texts_of(main: &Happening, property: &ICalendarProperty) -> Vec<String> {
    let entries = main.component.entries.iter().filter(|entry| entry.name == *property);
    let texts = entries.flat_map(|entry: &ICalendarEntry| &entry.values).filter_map(|value| value.as_text());
    texts.take(20).map(|text| shortened(text.trim())).collect()
}

/// A text without control characters, at most so long. One line has nothing that no reader sees either.
pub fn clean(text: &str, most: usize, lines: bool) -> String {
    let text = text.replace("\r\n", "\n");
    let kept =
        |c: char| if lines && c == '\n' { true } else { !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}') };
    let text: String = text.chars().map(|c| if c == '\t' { ' ' } else { c }).filter(|c| kept(*c)).collect();
    let text = if lines { text } else { crate::text::visible(&text).split_whitespace().collect::<Vec<_>>().join(" ") };
    crate::markdown::shortened(text.trim(), most)
}

impl Happening {
    /// Its SEQUENCE as events have it.
    pub(super) fn source_sequence(&self) -> i32 {
        i32::try_from(self.sequence().clamp(0, i64::from(MOST_CHANGES))).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_of_endless_series_is_worked_out_to_a_bound_and_stays_mentioned() {
        let event = |n: u32| {
            format!(
                "BEGIN:VEVENT\r\nUID:q{n}\r\nDTSTART:20270101T100000Z\r\nSUMMARY:Q{n}\r\nRRULE:FREQ=DAILY\r\nEND:VEVENT\r\n"
            )
        };
        let events: String = (0..1_000).map(event).collect();
        let file = format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Probe//DE\r\n{events}END:VCALENDAR\r\n");
        let now = "2026-11-28T12:00:00Z".parse().unwrap();
        let looking = Looking { zone: chrono_tz::Europe::Berlin, now, known: Arc::default() };
        let bench = crate::bench::Bench::new(2, 1, std::time::Duration::from_secs(5));
        let Ok(seat) = bench.seat(entity::VillageId::generate()).await else { panic!("a free seat") };
        let read = read_events(Bytes::from(file), looking, seat).await.unwrap().0;
        let dates = read.events.iter().map(|event| match &event.says {
            Says::Content(content) => content.event.occurrences.len(),
            _ => 0,
        });
        assert!((MOST_DATES..MOST_DATES + 1_500).contains(&dates.sum()));
        let too_many = read.skipped.iter().filter(|skipped| skipped.why == SkipReason::TooMany).count();
        assert_eq!(read.events.len() + too_many, 1_000);
        assert_eq!(read.mentioned.len(), 1_000, "nothing is taken for removed");
    }
}
