//! Examples, for the contract.

use super::date_body::{DateStateName, Reach};
use super::{AccessName, ChangeName, DateBody, DateChange, EventBody, EventView, Repeats, StatusName};
use poem_openapi::types::Example;

const PLACE: &str = "Dorfplatz Lüdenhausen";
const ADDRESS: &str = "Am Dorfplatz 1, 32689 Kalletal";
const COST: &str = "Eintritt frei";

impl Example for EventView {
    fn example() -> Self {
        Self {
            starts_local: "2026-12-06T15:00:00".to_owned(),
            ends_local: Some("2026-12-06T18:00:00".to_owned()),
            zone: "Europe/Berlin".to_owned(),
            all_day: false,
            rrule: Some("FREQ=WEEKLY;COUNT=3".to_owned()),
            summary: Some(
                "Ab 6. Dezember 2026 jeden Sonntag um 15:00 Uhr, 3-mal, nicht am 13. Dezember 2026, auch am 23. Dezember 2026"
                    .to_owned(),
            ),
            extra_dates: vec!["2026-12-23T15:00:00".to_owned()],
            except_dates: vec!["2026-12-13T15:00:00".to_owned()],
            changed_dates: vec![DateChange::example()],
            status: StatusName::Confirmed,
            place: Some(PLACE.to_owned()),
            address: Some(ADDRESS.to_owned()),
            latitude: Some(52.0731),
            longitude: Some(8.9921),
            access: vec![AccessName::StepFree, AccessName::AccessibleToilet],
            cost: Some(COST.to_owned()),
            registration_url: Some("https://gesangverein.example/anmeldung".to_owned()),
            capacity: Some(120),
            uid: Some("019ab0f2-3d5c-7b14-8e6a-9c27d40b1f63".to_owned()),
            sequence: Some(1),
        }
    }
}

impl Example for EventBody {
    fn example() -> Self {
        Self {
            starts_local: "2026-12-06T15:00".to_owned(),
            ends_local: Some("2026-12-06T18:00".to_owned()),
            zone: Some("Europe/Berlin".to_owned()),
            all_day: false,
            rrule: None,
            repeats: Some(Repeats::example()),
            extra_dates: vec!["2026-12-23T15:00".to_owned()],
            except_dates: vec!["2026-12-13".to_owned()],
            except_holidays: true,
            except_school_holidays: false,
            changed_dates: Some(vec![DateChange::example()]),
            status: Some(StatusName::Confirmed),
            place: Some(PLACE.to_owned()),
            address: Some(ADDRESS.to_owned()),
            latitude: Some(52.0731),
            longitude: Some(8.9921),
            access: vec![AccessName::StepFree, AccessName::AccessibleToilet],
            cost: Some(COST.to_owned()),
            registration_url: Some("https://gesangverein.example/anmeldung".to_owned()),
            capacity: Some(120),
        }
    }
}

impl EventBody {
    /// The example at another place.
    pub fn example_at(place: &str) -> Self {
        Self { place: Some(place.to_owned()), ..Self::example() }
    }
}

impl Example for DateChange {
    fn example() -> Self {
        Self {
            date: "2026-12-20T15:00:00".to_owned(),
            state: ChangeName::Changed,
            starts_local: Some("2026-12-20T17:00:00".to_owned()),
            ends_local: Some("2026-12-20T19:00:00".to_owned()),
            title: Some("Adventssingen bei Kerzenlicht".to_owned()),
            place: Some("Kirche Lüdenhausen".to_owned()),
            note: Some("Wegen des Regens in der Kirche.".to_owned()),
        }
    }
}

impl Example for DateBody {
    fn example() -> Self {
        Self {
            date: "2026-12-20T15:00".to_owned(),
            state: DateStateName::Changed,
            starts_local: Some("2026-12-20T17:00".to_owned()),
            ends_local: Some("2026-12-20T19:00".to_owned()),
            title: Some("Adventssingen bei Kerzenlicht".to_owned()),
            place: Some("Kirche Lüdenhausen".to_owned()),
            note: Some("Wegen des Regens in der Kirche.".to_owned()),
            rrule: None,
            repeats: None,
            reach: Some(Reach::This),
            notify: Some(true),
        }
    }
}
