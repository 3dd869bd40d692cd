//! What travels about subscriptions.

mod examples;

use super::Held;
use super::reminder_view::{self, EventReminderView};
use super::waste_view::{self, WasteFollowView};
use crate::app::App;
use crate::authority::InVillage;
use crate::instant::Instant;
use crate::outbound::PushHosts;
use crate::problem::Problem;
use crate::secrets::sha256;
use crate::validate::Faults;
use base64::Engine;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use entity::{Channel, Follow, Holder, Mailbox, PostKind, PushEndpoint, SubscriptionState};
use poem_openapi::{Enum, Object};
use serde::Deserialize;
use uuid::Uuid;

/// Most things one subscription can follow.
const MOST_FOLLOWS: usize = 50;

/// base64url as browsers write it, with or without padding.
const BASE64URL: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// How a resident is reached.
#[derive(Clone, Copy, Debug, Deserialize, Enum, PartialEq, Eq)]
#[oai(rename = "Channel", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ChannelName {
    /// A push subscription of a browser or app.
    WebPush,
    /// A mailbox.
    Email,
}

/// The kind of post that is followed.
#[derive(Clone, Copy, Debug, Deserialize, Enum, PartialEq, Eq)]
#[oai(rename = "FollowedKind", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum FollowedKind {
    /// News of the town hall.
    News,
    /// Notices of clubs.
    Notice,
    /// Things with a date.
    Event,
    /// Warnings.
    Alert,
}

/// Where a subscription is in its life.
#[derive(Clone, Copy, Debug, Enum, PartialEq, Eq)]
#[oai(rename = "SubscriptionState", rename_all = "snake_case")]
pub enum StateName {
    /// Waits for the mailbox's owner to confirm.
    Pending,
    /// Gets what it follows.
    Active,
}

/// One thing followed: posts about `topic`, of `kind` and by `club`, each meaning any when absent. Several add up.
#[derive(Clone, Debug, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(rename = "Follow", skip_serializing_if_is_none, example)]
pub struct FollowView {
    /// Only posts about the topic with this slug.
    #[serde(default)]
    pub topic: Option<String>,
    /// Only posts of this kind.
    #[serde(default)]
    pub kind: Option<FollowedKind>,
    /// Only posts by the club with this slug.
    #[serde(default)]
    pub club: Option<String>,
}

/// What `PushSubscription.toJSON()` gives in a browser.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(example)]
pub struct PushSubscription {
    /// Where the push service takes messages for this browser.
    #[oai(validator(max_length = 1024))]
    endpoint: String,
    /// Browsers send it, mostly null; it is not used.
    #[serde(default, rename = "expirationTime")]
    #[oai(rename = "expirationTime", nullable)]
    #[allow(dead_code, reason = "accepted because browsers send it")]
    expiration_time: Option<f64>,
    /// The keys that messages are encrypted with.
    keys: PushKeys,
}

/// The keys of a push subscription (RFC 8291).
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(example)]
pub struct PushKeys {
    /// The browser's public key: an uncompressed P-256 point of 65 bytes, base64url.
    #[oai(validator(max_length = 128))]
    p256dh: String,
    /// The browser's authentication secret: 16 bytes, base64url.
    #[oai(validator(max_length = 64))]
    auth: String,
}

/// A wish to subscribe.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(example)]
pub struct SubscribeBody {
    /// How the resident is to be reached.
    channel: ChannelName,
    /// The browser's push subscription; needed exactly when `channel` is `web_push`.
    #[serde(default)]
    web_push: Option<PushSubscription>,
    /// The mailbox; needed exactly when `channel` is `email`.
    #[serde(default)]
    #[oai(validator(max_length = 254))]
    email: Option<String>,
    /// What to be told of; everything unless given.
    #[serde(default)]
    #[oai(validator(max_items = 50))]
    follows: Option<Vec<FollowView>>,
    /// Whether to be told of alerts, whatever is followed; they are told unless this is false. Without, an alert comes neither by
    /// topic nor by kind.
    #[serde(default)]
    alerts: Option<bool>,
    /// The waste districts to be reminded of; none unless given.
    #[serde(default)]
    #[oai(validator(max_items = 5))]
    waste: Option<Vec<WasteFollowView>>,
    /// The reminders before dates of the events that are followed; none unless given.
    #[serde(default)]
    #[oai(validator(max_items = 3))]
    event_reminders: Option<Vec<EventReminderView>>,
    /// The language to be addressed in, `de` or `en`; the village's unless given.
    #[serde(default)]
    language: Option<String>,
}

