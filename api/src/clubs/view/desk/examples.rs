//! Examples, for the contract.

use super::{
    ClubBody, ClubChangeBody, ClubDecisionBody, ClubStateName, ClubTrustBody, StaffClubList, StaffClubView, TrustName,
};
use crate::clubs::view::{Category, ClubView};
use crate::contract::at;
use poem_openapi::types::Example;
use uuid::uuid;

const MEETS: &str = "Donnerstags um 19:30 Uhr im Dorfgemeinschaftshaus";
const ADDRESS: &str = "vorstand@gesangverein.example";

impl Example for StaffClubView {
    fn example() -> Self {
        Self {
            club: ClubView::example(),
            state: ClubStateName::Active,
            trust: TrustName::Reviewed,
            decision: None,
            managers: 2,
            managers_missing: false,
            version: 3,
            confirmed_at: Some(at("2026-11-24T08:30:00Z")),
            asked_at: None,
            created_at: at("2026-11-24T08:30:00Z"),
        }
    }
}

impl Example for StaffClubList {
    fn example() -> Self {
        Self { items: vec![StaffClubView::example()], next_cursor: None }
    }
}

impl Example for ClubBody {
    fn example() -> Self {
        Self { slug: "feuerwehr".to_owned(), name: "Freiwillige Feuerwehr".to_owned(), category: Category::Rescue }
    }
}

impl Example for ClubChangeBody {
    fn example() -> Self {
        Self {
            name: Some("Gesangverein Lüdenhausen".to_owned()),
            category: Some(Category::Culture),
            description_markdown: Some("Wir singen **vierstimmig**.".to_owned()),
            meeting_times: Some(MEETS.to_owned()),
            contact_name: Some("Clara Beispiel".to_owned()),
            contact_email: Some(ADDRESS.to_owned()),
            contact_phone: Some("05264 12345".to_owned()),
            website: Some("https://gesangverein.example/".to_owned()),
            logo: Some(Some(uuid!("019ab0ef-6a31-7d20-b5c4-0f9e83d2a716"))),
        }
    }
}

impl Example for ClubTrustBody {
    fn example() -> Self {
        Self { trust: TrustName::Trusted }
    }
}

impl Example for ClubDecisionBody {
    fn example() -> Self {
        Self { reason: "Der Verein hat sich aufgelöst.".to_owned() }
    }
}
