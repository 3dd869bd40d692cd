//! Examples, for the contract. The push keys are those of RFC 8291, section 5.

use super::{
    ChannelName, ConfirmBody, FollowView, FollowedKind, PushKeys, PushSubscription, StateName, SubscribeBody,
    Subscribed, SubscriptionChangeBody, SubscriptionView,
};
use crate::contract::at;
use crate::subscriptions::reminder_view::EventReminderView;
use crate::subscriptions::waste_view::WasteFollowView;
use poem_openapi::types::Example;
use uuid::uuid;

const ENDPOINT: &str = "https://updates.push.services.mozilla.com/wpush/v2/gAAAAABnQ7h5Zr0eK3mVt2";

impl Example for FollowView {
    fn example() -> Self {
        Self { topic: Some("verkehr".to_owned()), kind: Some(FollowedKind::News), club: None }
    }
}

impl Example for PushSubscription {
    fn example() -> Self {
        Self { endpoint: ENDPOINT.to_owned(), expiration_time: Some(1_798_761_600_000.0), keys: PushKeys::example() }
    }
}

impl Example for PushKeys {
    fn example() -> Self {
        Self {
            p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
                .to_owned(),
            auth: "BTBZMqHH6r4Tts7J_aSIgg".to_owned(),
        }
    }
}

impl Example for SubscribeBody {
    fn example() -> Self {
        Self {
            channel: ChannelName::WebPush,
            web_push: Some(PushSubscription::example()),
            email: None,
            follows: Some(vec![FollowView::example()]),
            alerts: Some(true),
            waste: Some(vec![WasteFollowView::example()]),
            event_reminders: Some(vec![EventReminderView::example()]),
            language: Some("de".to_owned()),
        }
    }
}

impl Example for SubscriptionChangeBody {
    fn example() -> Self {
        Self {
            follows: Some(vec![FollowView::example()]),
            alerts: Some(false),
            waste: Some(vec![WasteFollowView::example()]),
            event_reminders: Some(vec![EventReminderView::example()]),
            language: Some("de".to_owned()),
        }
    }
}

impl Example for ConfirmBody {
    fn example() -> Self {
        Self { token: "AZqxCtJcfJCh2Gs_BcTieR8hYpZ0wN6d".to_owned() }
    }
}

impl Example for SubscriptionView {
    fn example() -> Self {
        Self {
            id: Subscribed::example().id,
            channel: ChannelName::WebPush,
            state: StateName::Active,
            endpoint: Some(ENDPOINT.to_owned()),
            email: None,
            follows: vec![FollowView::example()],
            alerts: true,
            waste: vec![WasteFollowView::example()],
            event_reminders: vec![EventReminderView::example()],
            language: "de".to_owned(),
            created_at: at("2026-11-22T17:45:00Z"),
            confirmed_at: Some(at("2026-11-22T17:45:00Z")),
        }
    }
}

impl Example for Subscribed {
    fn example() -> Self {
        Self {
            id: uuid!("019ab10a-52e7-7c90-a1d8-6b3f05c4e279"),
            secret: "hM3vXq8TzR1nYw5Kc0pLdJb7uGfEa2sQ9iZoVtN6xC4".to_owned(),
            state: StateName::Active,
            alerts: true,
        }
    }
}