/// A change of a subscription: what is absent stays.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(example)]
pub struct SubscriptionChangeBody {
    /// All that is followed from now on.
    #[serde(default)]
    #[oai(validator(max_items = 50))]
    follows: Option<Vec<FollowView>>,
    /// Whether to be told of alerts from now on, whatever is followed.
    #[serde(default)]
    alerts: Option<bool>,
    /// All waste districts to be reminded of from now on.
    #[serde(default)]
    #[oai(validator(max_items = 5))]
    waste: Option<Vec<WasteFollowView>>,
    /// All reminders before dates of the events that are followed, from now on.
    #[serde(default)]
    #[oai(validator(max_items = 3))]
    event_reminders: Option<Vec<EventReminderView>>,
    /// The language to be addressed in from now on, `de` or `en`.
    #[serde(default)]
    language: Option<String>,
}

/// The token of a confirmation mail.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(example)]
pub struct ConfirmBody {
    /// The last part of the link in the mail.
    #[oai(validator(max_length = 128))]
    pub token: String,
}

/// A subscription, as its holder sees it: everything that is stored about it.
#[derive(Object)]
#[oai(rename = "Subscription", skip_serializing_if_is_none, example)]
pub struct SubscriptionView {
    /// Its identifier.
    id: Uuid,
    /// How its holder is reached.
    channel: ChannelName,
    /// Where it is in its life.
    state: StateName,
    /// The push endpoint.
    endpoint: Option<String>,
    /// The mailbox.
    email: Option<String>,
    /// What it follows.
    follows: Vec<FollowView>,
    /// Whether it is told of alerts, whatever it follows.
    alerts: bool,
    /// The waste districts it is reminded of.
    waste: Vec<WasteFollowView>,
    /// The reminders before dates of the events that it follows.
    event_reminders: Vec<EventReminderView>,
    /// The language its holder is addressed in.
    language: String,
    /// When it was asked for.
    created_at: Instant,
    /// When it was confirmed.
    confirmed_at: Option<Instant>,
}

/// A subscription that was just made, with its secret.
#[derive(Object)]
#[oai(example)]
pub struct Subscribed {
    /// Its identifier.
    pub id: Uuid,
    /// To be sent as `Authorization: Bearer …` to read, change or end it. Shown once.
    pub secret: String,
    /// Where it is in its life: a mailbox is `pending` until its owner confirms by the link in the mail.
    pub state: StateName,
    /// Whether it is told of alerts, whatever it follows.
    pub alerts: bool,
}

/// A wish to subscribe, checked.
#[derive(Clone)]
pub struct Wanted {
    pub holder: Holder,
    pub follows: Vec<FollowView>,
    pub alerts: Option<bool>,
    pub waste: Vec<WasteFollowView>,
    pub leads: Vec<i32>,
    pub language: Option<String>,
}

/// What is to change of a subscription, checked: what is absent stays.
pub struct Change {
    pub follows: Option<Vec<FollowView>>,
    pub alerts: Option<bool>,
    pub waste: Option<Vec<WasteFollowView>>,
    pub leads: Option<Vec<i32>>,
    pub language: Option<String>,
}

impl SubscribeBody {
    /// Checks the values.
    pub fn checked(self, app: &App, here: &InVillage, hosts: &PushHosts) -> Result<Wanted, Problem> {
        let mut faults = Faults::default();
        if (self.channel == ChannelName::WebPush) != self.web_push.is_some() {
            faults.add(
                "/web_push",
                "gehört genau zum Kanal web_push",
                "belongs to the channel web_push, and to it only",
            );
        }
        if (self.channel == ChannelName::Email) != self.email.is_some() {
            faults.add("/email", "gehört genau zum Kanal email", "belongs to the channel email, and to it only");
        }
        let holder = match (self.web_push, self.email) {
            (Some(push), None) => push.checked(&mut faults, app, here, hosts),
            (None, Some(email)) => {
                let address = faults.address("/email", &email);
                Holder::Email(Mailbox { key: address.to_lowercase(), address })
            }
            _ => Holder::Nobody,
        };
        let follows = self.follows.unwrap_or_else(|| vec![FollowView { topic: None, kind: None, club: None }]);
        let waste = self.waste.unwrap_or_default();
        check(&mut faults, &follows, self.language.as_deref());
        waste_view::check(&mut faults, &waste);
        let leads = reminder_view::checked(&mut faults, &self.event_reminders.unwrap_or_default());
        let (alerts, language) = (self.alerts, self.language);
        faults.into_result(Wanted { holder, follows, alerts, waste, leads, language })
    }
}

