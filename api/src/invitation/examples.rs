//! Examples, for the contract.

use super::view::{AcceptInvitationBody, AcceptInvitationForm};
use poem_openapi::types::Example;

impl Example for AcceptInvitationBody {
    fn example() -> Self {
        Self {
            token: "AZqxCtJcfJCh2Gs_BcTieR8hYpZ0wN6dLk3mQv7oUtE".to_owned(),
            name: Some("Petra Sander".to_owned()),
            password: "Kirschkuchen am Sonntag".to_owned(),
        }
    }
}

impl Example for AcceptInvitationForm {
    fn example() -> Self {
        Self { name: Some("Petra Sander".to_owned()), password: "Kirschkuchen am Sonntag".to_owned() }
    }
}
