//! Speaking to the server as everybody does: over HTTP.

use anyhow::{Context, ensure};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::time::Duration;

/// An HTTP client of one server.
pub struct Client {
    base: String,
    http: reqwest::Client,
}

/// An answer that was a success.
pub struct Answer {
    /// Its body; null when it had none or it is not JSON.
    pub body: Value,
    /// Its `ETag`.
    pub etag: String,
}

impl Client {
    /// A client of the server at `base`.
    ///
    /// # Errors
    /// When the system's certificates cannot be used.
    pub fn new(base: String) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build()?;
        Ok(Self { base, http })
    }

    /// Reads something.
    ///
    /// # Errors
    /// When the answer is not a success.
    pub async fn get(&self, path: &str, token: &str) -> anyhow::Result<Answer> {
        self.send(self.http.get(self.url(path)).bearer_auth(token), path).await
    }

    /// Creates something.
    ///
    /// # Errors
    /// When the answer is not a success.
    pub async fn post(&self, path: &str, token: &str, body: &Value) -> anyhow::Result<Answer> {
        let mut request = self.http.post(self.url(path)).json(body);
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        self.send(request, path).await
    }

    /// Takes a step with a version of something.
    ///
    /// # Errors
    /// When the answer is not a success.
    pub async fn step(&self, path: &str, token: &str, etag: &str, said: &Value) -> anyhow::Result<Answer> {
        let request = self.http.post(self.url(path)).bearer_auth(token).header("if-match", etag);
        self.send(request.json(said), path).await
    }

    /// Changes a version of something.
    ///
    /// # Errors
    /// When the answer is not a success.
    pub async fn change(&self, path: &str, token: &str, etag: &str, change: &Value) -> anyhow::Result<Answer> {
        let request = self.http.patch(self.url(path)).bearer_auth(token).header("if-match", etag);
        self.send(request.json(change), path).await
    }

    /// Logs somebody in; gives the token.
    ///
    /// # Errors
    /// When the answer is not a success.
    pub async fn log_in(&self, email: &str, password: &str) -> anyhow::Result<String> {
        let body = json!({"email": email, "password": password});
        text(&self.post("/v1/admin/login", "", &body).await?.body, "token")
    }

    fn url(&self, path: &str) -> String {
        if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.base) }
    }

    async fn send(&self, request: reqwest::RequestBuilder, path: &str) -> anyhow::Result<Answer> {
        let response = request.send().await.with_context(|| format!("no answer to {path}"))?;
        let status = response.status();
        let etag = response.headers().get("etag").and_then(|etag| etag.to_str().ok()).unwrap_or_default().to_owned();
        let text = response.text().await?;
        ensure!(status.is_success(), "{path} was answered with {status}: {text}");
        Ok(Answer { body: serde_json::from_str(&text).unwrap_or_default(), etag })
    }
}

/// A text in an answer's body.
///
/// # Errors
/// When it is not there.
pub fn text(body: &Value, name: &str) -> anyhow::Result<String> {
    Ok(body[name].as_str().with_context(|| format!("the answer has no {name}"))?.to_owned())
}

/// An instant in an answer's body.
///
/// # Errors
/// When it is not there.
pub fn time(body: &Value, name: &str) -> anyhow::Result<DateTime<Utc>> {
    text(body, name)?.parse().with_context(|| format!("{name} is not an instant"))
}
