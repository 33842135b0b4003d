//! What a connection is doing: written by its own task, read by whoever may close it.

use hyper::service::Service;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

/// Counts the beginnings and ends of a connection's requests: it is odd while one is being answered.
#[derive(Default)]
pub struct Activity {
    count: AtomicUsize,
    writing: AtomicBool,
}

/// The count of a connection that is closed.
const CLOSED: usize = usize::MAX;

/// What a connection is doing. The count differs from request to request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It has not begun a request.
    New,
    /// A request is being answered.
    Busy(usize),
    /// It waits for the next request.
    Idle(usize),
    /// It has ended, or is about to.
    Closed,
}

impl Activity {
    pub fn state(&self) -> State {
        match self.count.load(Ordering::Relaxed) {
            0 => State::New,
            CLOSED => State::Closed,
            count if count % 2 == 1 => State::Busy(count),
            count => State::Idle(count),
        }
    }

    /// A request begins, unless the connection is closed.
    fn begin(&self) -> bool {
        let count = self.count.load(Ordering::Relaxed);
        count != CLOSED && self.swap(count, count + 1)
    }

    fn end(&self) {
        self.count.fetch_add(1, Ordering::Relaxed);
    }

    /// Closes the connection unless a request is being answered: then no other will begin.
    pub fn close_unless_busy(&self) -> bool {
        let count = self.count.load(Ordering::Relaxed);
        count.is_multiple_of(2) && self.swap(count, CLOSED)
    }

    /// The connection has ended.
    pub fn ended(&self) {
        self.count.store(CLOSED, Ordering::Relaxed);
    }

    /// Whether some of an answer waits to be sent, as its client is slow to take it.
    pub fn is_writing(&self) -> bool {
        self.writing.load(Ordering::Relaxed)
    }

    pub fn set_writing(&self, writing: bool) {
        self.writing.store(writing, Ordering::Relaxed);
    }

    fn swap(&self, from: usize, to: usize) -> bool {
        self.count.compare_exchange(from, to, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }
}

/// The service of one connection, which keeps its activity.
pub struct Tracked<S> {
    pub service: S,
    pub activity: Arc<Activity>,
}

/// The connection was closed before the request began.
#[derive(Debug, thiserror::Error)]
#[error("closed to make room")]
pub struct Evicted;

impl<S, R> Service<R> for Tracked<S>
where
    S: Service<R, Error = Infallible>,
{
    type Response = S::Response;
    type Error = Evicted;
    type Future = TrackedFuture<S::Future>;

    fn call(&self, request: R) -> Self::Future {
        let answer = self.activity.begin().then(|| self.service.call(request));
        TrackedFuture { answer, activity: Arc::clone(&self.activity) }
    }
}

pin_project_lite::pin_project! {
    pub struct TrackedFuture<F> {
        #[pin]
        answer: Option<F>,
        activity: Arc<Activity>,
    }
}

impl<F: Future<Output = Result<T, Infallible>>, T> Future for TrackedFuture<F> {
    type Output = Result<T, Evicted>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let Some(answer) = this.answer.as_pin_mut() else { return Poll::Ready(Err(Evicted)) };
        let answer = ready!(answer.poll(context)).unwrap_or_else(|never| match never {});
        this.activity.end();
        Poll::Ready(Ok(answer))
    }
}
