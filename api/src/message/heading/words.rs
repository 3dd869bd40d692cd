//! Single dates of events in words, by the clocks of the village.

use crate::message::collection::WEEKDAYS;
use crate::text::Language;
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use chrono_tz::Tz;
use entity::{ChangedDate, EventChange, Fate};

/// How dates are said.
pub struct Words {
    /// In which language.
    pub language: Language,
    /// By which clocks.
    pub zone: Tz,
}

impl Words {
    /// One of two texts.
    pub fn pick<'a>(&self, de: &'a str, en: &'a str) -> &'a str {
        if self.is_german() { de } else { en }
    }

    fn is_german(&self) -> bool {
        self.language == Language::German
    }

    /// `Dienstag, 01.12.2026`
    fn day(&self, day: NaiveDate) -> String {
        let (german, english) = WEEKDAYS[usize::try_from(day.weekday().num_days_from_monday()).unwrap_or(0)];
        match self.language {
            Language::German => format!("{german}, {}", day.format("%d.%m.%Y")),
            Language::English => format!("{english}, {}", day.format("%-d %B %Y")),
        }
    }

    fn day_of(&self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.zone).date_naive()
    }

    /// `am Dienstag, 01.12.2026`
    pub fn on(&self, date: &ChangedDate) -> String {
        let day = date.days.map_or_else(|| self.day_of(date.starts_at), |(first, _)| first);
        format!("{} {}", self.pick("am", "on"), self.day(day))
    }

    /// `Dienstag, 01.12.2026, 19:00–20:30 Uhr`
    fn when(&self, date: &ChangedDate) -> String {
        if let Some((first, last)) = date.days {
            let first_day = self.day(first);
            return if last > first { format!("{first_day} – {}", self.day(last)) } else { first_day };
        }
        let time = |at: DateTime<Utc>| at.with_timezone(&self.zone).format("%H:%M").to_string();
        let start = self.day_of(date.starts_at);
        let mut words = format!("{}, {}", self.day(start), time(date.starts_at));
        match date.ends_at {
            Some(end) if self.day_of(end) == start => words.push_str(&format!("–{}", time(end))),
            Some(end) => words.push_str(&format!(" – {}, {}", self.day(self.day_of(end)), time(end))),
            None => {}
        }
        if self.is_german() {
            words.push_str(" Uhr");
        }
        words
    }

    /// `Dienstag, 01.12.2026, 19:00–20:30 Uhr, Gemeindehaus`
    pub fn placed(&self, date: &ChangedDate, usual: Option<&str>) -> String {
        match date.place.as_deref().or(usual) {
            Some(place) => format!("{}, {place}", self.when(date)),
            None => self.when(date),
        }
    }

    /// With what is to be said about the date.
    pub fn noted(&self, words: String, date: &ChangedDate) -> String {
        match &date.note {
            Some(note) => format!("{words}. {note}"),
            None => words,
        }
    }

    /// What has become of the dates of an event.
    pub fn change(&self, change: &EventChange, usual: Option<&str>) -> String {
        let (was, is) = (change.was.as_ref(), change.is.as_ref());
        let (german, english) = template(change);
        // What people wrote comes in last, so that nothing in it is taken for a place to fill in.
        let words = self
            .pick(german, english)
            .replace("{n}", &change.further.to_string())
            .replace("{was}", &was.map(|date| self.when(date)).unwrap_or_default())
            .replace("{is}", &is.map(|date| self.placed(date, usual)).unwrap_or_default());
        match is.or(was) {
            Some(date) => self.noted(words, date),
            None => words,
        }
    }
}

/// The words, in German and English, with places for the date as it was, as it is, and the number of further dates.
fn template(change: &EventChange) -> (&'static str, &'static str) {
    match (change.fate, change.further) {
        (Fate::Cancelled | Fate::DateCancelled, 0) => ("{was} fällt aus", "{was} is off"),
        (Fate::Cancelled, _) => ("Alle Termine ab {was} fallen aus", "All dates from {was} on are off"),
        (Fate::RestCancelled, _) => {
            ("{was} und alle folgenden Termine fallen aus", "{was} and all dates that follow are off")
        }
        (Fate::DateCancelled | Fate::DatesCancelled, 1) => {
            ("{was} und ein weiterer Termin fallen aus", "{was} and one more date are off")
        }
        (Fate::DateCancelled | Fate::DatesCancelled, _) => {
            ("{was} und {n} weitere Termine fallen aus", "{was} and {n} more dates are off")
        }
        (Fate::Postponed, 0) => (
            "{was} fällt aus; wann es nachgeholt wird, steht noch nicht fest",
            "{was} is off; the new date is not known yet",
        ),
        (Fate::Postponed, _) => (
            "Alle Termine ab {was} fallen aus; wann sie nachgeholt werden, steht noch nicht fest",
            "All dates from {was} on are off; the new dates are not known yet",
        ),
        (Fate::Reinstated, 0) => ("{is} findet statt", "{is} takes place"),
        (Fate::Reinstated, _) => ("Die Termine ab {is} finden statt", "The dates from {is} on take place"),
        (Fate::Moved | Fate::DateMoved, 0) => ("{is} statt {was}", "{is} instead of {was}"),
        (Fate::Moved | Fate::DateMoved, _) => {
            ("{is} statt {was}; weitere Termine auch", "{is} instead of {was}; further dates too")
        }
        (Fate::DateChanged, _) => ("{is}", "{is}"),
    }
}
