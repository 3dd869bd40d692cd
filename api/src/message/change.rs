//! What has become of dates of events, in words.

use super::telling::Where;
use super::words::Words;
use entity::{ChangedDate, EventChange, Fate};

/// What kind of change it is, before a title.
pub fn label(words: &Words, fate: Fate) -> &'static str {
    let (german, english) = match fate {
        Fate::Cancelled | Fate::DateCancelled | Fate::DatesCancelled | Fate::RestCancelled => ("Abgesagt", "Cancelled"),
        Fate::Postponed => ("Verschoben", "Postponed"),
        Fate::Reinstated => ("Findet statt", "Takes place"),
        Fate::Moved | Fate::DateMoved => ("Verlegt", "Moved"),
        Fate::DateChanged => ("Geändert", "Changed"),
    };
    if words.is_german() { german } else { english }
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
        (Fate::Cancelled | Fate::DateCancelled, 0) => ("Der Termin am {was}, fällt aus", "The date on {was}, is off"),
        (Fate::Cancelled, _) => ("Alle Termine ab {was}, fallen aus", "From {was}, all dates are off"),
        (Fate::RestCancelled, _) => {
            ("Der Termin am {was}, und alle folgenden fallen aus", "The date on {was}, and all that follow are off")
        }
        (Fate::DateCancelled | Fate::DatesCancelled, 1) => {
            ("Der Termin am {was}, und ein weiterer fallen aus", "The date on {was}, and one more are off")
        }
        (Fate::DateCancelled | Fate::DatesCancelled, _) => {
            ("Der Termin am {was}, und {n} weitere fallen aus", "The date on {was}, and {n} more are off")
        }
        (Fate::Postponed, 0) => (
            "Der Termin am {was}, fällt aus; wann er nachgeholt wird, steht noch nicht fest",
            "The date on {was}, is off; the new one is not known yet",
        ),
        (Fate::Postponed, _) => (
            "Alle Termine ab {was}, fallen aus; wann sie nachgeholt werden, steht noch nicht fest",
            "From {was}, all dates are off; the new ones are not known yet",
        ),
        (Fate::Reinstated, 0) => ("Der Termin am {is}, findet statt", "The date on {is}, takes place"),
        (Fate::Reinstated, _) => ("Die Termine ab {is}, finden statt", "The dates from {is}, take place"),
        (Fate::Moved | Fate::DateMoved, 0) => ("Am {is}, statt am {was}", "On {is}, instead of {was}"),
        (Fate::Moved | Fate::DateMoved, _) => (
            "Am {is}, statt am {was}; weitere Termine ändern sich auch",
            "On {is}, instead of {was}; further dates change too",
        ),
        (Fate::DateChanged, _) => ("{is}", "{is}"),
    }
}
