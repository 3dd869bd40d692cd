//! Examples, for the contract.

use super::{
    DateKindView, DateList, DateView, DistrictBody, DistrictChangeBody, DistrictList, DistrictView, IconName,
    ImportList, ImportView, KindChangeBody, KindList, KindView,
};
use crate::calendar::{Remark, SkipReason};
use crate::contract::at;
use crate::waste::report::{Line, Outcome, Report};
use chrono::{DateTime, NaiveDate, Utc};
use poem_openapi::types::Example;
use uuid::uuid;

fn day() -> NaiveDate {
    at::<DateTime<Utc>>("2026-12-01T00:00:00Z").date_naive()
}

impl Example for DistrictView {
    fn example() -> Self {
        Self { slug: "ahornweg".to_owned(), name: "Ahornweg und Birkenweg".to_owned(), version: 1 }
    }
}

impl Example for DistrictList {
    fn example() -> Self {
        Self { items: vec![DistrictView::example()] }
    }
}

impl Example for DistrictBody {
    fn example() -> Self {
        Self { slug: "ahornweg".to_owned(), name: "Ahornweg und Birkenweg".to_owned() }
    }
}

impl Example for DistrictChangeBody {
    fn example() -> Self {
        Self { name: Some("Ahornweg, Birkenweg und Buchenweg".to_owned()) }
    }
}

impl Example for KindView {
    fn example() -> Self {
        Self {
            id: DateKindView::example().id,
            label: "Restmüll 2-wöchentlich".to_owned(),
            name: "Restmüll".to_owned(),
            icon: IconName::Residual,
            colour: Some("#4a4a4a".to_owned()),
            version: 2,
        }
    }
}

impl Example for KindList {
    fn example() -> Self {
        Self { items: vec![KindView::example()] }
    }
}

impl Example for KindChangeBody {
    fn example() -> Self {
        Self { name: Some("Restmüll".to_owned()), icon: Some(IconName::Residual), colour: Some("#4a4a4a".to_owned()) }
    }
}

impl Example for DateKindView {
    fn example() -> Self {
        Self {
            id: uuid!("019ab2c1-0a4e-7b60-93d5-6c8e17f2a904"),
            name: "Restmüll".to_owned(),
            icon: IconName::Residual,
            colour: Some("#4a4a4a".to_owned()),
        }
    }
}

impl Example for DateView {
    fn example() -> Self {
        Self {
            id: uuid!("019ab2c3-7712-7e05-8a3b-d4f0c96e1b58"),
            day: day(),
            kind: DateKindView::example(),
            note: Some("Wegen des Feiertags einen Tag später.".to_owned()),
        }
    }
}

impl Example for DateList {
    fn example() -> Self {
        Self { items: vec![DateView::example()] }
    }
}

impl Example for Line {
    fn example() -> Self {
        Self {
            component: Some(7),
            label: "Restmüll 2-wöchentlich".to_owned(),
            day: Some(day()),
            outcome: Outcome::Skipped,
            reason: Some(SkipReason::Repeated),
        }
    }
}

impl Example for Report {
    fn example() -> Self {
        Self {
            imported: 2,
            changed: 0,
            unchanged: 110,
            removed: 1,
            skipped: 1,
            remarks: vec![Remark::OtherEncoding],
            lines: vec![Line::example()],
        }
    }
}

impl Example for ImportView {
    fn example() -> Self {
        Self {
            id: uuid!("019ab2c5-13f8-7d44-b0e6-95a27c3d8f10"),
            account: uuid!("019ab0d4-7c1e-7a52-9d36-41f0c2b7e805"),
            at: at("2026-11-25T09:12:00Z"),
            report: Report::example(),
        }
    }
}

impl Example for ImportList {
    fn example() -> Self {
        Self { items: vec![ImportView::example()] }
    }
}
