//! What came of an import, component by component.

use crate::calendar::{Remark, SkipReason, Skipped};
use chrono::NaiveDate;
use poem_openapi::{Enum, Object};
use serde::{Deserialize, Serialize};

/// Most lines of a report.
const MOST_LINES: usize = 2_000;

/// What came of an import.
#[derive(Clone, Debug, Default, Deserialize, Object, PartialEq, Serialize)]
#[oai(rename = "WasteImportReport", example)]
pub struct Report {
    /// Dates that are new.
    pub imported: u32,
    /// Dates of which something else is said.
    pub changed: u32,
    /// Dates that are as they were.
    pub unchanged: u32,
    /// Dates from today on that the calendar does not have any more.
    pub removed: u32,
    /// Components, or dates of them, that were left out.
    pub skipped: u32,
    /// What is odd about the calendar as a whole.
    pub remarks: Vec<Remark>,
    /// What came of each date and component; the first 2000 of them.
    pub lines: Vec<Line>,
}

/// What came of a date, or of a component that was left out.
#[derive(Clone, Debug, Deserialize, Object, PartialEq, Serialize)]
#[oai(rename = "WasteImportLine", skip_serializing_if_is_none, example)]
pub struct Line {
    /// The how manieth component of the calendar it comes from, from 1; absent for what was removed.
    pub component: Option<u32>,
    /// What it is called.
    pub label: String,
    /// The day; absent for a component that was left out as a whole.
    pub day: Option<NaiveDate>,
    /// What came of it.
    pub outcome: Outcome,
    /// Why it was left out.
    pub reason: Option<SkipReason>,
}

/// What came of a date or component.
#[derive(Clone, Copy, Debug, Deserialize, Enum, PartialEq, Eq, Serialize)]
#[oai(rename = "WasteImportOutcome", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is new.
    Imported,
    /// Something else is said of it.
    Changed,
    /// It is as it was.
    Unchanged,
    /// The calendar does not have it any more.
    Removed,
    /// The next date of a kind of this year that the calendar does not mention: its dates stay.
    Kept,
    /// It was left out.
    Skipped,
}

impl Report {
    /// As it is stored.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Notes what came of a date.
    pub fn date(&mut self, component: Option<u32>, label: &str, day: NaiveDate, outcome: Outcome) {
        self.line(Line { component, label: label.to_owned(), day: Some(day), outcome, reason: None });
    }

    /// Notes a component that was left out.
    pub fn skipped(&mut self, skipped: &Skipped, day: Option<NaiveDate>) {
        self.line(Line {
            component: Some(skipped.number),
            label: skipped.summary.clone(),
            day,
            outcome: Outcome::Skipped,
            reason: Some(skipped.why),
        });
    }

    fn line(&mut self, line: Line) {
        match line.outcome {
            Outcome::Imported => self.imported += 1,
            Outcome::Changed => self.changed += 1,
            Outcome::Unchanged => self.unchanged += 1,
            Outcome::Removed => self.removed += 1,
            Outcome::Skipped => self.skipped += 1,
            Outcome::Kept => {}
        }
        if self.lines.len() < MOST_LINES {
            self.lines.push(line);
        }
    }
}
