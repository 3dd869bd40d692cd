//! Examples, for the contract.

use super::{LoginAnswer, LoginBody, Me, RoleView};
use crate::authority::RoleName;
use crate::contract::at;
use poem_openapi::types::Example;
use uuid::{Uuid, uuid};

const ACCOUNT: Uuid = uuid!("019ab0d4-7c1e-7a52-9d36-41f0c2b7e805");
const NAME: &str = "Petra Sander";
const ADDRESS: &str = "petra.sander@kalletal.example";

impl Example for LoginBody {
    fn example() -> Self {
        Self { email: ADDRESS.to_owned(), password: "Kirschkuchen am Sonntag".to_owned() }
    }
}

impl Example for LoginAnswer {
    fn example() -> Self {
        Self {
            token: "Zk8wQ2rXn5vTbY1cLh7pJd0mFs3gAe9uViKo6NqRtWx".to_owned(),
            expires_at: at("2026-12-23T08:30:00Z"),
            account: ACCOUNT,
            name: NAME.to_owned(),
        }
    }
}

impl Example for Me {
    fn example() -> Self {
        Self {
            account: ACCOUNT,
            name: NAME.to_owned(),
            email: ADDRESS.to_owned(),
            operator: false,
            expires_at: at("2026-12-23T08:30:00Z"),
            roles: vec![RoleView::example()],
        }
    }
}

impl Example for RoleView {
    fn example() -> Self {
        Self {
            village: "luedenhausen".to_owned(),
            role: RoleName::Editor,
            starts_at: Some(at("2026-12-01T07:00:00Z")),
            ends_at: Some(at("2027-01-10T17:00:00Z")),
        }
    }
}
