//! Kinds of waste that a municipality calls otherwise from now on. Its calendar has another word for a kind that it does not
//! mention any more, on the same days: whoever lives there is to be reminded once. Days alone say nothing, as two kinds may be
//! collected on the same ones and be published in a file each.

use super::naming::Places;
use super::synonyms::are_synonyms;
use chrono::{Datelike, NaiveDate};
use entity::{WasteDate, WasteKind, WasteKindId};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// The days of each label in a calendar, and of each kind that is there.
type Days<T> = BTreeMap<T, BTreeSet<NaiveDate>>;

/// What the calendar does not mention of what is still to be collected this year.
#[derive(Default)]
pub struct Unmentioned<'a> {
    /// Kinds with the labels that they have now.
    pub renamed: Vec<(&'a WasteKind, &'a str)>,
    /// Kinds that nothing is said of: their dates stay.
    pub kept: Vec<&'a WasteKind>,
}

/// What is there before an import.
pub struct There<'a> {
    /// The kinds of the village.
    pub kinds: &'a [WasteKind],
    /// The dates of the district.
    pub dates: &'a [WasteDate],
    /// Where that is.
    pub places: Places<'a>,
}

/// Looks for kinds that a calendar calls otherwise now.
pub fn unmentioned<'a>(
    wanted: impl Iterator<Item = (&'a str, NaiveDate)>,
    there: &There<'a>,
    today: NaiveDate,
) -> Unmentioned<'a> {
    let mut new: Days<&str> = BTreeMap::new();
    for (label, day) in wanted {
        new.entry(label).or_default().insert(day);
    }
    let years: HashSet<i32> = new.values().flatten().map(Datelike::year).collect();
    let mut old: Days<WasteKindId> = BTreeMap::new();
    let in_sight = |date: &&WasteDate| date.day >= today && years.contains(&date.day.year());
    for date in there.dates.iter().filter(in_sight) {
        old.entry(date.kind).or_default().insert(date.day);
    }
    let missed: Vec<(&WasteKind, &BTreeSet<NaiveDate>)> = there
        .kinds
        .iter()
        .filter(|kind| !new.contains_key(kind.label.as_str()))
        .filter_map(|kind| Some((kind, old.get(&kind.id)?)))
        .collect();
    let had: HashSet<WasteKindId> = there.dates.iter().map(|date| date.kind).collect();
    let is_new = |label: &str| !there.kinds.iter().any(|kind| kind.label == label && had.contains(&kind.id));
    new.retain(|label, _| is_new(label));
    let may_be = |(kind, days): &(&WasteKind, &BTreeSet<NaiveDate>), (label, now): (&&str, &BTreeSet<NaiveDate>)| {
        are_synonyms(&kind.label, label, &there.places) && are_same_days(days, now, today)
    };
    let mut found = Unmentioned::default();
    for old in &missed {
        let labels: Vec<(&&str, &BTreeSet<NaiveDate>)> = new.iter().filter(|now| may_be(old, *now)).collect();
        // Only where no other label or kind is in question: what is taken for another would not be told of any more.
        match labels.as_slice() {
            [now] if missed.iter().filter(|other| may_be(other, *now)).count() == 1 => {
                found.renamed.push((old.0, *now.0));
            }
            _ => found.kept.push(old.0),
        }
    }
    found
}

/// Whether the new kind is collected on the days of the old one as far as these reach, but for one in ten.
fn are_same_days(old: &BTreeSet<NaiveDate>, new: &BTreeSet<NaiveDate>, today: NaiveDate) -> bool {
    let Some(last) = old.last() else { return false };
    let new: BTreeSet<NaiveDate> = new.iter().copied().filter(|day| *day >= today && day <= last).collect();
    old.symmetric_difference(&new).count() * 10 <= old.len()
}
