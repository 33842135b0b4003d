//! Tells whether a request's body was read to its end. If not, the connection can't carry another request.

use axum::BoxError;
use axum::body::{Body, Bytes, HttpBody};
use http_body::{Frame, SizeHint};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

/// Tells of the body that [`watch`] has wrapped.
#[derive(Default)]
pub struct Unread(Option<Arc<AtomicBool>>);

impl Unread {
    /// Whether some of the body has not been read.
    pub fn is_some(&self) -> bool {
        self.0.as_ref().is_some_and(|unread| unread.load(Ordering::Relaxed))
    }
}

/// Wraps a body for the router, so that `unread` tells of it. Where there is none, this costs nothing.
pub fn watch<B>(body: B, unread: &mut Unread) -> Body
where
    B: HttpBody<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<BoxError>,
{
    if body.is_end_stream() {
        return Body::empty();
    }
    let flag = unread.0.insert(Arc::new(AtomicBool::new(true)));
    Body::new(Watched { body, unread: Arc::clone(flag) })
}

struct Watched<B> {
    body: B,
    unread: Arc<AtomicBool>,
}

impl<B: HttpBody + Unpin> HttpBody for Watched<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if matches!(frame, Poll::Ready(None)) {
            self.unread.store(false, Ordering::Relaxed);
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
