//! The accept loop. poem's own has no deadline for headers, no cap on connections, leaves Nagle's algorithm on and spins when
//! accepting fails, so connections are accepted here and handed to hyper with those limits.

use crate::client_seats::{ClientSeat, ClientSeats};
use crate::problem::Problem;
use crate::text::Language;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use poem::http::uri::Scheme;
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Addr, Endpoint, Response};
use poem_openapi::types::ToJSON;
use std::convert::Infallible;
use std::future::poll_fn;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

/// How long, and for how many bytes, a connection that is being closed is still read from.
const LINGER: Duration = Duration::from_secs(1);
const LINGER_BYTES: u64 = 4 * 1024 * 1024;

/// When a client with too many connections may come again, in seconds.
const COME_BACK: u64 = 30;

/// The limits of the accept loop.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Most connections at once; further ones wait in the kernel's queue.
    pub connections: usize,
    /// Most of one client; further ones are turned away.
    pub connections_per_client: usize,
    /// Whose connections are those of many clients, and are not counted.
    pub proxies: Vec<IpAddr>,
    /// Within which a request's headers must be complete; also how long an idle connection is kept, and how long an answer may
    /// make no progress.
    pub headers: Duration,
    /// What requests in flight get to finish after the server was told to stop.
    pub shutdown: Duration,
}

/// Serves `endpoint` on `listener` until `stop` is cancelled; then lets requests in flight finish.
pub async fn serve<E>(listener: TcpListener, endpoint: E, limits: Limits, stop: CancellationToken)
where
    E: Endpoint<Output = Response> + 'static,
{
    let endpoint = Arc::new(endpoint);
    let seats = Arc::new(Semaphore::new(limits.connections));
    let clients = Clients::new(&limits);
    let connections = TaskTracker::new();
    let local = listener.local_addr().ok();
    while let Some((stream, peer, seat)) = next_connection(&listener, &seats, &stop).await {
        let Some(own) = clients.seat(&stream, peer) else { continue };
        let seats = (seat, own);
        let connection = Connection { local, peer, headers: limits.headers, stop: stop.clone(), _seats: seats };
        connections.spawn(connection.serve(stream, endpoint.clone()));
    }
    drop(listener);
    connections.close();
    if tokio::time::timeout(limits.shutdown, connections.wait()).await.is_err() {
        tracing::warn!(open = connections.len(), "connections were cut off at shutdown");
    }
}

async fn next_connection(
    listener: &TcpListener,
    seats: &Arc<Semaphore>,
    stop: &CancellationToken,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return None,
            accepted = accept(listener, seats) => accepted,
        };
        match accepted {
            Ok(connection) => return Some(connection),
            Err(error) => {
                // Out of file descriptors, most likely: going on at once would only spin.
                tracing::error!(%error, "a connection could not be accepted");
                let mut pause = tokio::time::interval(Duration::from_millis(50));
                pause.tick().await;
                pause.tick().await;
            }
        }
    }
}

async fn accept(
    listener: &TcpListener,
    seats: &Arc<Semaphore>,
) -> io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let seat = seats.clone().acquire_owned().await.map_err(io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    stream.set_nodelay(true)?;
    Ok((stream, peer, seat))
}

/// Who has how many connections.
struct Clients {
    seats: Arc<ClientSeats>,
    proxies: Vec<IpAddr>,
    refusal: Vec<u8>,
}

impl Clients {
    fn new(limits: &Limits) -> Self {
        let most = u32::try_from(limits.connections_per_client).unwrap_or(u32::MAX);
        let problem =
            Problem::too_many_requests(COME_BACK, most).body(Language::default(), Uuid::nil()).to_json_string();
        let refusal = format!(
            "HTTP/1.1 429 Too Many Requests\r\nContent-Type: application/problem+json\r\nRetry-After: {COME_BACK}\r\n\
             Access-Control-Allow-Origin: *\r\nAccess-Control-Expose-Headers: Retry-After\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{problem}",
            problem.len()
        );
        let seats = ClientSeats::new(usize::MAX, limits.connections_per_client);
        Self { seats, proxies: limits.proxies.clone(), refusal: refusal.into_bytes() }
    }

    /// A seat for one more connection of a client; without one it is told so, as far as it listens, and turned away.
    fn seat(&self, stream: &TcpStream, peer: SocketAddr) -> Option<Option<ClientSeat>> {
        let client = peer.ip().to_canonical();
        if self.proxies.contains(&client) {
            return Some(None);
        }
        let seat = self.seats.take(client).ok();
        if seat.is_none() {
            let _ = stream.try_write(&self.refusal);
        }
        seat.map(Some)
    }
}

struct Connection {
    local: Option<SocketAddr>,
    peer: SocketAddr,
    headers: Duration,
    stop: CancellationToken,
    _seats: (OwnedSemaphorePermit, Option<ClientSeat>),
}

impl Connection {
    async fn serve<E>(self, stream: TcpStream, endpoint: Arc<E>)
    where
        E: Endpoint<Output = Response> + 'static,
    {
        let local = LocalAddr(self.local.map_or_else(|| Addr::custom("tcp", "unknown"), Into::into));
        let peer = RemoteAddr(self.peer.into());
        let service = service_fn(move |request: hyper::Request<Incoming>| {
            let endpoint = endpoint.clone();
            let request = poem::Request::from((request, local.clone(), peer.clone(), Scheme::HTTP));
            Box::pin(async move { Ok::<_, Infallible>(hyper::Response::from(endpoint.get_response(request).await)) })
        });
        // A client that reads nothing of its answers does not keep its seat.
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(self.headers));
        // HTTP/1.1 only: the reverse proxy in front speaks HTTP/2 and HTTP/3 to the world, and hyper's header deadline then
        // holds from the first moment of a connection.
        let mut connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.headers)
            .max_headers(64)
            .serve_connection(TokioIo::new(Box::pin(stream)), service);
        // How it ends is the client's affair: there is nobody left to tell.
        tokio::select! {
            _ = poll_fn(|context| connection.poll_without_shutdown(context)) => {}
            () = self.stop.cancelled() => {
                Pin::new(&mut connection).graceful_shutdown();
                let _ = poll_fn(|context| connection.poll_without_shutdown(context)).await;
            }
        }
        linger(connection.into_parts().io.into_inner()).await;
    }
}

/// Closes a connection so that its last answer is heard: closing it on a client that is still sending, as one is whose body
/// was refused, would reset it, and the answer with it. So a little more is read and thrown away.
async fn linger(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    if stream.shutdown().await.is_ok() {
        let (mut rest, mut nowhere) = (stream.take(LINGER_BYTES), tokio::io::sink());
        let _ = tokio::time::timeout(LINGER, tokio::io::copy(&mut rest, &mut nowhere)).await;
    }
}
