//! The bound on requests that are served at once.

use super::App;
use super::error::ApiError;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many more requests may be served at once.
pub struct ConcurrencyLimit(AtomicUsize);

impl ConcurrencyLimit {
    /// Allows `permits` requests at once.
    #[must_use]
    pub fn new(permits: usize) -> Self {
        Self(AtomicUsize::new(permits))
    }
}

/// Permission to serve a request, held until the handler that extracts it has ended.
///
/// Handlers for probes and metrics don't ask for one: the cluster calls them when the service is busiest, and restarts it
/// if they don't answer.
pub struct Permit(Arc<App>);

impl FromRequestParts<Arc<App>> for Permit {
    type Rejection = ApiError;

    async fn from_request_parts(_: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let free = &app.concurrency.0;
        let taken = free.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |free| free.checked_sub(1));
        taken.map(|_| Self(Arc::clone(app))).map_err(|_| ApiError::Overloaded)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.concurrency.0.fetch_add(1, Ordering::Relaxed);
    }
}
