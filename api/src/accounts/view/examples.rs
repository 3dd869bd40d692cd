//! Examples, for the contract.

use super::{
    AccountList, AccountView, BeginSecondFactorBody, ChangeEmailBody, ChangePasswordBody, CodeAndPasswordBody,
    CodeBody, EditedMunicipalityView, LogInList, LogInView, LoginAnswer, LoginBody, Me, NewPasswordBody,
    NewPasswordForm, PasswordBody, RecoveryCodes, ResetRequestBody, RoleView, SecondFactorForm, SecondFactorRuleBody,
    SecondFactorRuleView, SecondFactorSetUp, TokenBody,
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

impl Example for BeginSecondFactorBody {
    fn example() -> Self {
        Self { password: PASSWORD.to_owned(), token: None }
    }
}

impl Example for SecondFactorForm {
    fn example() -> Self {
        Self { password: Some(PASSWORD.to_owned()), code: None }
    }
}

impl Example for LoginBody {
    fn example() -> Self {
        Self { email: ADDRESS.to_owned(), password: PASSWORD.to_owned(), code: None }
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
            second_factor: true,
            expires_at: at("2026-12-23T08:30:00Z"),
            roles: vec![RoleView::example()],
            municipalities: vec![EditedMunicipalityView::example()],
        }
    }
}

impl Example for EditedMunicipalityView {
    fn example() -> Self {
        Self {
            municipality: uuid!("019ab0c2-18d5-7b60-a4f7-93e2d6c05b71"),
            name: "Kalletal".to_owned(),
            villages: vec!["luedenhausen".to_owned(), "stemmen".to_owned()],
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

impl Example for PasswordBody {
    fn example() -> Self {
        Self { password: PASSWORD.to_owned() }
    }
}

impl Example for CodeBody {
    fn example() -> Self {
        Self { code: "492039".to_owned() }
    }
}

impl Example for CodeAndPasswordBody {
    fn example() -> Self {
        Self { password: PASSWORD.to_owned(), code: "492039".to_owned() }
    }
}

impl Example for SecondFactorSetUp {
    fn example() -> Self {
        let secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
        let otpauth_url =
            format!("otpauth://totp/Dorf-App:petra.sander%40kalletal.example?secret={secret}&issuer=Dorf-App");
        Self { otpauth_url, secret: secret.to_owned() }
    }
}

impl Example for RecoveryCodes {
    fn example() -> Self {
        Self { codes: vec!["3f9a1-c07be-24d58-9e6b0".to_owned(), "b82d4-17fa3-c6509-e1d7a".to_owned()] }
    }
}

impl Example for SecondFactorRuleBody {
    fn example() -> Self {
        Self { required: true }
    }
}

impl Example for SecondFactorRuleView {
    fn example() -> Self {
        Self { required: true }
    }
}

impl Example for AccountView {
    fn example() -> Self {
        Self { account: ACCOUNT, name: NAME.to_owned(), email: ADDRESS.to_owned(), operator: false, disabled: false }
    }
}

impl Example for AccountList {
    fn example() -> Self {
        Self { items: vec![AccountView::example()] }
    }
}
