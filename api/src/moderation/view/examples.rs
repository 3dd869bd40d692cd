//! Examples, for the contract.

use super::{
    DecisionBody, ReasonName, ReportBody, ReportDecision, ReportDecisions, ReportList, ReportQueue, ReportView,
    Reported, ReportedPost,
};
use crate::contract::at;
use poem_openapi::types::Example;
use uuid::{Uuid, uuid};

const REPORT: Uuid = uuid!("019ab13c-8d21-7f06-b4e9-52c7a1f3d068");
const POST: Uuid = uuid!("019ab0f2-3d5c-7b14-8e6a-9c27d40b1f63");
const EXPLANATION: &str = "Auf dem Foto bin ich zu sehen und wurde nicht gefragt.";
const REASONS: &str = "Die abgebildete Person hat der Veröffentlichung nicht zugestimmt.";

impl Example for ReportBody {
    fn example() -> Self {
        Self { reason: ReasonName::Privacy, explanation: EXPLANATION.to_owned() }
    }
}

impl Example for Reported {
    fn example() -> Self {
        Self { id: REPORT, secret: "bX9mQ2vT7kLwR4cN1sYdE8hJ0aZfU5gP3iO6qWtKxVc".to_owned() }
    }
}

impl Example for ReportDecision {
    fn example() -> Self {
        Self {
            id: REPORT,
            post: POST,
            reason: ReasonName::Privacy,
            state: ReportQueue::Withdrawn,
            reasons: Some(REASONS.to_owned()),
            decided_at: Some(at("2026-11-25T09:05:00Z")),
        }
    }
}

impl Example for ReportDecisions {
    fn example() -> Self {
        Self { items: vec![ReportDecision::example()] }
    }
}

impl Example for ReportView {
    fn example() -> Self {
        Self {
            id: REPORT,
            post: POST,
            post_title: "Adventssingen auf dem Dorfplatz".to_owned(),
            reason: ReasonName::Privacy,
            explanation: EXPLANATION.to_owned(),
            state: ReportQueue::Withdrawn,
            reasons: Some(REASONS.to_owned()),
            created_at: at("2026-11-24T18:40:00Z"),
            decided_at: Some(at("2026-11-25T09:05:00Z")),
            further: 0,
        }
    }
}

impl Example for ReportList {
    fn example() -> Self {
        Self { items: vec![ReportView::example()], next_cursor: None }
    }
}

impl Example for DecisionBody {
    fn example() -> Self {
        Self { decision: ReportedPost::Withdraw, reasons: REASONS.to_owned() }
    }
}
