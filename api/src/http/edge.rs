//! The edge: what every request and every answer passes, whatever happens in between.
//!
//! Gives the request its identifier, catches panics and slowness, turns every refusal into a problem in the reader's
//! language, adds the security headers, answers for foreign web origins, and writes the one log line of the request.

use super::offers::Offers;
use super::patience::{Patience, TimeIsUp};
use super::rest::Rest;
use crate::app::App;
use crate::problem::{Problem, ProblemKind};
use crate::pulse;
use crate::text::{Language, Text};
use futures_util::FutureExt;
use poem::http::uri::Authority;
use poem::http::{HeaderMap, HeaderValue, Method, StatusCode, Version, header};
use poem::{Endpoint, Request, Response, Result};
use poem_openapi::OperationId;
use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// What a page of a listed origin may send.
const HEADERS: &str = "Accept-Language, Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, If-Range, \
                       Last-Event-ID, Range";

/// What a page of any origin may send that only reads what is public.
const READING_HEADERS: &str = "Accept-Language, If-None-Match, If-Range, Last-Event-ID, Range";

/// What a page may read of an answer's headers.
const EXPOSED: &str =
    "Accept-Ranges, Content-Disposition, Content-Range, ETag, Link, Location, RateLimit, Retry-After, X-Request-Id";

/// Puts the edge around an endpoint.
pub fn edge<E: Endpoint + 'static>(app: App, offers: Offers, inner: E) -> impl Endpoint<Output = Response> {
    Edge { app, offers, inner }
}

/// Which web origins may read an answer.
enum Origins {
    /// This server's own.
    Own,
    /// This one, which is a setting; it may do everything.
    One(HeaderValue),
    /// All, of what everybody may read.
    All,
}

struct Edge<E> {
    app: App,
    offers: Offers,
    inner: E,
}

impl<E: Endpoint> Endpoint for Edge<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        let started = Instant::now();
        let id = Uuid::now_v7();
        let method = request.method().clone();
        let path = request.uri().path().to_owned();
        let language = Language::accepted(text_of(request.headers(), header::ACCEPT_LANGUAGE));
        let origins = self.origins(&request);
        let preflight = method == Method::OPTIONS && request.headers().contains_key("access-control-request-method");
        let rest = Rest::of(&mut request);
        request.set_data(self.app.clone());
        request.set_data(language);
        let mut response = if preflight && !matches!(origins, Origins::Own) {
            preflight_answer(&origins)
        } else {
            match self.answer(request).await {
                Ok(response) => response,
                Err(problem) => problem.render(language, id),
            }
        };
        add_security_headers(response.headers_mut(), id);
        allow(response.headers_mut(), origins);
        if let Some(rest) = rest
            && !rest.read_to_its_end().await
        {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        // What was refused before its operation began does not carry its name.
        let named = response.data::<OperationId>().map(|operation| operation.0);
        let operation = named.or_else(|| self.offers.operation(method.as_str(), &path)).unwrap_or("-");
        log(&method, operation, response.status(), id, started.elapsed());
        Ok(response)
    }
}

impl<E: Endpoint> Edge<E> {
    /// The answer of what is inside: in time, and whatever it does.
    async fn answer(&self, mut request: Request) -> Result<Response, Problem> {
        check_host(&request)?;
        check_target(&request)?;
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        self.offers.check_query(method.as_str(), &path, request.uri().query().unwrap_or_default())?;
        if !method.is_safe() {
            pulse::check_clock(&self.app)?;
        }
        let patience = Patience::of(Duration::from_secs(self.app.settings.http.request_timeout_s));
        request.set_data(patience.clone());
        let work = AssertUnwindSafe(self.inner.get_response_or_error(request)).catch_unwind();
        match patience.wait_for(work).await {
            Ok(Ok(Ok(response))) => Ok(response),
            Ok(Ok(Err(error))) if error.status() == StatusCode::METHOD_NOT_ALLOWED => {
                Err(Problem::method_not_allowed(self.offers.at(&path)))
            }
            Ok(Ok(Err(error))) => {
                Err(self.parameter_problem(&error, method.as_str(), &path).unwrap_or_else(|| problem_of(&error)))
            }
            Ok(Err(_)) => {
                tracing::error!("a handler panicked");
                Err(Problem::new(ProblemKind::Internal))
            }
            Err(TimeIsUp) => {
                tracing::error!("a request took longer than http.request_timeout_s");
                Err(Problem::new(ProblemKind::Unavailable))
            }
        }
    }

    /// What was wrong with a parameter, if it was that.
    fn parameter_problem(&self, error: &poem::Error, method: &str, path: &str) -> Option<Problem> {
        let parameter = error.downcast_ref::<poem_openapi::error::ParseParamError>()?;
        let detail = self.offers.expected(method, path, parameter);
        Some(Problem::with_fault(ProblemKind::InvalidParameter, parameter.name, detail))
    }

