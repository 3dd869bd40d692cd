//! What travels about reports.

mod examples;

use crate::instant::Instant;
use crate::problem::Problem;
use crate::validate::Faults;
use entity::{Report, ReportReason, ReportState};
use poem_openapi::{Enum, Object};
use serde::Deserialize;
use uuid::Uuid;

/// What is said against a post.
#[derive(Clone, Copy, Debug, Deserialize, Enum, PartialEq, Eq)]
#[oai(rename = "ReportReason", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ReasonName {
    /// It is against the law.
    Illegal,
    /// It shows or tells of somebody who did not agree.
    Privacy,
    /// It insults or incites.
    Offensive,
    /// What it says is wrong.
    Wrong,
    /// It does not belong here.
    OffTopic,
}

/// What became of a report.
#[derive(Clone, Copy, Debug, Enum, PartialEq, Eq)]
#[oai(rename = "ReportState", rename_all = "snake_case")]
pub enum ReportQueue {
    /// Nobody has decided yet.
    Open,
    /// The post stays.
    Kept,
    /// The post was withdrawn.
    Withdrawn,
}

/// What to do with a reported post.
#[derive(Clone, Copy, Debug, Deserialize, Enum, PartialEq, Eq)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ReportedPost {
    /// It stays.
    Keep,
    /// It is withdrawn.
    Withdraw,
}

/// A report to be made.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(example)]
pub struct ReportBody {
    /// What is said against the post.
    reason: ReasonName,
    /// The same in one's own words.
    #[serde(default)]
    #[oai(validator(max_length = 2000), default)]
    explanation: String,
}

/// A report, checked.
pub struct ReportText {
    /// What is said against the post.
    pub reason: ReasonName,
    /// The same in one's own words.
    pub explanation: String,
}

/// A report that was just made, with its secret.
#[derive(Object)]
#[oai(example)]
pub struct Reported {
    /// Its identifier.
    pub id: Uuid,
    /// To be sent as `Authorization: Bearer …` to read what was decided. Shown once.
    pub secret: String,
}

/// What was decided, for the reporter and the author.
#[derive(Object)]
#[oai(skip_serializing_if_is_none, example)]
pub struct ReportDecision {
    /// The report.
    id: Uuid,
    /// The post it is about.
    post: Uuid,
    /// What was said against the post.
    reason: ReasonName,
    /// What became of it.
    state: ReportQueue,
    /// Why; absent while it is open.
    reasons: Option<String>,
    /// When it was decided.
    decided_at: Option<Instant>,
}

/// What was decided about a post.
#[derive(Object)]
#[oai(example)]
pub struct ReportDecisions {
    /// The decisions, the latest first.
    pub items: Vec<ReportDecision>,
}

/// A report, as the desk sees it.
#[derive(Object)]
#[oai(rename = "Report", skip_serializing_if_is_none, example)]
pub struct ReportView {
    /// Its identifier.
    id: Uuid,
    /// The post it is about.
    post: Uuid,
    /// The title the post has now.
    post_title: String,
    /// What is said against the post.
    reason: ReasonName,
    /// The same in the reporter's words.
    explanation: String,
    /// What became of it.
    state: ReportQueue,
    /// Why; absent while it is open.
    reasons: Option<String>,
    /// When it was made.
    created_at: Instant,
    /// When it was decided.
    decided_at: Option<Instant>,
    /// How many more reports of the post there are than the twenty that can be read. They are decided with any of these.
    further: i64,
}

/// A page of reports.
#[derive(Object)]
#[oai(skip_serializing_if_is_none, example)]
pub struct ReportList {
    /// The reports, the oldest first.
    pub items: Vec<ReportView>,
    /// The cursor of the next page, if there is one.
    pub next_cursor: Option<String>,
}

/// A decision to be made.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(example)]
pub struct DecisionBody {
    /// What to do with the post.
    decision: ReportedPost,
    /// Why, for the reporter and the author.
    #[oai(validator(min_length = 1, max_length = 2000))]
    reasons: String,
}

/// A decision, checked.
pub struct Decision {
    /// What becomes of the report.
    pub state: ReportState,
    /// Why.
    pub reasons: String,
}

impl ReportBody {
    /// Checks the values.
    pub fn checked(self) -> Result<ReportText, Problem> {
        let mut faults = Faults::default();
        let explanation = faults.paragraphs("/explanation", &self.explanation, 0, 2000);
        faults.into_result(ReportText { reason: self.reason, explanation })
    }
}

impl DecisionBody {
    /// Checks the values.
    pub fn checked(self) -> Result<Decision, Problem> {
        let mut faults = Faults::default();
        let reasons = faults.paragraphs("/reasons", &self.reasons, 1, 2000);
        let state = match self.decision {
            ReportedPost::Keep => ReportState::Kept,
            ReportedPost::Withdraw => ReportState::Withdrawn,
        };
        faults.into_result(Decision { state, reasons })
    }
}

fn reasons(report: &Report) -> Option<String> {
    matches!(report.state, ReportState::Kept | ReportState::Withdrawn).then(|| report.decision.clone())
}

impl From<&Report> for ReportDecision {
    fn from(report: &Report) -> Self {
        Self {
            id: report.id.0,
            post: report.post.0,
            reason: report.reason.into(),
            state: report.state.into(),
            reasons: reasons(report),
            decided_at: report.decided_at.map(Into::into),
        }
    }
}

impl From<&Report> for ReportView {
    fn from(report: &Report) -> Self {
        Self {
            id: report.id.0,
            post: report.post.0,
            post_title: report.post_title.clone(),
            reason: report.reason.into(),
            explanation: report.explanation.clone(),
            state: report.state.into(),
            reasons: reasons(report),
            created_at: report.created_at.into(),
            decided_at: report.decided_at.map(Into::into),
            further: report.further,
        }
    }
}

impl From<ReasonName> for ReportReason {
    fn from(reason: ReasonName) -> Self {
        match reason {
            ReasonName::Illegal => Self::Illegal,
            ReasonName::Privacy => Self::Privacy,
            ReasonName::Offensive => Self::Offensive,
            ReasonName::Wrong => Self::Wrong,
            ReasonName::OffTopic => Self::OffTopic,
        }
    }
}

impl From<ReportReason> for ReasonName {
    fn from(reason: ReportReason) -> Self {
        match reason {
            ReportReason::Illegal => Self::Illegal,
            ReportReason::Privacy => Self::Privacy,
            ReportReason::Offensive => Self::Offensive,
            ReportReason::Wrong => Self::Wrong,
            ReportReason::OffTopic => Self::OffTopic,
        }
    }
}

impl From<ReportQueue> for ReportState {
    fn from(state: ReportQueue) -> Self {
        match state {
            ReportQueue::Open => Self::Open,
            ReportQueue::Kept => Self::Kept,
            ReportQueue::Withdrawn => Self::Withdrawn,
        }
    }
}

impl From<ReportState> for ReportQueue {
    fn from(state: ReportState) -> Self {
        match state {
            ReportState::Open | ReportState::Counted => Self::Open,
            ReportState::Kept => Self::Kept,
            ReportState::Withdrawn => Self::Withdrawn,
        }
    }
}
