//! Which events the components of a calendar are: a component with its UID, and those that change single dates of it. Each event
//! stands alone, so that one that cannot be understood touches no other.

use super::series::{reason, settle_changes};
use super::{
    CalendarFile, EventRemark, Happening, PATIENCE, Refusal, Remark, SkipReason, Skipped, shortened, value_of,
};
use crate::recurrence;
use bytes::Bytes;
use calcard::icalendar::{ICalendarEntry, ICalendarParameterName, ICalendarProperty, ICalendarValue};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use entity::PlannedEvent;
use ring::digest::{SHA256, digest};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Lines that are no part of what is said: they differ with every download, or are about people.
const UNSAID: [&str; 6] = ["DTSTAMP", "LAST-MODIFIED", "CREATED", "SEQUENCE", "ORGANIZER", "ATTENDEE"];

/// What an event of a calendar is looked at with.
#[derive(Clone, Debug)]
pub struct Looking {
    /// The village's zone, in which times without one are meant.
    pub zone: Tz,
    /// Now.
    pub now: DateTime<Utc>,
    /// What was said of events before: hashes that need not be read again.
    pub said: Arc<HashSet<String>>,
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
    /// What is odd about the whole.
    pub remarks: Vec<Remark>,
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
    /// The components that change dates of it, by their places in the file, with what they are called.
    pub parts: Vec<(u32, String)>,
    /// Its UID.
    pub uid: Option<String>,
    /// What it is called.
    pub title: String,
    /// What is odd about it.
    pub remarks: Vec<EventRemark>,
    /// What it says; `None` when it says what it said before.
    pub content: Option<FoundContent>,
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
}

/// Components that are one event: one that says when it is, and those that change dates of it.
struct Group<'a> {
    identity: String,
    main: &'a Happening,
    changes: Vec<&'a Happening>,
}

/// Reads the events of a calendar beside the threads that answer requests, and within a deadline.
///
/// # Errors
/// When the file as a whole is no calendar to be read.
pub async fn read_events(bytes: Bytes, looking: Looking) -> Result<CalendarEvents, Refusal> {
    let turn = super::turn().await?;
    let given_up = Arc::new(AtomicBool::new(false));
    let asked = given_up.clone();
    let work = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        let file = super::read(&bytes)?;
        file.events(&looking, &asked).ok_or(Refusal::TooSlow)
    });
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(Ok(read)) => read,
        Ok(Err(error)) => {
            tracing::warn!(%error, "a calendar could not be read");
            Err(Refusal::NotACalendar)
        }
        Err(_) => {
            given_up.store(true, Ordering::Relaxed);
            Err(Refusal::TooSlow)
        }
    }
}

impl CalendarFile {
    /// The events; `None` when nobody waits for them any more.
    fn events(&self, looking: &Looking, given_up: &AtomicBool) -> Option<CalendarEvents> {
        let mut skipped = self.skipped.clone();
        let mut remarks = self.remarks.clone();
        if !self.ended || skipped.iter().any(|skipped| skipped.why != SkipReason::NotAnEvent) {
            remarks.push(Remark::Incomplete);
        }
        let mut mentioned = HashSet::new();
        let mut events = Vec::new();
        for group in self.grouped(&mut skipped) {
            if given_up.load(Ordering::Relaxed) {
                return None;
            }
            mentioned.insert(group.identity.clone());
            match self.event(&group, looking, &mut skipped) {
                Ok(event) => events.push(event),
                Err(why) => {
                    // What has no date any more is gone.
                    if why == SkipReason::NoDates {
                        mentioned.remove(&group.identity);
                    }
                    skipped.push(group.main.skipped(why));
                    let left_out = |change: &&Happening| change.skipped(SkipReason::SeriesLeftOut);
                    skipped.extend(group.changes.iter().map(left_out));
                }
            }
        }
        skipped.sort_by_key(|skipped| skipped.number);
        Some(CalendarEvents { events, skipped, mentioned, remarks })
    }

    /// A series and its changed dates belong together by their UID. What has none is known by what it is called and when it is.
    fn grouped(&self, skipped: &mut Vec<Skipped>) -> Vec<Group<'_>> {
        let mut by_uid: BTreeMap<(u32, String), Vec<&Happening>> = BTreeMap::new();
        let mut first: HashMap<String, u32> = HashMap::new();
        for happening in &self.happenings {
            let uid = happening.uid();
            let uid = if uid.is_empty() { happening.stand_in() } else { uid };
            let number = *first.entry(uid.clone()).or_insert(happening.number);
            by_uid.entry((number, uid)).or_default().push(happening);
        }
        by_uid.into_iter().flat_map(|((_, uid), parts)| groups(&uid, parts, skipped)).collect()
    }

    fn event(
        &self,
        group: &Group<'_>,
        looking: &Looking,
        skipped: &mut Vec<Skipped>,
    ) -> Result<FoundEvent, SkipReason> {
        let (changes, further): (Vec<&Happening>, Vec<&Happening>) =
            group.changes.iter().partition(|change| !change.is_this_and_following());
        skipped.extend(further.iter().map(|change| change.skipped(SkipReason::ThisAndFollowing)));
        let said = group.said(self.home(looking.zone));
        let main = group.main;
        let mut found = FoundEvent {
            number: main.number,
            identity: group.identity.clone(),
            uid: Some(clean(&main.uid(), 255, false)).filter(|uid| !uid.is_empty() && *uid == main.uid()),
            title: titled(main),
            parts: changes.iter().map(|change| (change.number, shortened(&change.summary))).collect(),
            remarks: self.remarks(main, changes.iter().copied(), looking.zone),
            content: None,
            said,
        };
        if looking.said.contains(&found.said) {
            return Ok(found);
        }
        let mut dates = self.dates(main, looking)?;
        for change in changes {
            if let Err(why) = self.change(&mut dates, main, change, looking.zone) {
                found.parts.retain(|(number, _)| *number != change.number);
                skipped.push(change.skipped(why));
                // What is left out is looked at each time, to be left out again.
                found.said = identity(&[&found.said, "in part"]);
            }
        }
        settle_changes(&mut dates)?;
        let event = recurrence::plan(dates, looking.now).map_err(reason)?;
        found.content = Some(FoundContent {
            text: clean(&main.description, crate::markdown::LONGEST / 3, true),
            url: address(main),
            categories: texts_of(main, &ICalendarProperty::Categories),
            event,
        });
        Ok(found)
    }
}

