//! What travels when a subscription's holder asks for everything that is stored.

use super::Export;
use super::view::SubscriptionView;
use crate::consent;
use crate::contract::at;
use crate::instant::Instant;
use crate::text::Language;
use entity::{Consent, ConsentAct, DeliveryRecord, DeliveryState};
use poem_openapi::types::Example;
use poem_openapi::{Enum, Object};
use uuid::{Uuid, uuid};

/// Everything that is stored about a subscription.
#[derive(Object)]
#[oai(example)]
pub struct SubscriptionExport {
    /// The subscription.
    subscription: SubscriptionView,
    /// What was agreed to and when, the oldest first.
    consents: Vec<ConsentView>,
    /// What was sent, the latest first; after some weeks only anonymous counts are kept.
    deliveries: Vec<DeliveredView>,
}

/// One act of consenting.
#[derive(Object)]
#[oai(rename = "Consent", skip_serializing_if_is_none, example)]
pub struct ConsentView {
    /// What was done.
    act: ConsentName,
    /// The version of the text that was shown; absent for a withdrawal.
    text_version: Option<String>,
    /// When.
    at: Instant,
}

/// What was done about a consent.
#[derive(Clone, Copy, Debug, Enum, PartialEq, Eq)]
#[oai(rename = "ConsentAct", rename_all = "snake_case")]
pub enum ConsentName {
    /// The mailbox was asked by mail.
    Asked,
    /// Its owner agreed.
    Given,
    /// It was withdrawn.
    Withdrawn,
}

/// One message to the subscription.
#[derive(Object)]
#[oai(rename = "DeliveredMessage", skip_serializing_if_is_none, example)]
pub struct DeliveredView {
    /// The post it told of; absent for the question whether to confirm and for reminders of collections.
    post: Option<Uuid>,
    /// How it went.
    state: DeliveredName,
    /// How often it was tried.
    attempts: i32,
    /// When it came to an end.
    settled_at: Option<Instant>,
}

/// How a message went.
#[derive(Clone, Copy, Debug, Enum, PartialEq, Eq)]
#[oai(rename = "DeliveredState", rename_all = "snake_case")]
pub enum DeliveredName {
    /// It is on its way.
    Pending,
    /// It was handed over.
    Sent,
    /// It was given up.
    GivenUp,
}

/// The words that one agrees to by subscribing.
#[derive(Object)]
#[oai(example)]
pub struct ConsentText {
    /// The version: the day the words began to be shown.
    version: String,
    /// The language of the words.
    language: String,
    /// The words.
    text: String,
}

impl ConsentText {
    /// The words in a language.
    pub fn in_language(language: Language) -> Self {
        Self {
            version: consent::VERSION.to_owned(),
            language: language.tag().to_owned(),
            text: consent::text().in_language(language).to_owned(),
        }
    }
}

impl From<&Export> for SubscriptionExport {
    fn from(export: &Export) -> Self {
        Self {
            subscription: (&export.held).into(),
            consents: export.consents.iter().map(Into::into).collect(),
            deliveries: export.deliveries.iter().map(Into::into).collect(),
        }
    }
}

impl From<&Consent> for ConsentView {
    fn from(consent: &Consent) -> Self {
        let act = match consent.act {
            ConsentAct::Asked => ConsentName::Asked,
            ConsentAct::Given => ConsentName::Given,
            ConsentAct::Withdrawn => ConsentName::Withdrawn,
        };
        let text_version = Some(consent.text_version.clone()).filter(|version| !version.is_empty());
        Self { act, text_version, at: consent.at.into() }
    }
}

impl From<&DeliveryRecord> for DeliveredView {
    fn from(record: &DeliveryRecord) -> Self {
        let state = match record.state {
            DeliveryState::Pending => DeliveredName::Pending,
            DeliveryState::Sent => DeliveredName::Sent,
            _ => DeliveredName::GivenUp,
        };
        Self { post: record.post, state, attempts: record.attempts, settled_at: record.settled_at.map(Into::into) }
    }
}

impl Example for SubscriptionExport {
    fn example() -> Self {
        Self {
            subscription: SubscriptionView::example(),
            consents: vec![ConsentView::example()],
            deliveries: vec![DeliveredView::example()],
        }
    }
}

impl Example for ConsentView {
    fn example() -> Self {
        let text_version = Some(consent::VERSION.to_owned());
        Self { act: ConsentName::Given, text_version, at: at("2026-11-24T10:21:00Z") }
    }
}

impl Example for DeliveredView {
    fn example() -> Self {
        Self {
            post: Some(uuid!("019ab0f2-3d5c-7b14-8e6a-9c27d40b1f63")),
            state: DeliveredName::Sent,
            attempts: 1,
            settled_at: Some(at("2026-11-24T10:30:04Z")),
        }
    }
}

impl Example for ConsentText {
    fn example() -> Self {
        Self::in_language(Language::German)
    }
}
