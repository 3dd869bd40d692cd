//! Examples, for the contract.

use super::{
    DeliveryChannel, DeliveryCount, DeliveryReason, DeliveryReport, DeliveryStateName, NotificationReport,
    NotifiedKind, PushPublicKey,
};
use crate::contract::at;
use poem_openapi::types::Example;
use uuid::uuid;

impl Example for DeliveryReport {
    fn example() -> Self {
        Self { notifications: vec![NotificationReport::example()] }
    }
}

impl Example for NotificationReport {
    fn example() -> Self {
        let sent = DeliveryCount {
            channel: DeliveryChannel::Email,
            state: DeliveryStateName::Sent,
            reason: None,
            deliveries: 211,
        };
        Self {
            id: uuid!("019ab0f3-08b1-7a6d-9f42-d5e81c3a7b90"),
            kind: NotifiedKind::Published,
            planned: 214,
            delivered: 211,
            pending: 0,
            decided_at: at("2026-11-23T09:30:00Z"),
            started_at: Some(at("2026-11-23T09:30:01Z")),
            finished_at: Some(at("2026-11-23T09:30:04Z")),
            counts: vec![sent, DeliveryCount::example()],
        }
    }
}

impl Example for DeliveryCount {
    fn example() -> Self {
        Self {
            channel: DeliveryChannel::WebPush,
            state: DeliveryStateName::Gone,
            reason: Some(DeliveryReason::EndpointGone),
            deliveries: 3,
        }
    }
}

impl Example for PushPublicKey {
    fn example() -> Self {
        let public_key = "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8";
        Self { public_key: public_key.to_owned() }
    }
}
