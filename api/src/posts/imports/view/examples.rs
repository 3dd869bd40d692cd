//! Examples, for the contract.

use super::{
    CalendarBody, CalendarChangeBody, CalendarList, CalendarView, ImportList, ImportView, LineList, LoadingOutcome,
};
use crate::calendar::{EventRemark, Remark};
use crate::contract::at;
use crate::posts::imports::report::{Line, Outcome, Summary};
use poem_openapi::types::Example;
use uuid::{Uuid, uuid};

const CALENDAR: Uuid = uuid!("019ab2d0-4b7e-7c15-a3f2-8e06d91c5b74");
const ACCOUNT: Uuid = uuid!("019ab0d4-7c1e-7a52-9d36-41f0c2b7e805");
const NAME: &str = "Proben und Auftritte";
const URL: &str = "https://gesangverein.example/termine.ics";

impl Example for CalendarView {
    fn example() -> Self {
        Self {
            id: CALENDAR,
            name: NAME.to_owned(),
            club: Some("gesangverein".to_owned()),
            topic: Some("kultur".to_owned()),
            url: Some(URL.to_owned()),
            account: ACCOUNT,
            outcome: LoadingOutcome::Imported,
            failures: 0,
            checked_at: Some(at("2026-11-25T09:12:00Z")),
            version: 1,
        }
    }
}

impl Example for CalendarList {
    fn example() -> Self {
        Self { items: vec![CalendarView::example()] }
    }
}

impl Example for CalendarBody {
    fn example() -> Self {
        Self { name: NAME.to_owned(), club: None, topic: Some("kultur".to_owned()), url: Some(URL.to_owned()) }
    }
}

impl Example for CalendarChangeBody {
    fn example() -> Self {
        Self {
            name: Some("Alle Termine".to_owned()),
            topic: Some(Some("kultur".to_owned())),
            url: Some(Some(URL.to_owned())),
        }
    }
}

impl Example for Summary {
    fn example() -> Self {
        Self {
            imported: 12,
            changed: 1,
            unchanged: 30,
            removed: 0,
            joined: 0,
            skipped: 2,
            remarks: vec![Remark::OtherEncoding],
        }
    }
}

impl Example for Line {
    fn example() -> Self {
        Self {
            component: Some(1),
            title: "Adventssingen".to_owned(),
            outcome: Outcome::Imported,
            reason: None,
            post: Some(uuid!("019ab0f2-3d5c-7b14-8e6a-9c27d40b1f63")),
            remarks: vec![EventRemark::UnknownZone],
        }
    }
}

impl Example for ImportView {
    fn example() -> Self {
        Self {
            id: uuid!("019ab2d1-90c3-7f28-b5a1-4d7e62f80c19"),
            calendar: CALENDAR,
            account: ACCOUNT,
            by_itself: false,
            at: at("2026-11-25T09:12:00Z"),
            summary: Summary::example(),
        }
    }
}

impl Example for ImportList {
    fn example() -> Self {
        Self { items: vec![ImportView::example()] }
    }
}

impl Example for LineList {
    fn example() -> Self {
        Self { items: vec![Line::example()], next_cursor: Some("q1dE8nXkTg7vYcPz2mUoRAGavQ1OgnA".to_owned()) }
    }
}
