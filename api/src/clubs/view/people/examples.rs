//! Examples, for the contract.

use super::{ClubInvitationBody, ClubInvitationList, ClubInvitationView, ClubMemberList, ClubMemberView, ClubRoleName};
use crate::authority::RoleName;
use crate::contract::at;
use poem_openapi::types::Example;
use uuid::uuid;

const ADDRESS: &str = "vorstand@gesangverein.example";

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
