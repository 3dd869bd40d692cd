//! What travels about calendars that events come from.

mod examples;

use super::report::{Line, Summary};
use crate::app::App;
use crate::instant::Instant;
use crate::outbound::Fetch;
use crate::problem::Problem;
use crate::validate::Faults;
use entity::{AccountId, EventCalendar, EventImport, NewEventCalendar, SourceOutcome};
use poem_openapi::{Enum, Object};
use serde::{Deserialize, Deserializer};
use uuid::Uuid;

/// A calendar that events come from.
#[derive(Object)]
#[oai(rename = "CalendarSource", skip_serializing_if_is_none, example)]
pub struct CalendarView {
    /// Its identifier.
    id: Uuid,
    /// Its name for those who keep it.
    name: String,
    /// The slug of the club whose events they are; absent for the town hall.
    club: Option<String>,
    /// The slug of what its events are about, where none of their categories is the name of a topic.
    topic: Option<String>,
    /// The address that it is loaded from by itself.
    url: Option<String>,
    /// Who saved it last.
    account: Uuid,
    /// How loading went the last time; `waiting` without an address.
    outcome: LoadingOutcome,
    /// How often in a row loading has failed.
    failures: i32,
    /// When was looked the last time.
    checked_at: Option<Instant>,
    /// Its version, for `If-Match`.
    pub version: i32,
}

/// How loading a calendar went.
#[derive(Clone, Copy, Debug, Enum, PartialEq, Eq)]
#[oai(rename = "CalendarSourceOutcome", rename_all = "snake_case")]
pub enum LoadingOutcome {
    /// Nobody has looked yet.
    Waiting,
    /// There was something new, which was imported.
    Imported,
    /// It was as before.
    Unchanged,
    /// It could not be had.
    Unreachable,
    /// It was too large.
    TooLarge,
    /// What was there is no calendar.
    NotACalendar,
    /// Whoever saved it last may not any more: it is loaded again once somebody who may has saved it.
    NoKeeper,
}

/// The calendars that events come from.
#[derive(Object)]
#[oai(rename = "CalendarSourceList", example)]
pub struct CalendarList {
    /// All of them that are yours to keep, by name.
    pub items: Vec<CalendarView>,
}

/// A calendar to be added.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(rename = "CalendarSourceBody", example)]
pub struct CalendarBody {
    /// Its name for those who keep it.
    #[oai(validator(min_length = 1, max_length = 120))]
    name: String,
    /// The slug of the club whose events they are; to be given unless you write for the town hall or for one club only.
    #[serde(default)]
    club: Option<String>,
    /// The slug of what its events are about, where none of their categories is the name of a topic.
    #[serde(default)]
    topic: Option<String>,
    /// The address to load it from: https on port 443 of a public host, without credentials.
    #[serde(default)]
    #[oai(validator(max_length = 1024))]
    url: Option<String>,
}

/// A change of a calendar: what is absent stays; null takes the topic or the address away.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(rename = "CalendarSourceChangeBody", example)]
pub struct CalendarChangeBody {
    /// Its name from now on.
    #[serde(default)]
    #[oai(validator(min_length = 1, max_length = 120))]
    name: Option<String>,
    /// The slug of what its events are about from now on; null for nothing.
    #[serde(default, deserialize_with = "given")]
    #[oai(nullable)]
    topic: Option<Option<String>>,
    /// The address to load it from from now on; null for none.
    #[serde(default, deserialize_with = "given")]
    #[oai(nullable)]
    url: Option<Option<String>>,
}

/// Tells "absent" from "null".
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// A calendar to be added, checked.
pub struct CalendarSaid {
    name: String,
    /// The slug of its club.
    pub club: Option<String>,
    /// The slug of its topic.
    pub topic: Option<String>,
    url: Option<String>,
}

/// A change of a calendar, checked.
pub struct CalendarChange {
    name: Option<String>,
    topic: Option<Option<String>>,
    url: Option<Option<String>>,
}

/// An import of events.
#[derive(Object)]
#[oai(rename = "EventImport", example)]
pub struct ImportView {
    /// Its identifier.
    id: Uuid,
    /// The calendar.
    calendar: Uuid,
    /// Who imported, or had it loaded.
    account: Uuid,
    /// Whether it was loaded by itself.
    by_itself: bool,
    /// When.
    at: Instant,
    /// What came of it.
    summary: Summary,
}

