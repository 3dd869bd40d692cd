//! Which components are one event: one that says when it is, those that change dates of it, and those that stand for a date of it that
//! is an event of its own.

use super::{CalendarFile, Happening, SkipReason, Skipped, content_line, lines, text_of, value_of};
use calcard::icalendar::{ICalendarProperty, ICalendarValue};
use chrono::{DateTime, Datelike, Utc};
use chrono_tz::Tz;
use ring::digest::{SHA256, digest};
use std::collections::{BTreeMap, HashMap};

/// Lines that are no part of what is said: they differ with every download, or are about people.
const UNSAID: [&str; 6] = ["DTSTAMP", "LAST-MODIFIED", "CREATED", "SEQUENCE", "ORGANIZER", "ATTENDEE"];

/// Components that are one event.
pub struct Group<'a> {
    /// By which the event is known in its calendar.
    pub identity: String,
    /// What says when it is.
    pub main: &'a Happening,
    /// What changes dates of it.
    pub changes: Vec<&'a Happening>,
    /// What has the place of dates of it, which are none of its own.
    pub instead: Vec<&'a Happening>,
}

impl CalendarFile {
    /// A series and its changed dates belong together by their UID. What has none is known by what it is called and when it is.
    pub(super) fn grouped(&self, skipped: &mut Vec<Skipped>) -> Vec<Group<'_>> {
        let mut by_uid: BTreeMap<(u32, String), Vec<&Happening>> = BTreeMap::new();
        let mut first: HashMap<String, u32> = HashMap::new();
        for happening in &self.happenings {
            let uid = happening.known_by();
            let number = *first.entry(uid.clone()).or_insert(happening.number);
            by_uid.entry((number, uid)).or_default().push(happening);
        }
        by_uid.into_iter().flat_map(|((_, uid), parts)| groups(&uid, parts, skipped)).collect()
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
    let event =
        |identity: String, main: &'a Happening| Group { identity, main, changes: Vec::new(), instead: Vec::new() };
    let alone = |change: &&'a Happening| event(identity(&[uid, &change.text_line("RECURRENCE-ID")]), change);
    let Some((first, others)) = mains.split_first() else {
        return changes.iter().map(alone).collect();
    };
    let (instead, changes): (Vec<_>, Vec<_>) =
        changes.into_iter().partition(|change| change.stands_alone_beside(first));
    let of_its_own: Vec<Group<'_>> = instead.iter().map(alone).collect();
    let mut groups = vec![Group { identity: identity(&[uid]), main: first, changes, instead }];
    groups.extend(of_its_own);
    let another = |main: &&'a Happening| event(identity(&[uid, "again", &main.text_line("DTSTART")]), main);
    groups.extend(others.iter().map(another));
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

/// What is said of an event, and what it is known by where its UID is another with each download.
pub struct Hashes {
    /// All that is said, whatever its UID.
    pub said: String,
    /// The same as it was hashed once, with the UID.
    pub said_before: String,
    /// What it is called and when it is.
    pub likeness: String,
}

impl Group<'_> {
    /// The hashes of what is said, in whatever order the components stand.
    pub fn hashes(&self, home: Tz, now: DateTime<Utc>) -> Hashes {
        let all = |one: fn(&Happening) -> String| {
            let mut parts: Vec<String> = self.changes.iter().chain(&self.instead).map(|change| one(change)).collect();
            parts.sort_unstable();
            parts.insert(0, one(self.main));
            parts.push(home.name().to_owned());
            // What is written down as far as it is to be seen is looked at again now and then.
            if self.is_written_down() {
                parts.push(now.year().to_string());
            }
            identity(&parts.iter().map(String::as_str).collect::<Vec<_>>())
        };
        let main = self.main;
        let known_by = [main.summary.as_str(), &main.text_line("DTSTART"), &main.text_line("RECURRENCE-ID")];
        Hashes { said: all(Happening::said), said_before: all(Happening::said_with_uid), likeness: identity(&known_by) }
    }

    /// Whether its dates are written down one by one from some date on.
    pub fn is_written_down(&self) -> bool {
        self.changes.iter().any(|change| change.is_this_and_following())
    }
}

