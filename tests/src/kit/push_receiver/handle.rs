//! A device in the hands of a story.

use std::sync::Arc;

use api::demo::device::Device;
use tokio::sync::watch;

use super::{Push, PushAnswer, State};

impl Push {
    /// A request header as text, e.g. `topic`, `ttl` or `urgency`.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The title shown to the reader, of a declarative message (`notification.title`) or a plain one (`title`).
    pub fn title(&self) -> String {
        let declarative = self.payload.pointer("/notification/title");
        let title = declarative.or(self.payload.get("title")).and_then(|title| title.as_str());
        title.unwrap_or_default().to_owned()
    }
}

/// A subscribed device: what it tells the application server, what it has received, and how its service answers.
#[derive(Clone)]
pub struct DeviceHandle {
    id: String,
    endpoint: String,
    device: Arc<Device>,
    state: watch::Sender<State>,
}

impl DeviceHandle {
    pub(super) fn new(id: String, origin: &str, device: Arc<Device>, state: watch::Sender<State>) -> Self {
        let endpoint = format!("{origin}/push/{id}");
        DeviceHandle { id, endpoint, device, state }
    }

    /// The last part of the endpoint, impossible to guess.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Where messages for this device are posted: a capability URL (RFC 8030, section 8.3).
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The public key, base64url without padding (RFC 8291, section 3.1).
    pub fn p256dh(&self) -> String {
        self.device.p256dh()
    }

    /// The authentication secret, base64url without padding (RFC 8291, section 3.2).
    pub fn auth(&self) -> String {
        self.device.auth()
    }

    /// What this device has received, in the order of arrival.
    pub fn received(&self) -> Vec<Push> {
        self.state.borrow().subscribers[&self.id].received.clone()
    }

    /// The titles of what this device has received, in the order of arrival.
    pub fn titles(&self) -> Vec<String> {
        self.received().iter().map(Push::title).collect()
    }

    /// How messages for this device are answered from now on.
    pub fn answer(&self, answer: PushAnswer) {
        self.state.send_modify(|state| {
            if let Some(known) = state.subscribers.get_mut(&self.id) {
                known.answer = answer;
            }
        });
    }
}
