//! What travels about the sources of waste dates.

use crate::app::App;
use crate::contract::at;
use crate::instant::Instant;
use crate::outbound::Fetch;
use crate::problem::Problem;
use crate::validate::Faults;
use entity::{SourceOutcome, WasteSource};
use poem_openapi::types::Example;
use poem_openapi::{Enum, Object};
use serde::Deserialize;
use uuid::{Uuid, uuid};

/// An address to load the dates of a waste district from.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(rename = "WasteSourceBody", example)]
pub struct SourceBody {
    /// The address of a calendar: https on port 443 of a public host, without credentials.
    #[oai(validator(max_length = 1024))]
    url: String,
}

/// Where the dates of a waste district are loaded from.
#[derive(Object)]
#[oai(rename = "WasteSource", skip_serializing_if_is_none, example)]
pub struct SourceView {
    /// The address.
    url: String,
    /// Who entered it.
    account: Uuid,
    /// How it went the last time.
    outcome: SourceOutcomeName,
    /// How often in a row it has failed.
    failures: i32,
    /// When was looked the last time.
    checked_at: Option<Instant>,
}

/// How loading went.
#[derive(Clone, Copy, Debug, Enum, PartialEq, Eq)]
#[oai(rename = "WasteSourceOutcome", rename_all = "snake_case")]
pub enum SourceOutcomeName {
    /// Nobody has looked yet.
    Waiting,
    /// There was a calendar, which was imported.
    Imported,
    /// It was as before.
    Unchanged,
    /// It could not be had.
    Unreachable,
    /// It was too large.
    TooLarge,
    /// What was there is no calendar.
    NotACalendar,
    /// Whoever entered it may not any more: it is loaded again once an editor has entered it.
    NoKeeper,
}

impl SourceBody {
    /// Checks the address.
    pub fn checked(self, app: &App) -> Result<String, Problem> {
        let mut faults = Faults::default();
        let checked = Fetch::of(&app.settings.calendars).check(self.url.trim());
        if checked.is_err() {
            faults.add(
                "/url",
                "ist keine öffentliche https-Adresse ohne Zugangsdaten",
                "is not a public https address without credentials",
            );
        }
        faults.into_result(checked.map(String::from).unwrap_or_default())
    }
}

impl From<&WasteSource> for SourceView {
    fn from(source: &WasteSource) -> Self {
        Self {
            url: source.url.clone(),
            account: source.account.0,
            outcome: match source.outcome {
                SourceOutcome::Waiting => SourceOutcomeName::Waiting,
                SourceOutcome::Imported => SourceOutcomeName::Imported,
                SourceOutcome::Unchanged => SourceOutcomeName::Unchanged,
                SourceOutcome::Unreachable => SourceOutcomeName::Unreachable,
                SourceOutcome::TooLarge => SourceOutcomeName::TooLarge,
                SourceOutcome::NotACalendar => SourceOutcomeName::NotACalendar,
                SourceOutcome::NoKeeper => SourceOutcomeName::NoKeeper,
            },
            failures: source.failures,
            checked_at: source.checked_at.map(Into::into),
        }
    }
}

impl Example for SourceBody {
    fn example() -> Self {
        Self { url: "https://abfall.example/kalletal/ahornweg.ics".to_owned() }
    }
}

impl Example for SourceView {
    fn example() -> Self {
        Self {
            url: SourceBody::example().url,
            account: uuid!("019ab0d4-7c1e-7a52-9d36-41f0c2b7e805"),
            outcome: SourceOutcomeName::Imported,
            failures: 0,
            checked_at: Some(at("2026-11-25T09:12:00Z")),
        }
    }
}
