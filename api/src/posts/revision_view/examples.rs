//! Examples, for the contract.

use super::{ApprovalBody, RevisionStateName, RevisionView};
use crate::contract::at;
use crate::posts::memory_view::PieceView;
use crate::posts::view::Delivery;
use poem_openapi::types::Example;
use uuid::uuid;

impl Example for RevisionView {
    fn example() -> Self {
        Self {
            post: uuid!("019ab0f2-3d5c-7b14-8e6a-9c27d40b1f63"),
            state: RevisionStateName::HandedIn,
            version: 1,
            account: uuid!("019ab0d4-7c1e-7a52-9d36-41f0c2b7e805"),
            account_name: Some("Clara Beispiel".to_owned()),
            since: at("2026-11-28T08:30:00Z"),
            based_on: 3,
            fields: vec!["/body_markdown".to_owned()],
            overtaken: vec!["/title".to_owned()],
            title: "Chorprobe".to_owned(),
            body_markdown: "Wir proben jetzt im Gemeindehaus.".to_owned(),
            body_difference: Some(vec![PieceView::example()]),
            topic: Some("vereine".to_owned()),
            expires_at: None,
            event: None,
            delivery: Delivery::PushAndMail,
            media: vec![uuid!("019ab0ef-6a31-7d20-b5c4-0f9e83d2a716")],
            notify: Some(true),
        }
    }
}

impl Example for ApprovalBody {
    fn example() -> Self {
        Self { notify: Some(true) }
    }
}
