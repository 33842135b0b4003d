//! Cuts off connections on which no request arrives: idle ones, and those whose client stalls in the headers.
//!
//! hyper's own time-out makes, registers and removes a timer for each request. This one looks at a count from time to time.

use hyper::service::Service;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::sleep;

/// How often a connection is looked at in each `IDLE_TIMEOUT`, so that it is cut off at most a quarter late.
const LOOKS: u32 = 4;

/// Counts the beginnings and ends of a connection's requests: it is odd while one is being answered.
#[derive(Clone, Default)]
pub struct Progress(Arc<AtomicUsize>);

impl Progress {
    fn step(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns once no request has been answered, or begun, for `idle_timeout`.
    pub async fn stalled(&self, idle_timeout: Duration) {
        let mut seen = None;
        let mut looks = 0;
        while looks < LOOKS {
            sleep(idle_timeout / LOOKS).await;
            let now = self.0.load(Ordering::Relaxed);
            let answering = now % 2 == 1;
            looks = if answering || seen != Some(now) { 0 } else { looks + 1 };
            seen = Some(now);
        }
    }
}

/// The service of one connection, with its progress.
pub struct Counted<S> {
    pub service: S,
    pub progress: Progress,
}

impl<S, R> Service<R> for Counted<S>
where
    S: Service<R>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn call(&self, request: R) -> Self::Future {
        let progress = self.progress.clone();
        progress.step();
        let answer = self.service.call(request);
        Box::pin(async move {
            let answer = answer.await;
            progress.step();
            answer
        })
    }
}
