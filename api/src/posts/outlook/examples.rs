//! Examples, for the contract.

use super::{Clash, EventOutlook, EventPreview, EventPreviewBody, NextDate};
use crate::contract::at;
use crate::posts::event_view::{EventBody, EventView};
use poem_openapi::types::Example;
use uuid::uuid;

impl Example for EventPreviewBody {
    fn example() -> Self {
        Self { event: EventBody::example(), post: Some(uuid!("019ab0f2-3d5c-7b14-8e6a-9c27d40b1f63")) }
    }
}

impl Example for EventPreview {
    fn example() -> Self {
        Self { event: EventView::example(), next_dates: vec![NextDate::example()], clashes: vec![Clash::example()] }
    }
}

impl Example for EventOutlook {
    fn example() -> Self {
        Self { next_dates: vec![NextDate::example()], clashes: vec![Clash::example()] }
    }
}

impl Example for NextDate {
    fn example() -> Self {
        Self {
            starts_local: "2026-12-06T15:00:00".to_owned(),
            ends_local: Some("2026-12-06T18:00:00".to_owned()),
            starts_at: at("2026-12-06T14:00:00Z"),
            cancelled: false,
        }
    }
}

impl Example for Clash {
    fn example() -> Self {
        Self {
            starts_local: "2026-12-06T14:30:00".to_owned(),
            ends_local: Some("2026-12-06T17:00:00".to_owned()),
            place: Some("Gemeindehaus".to_owned()),
            club: Some("heimatverein".to_owned()),
            public: true,
            title: Some("Nikolauskaffee".to_owned()),
        }
    }
}
