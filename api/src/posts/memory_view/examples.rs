//! Examples, for the contract.

use super::{
    CommentBody, CommentList, CommentName, CommentView, DifferenceView, PieceChange, PieceView, TemplateBody,
    TemplateList, TemplateView, VersionEntry, VersionList, VersionView,
};
use crate::contract::at;
use crate::posts::event_view::EventView;
use crate::posts::view::{Delivery, Kind};
use poem_openapi::types::Example;
use uuid::{Uuid, uuid};

const ACCOUNT: Uuid = uuid!("019ab0d4-7c1e-7a52-9d36-41f0c2b7e805");

impl Example for VersionEntry {
    fn example() -> Self {
        Self {
            version: 2,
            account: ACCOUNT,
            account_name: Some("Mara Muster".to_owned()),
            saved_at: at("2026-11-23T09:30:00Z"),
            title: "Adventssingen auf dem Dorfplatz".to_owned(),
        }
    }
}

impl Example for VersionList {
    fn example() -> Self {
        Self { items: vec![VersionEntry::example()], next_cursor: None }
    }
}

impl Example for VersionView {
    fn example() -> Self {
        Self {
            version: 2,
            account: ACCOUNT,
            account_name: Some("Mara Muster".to_owned()),
            saved_at: at("2026-11-23T09:30:00Z"),
            title: "Adventssingen auf dem Dorfplatz".to_owned(),
            body_markdown: "Der Chor singt.".to_owned(),
            topic: Some("feste".to_owned()),
            expires_at: Some(at("2026-12-06T19:00:00Z")),
            event: Some(EventView::example()),
            delivery: Delivery::PushAndMail,
        }
    }
}

impl Example for DifferenceView {
    fn example() -> Self {
        Self { from: 1, to: 2, fields: vec!["/body_markdown".to_owned()], body_markdown: vec![PieceView::example()] }
    }
}

impl Example for PieceView {
    fn example() -> Self {
        Self { change: PieceChange::Added, text: "Die Feuerwehr grillt.\n".to_owned() }
    }
}

impl Example for CommentView {
    fn example() -> Self {
        Self {
            id: uuid!("019ab0f5-11aa-7c42-8d01-5b9e0c7f2a36"),
            account: ACCOUNT,
            account_name: Some("Mara Muster".to_owned()),
            kind: CommentName::Return,
            text: "Bitte noch den Treffpunkt angeben.".to_owned(),
            created_at: at("2026-11-23T09:10:00Z"),
        }
    }
}

impl Example for CommentList {
    fn example() -> Self {
        Self { items: vec![CommentView::example()], next_cursor: None }
    }
}

impl Example for CommentBody {
    fn example() -> Self {
        Self { text: "Der Treffpunkt ist die Schule.".to_owned() }
    }
}

impl Example for TemplateView {
    fn example() -> Self {
        Self {
            id: uuid!("019ab0f6-20bb-7d13-9e44-7c1f3a5d8e02"),
            name: "Straßensperrung".to_owned(),
            kind: Kind::News,
            club: None,
            title: "Sperrung der …".to_owned(),
            body_markdown: "Von … bis … ist die … gesperrt.".to_owned(),
            created_at: at("2026-11-20T10:00:00Z"),
        }
    }
}

impl Example for TemplateList {
    fn example() -> Self {
        Self { items: vec![TemplateView::example()] }
    }
}

impl Example for TemplateBody {
    fn example() -> Self {
        Self { name: "Straßensperrung".to_owned(), post: uuid!("019ab0f2-3d5c-7b14-8e6a-9c27d40b1f63") }
    }
}