/// The latest imports of a calendar.
#[derive(Object)]
#[oai(rename = "EventImportList", example)]
pub struct ImportList {
    /// The last first.
    pub items: Vec<ImportView>,
}

/// What came of each component.
#[derive(Object)]
#[oai(rename = "EventImportLineList", skip_serializing_if_is_none, example)]
pub struct LineList {
    /// In the order of the calendar; what it does not have any more comes last.
    pub items: Vec<Line>,
    /// The cursor of the next page.
    pub next_cursor: Option<String>,
}

impl CalendarBody {
    /// Checks the values.
    pub fn checked(self, app: &App) -> Result<CalendarSaid, Problem> {
        let mut faults = Faults::default();
        let name = faults.line("/name", &self.name, 1, 120);
        let url = self.url.map(|url| address(&mut faults, app, &url));
        faults.into_result(CalendarSaid { name, club: self.club, topic: self.topic, url })
    }
}

impl CalendarChangeBody {
    /// Checks the values.
    pub fn checked(self, app: &App) -> Result<CalendarChange, Problem> {
        let mut faults = Faults::default();
        let name = self.name.map(|name| faults.line("/name", &name, 1, 120));
        let url = self.url.map(|url| url.map(|url| address(&mut faults, app, &url)));
        faults.into_result(CalendarChange { name, topic: self.topic, url })
    }
}

fn address(faults: &mut Faults, app: &App, url: &str) -> String {
    let url = url.trim();
    // Programs call the same addresses so to be asked to subscribe.
    let url = url.strip_prefix("webcal://").map_or_else(|| url.to_owned(), |rest| format!("https://{rest}"));
    match Fetch::of(&app.settings.calendars).check(&url) {
        Ok(url) => url.into(),
        Err(_) => {
            faults.add(
                "/url",
                "ist keine öffentliche https-Adresse ohne Zugangsdaten",
                "is not a public https address without credentials",
            );
            String::new()
        }
    }
}

impl CalendarSaid {
    /// As it is stored.
    pub fn stored(&self, account: AccountId) -> NewEventCalendar {
        NewEventCalendar { name: self.name.clone(), topic: self.topic.clone(), url: self.url.clone(), account }
    }
}

impl CalendarChange {
    /// What is said of the calendar with the change made; nothing when that is the same.
    pub fn of(self, before: &EventCalendar, account: AccountId) -> Option<NewEventCalendar> {
        let was = NewEventCalendar {
            name: before.name.clone(),
            topic: before.topic.clone(),
            url: before.url.clone(),
            account: before.account,
        };
        let said = NewEventCalendar {
            name: self.name.unwrap_or_else(|| was.name.clone()),
            topic: self.topic.unwrap_or_else(|| was.topic.clone()),
            url: self.url.unwrap_or_else(|| was.url.clone()),
            account: if before.outcome == SourceOutcome::NoKeeper { account } else { before.account },
        };
        (said != was).then_some(NewEventCalendar { account, ..said })
    }
}

impl CalendarView {
    /// A calendar.
    pub fn new(calendar: &EventCalendar) -> Self {
        Self {
            id: calendar.id.0,
            name: calendar.name.clone(),
            club: calendar.club_slug.clone(),
            topic: calendar.topic.clone(),
            url: calendar.url.clone(),
            account: calendar.account.0,
            outcome: match calendar.outcome {
                SourceOutcome::Waiting => LoadingOutcome::Waiting,
                SourceOutcome::Imported => LoadingOutcome::Imported,
                SourceOutcome::Unchanged => LoadingOutcome::Unchanged,
                SourceOutcome::Unreachable => LoadingOutcome::Unreachable,
                SourceOutcome::TooLarge => LoadingOutcome::TooLarge,
                SourceOutcome::NotACalendar => LoadingOutcome::NotACalendar,
                SourceOutcome::NoKeeper => LoadingOutcome::NoKeeper,
            },
            failures: calendar.failures,
            checked_at: calendar.checked_at.map(Into::into),
            version: calendar.version,
        }
    }
}

impl ImportView {
    /// An import, with what came of it.
    pub fn new(import: &EventImport, summary: Summary) -> Self {
        Self {
            id: import.id.0,
            calendar: import.calendar.0,
            account: import.account.0,
            by_itself: import.by_itself,
            at: import.at.into(),
            summary,
        }
    }
}
