//! The floor of reads: the program's own accept loop and edge around one answer from memory.

use api::{App, Clock, Settings, serve_behind_edge};
use hyper::HeaderMap;
use hyper::header::{HeaderName, HeaderValue};
use poem::Response;
use poem::endpoint::make_sync;
use std::path::Path;
use tokio::net::TcpListener;

/// Keeps an answer for the floor that will run in `folder`.
pub fn keep(folder: &Path, head: &str, body: &[u8]) {
    std::fs::write(folder.join("head"), head).expect("the folder can be written to");
    std::fs::write(folder.join("body"), body).expect("the folder can be written to");
}

/// Serves the answer kept in the data folder.
pub fn run() {
    let settings = Settings::load(None).expect("settings");
    let head = std::fs::read_to_string(settings.data_dir.join("head")).expect("a head");
    let body = std::fs::read(settings.data_dir.join("body")).expect("a body");
    // The same runtime as the program's.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let listener = TcpListener::bind(settings.http.listen).await.expect("a free port");
        println!("floor {}", listener.local_addr().expect("an address"));
        let app = App::open(settings, Clock::system()).await.expect("an installation");
        let (headers, body) = (headers(&head), bytes::Bytes::from(body));
        let from_memory = make_sync(move |_| {
            let mut response = Response::builder().body(body.clone());
            response.headers_mut().extend(headers.clone());
            response
        });
        serve_behind_edge(listener, app, from_memory).await;
    });
}

/// The headers of a head, but for those that every server makes itself.
fn headers(head: &str) -> HeaderMap {
    let fields = head.lines().skip(1).filter_map(|line| line.split_once(": "));
    fields
        .filter(|(name, _)| !["content-length", "date", "x-request-id"].contains(name))
        .map(|(name, value)| {
            let name = HeaderName::from_bytes(name.as_bytes()).expect("a name");
            (name, HeaderValue::from_str(value).expect("a value"))
        })
        .collect()
}
