//! Kinds of waste that a municipality calls otherwise from now on. Its calendar has a new label on the days of one that it does not
//! mention any more: whoever lives there is to be reminded once.

use super::naming;
use chrono::{Datelike, NaiveDate};
use entity::{WasteDate, WasteIcon, WasteKind, WasteKindId};
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

/// Looks for kinds that a calendar calls otherwise now.
pub fn unmentioned<'a>(
    wanted: impl Iterator<Item = (&'a str, NaiveDate)>,
    kinds: &'a [WasteKind],
    there: &[WasteDate],
    today: NaiveDate,
) -> Unmentioned<'a> {
    let mut new: Days<&str> = BTreeMap::new();
    for (label, day) in wanted {
        new.entry(label).or_default().insert(day);
    }
    let years: HashSet<i32> = new.values().flatten().map(Datelike::year).collect();
    let mut old: Days<WasteKindId> = BTreeMap::new();
    let in_sight = |date: &&WasteDate| date.day >= today && years.contains(&date.day.year());
    for date in there.iter().filter(in_sight) {
        old.entry(date.kind).or_default().insert(date.day);
    }
    let had: HashSet<WasteKindId> = there.iter().map(|date| date.kind).collect();
    let is_new = |label: &str| !kinds.iter().any(|kind| kind.label == label && had.contains(&kind.id));
    let goes_on = kinds.iter().any(|kind| old.contains_key(&kind.id) && new.contains_key(kind.label.as_str()));
    let mut found = Unmentioned::default();
    let mut free: Vec<&str> = new.keys().copied().filter(|label| is_new(label)).collect();
    for kind in kinds.iter().filter(|kind| !new.contains_key(kind.label.as_str())) {
        let Some(days) = old.get(&kind.id) else { continue };
        let same = |label: &&str| are_same(kind, label, goes_on) && are_same_days(days, &new[label], today);
        match free.iter().position(same) {
            Some(at) => found.renamed.push((kind, free.remove(at))),
            None => found.kept.push(kind),
        }
    }
    found
}

/// Whether both may be the same kind: by the sign that their names are, or, where a name says nothing and the calendar goes on with other
/// kinds, by nothing against it.
fn are_same(kind: &WasteKind, label: &str, goes_on: bool) -> bool {
    let guessed = |icon| if icon == WasteIcon::Other { naming::icon(&kind.label) } else { icon };
    match (guessed(kind.icon), naming::icon(label)) {
        (WasteIcon::Other, _) | (_, WasteIcon::Other) => goes_on,
        (before, now) => before == now,
    }
}

/// Whether the new kind is collected on the days of the old one as far as these reach, but for one in ten.
fn are_same_days(old: &BTreeSet<NaiveDate>, new: &BTreeSet<NaiveDate>, today: NaiveDate) -> bool {
    let Some(last) = old.last() else { return false };
    let new: BTreeSet<NaiveDate> = new.iter().copied().filter(|day| *day >= today && day <= last).collect();
    old.symmetric_difference(&new).count() * 10 <= old.len()
}
