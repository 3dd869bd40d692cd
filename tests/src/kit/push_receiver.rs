//! A push service (RFC 8030) with devices, on a free port of 127.0.0.1, over HTTP/1.1 and HTTP/2.
//!
//! It stands for the servers of the browser makers *and* for the browsers behind them: what arrives is checked as the
//! service would (VAPID, limits) and then opened with the key of the device it was meant for. It can also be told to
//! fail in all the ways such services do. Nothing in here polls: who waits is woken by the arrival.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use api::demo::device::{Device, VapidClaims};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hyper::HeaderMap;
use ring::rand::SystemRandom;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{ServerConfig, crypto::ring::default_provider, pki_types};

pub use answer::PushAnswer;
pub use handle::DeviceHandle;

mod answer;
mod check;
mod handle;
mod requests;

/// How long a story waits for a push before it fails.
const PATIENCE: Duration = Duration::from_secs(30);

/// A push message that was accepted and opened.
#[derive(Debug, Clone)]
pub struct Push {
    /// All request headers, among them `topic`, `ttl` and `urgency` (RFC 8030, section 5).
    pub headers: HeaderMap,
    /// The decrypted content.
    pub payload: serde_json::Value,
    /// Who sent it.
    pub vapid: VapidClaims,
    /// The position among everything this receiver has accepted, from 0.
    pub at: usize,
}

/// A device as the service knows it.
#[derive(Default)]
struct Subscriber {
    device: Arc<Device>,
    answer: PushAnswer,
    received: Vec<Push>,
}

/// What has happened so far, and how to go on.
#[derive(Default)]
struct State {
    subscribers: HashMap<String, Subscriber>,
    /// For devices to come.
    answer: PushAnswer,
    accepted: usize,
    requests: usize,
    in_flight: usize,
    most_in_flight: usize,
    tokens: HashSet<String>,
    faults: Vec<String>,
    held: bool,
    clock: Option<i64>,
}

impl State {
    /// Unix seconds, pretended or real.
    #[expect(clippy::disallowed_methods, reason = "the receiver is the outside world, which has its own clock")]
    fn now(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.clock.unwrap_or(since.as_secs() as i64)
    }
}

/// The service. Dropping it closes the port and all connections.
pub struct PushReceiver {
    origin: Arc<str>,
    state: watch::Sender<State>,
    ca_pem: Option<String>,
    server: JoinHandle<()>,
}

impl Drop for PushReceiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl PushReceiver {
    /// A service in the clear: HTTP/1.1, or HTTP/2 with prior knowledge.
    pub async fn start() -> PushReceiver {
        Self::serve("http", None).await
    }

    /// A service with TLS (ALPN `h2` and `http/1.1`) and a self-signed certificate for `127.0.0.1` and `localhost`.
    pub async fn start_tls() -> PushReceiver {
        Self::serve("https", Some(acceptor())).await
    }

    async fn serve(scheme: &str, tls: Option<(TlsAcceptor, String)>) -> PushReceiver {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("a bound port").port();
        let origin: Arc<str> = format!("{scheme}://127.0.0.1:{port}").into();
        let state = watch::Sender::new(State::default());
        let service = requests::Service::new(origin.clone(), state.clone());
        let (tls, ca_pem) = tls.unzip();
        let server = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(service.clone().accept(stream, tls.clone()));
                while connections.try_join_next().is_some() {}
            }
        });
        PushReceiver { origin, state, ca_pem, server }
    }

    /// Scheme, host and port, e.g. `http://127.0.0.1:41234`; also what VAPID tokens must be made for.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The certificate to trust, in PEM. Panics unless made by [`PushReceiver::start_tls`].
    pub fn ca_pem(&self) -> &str {
        self.ca_pem.as_deref().expect("only a receiver with TLS has a certificate")
    }

    /// A browser that has just allowed notifications. It answers as [`PushReceiver::answer_all`] said last.
    pub async fn new_device(&self) -> DeviceHandle {
        let random: [u8; 16] = ring::rand::generate(&SystemRandom::new()).expect("randomness").expose();
        let (id, device) = (URL_SAFE_NO_PAD.encode(random), Arc::new(Device::new()));
        self.state.send_modify(|state| {
            let answer = state.answer.clone();
            let subscriber = Subscriber { device: device.clone(), answer, received: vec![] };
            state.subscribers.insert(id.clone(), subscriber);
        });
        DeviceHandle::new(id, &self.origin, device, self.state.clone())
    }

    /// How every device, present and to come, answers from now on; replaces what single devices were told.
    pub fn answer_all(&self, answer: PushAnswer) {
        self.state.send_modify(|state| {
            state.subscribers.values_mut().for_each(|known| known.answer = answer.clone());
            state.answer = answer;
        });
    }

    /// Pretends that it is this time, in Unix seconds, when tokens are checked for expiry.
    pub fn set_clock(&self, now_unix: i64) {
        self.state.send_modify(|state| state.clock = Some(now_unix));
    }

    /// From now on requests are read but not looked at or answered, until [`PushReceiver::release`].
    pub fn hold(&self) {
        self.state.send_modify(|state| state.held = true);
    }

    /// Goes on with the requests held, with the answers that are set now.
    pub fn release(&self) {
        self.state.send_modify(|state| state.held = false);
    }

    /// Everything that was wrong with a request, in order; such a request is never accepted (400).
    pub fn faults(&self) -> Vec<String> {
        self.state.borrow().faults.clone()
    }

    /// How many requests have come in, whatever became of them.
    pub fn requests(&self) -> usize {
        self.state.borrow().requests
    }

    /// How many messages have been accepted.
    pub fn accepted(&self) -> usize {
        self.state.borrow().accepted
    }

    /// The highest number of requests that were unanswered at once.
    pub fn max_in_flight(&self) -> usize {
        self.state.borrow().most_in_flight
    }

    /// How many different VAPID tokens have been seen.
    pub fn distinct_vapid_tokens(&self) -> usize {
        self.state.borrow().tokens.len()
    }

    /// Resolves as soon as at least `n` messages have been accepted; panics after 30 s.
    pub async fn wait_for(&self, n: usize) {
        self.until("accepted", |state| state.accepted >= n).await;
    }

    /// Resolves as soon as at least `n` requests have come in, held ones included; panics after 30 s.
    pub async fn wait_for_requests(&self, n: usize) {
        self.until("requested", |state| state.requests >= n).await;
    }

    async fn until(&self, what: &str, happened: impl FnMut(&State) -> bool) {
        let mut changes = self.state.subscribe();
        if tokio::time::timeout(PATIENCE, changes.wait_for(happened)).await.is_err() {
            let state = self.state.borrow();
            let State { requests, accepted, faults, .. } = &*state;
            panic!("too few {what}: {requests} requests, {accepted} accepted, faults: {faults:#?}");
        }
    }
}

/// TLS with a certificate made for this receiver, and the certificate in PEM.
fn acceptor() -> (TlsAcceptor, String) {
    let names = ["127.0.0.1".to_owned(), "localhost".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).expect("a certificate");
    let key = pki_types::PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .expect("TLS 1.2 and 1.3")
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key.into())
        .expect("the key of the certificate");
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    (TlsAcceptor::from(Arc::new(config)), made.cert.pem())
}
