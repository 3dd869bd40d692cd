//! Examples, for the contract.

use super::{ReturnBody, ScheduleBody};
use crate::local_time::Fold;
use poem_openapi::types::Example;

impl Example for ReturnBody {
    fn example() -> Self {
        Self { comment: "Bitte noch den Treffpunkt angeben.".to_owned() }
    }
}

impl Example for ScheduleBody {
    fn example() -> Self {
        Self {
            publish_at_local: "2026-12-01T09:00".to_owned(),
            zone: Some("Europe/Berlin".to_owned()),
            fold: Some(Fold::Earlier),
        }
    }
}