/// The events of one UID: usually one, with its changed dates.
fn groups<'a>(uid: &str, parts: Vec<&'a Happening>, skipped: &mut Vec<Skipped>) -> Vec<Group<'a>> {
    let (changes, mut mains): (Vec<_>, Vec<_>) =
        parts.into_iter().partition(|part| part.has(&ICalendarProperty::RecurrenceId));
    let changes = latest(changes, |change| change.text_line("RECURRENCE-ID"), skipped);
    // What was sent again with a higher number replaces what was sent before.
    let newest = mains.iter().map(|main| main.sequence()).max().unwrap_or(0);
    let old: Vec<&Happening> = mains.iter().filter(|main| main.sequence() < newest).copied().collect();
    skipped.extend(old.iter().map(|main| main.skipped(SkipReason::Repeated)));
    mains.retain(|main| main.sequence() == newest);
    let mains = latest(mains, |main| main.text_line("DTSTART"), skipped);
    let Some((first, others)) = mains.split_first() else {
        let alone = |change: &Happening| identity(&[uid, &change.text_line("RECURRENCE-ID")]);
        return changes.iter().map(|one| Group { identity: alone(one), main: one, changes: Vec::new() }).collect();
    };
    let mut groups = vec![Group { identity: identity(&[uid]), main: first, changes }];
    let another = |main: &Happening| identity(&[uid, "again", &main.text_line("DTSTART")]);
    groups.extend(others.iter().map(|main| Group { identity: another(main), main, changes: Vec::new() }));
    groups
}

/// Of those that are the same, the one with the highest SEQUENCE, the first of these.
fn latest<'a>(
    parts: Vec<&'a Happening>,
    same: impl Fn(&Happening) -> String,
    skipped: &mut Vec<Skipped>,
) -> Vec<&'a Happening> {
    let mut kept: Vec<(String, &Happening)> = Vec::new();
    let mut place: HashMap<String, usize> = HashMap::new();
    for part in parts {
        let key = same(part);
        match place.get(&key) {
            None => {
                place.insert(key.clone(), kept.len());
                kept.push((key, part));
            }
            Some(at) => {
                let left_out = if part.sequence() > kept[*at].1.sequence() {
                    std::mem::replace(&mut kept[*at].1, part)
                } else {
                    part
                };
                skipped.push(left_out.skipped(SkipReason::Repeated));
            }
        }
    }
    kept.into_iter().map(|(_, part)| part).collect()
}

impl Group<'_> {
    /// A hash of what is said, in whatever order the components stand.
    fn said(&self, zone: Tz) -> String {
        let mut parts: Vec<String> = self.changes.iter().map(|change| change.said()).collect();
        parts.sort_unstable();
        parts.insert(0, self.main.said());
        parts.push(zone.name().to_owned());
        identity(&parts.iter().map(String::as_str).collect::<Vec<_>>())
    }
}

impl Happening {
    /// What stands for a UID where there is none.
    fn stand_in(&self) -> String {
        format!("\n{}\n{}", self.summary, self.text_line("DTSTART"))
    }

    fn sequence(&self) -> i64 {
        match value_of(&self.component, &ICalendarProperty::Sequence) {
            Some(ICalendarValue::Integer(sequence)) => *sequence,
            _ => 0,
        }
    }

    /// The value of a property as it is written.
    pub(super) fn text_line(&self, name: &str) -> String {
        let line = self.text.lines().find(|line| names(line).eq_ignore_ascii_case(name));
        line.and_then(|line| line.split_once(':')).map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    }

    fn said(&self) -> String {
        let is_said = |line: &&str| !UNSAID.iter().any(|unsaid| names(line).eq_ignore_ascii_case(unsaid));
        self.text.lines().filter(is_said).collect::<Vec<_>>().join("\n")
    }

    fn is_this_and_following(&self) -> bool {
        let mut entries = self.component.entries.iter();
        let which = entries.find(|entry| entry.name == ICalendarProperty::RecurrenceId);
        which.is_some_and(|which| which.params.iter().any(|param| param.name == ICalendarParameterName::Range))
    }
}

/// The name of the property of a line.
pub fn names(line: &str) -> &str {
    line.split([':', ';']).next().unwrap_or("").trim()
}

fn identity(parts: &[&str]) -> String {
    let hash = digest(&SHA256, parts.join("\0").as_bytes());
    hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
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

/// A text without control characters, at most so long.
pub fn clean(text: &str, most: usize, lines: bool) -> String {
    let text = text.replace("\r\n", "\n");
    let kept =
        |c: char| if lines && c == '\n' { true } else { !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}') };
    let text: String = text.chars().map(|c| if c == '\t' { ' ' } else { c }).filter(|c| kept(*c)).collect();
    let text = if lines { text } else { text.split_whitespace().collect::<Vec<_>>().join(" ") };
    crate::markdown::shortened(text.trim(), most)
}
