//! Importing the dates of a district from a calendar as municipalities publish them: without identifiers that last, and empty
//! until somebody fills it.
//!
//! A date is the same one when it is the same day, label and district. What a calendar says of a kind of waste for a year holds
//! for that kind and year: dates from today on that it does not have are removed. Of kinds and years that it does not mention it
//! says nothing, so an empty calendar removes nothing, unless it calls a kind otherwise now.

use super::naming::{self, Places};
use super::renaming::{self, There, Unmentioned};
use super::report::{Outcome, Report};
use crate::calendar::{CalendarDays, Remark, SkipReason, Skipped};
use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use entity::{
    NewWasteDate, NewWasteKind, StoreError, VillageTx, WasteDate, WasteDateId, WasteDistrict, WasteIcon, WasteKind,
    WasteKindId,
};
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
    /// The dates that stay.
    kept: HashSet<WasteDateId>,
    /// Of which kinds and years the calendar says something.
    years: HashSet<(WasteKindId, i32)>,
}

/// An import under way.
pub struct Import<'a> {
    /// The district, which is held.
    pub district: &'a WasteDistrict,
    /// What the village is called.
    pub village: &'a str,
    /// Today, by the village's clocks.
    pub today: NaiveDate,
    /// Now.
    pub now: DateTime<Utc>,
}

impl Import<'_> {
    /// Where that is, as labels name it.
    fn places(&self) -> Places<'_> {
        Places([self.village, &self.district.name])
    }
}

/// Makes the dates of a district those of the calendar.
pub async fn apply(tx: &VillageTx, run: &Import<'_>, days: &CalendarDays) -> Result<Report, StoreError> {
    let Import { district, today, now, .. } = *run;
    let mut report = Report { remarks: days.file.remarks.clone(), ..Report::default() };
    for skipped in days.file.skipped.iter().chain(&days.days.skipped) {
        report.skipped(skipped, None);
    }
    let before = tx.waste_kinds().list().await?;
    let known: HashSet<String> = before.iter().map(|kind| kind.label.clone()).collect();
    let wanted = wanted(days, &known, &mut report);
    if wanted.is_empty() && !report.remarks.contains(&Remark::Empty) {
        report.remarks.push(Remark::Empty);
    }
    let taken = range(today);
    let there = tx.waste_dates().list(district.id, *taken.start(), *taken.end()).await?;
    let known = There { kinds: &before, dates: &there, places: run.places() };
    let unmentioned = renaming::unmentioned(wanted.keys().copied(), &known, today);
    name_kinds(tx, run, &wanted, &before, &unmentioned).await?;
    let kinds = tx.waste_kinds().list().await?;
    let mut plan = plan(&wanted, &kinds, &there, &mut report);
    if days.file.is_whole() {
        plan.remove_what_is_gone(&kinds, &there, today, &mut report);
        plan.follow_renames(&unmentioned, &there, today, &mut report);
    }
    plan.remove_what_is_hidden(&kinds, &there, days, &mut report);
    tx.waste_dates().remove(&plan.remove).await?;
    tx.waste_dates().note(&plan.note, now).await?;
    tx.waste_dates().add(district.id, &plan.add, now).await?;
    Ok(report)
}

/// Adds the kinds that are new, with names and signs as their labels say, or as those had whose places they take; and gives these to
/// kinds that nobody has named.
async fn name_kinds(
    tx: &VillageTx,
    run: &Import<'_>,
    wanted: &Wanted<'_>,
    before: &[WasteKind],
    unmentioned: &Unmentioned<'_>,
) -> Result<(), StoreError> {
    let places = run.places();
    let labels: HashSet<&str> = wanted.keys().map(|(label, _)| *label).collect();
    let names = naming::names(labels.into_iter(), &places);
    let mut new = Vec::new();
    for (label, name) in names {
        let icon = naming::icon(label);
        match before.iter().find(|kind| kind.label == label) {
            None => {
                let taken = unmentioned.renamed.iter().find(|(_, now)| *now == label).map(|(kind, _)| *kind);
                let chosen = taken.filter(|kind| kind.version > 1);
                let own_name = chosen.filter(|kind| kind.name != naming::name(&kind.label, &places));
                new.push(NewWasteKind {
                    label: label.to_owned(),
                    name: own_name.map_or(name, |kind| kind.name.clone()),
                    icon: chosen.map_or(icon, |kind| kind.icon),
                    colour: chosen.and_then(|kind| kind.colour.clone()),
                });
            }
            // As it came in before names were guessed.
            Some(kind) if kind.version == 1 && kind.name == kind.label && kind.icon == WasteIcon::Other => {
                let named = WasteKind { name, icon, ..kind.clone() };
                if named != *kind {
                    tx.waste_kinds().change(&named).await?;
                }
            }
            Some(_) => {}
        }
    }
    tx.waste_kinds().create(&new, run.now).await
}

