//! How days and times are said: by the clocks of the village, in the order and with the words that its residents expect.

use crate::text::Language;
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Utc, Weekday};
use chrono_tz::Tz;
use entity::{ChangedDate, EventDates, VillageRecord};

/// The year of a day goes without saying within so many days from when it is told, half a year, unless another year begins before.
const OBVIOUS: i64 = 183;

/// When years are said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Years {
    /// Always: in what is kept and read later.
    Always,
    /// Where they do not go without saying: in what is read when it comes.
    WhereNeeded,
}

/// How days and times are said.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    /// In which language.
    pub language: Language,
    /// By which clocks.
    pub zone: Tz,
    /// On which day it is told.
    pub told: NaiveDate,
    /// When years are said.
    pub years: Years,
}

impl Words {
    /// How they are said to the residents of a village, in its language.
    pub fn of(village: &VillageRecord, told: DateTime<Utc>, years: Years) -> Self {
        let zone: Tz = village.zone.parse().unwrap_or(Tz::UTC);
        let language = Language::of_tag(&village.language);
        Self { language, zone, told: told.with_timezone(&zone).date_naive(), years }
    }

    /// How they are said of an event by its own clocks, where it is of no one village.
    pub fn of_event(event: &EventDates) -> Self {
        let zone = event.zone.parse().unwrap_or(Tz::UTC);
        Self { language: Language::German, zone, told: event.starts_local.date(), years: Years::Always }
    }

    /// One of two texts.
    pub fn pick<'a>(&self, de: &'a str, en: &'a str) -> &'a str {
        if self.is_german() { de } else { en }
    }

    /// Whether it is said in German.
    pub fn is_german(&self) -> bool {
        self.language == Language::German
    }

    /// `Dienstag, 5. Januar`
    pub fn day(&self, day: NaiveDate) -> String {
        format!("{}, {}", self.weekday(day.weekday()), self.date(day))
    }

    /// `5. Januar`, with the year unless that goes without saying.
    pub fn date(&self, day: NaiveDate) -> String {
        let from_now = (day - self.told).num_days();
        if self.years == Years::WhereNeeded && (0..OBVIOUS).contains(&from_now) && day.year() == self.told.year() {
            return self.date_of_any_year(day);
        }
        format!("{} {}", self.date_of_any_year(day), day.year())
    }

    /// `5. Januar`
    pub fn date_of_any_year(&self, day: NaiveDate) -> String {
        let dot = self.pick(".", "");
        format!("{}{dot} {}", day.day(), self.month(day.month()))
    }

    /// `19:00 Uhr`
    pub fn time(&self, time: NaiveTime) -> String {
        format!("{}{}", time.format("%H:%M"), self.pick(" Uhr", ""))
    }

    /// `Dienstag, 5. Januar, 19:00 Uhr`
    pub fn moment(&self, at: DateTime<Utc>) -> String {
        let local = at.with_timezone(&self.zone).naive_local();
        format!("{}, {}", self.day(local.date()), self.time(local.time()))
    }

    /// `am Dienstag, 5. Januar`
    pub fn on(&self, date: &ChangedDate) -> String {
        format!("{} {}", self.pick("am", "on"), self.day(self.first_day(date)))
    }

    /// The day on which a date begins.
    pub fn first_day(&self, date: &ChangedDate) -> NaiveDate {
        date.days.map_or_else(|| self.day_of(date.starts_at), |(first, _)| first)
    }

    /// When a date is: `Dienstag, 5. Januar, 19:00–20:30 Uhr`, or `Freitag, 5. Februar, bis Samstag, 6. Februar`.
    pub fn when(&self, date: &ChangedDate) -> String {
        if let Some((first, last)) = date.days {
            return if last > first { self.until(&self.day(first), &self.day(last)) } else { self.day(first) };
        }
        let local = |at: DateTime<Utc>| at.with_timezone(&self.zone).naive_local();
        let start = local(date.starts_at);
        match date.ends_at.filter(|end| *end > date.starts_at).map(local) {
            None => self.moment(date.starts_at),
            Some(end) if end.date() == start.date() => {
                format!("{}, {}–{}", self.day(start.date()), start.format("%H:%M"), self.time(end.time()))
            }
            Some(_) => self.until(&self.moment(date.starts_at), &self.moment(date.ends_at.unwrap_or(date.starts_at))),
        }
    }

    fn until(&self, first: &str, last: &str) -> String {
        format!("{first}, {} {last}", self.pick("bis", "until"))
    }

    fn day_of(&self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.zone).date_naive()
    }

    /// `Dienstag`
    pub fn weekday(&self, day: Weekday) -> &'static str {
        let (german, english) = match day {
            Weekday::Mon => ("Montag", "Monday"),
            Weekday::Tue => ("Dienstag", "Tuesday"),
            Weekday::Wed => ("Mittwoch", "Wednesday"),
            Weekday::Thu => ("Donnerstag", "Thursday"),
            Weekday::Fri => ("Freitag", "Friday"),
            Weekday::Sat => ("Samstag", "Saturday"),
            Weekday::Sun => ("Sonntag", "Sunday"),
        };
        if self.is_german() { german } else { english }
    }

    /// `Januar`, of 1.
    pub fn month(&self, number: u32) -> &'static str {
        const NAMES: [(&str, &str); 12] = [
            ("Januar", "January"),
            ("Februar", "February"),
            ("März", "March"),
            ("April", "April"),
            ("Mai", "May"),
            ("Juni", "June"),
            ("Juli", "July"),
            ("August", "August"),
            ("September", "September"),
            ("Oktober", "October"),
            ("November", "November"),
            ("Dezember", "December"),
        ];
        let (german, english) = NAMES.get((number as usize).wrapping_sub(1)).copied().unwrap_or_default();
        if self.is_german() { german } else { english }
    }

    /// `Montag, Dienstag und Freitag`
    pub fn and(&self, names: &[String]) -> String {
        match names.split_last() {
            Some((last, [])) => last.clone(),
            Some((last, rest)) => format!("{} {} {last}", rest.join(", "), self.pick("und", "and")),
            None => String::new(),
        }
    }
}

/// A text that begins a line.
pub fn capitalised(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}

/// Some lines as sentences, one after the other: each with a mark at its end, and none with two.
pub fn sentences<'a>(lines: impl IntoIterator<Item = &'a str>) -> String {
    let ended = lines.into_iter().map(str::trim).filter(|line| !line.is_empty()).map(|line| {
        let ends = line.ends_with(['.', '!', '?', '…', ':', '"', '“']);
        if ends { line.to_owned() } else { format!("{line}.") }
    });
    ended.collect::<Vec<_>>().join(" ")
}