impl SubscriptionChangeBody {
    /// Checks the values.
    pub fn checked(self) -> Result<Change, Problem> {
        let mut faults = Faults::default();
        check(&mut faults, self.follows.as_deref().unwrap_or_default(), self.language.as_deref());
        waste_view::check(&mut faults, self.waste.as_deref().unwrap_or_default());
        let leads = self.event_reminders.map(|reminders| reminder_view::checked(&mut faults, &reminders));
        let (follows, alerts, waste) = (self.follows, self.alerts, self.waste);
        faults.into_result(Change { follows, alerts, waste, leads, language: self.language })
    }
}

fn check(faults: &mut Faults, follows: &[FollowView], language: Option<&str>) {
    if follows.len() > MOST_FOLLOWS {
        let most = MOST_FOLLOWS;
        faults.add("/follows", format!("hat mehr als {most} Einträge"), format!("has more than {most} entries"));
    }
    if language.is_some_and(|language| !matches!(language, "de" | "en")) {
        faults.add("/language", "muss de oder en sein", "must be de or en");
    }
}

impl PushSubscription {
    fn checked(self, faults: &mut Faults, app: &App, here: &InVillage, hosts: &PushHosts) -> Holder {
        if hosts.check(&self.endpoint).is_err() {
            faults.add(
                "/web_push/endpoint",
                "ist keine https-Adresse eines zugelassenen Push-Dienstes",
                "is not an https address of an allowed push service",
            );
        }
        let p256dh = BASE64URL.decode(&self.keys.p256dh).unwrap_or_default();
        if p256dh.len() != 65 || p256::PublicKey::from_sec1_bytes(&p256dh).is_err() {
            faults.add(
                "/web_push/keys/p256dh",
                "ist kein unkomprimierter P-256-Punkt in base64url",
                "is not an uncompressed P-256 point in base64url",
            );
        }
        let auth = BASE64URL.decode(&self.keys.auth).unwrap_or_default();
        if auth.len() != 16 {
            faults.add("/web_push/keys/auth", "sind nicht 16 Bytes in base64url", "is not 16 bytes in base64url");
        }
        let endpoint_hash = sha256(self.endpoint.as_bytes());
        let auth_sealed = app.secrets.seal_push_auth(here.village.id, &endpoint_hash, &auth);
        Holder::WebPush(PushEndpoint { endpoint: self.endpoint, endpoint_hash, p256dh, auth_sealed })
    }
}

impl From<&Held> for SubscriptionView {
    fn from(held: &Held) -> Self {
        let subscription = &held.subscription;
        let (endpoint, email) = match &subscription.holder {
            Holder::WebPush(push) => (Some(push.endpoint.clone()), None),
            Holder::Email(mailbox) => (None, Some(mailbox.address.clone())),
            Holder::Nobody => (None, None),
        };
        Self {
            id: subscription.id.0,
            channel: match subscription.channel {
                Channel::WebPush => ChannelName::WebPush,
                Channel::Email => ChannelName::Email,
            },
            state: held.state(),
            endpoint,
            email,
            follows: held.follows.iter().map(Into::into).collect(),
            alerts: subscription.alerts,
            waste: held.waste.iter().map(Into::into).collect(),
            event_reminders: reminder_view::shown(&held.leads),
            language: subscription.language.clone(),
            created_at: subscription.created_at.into(),
            confirmed_at: subscription.confirmed_at.map(Into::into),
        }
    }
}

impl Held {
    /// Where it is in its life.
    pub fn state(&self) -> StateName {
        if self.subscription.state == SubscriptionState::Pending { StateName::Pending } else { StateName::Active }
    }

    /// Its version.
    pub fn version(&self) -> i32 {
        self.subscription.version
    }

    /// Whether it is told of alerts.
    pub fn alerts(&self) -> bool {
        self.subscription.alerts
    }

    /// Its identifier.
    pub fn id(&self) -> Uuid {
        self.subscription.id.0
    }
}

impl From<&Follow> for FollowView {
    fn from(follow: &Follow) -> Self {
        let kind = follow.kind.map(|kind| match kind {
            PostKind::News => FollowedKind::News,
            PostKind::Notice => FollowedKind::Notice,
            PostKind::Event => FollowedKind::Event,
            PostKind::Alert => FollowedKind::Alert,
        });
        Self { topic: follow.topic_slug.clone(), kind, club: follow.club_slug.clone() }
    }
}

impl From<FollowedKind> for PostKind {
    fn from(kind: FollowedKind) -> Self {
        match kind {
            FollowedKind::News => Self::News,
            FollowedKind::Notice => Self::Notice,
            FollowedKind::Event => Self::Event,
            FollowedKind::Alert => Self::Alert,
        }
    }
}
