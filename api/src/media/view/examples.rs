//! Examples, for the contract.

use super::{Kind, MediaChangeBody, MediaList, MediaView};
use crate::contract::at;
use poem_openapi::types::Example;
use uuid::uuid;

const ALT: &str = "Der verschneite Dorfplatz mit dem Baum";

impl Example for MediaView {
    fn example() -> Self {
        let id = uuid!("019ab0ef-6a31-7d20-b5c4-0f9e83d2a716");
        Self {
            id,
            kind: Kind::Image,
            content_type: "image/jpeg".to_owned(),
            file_name: "Dorfplatz im Schnee.jpg".to_owned(),
            bytes: 412_806,
            width: Some(2560),
            height: Some(1707),
            alt: ALT.to_owned(),
            credit: Some("Anna Beispiel".to_owned()),
            licence: Some("CC BY 4.0".to_owned()),
            url: "/v1/villages/luedenhausen/media/5c1e0f7a9b3d42688e17a4c05d92f6b3.jpg".to_owned(),
            content_url: format!("/v1/admin/villages/luedenhausen/media/{id}/content"),
            in_use: true,
            version: 1,
            created_at: at("2026-11-23T08:05:00Z"),
        }
    }
}

impl Example for MediaList {
    fn example() -> Self {
        Self { items: vec![MediaView::example()], next_cursor: None }
    }
}

impl Example for MediaChangeBody {
    fn example() -> Self {
        Self {
            alt: Some(ALT.to_owned()),
            credit: Some(Some("Anna Beispiel".to_owned())),
            licence: Some(Some("CC BY 4.0".to_owned())),
        }
    }
}
