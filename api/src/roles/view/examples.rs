//! Examples, for the contract.

use super::{
    AdminBody, EditorRole, InvitationBody, MunicipalityEditorList, MunicipalityEditorView, StaffBody, StaffList,
    StaffMember,
};
use crate::authority::RoleName;
use crate::contract::at;
use poem_openapi::types::Example;
use uuid::{Uuid, uuid};

const ACCOUNT: Uuid = uuid!("019ab0d4-7c1e-7a52-9d36-41f0c2b7e805");
const NAME: &str = "Petra Sander";
const ADDRESS: &str = "petra.sander@kalletal.example";
const PASSWORD: &str = "Kirschkuchen am Sonntag";

impl Example for InvitationBody {
    fn example() -> Self {
        Self {
            email: ADDRESS.to_owned(),
            role: EditorRole::Editor,
            starts_at: Some(at("2026-12-01T07:00:00Z")),
            ends_at: Some(at("2027-01-10T17:00:00Z")),
        }
    }
}

impl Example for StaffBody {
    fn example() -> Self {
        Self {
            email: ADDRESS.to_owned(),
            name: Some(NAME.to_owned()),
            password: Some(PASSWORD.to_owned()),
            role: EditorRole::Editor,
            starts_at: Some(at("2026-12-01T07:00:00Z")),
            ends_at: Some(at("2027-01-10T17:00:00Z")),
        }
    }
}

impl Example for AdminBody {
    fn example() -> Self {
        Self { email: ADDRESS.to_owned(), name: Some(NAME.to_owned()), password: Some(PASSWORD.to_owned()) }
    }
}

impl Example for StaffMember {
    fn example() -> Self {
        Self {
            account: ACCOUNT,
            name: NAME.to_owned(),
            email: ADDRESS.to_owned(),
            role: RoleName::ClubManager,
            club: Some("heimatverein".to_owned()),
            starts_at: Some(at("2026-12-01T07:00:00Z")),
            ends_at: Some(at("2027-01-10T17:00:00Z")),
            may_alert: false,
        }
    }
}

impl Example for StaffList {
    fn example() -> Self {
        Self { items: vec![StaffMember::example()] }
    }
}

impl Example for MunicipalityEditorView {
    fn example() -> Self {
        Self { account: ACCOUNT, name: NAME.to_owned(), email: ADDRESS.to_owned() }
    }
}

impl Example for MunicipalityEditorList {
    fn example() -> Self {
        Self { items: vec![MunicipalityEditorView::example()] }
    }
}
