//! Asking over HTTP, and what came back.

use super::contract;
use reqwest::{Client, Method};
use serde_json::Value;

/// The HTTP client of everybody: takes answers as they are.
pub fn client() -> Client {
    // One TLS provider for the whole process; the second story finds it installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    builder.build().expect("a client")
}

/// A request that is being put together.
pub struct Ask(reqwest::RequestBuilder);

/// A whole answer.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: reqwest::header::HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl Ask {
    /// A request to `url`.
    pub fn new(client: &Client, method: &str, url: &str) -> Self {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        Self(client.request(method, url))
    }

    /// With `Authorization: Bearer`.
    pub fn bearer(self, token: &str) -> Self {
        Self(self.0.bearer_auth(token))
    }

    /// With a JSON body.
    pub fn json(self, body: &Value) -> Self {
        Self(self.0.json(body))
    }

    /// With a header.
    pub fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value))
    }

    /// With a parameter in the query.
    pub fn query(self, name: &str, value: &str) -> Self {
        Self(self.0.query(&[(name, value)]))
    }

    /// With a body of bytes.
    pub fn bytes(self, body: impl Into<reqwest::Body>) -> Self {
        Self(self.0.body(body))
    }

    /// Sends it.
    pub async fn send(self) -> Reply {
        self.try_send().await.expect("the server answers")
    }

    /// Sends it to a server that may not answer. What it answers must be in the contract.
    pub async fn try_send(self) -> Result<Reply, reqwest::Error> {
        let (client, request) = self.0.build_split();
        let request = request?;
        let (method, path) = (request.method().to_string(), request.url().path().to_owned());
        let response = client.execute(request).await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        // A stream of events has no end to wait for: see `StreamReader`.
        let endless = headers.get("content-type").is_some_and(|value| value == "text/event-stream");
        let body = if endless { Vec::new() } else { response.bytes().await?.to_vec() };
        let reply = Reply { status, headers, body };
        contract::check(&method, &path, &reply).await;
        Ok(reply)
    }
}

impl Reply {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {}", self.text()))
    }

    /// One member of the JSON body.
    pub fn get(&self, name: &str) -> Value {
        self.json()[name].clone()
    }

    /// One text of the JSON body.
    pub fn str(&self, name: &str) -> String {
        self.get(name).as_str().unwrap_or_else(|| panic!("no {name} in {}", self.text())).to_owned()
    }

    /// A header's value, empty without it.
    pub fn header(&self, name: &str) -> String {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    }

    /// The same answer, which must have this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// The pointers of all faults of a problem, which must be one of this status and kind.
    #[track_caller]
    pub fn problem(&self, status: u16, kind: &str) -> Vec<String> {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.text());
        let problem = self.json();
        assert_eq!(problem["type"], format!("urn:dorf:problem:{kind}"), "{problem}");
        assert_eq!(problem["status"], status);
        let instance = format!("urn:uuid:{}", self.header("x-request-id"));
        assert_eq!(problem["instance"], instance, "the instance is the request's identifier");
        let faults = problem["errors"].as_array().cloned().unwrap_or_default();
        faults.iter().map(|fault| fault["pointer"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Fails unless this is a refusal with this status that names this field.
    pub fn fault(&self, status: u16, pointer: &str) {
        let pointers = self.problem(status, "unprocessable");
        assert!(pointers.iter().any(|found| found == pointer), "{pointer} is not named: {}", self.text());
    }

    /// The titles of a list of posts.
    pub fn titles(&self) -> Vec<String> {
        let items = self.json()["items"].as_array().cloned().unwrap_or_default();
        items.iter().map(|item| item["title"].as_str().unwrap_or_default().to_owned()).collect()
    }
}
