//! Sending by web push (RFC 8030): the only file that speaks to push services.

use super::encryption::encrypt;
use super::gate::Pace;
use super::origins::Origins;
use super::retry::{Retry, retry_after};
use super::way::{Attempt, Pass, Way, alert};
use crate::app::App;
use crate::message::Matter;
use crate::outbound::{NotAllowed, PushHosts};
use crate::places::Places;
use chrono::{DateTime, TimeDelta, Utc};
use entity::{Claimed, Holder, NotificationId, Outcome, PushEndpoint, Reason};
use reqwest::{Client, Response, StatusCode};
use ring::rand::SystemRandom;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

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
    /// The alert that it tells of.
    alert: Option<NotificationId>,
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
        let patience = TimeDelta::seconds(i64::try_from(app.settings.push.timeout_s).unwrap_or(60));
        let origins = Origins::new(app.settings.push.max_in_flight_per_origin, patience);
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
            alert: alert(&matter.notification),
        }
    }

    /// The places that the recipient's push service has; none when it may not be sent to.
    pub fn places(&self, to: &Claimed) -> Option<Places> {
        let Holder::WebPush(push) = &to.holder else { return None };
        let origin = self.hosts.check(&push.endpoint).ok()?;
        Some(self.origins.way(&origin).places.clone())
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
        let Ok(authorization) = self.app.vapid.authorization(&origin, now) else {
            return self.retry(prepared, to).later(Reason::Unsendable);
        };
        let way = self.origins.way(&origin);
        let (whose, recipient) = (Some(village), to.subscription.0);
        let pass = match way.ask(Attempt { whose, recipient, number: to.attempt, alert: prepared.alert }, now) {
            Ok(pass) => pass,
            Err(held) => return self.retry(prepared, to).held(held),
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
        let retry = Retry { for_others: pass.is_try(), ..self.retry(prepared, to) };
        match request.send().await {
            Ok(response) => self.answered(response, (&way, &pass), &retry).await,
            Err(error) => failed(&error, (&way, &pass), &retry),
        }
    }

    fn retry(&self, prepared: &Prepared, to: &Claimed) -> Retry<'_> {
        Retry { app: &self.app, attempt: to.attempt, expires_at: prepared.expires_at, for_others: false }
    }

    fn encrypted(&self, village: entity::VillageId, prepared: &Prepared, push: &PushEndpoint) -> Option<Vec<u8>> {
        let auth = self.app.secrets.unseal_push_auth(village, push)?;
        encrypt(&prepared.payload, &push.p256dh, &auth, self.app.secrets.salt(), &self.random).ok()
    }

    /// What an answer means for this recipient, and for whom else.
    async fn answered(&self, response: Response, (way, pass): (&Way, &Pass), retry: &Retry<'_>) -> Outcome {
        let status = response.status();
        let asked = response.headers().get("retry-after").and_then(|value| value.to_str().ok());
        let asked = retry_after(asked, self.app.clock.now());
        drain(response).await;
        if let Some(why) = trouble(status) {
            way.fails(pass, &retry.failure(why, Pace::QUICK));
            return retry.not_before(asked, why);
        }
        way.works(pass);
        match status {
            status if status.is_success() => Outcome::Sent,
            StatusCode::NOT_FOUND | StatusCode::GONE => Outcome::Gone(Reason::EndpointGone),
            StatusCode::PAYLOAD_TOO_LARGE => Outcome::Refused(Reason::TooLarge),
            StatusCode::REQUEST_TIMEOUT => retry.not_before(asked, Reason::Timeout),
            StatusCode::MISDIRECTED_REQUEST | StatusCode::TOO_EARLY => retry.not_before(asked, Reason::Unavailable),
            StatusCode::TOO_MANY_REQUESTS => retry.not_before(asked, Reason::TooManyRequests),
            // Whoever says when to come again refuses for now only, as Microsoft's service does with 406.
            status if status.is_client_error() && asked.is_some() => retry.not_before(asked, Reason::TooManyRequests),
            _ => Outcome::Refused(Reason::Rejected),
        }
    }
}

/// Why an answer may mean that the push service takes nothing from anybody: it does not accept our identity, or is in trouble.
/// Whether it does, others' answers tell. A single one of it counts against the recipient only: such an endpoint may belong to
/// somebody else's key.
fn trouble(status: StatusCode) -> Option<Reason> {
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Some(Reason::Unauthorised),
        status if status.is_server_error() => Some(Reason::Unavailable),
        _ => None,
    }
}

/// No answer came.
fn failed(error: &reqwest::Error, (way, pass): (&Way, &Pass), retry: &Retry<'_>) -> Outcome {
    if refused_by_guard(error) {
        way.not_tried(pass);
        return Outcome::Refused(Reason::EndpointNotAllowed);
    }
    let why = if error.is_timeout() { Reason::Timeout } else { Reason::ConnectionLost };
    way.fails(pass, &retry.failure(why, Pace::QUICK));
    retry.later(why)
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
