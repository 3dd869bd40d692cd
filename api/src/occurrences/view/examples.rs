//! Examples, for the contract.

use super::{DateState, OccurrenceList, OccurrenceView, PlannedDateView, PlannedDates};
use crate::contract::at;
use poem_openapi::types::Example;
use uuid::uuid;

impl Example for OccurrenceView {
    fn example() -> Self {
        Self {
            id: uuid!("019ab0f2-44d0-7e21-9a5f-0b7c3d9e1a64"),
            post: uuid!("019ab0f2-3d5c-7b14-8e6a-9c27d40b1f63"),
            date: "2026-12-20T15:00:00".to_owned(),
            starts_local: "2026-12-20T17:00:00".to_owned(),
            ends_local: Some("2026-12-20T19:00:00".to_owned()),
            zone: "Europe/Berlin".to_owned(),
            all_day: false,
            starts_at: at("2026-12-20T16:00:00Z"),
            ends_at: at("2026-12-20T18:00:00Z"),
            state: DateState::Changed,
            title: "Adventssingen bei Kerzenlicht".to_owned(),
            place: Some("Kirche Lüdenhausen".to_owned()),
            note: Some("Wegen des Regens in der Kirche.".to_owned()),
            club: Some("gesangverein".to_owned()),
            topic: Some("feste".to_owned()),
        }
    }
}

impl Example for OccurrenceList {
    fn example() -> Self {
        Self { items: vec![OccurrenceView::example()], next_cursor: None }
    }
}

impl Example for PlannedDateView {
    fn example() -> Self {
        Self {
            starts_local: "2026-12-20T17:00:00".to_owned(),
            ends_local: Some("2026-12-20T19:00:00".to_owned()),
            all_day: false,
            starts_at: at("2026-12-20T16:00:00Z"),
            ends_at: at("2026-12-20T18:00:00Z"),
            place: Some("Kirche Lüdenhausen".to_owned()),
            club: Some("gesangverein".to_owned()),
            public: true,
            title: Some("Adventssingen bei Kerzenlicht".to_owned()),
            post: Some(uuid!("019ab0f2-3d5c-7b14-8e6a-9c27d40b1f63")),
        }
    }
}

impl Example for PlannedDates {
    fn example() -> Self {
        Self { items: vec![PlannedDateView::example()] }
    }
}
