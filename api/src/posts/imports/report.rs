//! What came of an import, component by component.

use super::applying::Written;
use crate::calendar::{EventRemark, Remark, SkipReason, Skipped};
use entity::PostId;
use poem_openapi::{Enum, Object};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use uuid::Uuid;

/// What came of an import as a whole. Components are counted, and what is not in the calendar any more.
#[derive(Clone, Debug, Default, Deserialize, Object, PartialEq, Serialize)]
#[oai(rename = "EventImportSummary", example)]
pub struct Summary {
    /// Components that are new.
    pub imported: u32,
    /// Components of events of which something else is said.
    pub changed: u32,
    /// Components of events that are as they were.
    pub unchanged: u32,
    /// Events that the calendar does not have any more, and that were cancelled or taken back.
    pub removed: u32,
    /// Posts that belong to a series again which was changed here from a date on: its calendar said something new, and counts.
    #[serde(default)]
    pub joined: u32,
    /// Components that were left out.
    pub skipped: u32,
    /// What is odd about the calendar as a whole.
    pub remarks: Vec<Remark>,
}

/// What came of a component, or of an event that the calendar does not have any more.
#[derive(Clone, Debug, Deserialize, Object, PartialEq, Serialize)]
#[oai(rename = "EventImportLine", skip_serializing_if_is_none, example)]
pub struct Line {
    /// The how manieth component of the calendar it is, from 1; absent for what it does not have any more.
    pub component: Option<u32>,
    /// What it is called.
    pub title: String,
    /// What came of it.
    pub outcome: Outcome,
    /// Why it was left out.
    pub reason: Option<SkipReason>,
    /// The post that it is.
    pub post: Option<Uuid>,
    /// What is odd about it, and how it was read all the same.
    #[serde(default)]
    pub remarks: Vec<EventRemark>,
}

/// What came of a component.
#[derive(Clone, Copy, Debug, Deserialize, Enum, PartialEq, Eq, Serialize)]
#[oai(rename = "EventImportOutcome", rename_all = "snake_case")]
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
    /// It was how a series went on that was changed here from a date on. The calendar said something new of the series, which has
    /// all of its dates again.
    Joined,
    /// It was left out.
    Skipped,
}

/// What came of an event: the outcome, why it was left out, and the post that it is.
#[derive(Clone, Copy, Debug)]
pub struct Came {
    /// The outcome.
    pub outcome: Outcome,
    /// Why it was left out.
    pub reason: Option<SkipReason>,
    /// The post that it is.
    pub post: Option<PostId>,
}

impl Came {
    /// It became, or is, a post.
    pub fn of(outcome: Outcome, post: PostId) -> Self {
        Self { outcome, reason: None, post: Some(post) }
    }

    /// It was left out.
    pub fn left_out(reason: SkipReason, post: Option<PostId>) -> Self {
        Self { outcome: Outcome::Skipped, reason: Some(reason), post }
    }
}

/// A report while it is written.
#[derive(Default)]
pub struct Report {
    /// The whole.
    pub summary: Summary,
    /// Its lines.
    pub lines: Vec<Line>,
    /// Whether something was left for the next transaction, or the next import.
    pub is_cut_short: bool,
    /// What the import has written so far.
    pub written: Written,
}

impl Report {
    /// What came of an import whose transactions before came to this: what was done then is done, what was left has come now.
    pub fn after(self, before: Self) -> Self {
        let was_left = |line: &Line| line.reason == Some(SkipReason::TooMany);
        let mut done: Vec<Line> = before.lines.into_iter().filter(|line| !was_left(line)).collect();
        let known: HashSet<u32> = done.iter().filter_map(|line| line.component).collect();
        let is_new = |line: &Line| line.component.is_none_or(|number| !known.contains(&number));
        done.extend(self.lines.into_iter().filter(is_new));
        let mut whole = Self { is_cut_short: self.is_cut_short, written: self.written, ..Self::default() };
        whole.summary.remarks = self.summary.remarks;
        done.into_iter().for_each(|line| whole.line(line));
        whole
    }

    /// Notes what came of a component about which nothing is odd.
    pub fn component(&mut self, number: Option<u32>, title: &str, came: Came) {
        self.remarked(number, title, came, &[]);
    }

    /// Notes what came of a component, and what is odd about it.
    pub fn remarked(&mut self, number: Option<u32>, title: &str, came: Came, remarks: &[EventRemark]) {
        let post = came.post.map(|post| post.0);
        let title = title.chars().take(200).collect();
        let (outcome, reason, remarks) = (came.outcome, came.reason, remarks.to_vec());
        self.line(Line { component: number, title, outcome, reason, post, remarks });
    }

    /// Notes a component that was left out.
    pub fn skipped(&mut self, skipped: &Skipped) {
        self.component(Some(skipped.number), &skipped.summary, Came::left_out(skipped.why, None));
    }

    fn line(&mut self, line: Line) {
        let summary = &mut self.summary;
        let count = match line.outcome {
            Outcome::Imported => &mut summary.imported,
            Outcome::Changed => &mut summary.changed,
            Outcome::Unchanged => &mut summary.unchanged,
            Outcome::Removed => &mut summary.removed,
            Outcome::Joined => &mut summary.joined,
            Outcome::Skipped => &mut summary.skipped,
        };
        *count += 1;
        self.lines.push(line);
    }

    /// The lines in the order of the calendar, as they are stored.
    pub fn stored_lines(&mut self) -> Vec<String> {
        self.lines.sort_by_key(|line| line.component.unwrap_or(u32::MAX));
        self.lines.iter().map(|line| serde_json::to_string(line).unwrap_or_default()).collect()
    }

    /// Whether nothing was different from what is there.
    pub fn says_nothing_new(&self) -> bool {
        let Summary { imported, changed, removed, joined, .. } = self.summary;
        imported + changed + removed + joined == 0
    }
}
