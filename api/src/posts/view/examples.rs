//! Examples, for the contract.

use super::{
    AllClearView, AttachedView, Delivery, EventBody, EventOutlook, EventView, Kind, PostBody, PostChangeBody, PostList,
    PostView, State, StepName,
};
use crate::contract::at;
use crate::markdown;
use poem_openapi::types::Example;
use uuid::{Uuid, uuid};

const TITLE: &str = "Adventssingen auf dem Dorfplatz";
const MEDIA: Uuid = uuid!("019ab0ef-6a31-7d20-b5c4-0f9e83d2a716");
const BODY: &str = "Der Chor singt, die Feuerwehr **grillt**, alle sind eingeladen.";

impl Example for PostView {
    fn example() -> Self {
        Self {
            id: uuid!("019ab0f2-3d5c-7b14-8e6a-9c27d40b1f63"),
            village: "luedenhausen".to_owned(),
            kind: Kind::Event,
            state: State::Published,
            topic: Some("feste".to_owned()),
            club: Some("gesangverein".to_owned()),
            municipality: None,
            title: TITLE.to_owned(),
            body_markdown: BODY.to_owned(),
            body_html: markdown::to_html(BODY),
            event: Some(EventView::example()),
            continues: None,
            continued_by: Some(uuid!("019ab0f7-52e0-7a19-b3c8-64d1f07e2a95")),
            media: vec![AttachedView::example()],
            version: 2,
            created_at: at("2026-11-23T08:12:00Z"),
            updated_at: at("2026-11-23T09:30:00Z"),
            published_at: Some(at("2026-11-23T09:30:00Z")),
            withdrawn_at: None,
            withdrawal_reason: None,
            all_clear: None,
            expires_at: Some(at("2026-12-06T19:00:00Z")),
            publish_at: None,
            delivery: Some(Delivery::PushAndMail),
            author: Some(uuid!("019ab0d4-7c1e-7a52-9d36-41f0c2b7e805")),
            steps: Some(vec![StepName::Change, StepName::Announce, StepName::Withdraw]),
            revision: None,
            outlook: Some(EventOutlook::example()),
            following: Some(uuid!("019ab0f7-52e0-7a19-b3c8-64d1f07e2a95")),
        }
    }
}

impl Example for AllClearView {
    fn example() -> Self {
        Self { at: at("2026-11-23T17:00:00Z"), text: "Das Wasser kann wieder getrunken werden.".to_owned() }
    }
}

impl Example for PostList {
    fn example() -> Self {
        Self { items: vec![PostView::example()], next_cursor: None }
    }
}

impl Example for PostBody {
    fn example() -> Self {
        Self {
            kind: Kind::Event,
            title: TITLE.to_owned(),
            body_markdown: BODY.to_owned(),
            topic: Some("feste".to_owned()),
            club: None,
            expires_at: Some(at("2026-12-06T19:00:00Z")),
            event: Some(EventBody::example()),
            media: vec![MEDIA],
            delivery: Some(Delivery::PushAndMail),
        }
    }
}

impl Example for PostChangeBody {
    fn example() -> Self {
        Self {
            title: Some("Adventssingen in der Kirche".to_owned()),
            body_markdown: Some("Wegen des Regens singt der Chor in der **Kirche**.".to_owned()),
            topic: Some(Some("feste".to_owned())),
            expires_at: Some(Some(at("2026-12-06T19:00:00Z"))),
            event: Some(EventBody::example_at("Kirche Lüdenhausen")),
            media: Some(vec![MEDIA]),
            delivery: None,
            notify: Some(true),
        }
    }
}
