//! Examples, for the contract.

use super::{AllClearBody, ReturnBody, ScheduleBody, WithdrawBody};
use crate::local_time::Fold;
use poem_openapi::types::Example;

impl Example for ReturnBody {
    fn example() -> Self {
        Self { comment: "Bitte noch den Treffpunkt angeben.".to_owned() }
    }
}

impl Example for WithdrawBody {
    fn example() -> Self {
        Self { reason: Some("Die Brücke bleibt doch offen.".to_owned()) }
    }
}

impl Example for AllClearBody {
    fn example() -> Self {
        Self { text: "Das Trinkwasser kann wieder ohne Abkochen getrunken werden.".to_owned() }
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
