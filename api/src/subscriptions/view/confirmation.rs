//! What confirming a mailbox takes and gives.

use poem_openapi::Object;
use poem_openapi::types::Example;
use serde::Deserialize;
use uuid::{Uuid, uuid};

/// The token of a confirmation mail.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(example)]
pub struct ConfirmBody {
    /// The last part of the link in the mail.
    #[oai(validator(max_length = 128))]
    pub token: String,
}

/// A mailbox that is confirmed.
#[derive(Object)]
#[oai(skip_serializing_if_is_none, example)]
pub struct Confirmation {
    /// The subscription's identifier.
    pub id: Uuid,
    /// To be sent as `Authorization: Bearer …` to read, change or end it. Shown once: absent when it was confirmed before.
    pub secret: Option<String>,
}

impl Example for Confirmation {
    fn example() -> Self {
        Self {
            id: uuid!("019ab10a-52e7-7c90-a1d8-6b3f05c4e279"),
            secret: Some("Hc4pVb9sLw2xKe7RzYt1UqNf5Gm8Aj0DoXi3SkCvQyE".to_owned()),
        }
    }
}

impl Example for ConfirmBody {
    fn example() -> Self {
        Self { token: "AZqxCtJcfJCh2Gs_BcTieR8hYpZ0wN6d".to_owned() }
    }
}
