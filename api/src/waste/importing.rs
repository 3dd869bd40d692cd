//! Importing the dates of a district from a calendar as municipalities publish them: without identifiers that last, and empty
//! until somebody fills it.
//!
//! A date is the same one when it is the same day, label and district. What a calendar says of a kind of waste for a year holds
//! for that kind and year: dates from today on that it does not have are removed. Of kinds and years that it does not mention it
//! says nothing, so an empty calendar removes nothing.

use super::report::{Outcome, Report};
use crate::calendar::{CalendarDays, Remark, SkipReason, Skipped};
use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use entity::{NewWasteDate, StoreError, VillageTx, WasteDate, WasteDateId, WasteDistrict, WasteKind};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::RangeInclusive;

/// How far back and ahead of today dates are taken, in days.
const BACK_D: i64 = 400;
const AHEAD_D: i64 = 800;

/// Most dates of a district in one calendar, and most kinds of waste of a village.
const MOST_DATES: usize = 5_000;
const MOST_KINDS: usize = 60;

/// Longest name of a kind and longest note, in characters.
const LONGEST_LABEL: usize = 120;
const LONGEST_NOTE: usize = 300;

/// The days that are taken.
pub fn range(today: NaiveDate) -> RangeInclusive<NaiveDate> {
    today - TimeDelta::days(BACK_D)..=today + TimeDelta::days(AHEAD_D)
}

/// What the calendar wants: by label and day, from which component, and what is said of it.
type Wanted<'a> = BTreeMap<(&'a str, NaiveDate), (u32, String)>;

/// What is to be done.
#[derive(Default)]
struct Plan {
    add: Vec<NewWasteDate>,
    note: Vec<(WasteDateId, String)>,
    remove: Vec<WasteDateId>,
}

/// Makes the dates of a district, which is held, those of the calendar.
pub async fn apply(
    tx: &VillageTx,
    district: &WasteDistrict,
    days: &CalendarDays,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Result<Report, StoreError> {
    let mut report = Report { remarks: days.file.remarks.clone(), ..Report::default() };
    for skipped in days.file.skipped.iter().chain(&days.skipped) {
        report.skipped(skipped, None);
    }
    let known: HashSet<String> = tx.waste_kinds().list().await?.into_iter().map(|kind| kind.label).collect();
    let wanted = wanted(days, &known, &mut report);
    if wanted.is_empty() && !report.remarks.contains(&Remark::Empty) {
        report.remarks.push(Remark::Empty);
    }
    let labels: HashSet<&str> = wanted.keys().map(|(label, _)| *label).collect();
    let new: Vec<String> = labels.into_iter().filter(|label| !known.contains(*label)).map(str::to_owned).collect();
    tx.waste_kinds().create(&new, now).await?;
    let kinds = tx.waste_kinds().list().await?;
    let taken = range(today);
    let there = tx.waste_dates().list(district.id, *taken.start(), *taken.end()).await?;
    let plan = plan(&wanted, &kinds, &there, today, &mut report);
    tx.waste_dates().remove(&plan.remove).await?;
    tx.waste_dates().note(&plan.note, now).await?;
    tx.waste_dates().add(district.id, &plan.add, now).await?;
    Ok(report)
}

fn wanted<'a>(days: &'a CalendarDays, known: &HashSet<String>, report: &mut Report) -> Wanted<'a> {
    let mut wanted = Wanted::new();
    let mut labels: HashSet<&str> = known.iter().map(String::as_str).collect();
    let mut told = HashSet::new();
    for dated in &days.dated {
        let happening = &days.file.happenings[dated.happening];
        let label = happening.summary.as_str();
        let fault = if happening.cancelled {
            Some(SkipReason::Cancelled)
        } else if label.is_empty() {
            Some(SkipReason::NoLabel)
        } else if label.chars().count() > LONGEST_LABEL {
            Some(SkipReason::LongLabel)
        } else if !labels.contains(label) && labels.len() >= MOST_KINDS || wanted.len() >= MOST_DATES {
            Some(SkipReason::TooMany)
        } else {
            None
        };
        if let Some(why) = fault {
            // Once for each component, not for each of its days.
            if told.insert(happening.number) {
                let summary = label.chars().take(LONGEST_LABEL).collect();
                report.skipped(&Skipped { number: happening.number, summary, why }, None);
            }
            continue;
        }
        match wanted.entry((label, dated.day)) {
            Entry::Occupied(_) => {
                let why = SkipReason::Repeated;
                report.skipped(&Skipped { number: happening.number, summary: label.to_owned(), why }, Some(dated.day));
            }
            Entry::Vacant(place) => {
                labels.insert(label);
                let note = happening.description.chars().filter(|c| !c.is_control() || *c == '\n').take(LONGEST_NOTE);
                place.insert((happening.number, note.collect()));
            }
        }
    }
    wanted
}

fn plan(wanted: &Wanted<'_>, kinds: &[WasteKind], there: &[WasteDate], today: NaiveDate, report: &mut Report) -> Plan {
    let mut plan = Plan::default();
    let by_label: HashMap<&str, &WasteKind> = kinds.iter().map(|kind| (kind.label.as_str(), kind)).collect();
    let dates: HashMap<_, &WasteDate> = there.iter().map(|date| ((date.kind, date.day), date)).collect();
    let mut kept = HashSet::new();
    let mut years = HashSet::new();
    for ((label, day), (number, note)) in wanted {
        let Some(kind) = by_label.get(label) else { continue };
        years.insert((kind.id, day.year()));
        let outcome = match dates.get(&(kind.id, *day)) {
            None => {
                plan.add.push(NewWasteDate { kind: kind.id, day: *day, note: note.clone() });
                Outcome::Imported
            }
            Some(date) => {
                kept.insert(date.id);
                if date.note == *note {
                    Outcome::Unchanged
                } else {
                    plan.note.push((date.id, note.clone()));
                    Outcome::Changed
                }
            }
        };
        report.date(Some(*number), label, *day, outcome);
    }
    let labels: HashMap<_, &str> = kinds.iter().map(|kind| (kind.id, kind.label.as_str())).collect();
    let gone = |date: &&WasteDate| {
        date.day >= today && years.contains(&(date.kind, date.day.year())) && !kept.contains(&date.id)
    };
    for date in there.iter().filter(gone) {
        plan.remove.push(date.id);
        report.date(None, labels.get(&date.kind).copied().unwrap_or_default(), date.day, Outcome::Removed);
    }
    plan
}
