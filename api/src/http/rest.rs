//! What is left of a body that nobody has read. hyper closes a connection whose body is not read to its end, without having said
//! so, and what the client sent next is lost. So a small rest is read and thrown away, and of a large one the answer says that
//! the connection ends.

use bytes::Bytes;
use http_body_util::BodyExt;
use http_body_util::combinators::BoxBody;
use hyper::body::{Body, Frame, SizeHint};
use poem::Request;
use poem::http::header;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

/// Most bytes of a rest that are read, and how long.
const MOST: usize = 16 * 1024;
const PATIENCE: Duration = Duration::from_secs(1);

/// A body that can be read to its end by whoever finds it unread.
#[derive(Clone)]
pub struct Rest {
    body: Arc<Mutex<BoxBody<Bytes, io::Error>>>,
    is_over: Arc<AtomicBool>,
    /// Whether reading it is no use: it is long, or the client waits with it until it is asked for.
    stays_unread: bool,
}

impl Rest {
    /// Stays with the body of a request, if it has one.
    pub fn of(request: &mut Request) -> Option<Self> {
        let headers = request.headers();
        let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
        if length == Some(0) || length.is_none() && !headers.contains_key(header::TRANSFER_ENCODING) {
            return None;
        }
        let stays_unread = headers.contains_key(header::EXPECT) || length.is_some_and(|length| length > MOST);
        let body: BoxBody<Bytes, io::Error> = request.take_body().into();
        let rest = Self { body: Arc::new(Mutex::new(body)), is_over: Arc::default(), stays_unread };
        request.set_body(poem::Body::from(BoxBody::new(rest.clone())));
        Some(rest)
    }

    /// Reads what is left; whether all of it could be read.
    pub async fn read_to_its_end(mut self) -> bool {
        if self.is_over.load(Ordering::Relaxed) {
            return true;
        }
        if self.stays_unread {
            return false;
        }
        let read = async {
            let mut left = MOST;
            while let Some(Ok(frame)) = self.frame().await {
                let length = frame.data_ref().map_or(0, Bytes::len);
                let Some(less) = left.checked_sub(length) else { return false };
                left = less;
            }
            self.is_over.load(Ordering::Relaxed)
        };
        tokio::time::timeout(PATIENCE, read).await.unwrap_or(false)
    }
}

impl Body for Rest {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let mut body = self.body.lock().unwrap_or_else(PoisonError::into_inner);
        let frame = Pin::new(&mut *body).poll_frame(context);
        if body.is_end_stream() || matches!(frame, Poll::Ready(None)) {
            self.is_over.store(true, Ordering::Relaxed);
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.lock().unwrap_or_else(PoisonError::into_inner).is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.lock().unwrap_or_else(PoisonError::into_inner).size_hint()
    }
}
