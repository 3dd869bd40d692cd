//! The serving side: one request in, at most one answer out.

use std::convert::Infallible;
use std::future::pending;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::{BodyExt, Either, Full, Limited};
use hyper::body::{Body, Frame, Incoming};
use hyper::header::{AUTHORIZATION, LOCATION, RETRY_AFTER};
use hyper::http::request::Parts;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::{Notify, watch};
use tokio_rustls::TlsAcceptor;

use super::check::Arrived;
use super::{Push, PushAnswer, State};

/// Most octets of a request body that are read; more than any limit to be checked.
const READ_AT_MOST: usize = 64 * 1024;

type Answer = Response<Either<Full<Bytes>, Endless>>;

/// What every connection needs.
#[derive(Clone)]
pub(super) struct Service {
    origin: Arc<str>,
    state: watch::Sender<State>,
}

impl Service {
    pub(super) fn new(origin: Arc<str>, state: watch::Sender<State>) -> Self {
        Service { origin, state }
    }

    /// Serves a connection until either side ends it; a broken one simply ends.
    pub(super) async fn accept(self, stream: TcpStream, tls: Option<TlsAcceptor>) {
        let _ = stream.set_nodelay(true);
        match tls {
            None => self.converse(stream).await,
            Some(tls) => {
                let Ok(stream) = tls.accept(stream).await else {
                    return;
                };
                self.converse(stream).await;
            }
        }
    }

    async fn converse(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let cut = Arc::new(Notify::new());
        let on_request = service_fn(|request| self.clone().answer(request, cut.clone()));
        let builder = auto::Builder::new(TokioExecutor::new());
        tokio::select! {
            _ = builder.serve_connection(TokioIo::new(stream), on_request) => {}
            () = cut.notified() => {}
        }
    }

    async fn answer(self, request: Request<Incoming>, cut: Arc<Notify>) -> Result<Answer, Infallible> {
        let _in_flight = InFlight::count(&self.state);
        let (parts, body) = request.into_parts();
        let body = Limited::new(body, READ_AT_MOST).collect().await;
        self.released().await;
        let (answer, fault) = match body {
            Ok(body) => self.take_in(parts, &body.to_bytes()),
            Err(error) => (PushAnswer::Drop, Some(format!("the body broke off: {error}"))),
        };
        if let Some(fault) = fault {
            self.state.send_modify(|state| state.faults.push(fault.clone()));
            if answer.accepts() {
                return Ok(status(StatusCode::BAD_REQUEST, fault));
            }
        }
        Ok(match answer {
            PushAnswer::Hang => pending().await,
            PushAnswer::Drop | PushAnswer::CreatedThenDrop => {
                cut.notify_one();
                pending().await
            }
            answer => self.respond(answer),
        })
    }

    async fn released(&self) {
        let mut changes = self.state.subscribe();
        let _ = changes.wait_for(|state| !state.held).await;
    }

    /// Checks a request, keeps it if it is right and wanted, and says how to answer and what was wrong.
    fn take_in(&self, parts: Parts, body: &[u8]) -> (PushAnswer, Option<String>) {
        let id = parts.uri.path().strip_prefix("/push/").unwrap_or_default();
        let (device, now_unix) = {
            let state = self.state.borrow();
            (state.subscribers.get(id).map(|known| known.device.clone()), state.now())
        };
        let Some(device) = device else {
            return (PushAnswer::NotFound, Some(format!("no device at {}", parts.uri.path())));
        };
        let (method, headers, origin) = (&parts.method, &parts.headers, &*self.origin);
        let arrived = Arrived { method, headers, body, origin, now_unix };
        let (opened, token) = (arrived.open(&device), token(&parts));
        let opened = opened.map(|(payload, vapid)| (parts.headers.clone(), payload, vapid));
        let (mut answer, mut fault) = (PushAnswer::NotFound, None);
        self.state.send_modify(|state| {
            state.tokens.extend(token);
            let Some(known) = state.subscribers.get_mut(id) else {
                return;
            };
            answer = known.answer.next();
            match opened {
                Ok((headers, payload, vapid)) if answer.accepts() => {
                    known.received.push(Push { headers, payload, vapid, at: state.accepted });
                    state.accepted += 1;
                }
                opened => fault = opened.err(),
            }
        });
        (answer, fault)
    }

    fn respond(&self, answer: PushAnswer) -> Answer {
        let plain = |code| status(code, String::new());
        let later = |code, seconds: u32| with(plain(code), RETRY_AFTER, &seconds.to_string());
        match answer {
            PushAnswer::Gone => plain(StatusCode::GONE),
            PushAnswer::NotFound => plain(StatusCode::NOT_FOUND),
            PushAnswer::TooLarge => plain(StatusCode::PAYLOAD_TOO_LARGE),
            PushAnswer::TooMany { retry_after } => later(StatusCode::TOO_MANY_REQUESTS, retry_after),
            PushAnswer::Unavailable { retry_after: Some(seconds) } => later(StatusCode::SERVICE_UNAVAILABLE, seconds),
            PushAnswer::Unavailable { retry_after: None } => plain(StatusCode::SERVICE_UNAVAILABLE),
            PushAnswer::Unauthorised => plain(StatusCode::UNAUTHORIZED),
            PushAnswer::Forbidden => plain(StatusCode::FORBIDDEN),
            PushAnswer::Says { status, retry_after } => {
                let code = StatusCode::from_u16(status).expect("a status");
                retry_after.map_or_else(|| plain(code), |seconds| later(code, seconds))
            }
            PushAnswer::Broken => plain(StatusCode::INTERNAL_SERVER_ERROR),
            PushAnswer::Redirect(to) => with(plain(StatusCode::TEMPORARY_REDIRECT), LOCATION, &to),
            PushAnswer::HugeBody => self.created(Either::Right(Endless)),
            _ => self.created(Either::Left(Full::default())),
        }
    }

    /// 201 with the address of the stored message (RFC 8030, section 5).
    fn created(&self, body: Either<Full<Bytes>, Endless>) -> Answer {
        let mut answer = Response::new(body);
        *answer.status_mut() = StatusCode::CREATED;
        let message = format!("{}/message/{}", self.origin, self.state.borrow().accepted);
        with(answer, LOCATION, &message)
    }
}

/// The token itself: an unchanged one is reused whatever else the header says.
fn token(parts: &Parts) -> Option<String> {
    let authorization = parts.headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (_, token) = authorization.split_once("t=")?;
    Some(token.split(',').next()?.trim().to_owned())
}

fn status(code: StatusCode, body: String) -> Answer {
    let mut answer = Response::new(Either::Left(Full::from(body)));
    *answer.status_mut() = code;
    answer
}

fn with(mut answer: Answer, name: hyper::header::HeaderName, value: &str) -> Answer {
    let value = value.parse().expect("a header value without control characters");
    answer.headers_mut().insert(name, value);
    answer
}

/// Counts a request for as long as it is unanswered.
struct InFlight(watch::Sender<State>);

impl InFlight {
    fn count(state: &watch::Sender<State>) -> Self {
        state.send_modify(|state| {
            state.requests += 1;
            state.in_flight += 1;
            state.most_in_flight = state.most_in_flight.max(state.in_flight);
        });
        InFlight(state.clone())
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.send_modify(|state| state.in_flight -= 1);
    }
}

/// A body without an end.
struct Endless;

impl Body for Endless {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&[b'x'; 16 * 1024])))))
    }
}