fn wanted<'a>(days: &'a CalendarDays, known: &HashSet<String>, report: &mut Report) -> Wanted<'a> {
    let mut wanted = Wanted::new();
    let mut labels: HashSet<&str> = known.iter().map(String::as_str).collect();
    let mut told = HashSet::new();
    for dated in &days.days.dated {
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

fn plan(wanted: &Wanted<'_>, kinds: &[WasteKind], there: &[WasteDate], report: &mut Report) -> Plan {
    let mut plan = Plan::default();
    let by_label: HashMap<&str, &WasteKind> = kinds.iter().map(|kind| (kind.label.as_str(), kind)).collect();
    let dates: HashMap<_, &WasteDate> = there.iter().map(|date| ((date.kind, date.day), date)).collect();
    for ((label, day), (number, note)) in wanted {
        let Some(kind) = by_label.get(label) else { continue };
        plan.years.insert((kind.id, day.year()));
        let outcome = match dates.get(&(kind.id, *day)) {
            None => {
                plan.add.push(NewWasteDate { kind: kind.id, day: *day, note: note.clone() });
                Outcome::Imported
            }
            Some(date) => {
                plan.kept.insert(date.id);
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
    plan
}

impl Plan {
    /// Removes the dates that are not for the public any more: those of a hidden component by what it is called, and, if all of the
    /// calendar was read, what else it does not have on that day, which is the same under another name.
    fn remove_what_is_hidden(
        &mut self,
        kinds: &[WasteKind],
        there: &[WasteDate],
        days: &CalendarDays,
        report: &mut Report,
    ) {
        let labels: HashMap<_, &str> = kinds.iter().map(|kind| (kind.id, kind.label.as_str())).collect();
        let on: HashSet<NaiveDate> = days.days.hidden.iter().map(|(day, _)| *day).collect();
        let gone: HashSet<WasteDateId> = self.remove.iter().copied().collect();
        for date in there.iter().filter(|date| !self.kept.contains(&date.id) && !gone.contains(&date.id)) {
            let label = labels.get(&date.kind).copied().unwrap_or_default();
            let is_called_so = days.days.hidden.contains(&(date.day, label.to_owned()));
            if is_called_so || (days.file.is_whole() && on.contains(&date.day)) {
                self.remove.push(date.id);
                report.date(None, label, date.day, Outcome::Removed);
            }
        }
    }

    /// Removes the dates from today on that the calendar does not have of kinds and years that it mentions.
    fn remove_what_is_gone(&mut self, kinds: &[WasteKind], there: &[WasteDate], today: NaiveDate, report: &mut Report) {
        let labels: HashMap<_, &str> = kinds.iter().map(|kind| (kind.id, kind.label.as_str())).collect();
        let gone = |date: &&WasteDate| {
            date.day >= today && self.years.contains(&(date.kind, date.day.year())) && !self.kept.contains(&date.id)
        };
        let gone: Vec<&WasteDate> = there.iter().filter(gone).collect();
        for date in gone {
            self.remove.push(date.id);
            report.date(None, labels.get(&date.kind).copied().unwrap_or_default(), date.day, Outcome::Removed);
        }
    }

    /// Removes the dates from today on of kinds that are called otherwise now, and says of which kinds nothing is said.
    fn follow_renames(
        &mut self,
        unmentioned: &Unmentioned<'_>,
        there: &[WasteDate],
        today: NaiveDate,
        report: &mut Report,
    ) {
        let dates_of = |kind: &WasteKind| {
            let id = kind.id;
            there.iter().filter(move |date| date.kind == id && date.day >= today)
        };
        for (kind, _) in &unmentioned.renamed {
            for date in dates_of(kind) {
                self.remove.push(date.id);
                report.date(None, &kind.label, date.day, Outcome::Removed);
            }
        }
        for kind in &unmentioned.kept {
            if let Some(next) = dates_of(kind).map(|date| date.day).min() {
                report.date(None, &kind.label, next, Outcome::Kept);
            }
        }
        let remarks = [
            (!unmentioned.renamed.is_empty(), Remark::KindRenamed),
            (!unmentioned.kept.is_empty(), Remark::KindNotMentioned),
        ];
        report.remarks.extend(remarks.into_iter().filter(|(is_so, _)| *is_so).map(|(_, remark)| remark));
    }
}