impl Happening {
    /// Its UID, or what stands for one.
    pub(super) fn known_by(&self) -> String {
        let uid = self.uid();
        if uid.is_empty() { format!("\n{}\n{}", self.summary, self.text_line("DTSTART")) } else { uid }
    }

    /// Its SEQUENCE.
    pub(super) fn sequence(&self) -> i64 {
        match value_of(&self.component, &ICalendarProperty::Sequence) {
            Some(ICalendarValue::Integer(sequence)) => *sequence,
            _ => 0,
        }
    }

    /// Whether it says that it was changed less often.
    pub(super) fn is_older_than(&self, main: &Happening) -> bool {
        self.has(&ICalendarProperty::Sequence) && self.sequence() < main.sequence()
    }

    /// The value of a property as it is written.
    pub(super) fn text_line(&self, name: &str) -> String {
        lines::value_of(&self.text, name).unwrap_or_default()
    }

    /// Whether it is not for the public.
    pub fn is_private(&self) -> bool {
        is_private(&self.text)
    }

    /// Whether it is a date of a series that cannot be one of its dates: a whole day where these are hours, or hidden.
    fn stands_alone_beside(&self, series: &Happening) -> bool {
        let other_kind =
            || self.starts_as_day().zip(series.starts_as_day()).is_some_and(|(own, of_series)| own != of_series);
        let one_date = !self.is_this_and_following();
        self.is_private() || (one_date && !self.cancelled && other_kind())
    }

    /// Whether its start is a day, if it has one.
    fn starts_as_day(&self) -> Option<bool> {
        match value_of(&self.component, &ICalendarProperty::Dtstart)? {
            ICalendarValue::PartialDateTime(at) => Some(at.hour.is_none()),
            _ => None,
        }
    }

    fn said(&self) -> String {
        self.lines_but(&["UID"])
    }

    fn said_with_uid(&self) -> String {
        self.lines_but(&[])
    }

    fn lines_but(&self, left_out: &[&str]) -> String {
        let unsaid = |line: &str| {
            let name = content_line::name(line);
            UNSAID.iter().chain(left_out).any(|unsaid| name.eq_ignore_ascii_case(unsaid))
        };
        self.text.lines().filter(|line| !unsaid(line)).collect::<Vec<_>>().join("\n")
    }

    /// Whether it is about a date and all that follow.
    pub(super) fn is_this_and_following(&self) -> bool {
        self.range().is_some_and(|range| range.eq_ignore_ascii_case("THISANDFUTURE"))
    }

    /// Whether it is about a date and others in a way that is none any more (THISANDPRIOR of RFC 2445).
    pub(super) fn is_about_others(&self) -> bool {
        self.range().is_some() && !self.is_this_and_following()
    }

    fn range(&self) -> Option<&str> {
        let name = |line: &&str| content_line::name(line).eq_ignore_ascii_case("RECURRENCE-ID");
        content_line::parameter(self.text.lines().find(name)?, "RANGE")
    }

    /// Where it is, in one line.
    pub(super) fn place(&self) -> String {
        let lines = text_of(&self.component, &ICalendarProperty::Location).lines();
        let lines = lines.map(|line| line.trim().trim_end_matches(',').trim_end()).filter(|line| !line.is_empty());
        super::events::clean(&lines.collect::<Vec<_>>().join(", "), 200, false)
    }
}

/// Whether a component is not for the public (CLASS; RFC 5545, section 3.8.1.3): what it says there is private if it is unknown. Apple's
/// calendars say it by a property of their own.
pub fn is_private(text: &str) -> bool {
    let says = |line: &str| {
        ["CLASS", "X-CALENDARSERVER-ACCESS"].iter().any(|name| content_line::name(line).eq_ignore_ascii_case(name))
    };
    let mut said = text.lines().filter(|line| says(line)).map(content_line::value);
    said.any(|value| !value.eq_ignore_ascii_case("PUBLIC"))
}

/// A name for these words together.
pub fn identity(parts: &[&str]) -> String {
    let hash = digest(&SHA256, parts.join("\0").as_bytes());
    hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
