//! Examples, for the contract.

use super::{
    AcceptBody, AcceptForm, ClubBody, ClubChangeBody, ClubDecisionBody, ClubInvitationBody, ClubInvitationList,
    ClubInvitationView, ClubMemberList, ClubMemberView, ClubRoleName, ClubStateName, ClubTrustBody, StaffClubList,
    StaffClubView, TrustName,
};
use crate::authority::RoleName;
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

impl Example for ClubMemberView {
    fn example() -> Self {
        Self {
            account: uuid!("019ab0d4-7c1e-7a52-9d36-41f0c2b7e805"),
            name: "Clara Beispiel".to_owned(),
            email: ADDRESS.to_owned(),
            role: RoleName::ClubManager,
        }
    }
}

impl Example for ClubMemberList {
    fn example() -> Self {
        Self { items: vec![ClubMemberView::example()] }
    }
}

impl Example for ClubInvitationBody {
    fn example() -> Self {
        Self { email: ADDRESS.to_owned(), role: ClubRoleName::ClubManager, instead_of_me: false }
    }
}

impl Example for ClubInvitationView {
    fn example() -> Self {
        Self {
            id: uuid!("019ab162-0b7c-7e11-8f3a-6d25c9e4a108"),
            email: ADDRESS.to_owned(),
            role: RoleName::ClubManager,
            hand_over: false,
            expires_at: at("2026-12-08T08:30:00Z"),
        }
    }
}

impl Example for ClubInvitationList {
    fn example() -> Self {
        Self { items: vec![ClubInvitationView::example()] }
    }
}

impl Example for AcceptBody {
    fn example() -> Self {
        Self {
            token: "AZqxCtJcfJCh2Gs_BcTieR8hYpZ0wN6d".to_owned(),
            name: Some("Clara Beispiel".to_owned()),
            password: "vier Stimmen unterm Lindenbaum".to_owned(),
        }
    }
}

impl Example for AcceptForm {
    fn example() -> Self {
        Self { name: Some("Clara Beispiel".to_owned()), password: "vier Stimmen unterm Lindenbaum".to_owned() }
    }
}
