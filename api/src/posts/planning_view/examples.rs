//! Examples, for the contract.

use super::{Audience, Entry, Happening, MailPreview, PlanView, PreviewView, QueueList};
use crate::contract::at;
use crate::posts::view::PostView;
use poem_openapi::types::Example;

impl Example for QueueList {
    fn example() -> Self {
        Self { items: vec![PostView::example()], next_cursor: None }
    }
}

impl Example for PlanView {
    fn example() -> Self {
        Self { items: vec![Entry::example()] }
    }
}

impl Example for Entry {
    fn example() -> Self {
        Self { at: at("2026-12-06T14:00:00Z"), what: Happening::Event, post: PostView::example() }
    }
}

impl Example for Audience {
    fn example() -> Self {
        Self { web_push: 301, email: 114, total: 415 }
    }
}

impl Example for PreviewView {
    fn example() -> Self {
        let push = r#"{"web_push":8030,"notification":{"title":"Lüdenhausen · Termin: Adventssingen","body":"…"}}"#;
        Self { feed: PostView::example(), mail: MailPreview::example(), push: push.to_owned() }
    }
}

impl Example for MailPreview {
    fn example() -> Self {
        Self {
            subject: "Adventssingen auf dem Dorfplatz".to_owned(),
            text: "Adventssingen auf dem Dorfplatz\n\nDer Chor singt.".to_owned(),
            html: "<h1>Adventssingen auf dem Dorfplatz</h1><p>Der Chor singt.</p>".to_owned(),
        }
    }
}
