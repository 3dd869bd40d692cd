//! Examples, for the contract.

use super::{JointBody, JointChangeBody, JointPostList, JointPostView, JointResult, JointStateName};
use crate::contract::at;
use crate::posts::view::{Delivery, Kind, State};
use poem_openapi::types::Example;
use uuid::uuid;

const TITLE: &str = "Wasser abgestellt am Donnerstag";
const BODY: &str = "Von 8 bis 12 Uhr fließt **kein Wasser**.";

impl Example for JointPostView {
    fn example() -> Self {
        Self {
            id: uuid!("019ab160-4c11-7e83-9a20-6b51d0c7f394"),
            municipality: uuid!("019ab0c8-11f0-7d43-b0a5-2e97c6d1f584"),
            villages: vec!["luedenhausen".to_owned(), "stemmen".to_owned()],
            kind: Kind::News,
            state: JointStateName::Published,
            topic: Some("verkehr".to_owned()),
            title: TITLE.to_owned(),
            body_markdown: BODY.to_owned(),
            event: None,
            delivery: Delivery::PushAndMail,
            version: 2,
            author: uuid!("019ab0d4-7c1e-7a52-9d36-41f0c2b7e805"),
            created_at: at("2026-11-23T08:12:00Z"),
            updated_at: at("2026-11-23T09:30:00Z"),
            published_at: Some(at("2026-11-23T09:30:00Z")),
            withdrawn_at: None,
            withdrawal_reason: None,
            all_clear: None,
            expires_at: Some(at("2026-11-27T12:00:00Z")),
            results: Some(vec![JointResult::example()]),
        }
    }
}

impl Example for JointResult {
    fn example() -> Self {
        Self {
            village: "luedenhausen".to_owned(),
            post: Some(uuid!("019ab0f2-3d5c-7b14-8e6a-9c27d40b1f63")),
            state: Some(State::Published),
            version: Some(2),
            up_to_date: true,
            pending: 0,
            delivered: 412,
            told_elsewhere: 17,
            undelivered: 3,
        }
    }
}

impl Example for JointPostList {
    fn example() -> Self {
        Self { items: vec![JointPostView { results: None, ..JointPostView::example() }], next_cursor: None }
    }
}

impl Example for JointBody {
    fn example() -> Self {
        Self {
            villages: Some(vec!["luedenhausen".to_owned(), "stemmen".to_owned()]),
            kind: Kind::News,
            title: TITLE.to_owned(),
            body_markdown: BODY.to_owned(),
            topic: Some("verkehr".to_owned()),
            expires_at: Some(at("2026-11-27T12:00:00Z")),
            event: None,
            delivery: Some(Delivery::PushAndMail),
        }
    }
}

impl Example for JointChangeBody {
    fn example() -> Self {
        Self {
            title: Some("Wasser abgestellt am Freitag".to_owned()),
            body_markdown: Some(BODY.to_owned()),
            topic: Some(Some("verkehr".to_owned())),
            expires_at: Some(Some(at("2026-11-28T12:00:00Z"))),
            event: None,
            notify: Some(true),
        }
    }
}
