//! Sending by web push (RFC 8030): the only file that speaks to push services.

use super::encryption::encrypt;
use super::origins::Origins;
use super::retry::{Retry, retry_after};
use crate::app::App;
use crate::message::Matter;
use crate::outbound::{NotAllowed, PushHosts};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{Claimed, Holder, Outcome, PushEndpoint, Reason};
use reqwest::{Client, Response, StatusCode};
use ring::rand::SystemRandom;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// The most of an answer that is read.
const MOST_READ: usize = 16 * 1024;

/// Sends pushes.
pub struct WebPush {
    app: App,
    client: Client,
    hosts: PushHosts,
    origins: Origins,
    random: SystemRandom,
    public_url: String,
}

/// A payload with what its headers say, the same for all recipients of a notification.
pub struct Prepared {
    payload: Vec<u8>,
    topic: String,
    urgency: &'static str,
    ttl_s: i64,
    expires_at: DateTime<Utc>,
}

impl WebPush {
    /// Opens the way to push services, as the settings allow it: no redirects, no proxies, checked addresses only.
    ///
    /// # Errors
    /// When the system's root certificates cannot be used.
    pub fn new(app: App) -> anyhow::Result<Self> {
        let hosts = PushHosts::new(&app.settings.push.allowed_hosts);
        let client = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(Duration::from_secs(app.settings.push.timeout_s))
            .dns_resolver(Arc::new(hosts.clone()))
            .pool_max_idle_per_host(app.settings.push.max_in_flight_per_origin)
            .tcp_nodelay(true)
            .build()?;
        let origins = Origins::new(app.settings.push.max_in_flight_per_origin);
        let public_url = app.settings.public_url();
        Ok(Self { app, client, hosts, origins, random: SystemRandom::new(), public_url })
    }

    /// Prepares what all recipients of a notification get.
    pub fn prepare(&self, matter: &Matter, now: DateTime<Utc>) -> Prepared {
        Prepared {
            payload: matter.payload(&self.public_url),
            topic: matter.topic(),
            urgency: matter.urgency(),
            ttl_s: matter.ttl_s(now),
            expires_at: matter.notification.expires_at,
        }
    }

    /// The places that the recipient's push service has; none when it may not be sent to.
    pub fn places(&self, to: &Claimed) -> Option<Arc<Semaphore>> {
        let Holder::WebPush(push) = &to.holder else { return None };
        let origin = self.hosts.check(&push.endpoint).ok()?;
        Some(self.origins.seats(&origin))
    }

    /// Sends to one recipient, who has a place.
    pub async fn send(&self, village: entity::VillageId, prepared: &Prepared, to: &Claimed) -> Outcome {
        let Holder::WebPush(push) = &to.holder else {
            return Outcome::Refused(Reason::SubscriptionEnded);
        };
        // A stored endpoint is checked again when it is used: the list may have changed.
        let Ok(origin) = self.hosts.check(&push.endpoint) else {
            return Outcome::Refused(Reason::EndpointNotAllowed);
        };
        let Some(body) = self.encrypted(village, prepared, push) else {
            return Outcome::Refused(Reason::Unsendable);
        };
        let now = self.app.clock.now();
        let retry = Retry { app: &self.app, attempt: to.attempt, expires_at: prepared.expires_at, now };
        if let Some((until, why)) = self.origins.paused(&origin, now) {
            return retry.paused_until(until, why);
        }
        let Ok(authorization) = self.app.vapid.authorization(&origin, now) else {
            return retry.later(Reason::Unsendable);
        };
        let request = self
            .client
            .post(&push.endpoint)
            .header("authorization", authorization.as_ref())
            .header("content-encoding", "aes128gcm")
            .header("content-type", "application/octet-stream")
            .header("ttl", prepared.ttl_s)
            .header("urgency", prepared.urgency)
            .header("topic", &prepared.topic)
            .body(body);
        match request.send().await {
            Ok(response) => self.answered(response, &origin, &retry).await,
            Err(error) => self.failed(&error, &origin, &retry),
        }
    }

    fn encrypted(&self, village: entity::VillageId, prepared: &Prepared, push: &PushEndpoint) -> Option<Vec<u8>> {
        let auth = self.app.secrets.unseal_push_auth(village, push)?;
        encrypt(&prepared.payload, &push.p256dh, &auth, self.app.secrets.salt(), &self.random).ok()
    }

    async fn answered(&self, response: Response, origin: &str, retry: &Retry<'_>) -> Outcome {
        self.origins.answered(origin);
        let status = response.status();
        let asked = response.headers().get("retry-after").and_then(|value| value.to_str().ok());
        let asked = retry_after(asked, retry.now);
        drain(response).await;
        match status {
            status if status.is_success() => Outcome::Sent,
            StatusCode::NOT_FOUND | StatusCode::GONE => Outcome::Gone(Reason::EndpointGone),
            StatusCode::PAYLOAD_TOO_LARGE => Outcome::Refused(Reason::TooLarge),
            StatusCode::TOO_MANY_REQUESTS => retry.not_before(asked, Reason::TooManyRequests),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => self.not_accepted(origin, retry),
            status if status.is_server_error() => retry.not_before(asked, Reason::Unavailable),
            _ => Outcome::Refused(Reason::Rejected),
        }
    }

    /// Our identity is not accepted: a fault of our configuration, not of the recipient. Nobody is deleted for it.
    fn not_accepted(&self, origin: &str, retry: &Retry<'_>) -> Outcome {
        let pause_s = self.app.settings.push.pause_s;
        let until = retry.now + TimeDelta::seconds(i64::try_from(pause_s).unwrap_or(900));
        self.origins.pause(origin, until, Reason::Unauthorised);
        tracing::error!(origin, pause_s, "a push service does not accept our VAPID key or contact; it is paused");
        retry.paused_until(until, Reason::Unauthorised)
    }

    fn failed(&self, error: &reqwest::Error, origin: &str, retry: &Retry<'_>) -> Outcome {
        if refused_by_guard(error) {
            return Outcome::Refused(Reason::EndpointNotAllowed);
        }
        let why = if error.is_timeout() { Reason::Timeout } else { Reason::ConnectionLost };
        self.origins.failed(origin, why, retry.now);
        retry.later(why)
    }
}

/// Reads a short answer to its end, so that the connection can be used again; a long one is cut off.
async fn drain(mut response: Response) {
    let mut read = 0;
    while let Ok(Some(chunk)) = response.chunk().await {
        read += chunk.len();
        if read > MOST_READ {
            return;
        }
    }
}

fn refused_by_guard(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if inner.is::<NotAllowed>() {
            return true;
        }
        cause = inner.source();
    }
    false
}
