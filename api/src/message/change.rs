//! What has become of dates of events, in words.

use super::telling::Where;
use super::words::Words;
use chrono::NaiveDate;
use entity::{ChangedDate, EventChange, Fate};

/// What kind of change it is, before a title: with the new day of what was moved to it, and the first of the days that are off.
pub fn label(words: &Words, change: &EventChange) -> String {
    let (german, english) = match change.fate {
        Fate::Cancelled | Fate::DateCancelled | Fate::DatesCancelled | Fate::RestCancelled => ("Abgesagt", "Cancelled"),
        Fate::Postponed => ("Verschoben", "Postponed"),
        Fate::Reinstated => ("Findet doch statt", "Takes place after all"),
        Fate::Moved | Fate::DateMoved => ("Verlegt", "Moved"),
        Fate::DateChanged => ("Geändert", "Changed"),
    };
    let label = words.pick(german, english);
    match (change.fate, new_day(words, change), &change.was) {
        (Fate::RestCancelled, _, Some(was)) => {
            format!("{label} {} {}", words.pick("ab", "from"), words.date(words.first_day(was)))
        }
        (_, Some(day), _) => format!("{label} {} {}", words.pick("auf", "to"), words.day(day)),
        _ => label.to_owned(),
    }
}

/// On which day it is, where it is about one date and the label does not say so.
pub fn on(words: &Words, change: &EventChange) -> Option<String> {
    let one = change.further == 0 && change.fate != Fate::RestCancelled && new_day(words, change).is_none();
    change.was.as_ref().or(change.is.as_ref()).filter(|_| one).map(|date| words.on(date))
}

/// The day to which a date was moved from another.
fn new_day(words: &Words, change: &EventChange) -> Option<NaiveDate> {
    let (Fate::Moved | Fate::DateMoved, 0) = (change.fate, change.further) else { return None };
    let (was, is) = (words.first_day(change.was.as_ref()?), words.first_day(change.is.as_ref()?));
    (was != is).then_some(is)
}

/// When and where a date is: `Dienstag, 5. Januar, 19:00–20:30 Uhr, Gemeindehaus`. `usual` is where its event is.
pub fn placed(words: &Words, date: &ChangedDate, usual: Where<'_>) -> String {
    match usual.or_at(date.place.as_deref()).in_words() {
        Some(place) => format!("{}, {place}", words.when(date)),
        None => words.when(date),
    }
}

/// What has become of dates, and what is to be said about them: a line each. `usual` is where their event is.
pub fn lines(words: &Words, change: &EventChange, usual: Where<'_>) -> Vec<String> {
    let (was, is) = (change.was.as_ref(), change.is.as_ref());
    let (german, english) = template(change);
    // What people wrote comes in last, so that nothing in it is taken for a place to fill in.
    let told = words
        .pick(german, english)
        .replace("{n}", &change.further.to_string())
        .replace("{was}", &was.map(|date| words.when(date)).unwrap_or_default())
        .replace("{is}", &is.map(|date| placed(words, date, usual)).unwrap_or_default());
    let note = is.or(was).and_then(|date| date.note.clone());
    [Some(told), note].into_iter().flatten().collect()
}

/// The words, in German and English, with places for the date as it was, as it is, and the number of further dates.
fn template(change: &EventChange) -> (&'static str, &'static str) {
    match (change.fate, change.further) {
        (Fate::Cancelled | Fate::DateCancelled, 0) => ("Der Termin am {was}, fällt aus.", "The date on {was}, is off."),
        (Fate::Cancelled, _) => ("Alle Termine ab {was}, fallen aus.", "From {was}, all dates are off."),
        (Fate::RestCancelled, _) => {
            ("Der Termin am {was}, und alle folgenden fallen aus.", "The date on {was}, and all that follow are off.")
        }
        (Fate::DateCancelled | Fate::DatesCancelled, 1) => {
            ("Der Termin am {was}, und ein weiterer fallen aus.", "The date on {was}, and one more are off.")
        }
        (Fate::DateCancelled | Fate::DatesCancelled, _) => {
            ("Der Termin am {was}, und {n} weitere fallen aus.", "The date on {was}, and {n} more are off.")
        }
        (Fate::Postponed, 0) => (
            "Der Termin am {was}, fällt aus; wann er nachgeholt wird, steht noch nicht fest.",
            "The date on {was}, is off; the new one is not known yet.",
        ),
        (Fate::Postponed, _) => (
            "Alle Termine ab {was}, fallen aus; wann sie nachgeholt werden, steht noch nicht fest.",
            "From {was}, all dates are off; the new ones are not known yet.",
        ),
        (Fate::Reinstated, 0) => ("Der Termin am {is}, findet statt.", "The date on {is}, takes place."),
        (Fate::Reinstated, _) => ("Die Termine ab {is}, finden statt.", "The dates from {is}, take place."),
        (Fate::Moved | Fate::DateMoved, 0) => ("Am {is}, statt am {was}.", "On {is}, instead of {was}."),
        (Fate::Moved | Fate::DateMoved, _) => (
            "Am {is}, statt am {was}; weitere Termine ändern sich auch.",
            "On {is}, instead of {was}; further dates change too.",
        ),
        (Fate::DateChanged, _) => ("{is}", "{is}"),
    }
}
