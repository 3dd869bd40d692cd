//! Examples, for the contract.

use super::{AuditEntryView, AuditList};
use crate::contract::at;
use poem_openapi::types::Example;
use uuid::uuid;

impl Example for AuditEntryView {
    fn example() -> Self {
        Self {
            number: 42,
            at: at("2026-11-23T09:30:00Z"),
            account: Some(uuid!("019ab0d4-7c1e-7a52-9d36-41f0c2b7e805")),
            account_name: Some("Petra Sander".to_owned()),
            action: "post.published".to_owned(),
            subject: uuid!("019ab0f2-3d5c-7b14-8e6a-9c27d40b1f63"),
            from_version: Some(1),
            to_version: Some(2),
            detail: Some("event".to_owned()),
        }
    }
}

impl Example for AuditList {
    fn example() -> Self {
        Self { items: vec![AuditEntryView::example()], next_cursor: None }
    }
}
