//! The demo's push service: takes messages over loopback HTTP, checks who they are from (RFC 8292), opens them with the key
//! of the browser they are for (RFC 8291), and remembers what that browser would show.

use super::device::{Device, verify_vapid};
use crate::clock::Clock;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A push service with the browsers behind it.
pub struct PushService {
    origin: String,
    browsers: Arc<Mutex<Vec<Browser>>>,
    task: JoinHandle<()>,
}

struct Browser {
    owner: String,
    device: Device,
    shown: Vec<String>,
}

/// What one browser showed.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Whose browser it is.
    pub owner: String,
    /// The title.
    pub title: String,
}

impl PushService {
    /// Starts on a free port of this machine.
    ///
    /// # Errors
    /// When there is none.
    pub async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let origin = format!("http://{}", listener.local_addr()?);
        let browsers: Arc<Mutex<Vec<Browser>>> = Arc::default();
        let task = tokio::spawn(accept(listener, origin.clone(), browsers.clone()));
        Ok(Self { origin, browsers, task })
    }

    /// Its origin, as endpoints begin with.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// A new browser; gives what its `PushSubscription.toJSON()` would.
    pub fn new_browser(&self, owner: &str) -> serde_json::Value {
        let device = Device::new();
        let keys = serde_json::json!({"p256dh": device.p256dh(), "auth": device.auth()});
        let mut browsers = self.browsers.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        browsers.push(Browser { owner: owner.to_owned(), device, shown: Vec::new() });
        let endpoint = format!("{}/push/{}", self.origin, browsers.len() - 1);
        serde_json::json!({"endpoint": endpoint, "expirationTime": null, "keys": keys})
    }

    /// Everything all browsers showed.
    pub fn received(&self) -> Vec<Shown> {
        let browsers = self.browsers.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let shown = |browser: &Browser| {
            let owner = browser.owner.clone();
            browser
                .shown
                .iter()
                .map(move |title| Shown { owner: owner.clone(), title: title.clone() })
                .collect::<Vec<_>>()
        };
        browsers.iter().flat_map(shown).collect()
    }
}

impl Drop for PushService {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, origin: String, browsers: Arc<Mutex<Vec<Browser>>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (origin, browsers) = (origin.clone(), browsers.clone());
        let service = service_fn(move |request| {
            let (origin, browsers) = (origin.clone(), browsers.clone());
            async move {
                let status = take(request, &origin, &browsers).await.unwrap_or(StatusCode::BAD_REQUEST);
                let mut response = Response::new(Empty::<Bytes>::new());
                *response.status_mut() = status;
                Ok::<_, Infallible>(response)
            }
        });
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

/// Takes one message; without a status when it is not a proper one.
async fn take(request: Request<Incoming>, origin: &str, browsers: &Mutex<Vec<Browser>>) -> Option<StatusCode> {
    let number: usize = request.uri().path().strip_prefix("/push/")?.parse().ok()?;
    let authorization = request.headers().get("authorization")?.to_str().ok()?.to_owned();
    verify_vapid(&authorization, origin, Clock::system().now().timestamp()).ok()?;
    let body = Limited::new(request.into_body(), 4096).collect().await.ok()?.to_bytes();
    let mut browsers = browsers.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let browser = browsers.get_mut(number)?;
    let message: serde_json::Value = serde_json::from_slice(&browser.device.open(&body).ok()?).ok()?;
    browser.shown.push(message["notification"]["title"].as_str()?.to_owned());
    Some(StatusCode::CREATED)
}
