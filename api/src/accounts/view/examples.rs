//! Examples, for the contract.

use super::{
    ChangeEmailBody, ChangePasswordBody, LogInList, LogInView, LoginAnswer, LoginBody, Me, NewPasswordBody,
    NewPasswordForm, ResetRequestBody, RoleView, TokenBody,
};
use crate::authority::RoleName;
use crate::contract::at;
use poem_openapi::types::Example;
use uuid::{Uuid, uuid};

const ACCOUNT: Uuid = uuid!("019ab0d4-7c1e-7a52-9d36-41f0c2b7e805");
const PASSWORD: &str = "Kirschkuchen am Sonntag";
const NEW_PASSWORD: &str = "vier Hühner im Gemüsebeet";
const TOKEN: &str = "AZqxCtJcfJCh2Gs_BcTieR8hYpZ0wN6dLk3mQv7oUtE";
const NAME: &str = "Petra Sander";
const ADDRESS: &str = "petra.sander@kalletal.example";

impl Example for LoginBody {
    fn example() -> Self {
        Self { email: ADDRESS.to_owned(), password: PASSWORD.to_owned() }
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

impl Example for LogInView {
    fn example() -> Self {
        Self {
            session: uuid!("019ab0e1-62f3-7d08-8b4c-50a7e913cd42"),
            device: "Firefox, Windows".to_owned(),
            current: true,
            created_at: at("2026-12-22T20:30:00Z"),
            last_used_at: at("2026-12-22T21:30:00Z"),
            expires_at: at("2026-12-23T08:30:00Z"),
        }
    }
}

impl Example for LogInList {
    fn example() -> Self {
        Self { items: vec![LogInView::example()] }
    }
}

impl Example for ChangePasswordBody {
    fn example() -> Self {
        Self { password: PASSWORD.to_owned(), new_password: NEW_PASSWORD.to_owned() }
    }
}

impl Example for ChangeEmailBody {
    fn example() -> Self {
        Self { password: PASSWORD.to_owned(), email: "p.sander@kalletal.example".to_owned() }
    }
}

impl Example for ResetRequestBody {
    fn example() -> Self {
        Self { email: ADDRESS.to_owned() }
    }
}

impl Example for NewPasswordBody {
    fn example() -> Self {
        Self { token: TOKEN.to_owned(), password: NEW_PASSWORD.to_owned() }
    }
}

impl Example for NewPasswordForm {
    fn example() -> Self {
        Self { password: NEW_PASSWORD.to_owned() }
    }
}

impl Example for TokenBody {
    fn example() -> Self {
        Self { token: TOKEN.to_owned() }
    }
}