    /// Which web origins may read the answer: also a refusal, so that a page can tell "withdrawn" from "offline".
    fn origins(&self, request: &Request) -> Origins {
        let headers = request.headers();
        let origin = headers.get(header::ORIGIN).filter(|origin| {
            self.app.settings.http.allowed_origins.iter().any(|allowed| allowed.as_bytes() == origin.as_bytes())
        });
        if let Some(origin) = origin {
            return Origins::One(origin.clone());
        }
        let asked = match *request.method() {
            Method::OPTIONS => text_of(headers, header::ACCESS_CONTROL_REQUEST_METHOD).unwrap_or_default(),
            ref method => method.as_str(),
        };
        let reads = matches!(asked, "GET" | "HEAD");
        if reads && self.offers.is_public(request.uri().path()) { Origins::All } else { Origins::Own }
    }
}

/// Calls an endpoint and keeps what went wrong as an error, not as the plain text poem would make of it.
trait ResponseOrError: Endpoint {
    async fn get_response_or_error(&self, request: Request) -> Result<Response> {
        Ok(poem::IntoResponse::into_response(self.call(request).await?))
    }
}

impl<E: Endpoint> ResponseOrError for E {}

/// Refuses what does not say whom it asks, or says it twice (RFC 9112, section 3.2): what a proxy made of it may be another.
fn check_host(request: &Request) -> Result<(), Problem> {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let host = hosts.next().map(|host| Authority::try_from(host.as_bytes()));
    let is_said = match host {
        Some(host) => hosts.next().is_none() && host.is_ok_and(|host| !host.as_str().contains('@')),
        None => request.version() < Version::HTTP_11,
    };
    if is_said {
        return Ok(());
    }
    let detail = Text::new("Es fehlt genau ein gültiges Host.", "One valid Host is needed.");
    Err(Problem::explained(ProblemKind::BadRequest, detail))
}

/// Refuses what no operation can mean: NUL and other control characters in the address, and endless ones.
fn check_target(request: &Request) -> Result<(), Problem> {
    let uri = request.uri();
    let target = uri.path_and_query().map_or("", |target| target.as_str());
    let lower = target.to_ascii_lowercase();
    if target.len() > 4096 || lower.contains("%00") || lower.contains("%0a") || lower.contains("%0d") {
        return Err(Problem::explained(
            ProblemKind::BadRequest,
            Text::new("Die Adresse ist unzulässig.", "The address is not allowed."),
        ));
    }
    Ok(())
}

/// The problem that an error of a handler or of the framework stands for.
fn problem_of(error: &poem::Error) -> Problem {
    if let Some(problem) = error.downcast_ref::<Problem>() {
        return problem.clone();
    }
    match error.status() {
        StatusCode::NOT_FOUND => Problem::not_found(),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Problem::new(ProblemKind::UnsupportedMediaType),
        StatusCode::PAYLOAD_TOO_LARGE => Problem::new(ProblemKind::PayloadTooLarge),
        StatusCode::UNAUTHORIZED => Problem::new(ProblemKind::Unauthenticated),
        status if status.is_client_error() => Problem::new(ProblemKind::BadRequest),
        _ => {
            tracing::error!(%error, "unexpected error");
            Problem::new(ProblemKind::Internal)
        }
    }
}

fn add_security_headers(headers: &mut HeaderMap, id: Uuid) {
    let fixed = [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("strict-transport-security", "max-age=31536000"),
        ("cross-origin-resource-policy", "cross-origin"),
        ("x-frame-options", "DENY"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        let nothing = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
        headers.insert(header::CONTENT_SECURITY_POLICY, nothing);
    }
    if let Ok(id) = HeaderValue::from_str(&id.to_string()) {
        headers.insert("x-request-id", id);
    }
}

/// The answer to the question of a browser what a page may ask (Fetch Standard, section 4.8).
fn preflight_answer(origins: &Origins) -> Response {
    let (methods, headers) = match origins {
        Origins::One(_) => ("GET, POST, PUT, PATCH, DELETE", HEADERS),
        Origins::Own | Origins::All => ("GET", READING_HEADERS),
    };
    Response::builder()
        .status(StatusCode::NO_CONTENT)
        .header(header::ACCESS_CONTROL_ALLOW_METHODS, methods)
        .header(header::ACCESS_CONTROL_ALLOW_HEADERS, headers)
        .header(header::ACCESS_CONTROL_MAX_AGE, "600")
        .finish()
}

/// Lets pages of these origins read an answer, and what of its headers.
fn allow(headers: &mut HeaderMap, origins: Origins) {
    let origin = match origins {
        Origins::Own => return,
        Origins::All => HeaderValue::from_static("*"),
        Origins::One(origin) => {
            headers.append(header::VARY, HeaderValue::from_static("Origin"));
            origin
        }
    };
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
}

/// One line per request: what was asked by its operation, never by its path, which may carry a token.
fn log(method: &Method, operation: &str, status: StatusCode, id: Uuid, took: Duration) {
    let status = status.as_u16();
    let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    tracing::info!(%method, operation, status, took_us, request_id = %id, "request");
}

fn text_of(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
