//! A service that speaks enough of S3 to keep files in a bucket: PUT, GET with ranges, HEAD and DELETE of one object each, by
//! path. It takes no request that is not signed (AWS Signature Version 4) with the key it knows, and can be told to fail.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_RANGE, RANGE};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The name of the bucket.
pub const BUCKET: &str = "dorf-bilder";

/// The access key that requests must be signed with, and its secret.
pub const ACCESS_KEY: (&str, &str) = ("AKIDDORF", "geheim-und-lang");

#[derive(Default)]
struct State {
    objects: BTreeMap<String, Bytes>,
    failing: bool,
    unsigned: usize,
}

/// The service. Dropping it closes the port.
pub struct Bucket {
    /// Where it is.
    pub endpoint: String,
    state: Arc<Mutex<State>>,
    server: JoinHandle<()>,
}

impl Drop for Bucket {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Bucket {
    /// An empty bucket on a free port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let endpoint = format!("http://{}", listener.local_addr().expect("a bound port"));
        let state = Arc::<Mutex<State>>::default();
        let shared = state.clone();
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = shared.clone();
                let service = service_fn(move |request| answer(state.clone(), request));
                let http = hyper::server::conn::http1::Builder::new();
                tokio::spawn(http.serve_connection(TokioIo::new(stream), service));
            }
        });
        Self { endpoint, state, server }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nobody panicked")
    }

    /// The names of everything in the bucket.
    pub fn names(&self) -> Vec<String> {
        self.state().objects.keys().cloned().collect()
    }

    /// How many requests came without a proper signature.
    pub fn unsigned(&self) -> usize {
        self.state().unsigned
    }

    /// Answers everything with 503 from now on, or no longer.
    pub fn fail(&self, failing: bool) {
        self.state().failing = failing;
    }
}

async fn answer(state: Arc<Mutex<State>>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let mut state = state.lock().expect("nobody panicked");
    let signature = head.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let signed = signature.starts_with(&format!("AWS4-HMAC-SHA256 Credential={}/", ACCESS_KEY.0))
        && signature.contains("/s3/aws4_request")
        && signature.rsplit_once("Signature=").is_some_and(|(_, signature)| signature.len() == 64)
        && head.headers.contains_key("x-amz-date");
    if !signed {
        state.unsigned += 1;
        return Ok(status(StatusCode::FORBIDDEN));
    }
    if state.failing {
        return Ok(status(StatusCode::SERVICE_UNAVAILABLE));
    }
    let Some(name) = head.uri.path().strip_prefix(&format!("/{BUCKET}/")).map(str::to_owned) else {
        return Ok(status(StatusCode::NOT_FOUND));
    };
    Ok(match head.method {
        Method::PUT => {
            state.objects.insert(name, body);
            let mut response = status(StatusCode::OK);
            response.headers_mut().insert("etag", "\"1\"".parse().expect("a header"));
            response
        }
        Method::DELETE => {
            state.objects.remove(&name);
            status(StatusCode::NO_CONTENT)
        }
        Method::GET | Method::HEAD => match state.objects.get(&name) {
            Some(object) => found(object, &head),
            None => status(StatusCode::NOT_FOUND),
        },
        _ => status(StatusCode::METHOD_NOT_ALLOWED),
    })
}

fn found(object: &Bytes, head: &hyper::http::request::Parts) -> Response<Full<Bytes>> {
    let range = head.headers.get(RANGE).and_then(|value| value.to_str().ok());
    let part = range.and_then(|range| range.strip_prefix("bytes=")?.split_once('-')).map(|(from, to)| {
        let from: usize = from.parse().expect("a number");
        (from, to.parse().map_or(object.len(), |to: usize| to + 1))
    });
    let builder = Response::builder().header("etag", "\"1\"").header("last-modified", "Tue, 24 Nov 2026 08:00:00 GMT");
    let response = match part {
        Some((from, to)) => builder
            .status(StatusCode::PARTIAL_CONTENT)
            .header(CONTENT_RANGE, format!("bytes {from}-{}/{}", to - 1, object.len()))
            .body(Full::new(object.slice(from..to))),
        None if head.method == Method::HEAD => builder.header(CONTENT_LENGTH, object.len()).body(Full::default()),
        None => builder.body(Full::new(object.clone())),
    };
    response.expect("an answer")
}

fn status(status: StatusCode) -> Response<Full<Bytes>> {
    Response::builder().status(status).body(Full::default()).expect("an answer")
}
