//! A push service that takes everything and opens nothing: TLS, HTTP/2, 201. Says when the first and the last of a fan-out
//! have arrived, and each that is urgent.

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::header::{HeaderValue, LOCATION};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{ServerConfig, crypto::ring::default_provider, pki_types::PrivatePkcs8KeyDer};

/// How many have arrived, over all fan-outs of the same size.
struct Counter {
    expected: u32,
    arrived: AtomicU32,
}

impl Counter {
    fn count(&self, length: usize) {
        let before = self.arrived.fetch_add(1, Ordering::Relaxed) % self.expected;
        if before == 0 {
            println!("first {length}");
        }
        if before + 1 == self.expected {
            println!("all");
        }
    }
}

/// The receiver: where to put its certificate, how many pushes make a fan-out, and the protocol it speaks (ALPN).
pub fn run(arguments: &[String]) {
    let expected = arguments[1].parse().expect("a number");
    let tls = acceptor(Path::new(&arguments[0]), &arguments[2]);
    let counter = Arc::new(Counter { expected, arrived: AtomicU32::new(0) });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        println!("receives on {}", listener.local_addr().expect("an address"));
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(converse(stream, tls.clone(), counter.clone()));
        }
    });
}

async fn converse(stream: TcpStream, tls: TlsAcceptor, counter: Arc<Counter>) {
    stream.set_nodelay(true).expect("Nagle's algorithm can be turned off");
    let stream = tls.accept(stream).await.expect("the client trusts the certificate");
    let on_request = service_fn(|request| take(request, counter.clone()));
    // How a connection ends is the client's affair.
    let _ = auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), on_request).await;
}

async fn take(request: Request<Incoming>, counter: Arc<Counter>) -> Result<Response<Empty<Bytes>>, Infallible> {
    if request.headers().get("urgency").is_some_and(|urgency| urgency == "high") {
        println!("urgent");
    }
    let body = request.into_body().collect().await.expect("a whole body").to_bytes();
    counter.count(body.len());
    let mut response = Response::new(Empty::new());
    *response.status_mut() = StatusCode::CREATED;
    response.headers_mut().insert(LOCATION, HeaderValue::from_static("/message/1"));
    Ok(response)
}

/// TLS with a certificate made for this receiver, which is put into a file in PEM.
fn acceptor(certificate: &Path, protocol: &str) -> TlsAcceptor {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
    std::fs::write(certificate, made.cert.pem()).expect("the folder can be written to");
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .expect("TLS 1.2 and 1.3")
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key.into())
        .expect("the key of the certificate");
    config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
    TlsAcceptor::from(Arc::new(config))
}
