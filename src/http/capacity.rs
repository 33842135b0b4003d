//! The bound on requests that are served at once.

use super::App;
use super::error::ApiError;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many more requests may be served at once.
pub struct Capacity(AtomicUsize);

impl Capacity {
    /// Room for so many requests.
    #[must_use]
    pub fn new(places: usize) -> Self {
        Self(AtomicUsize::new(places))
    }
}

/// A place among the requests that are served at once, kept until the handler that extracts it has ended.
///
/// Handlers for the cluster's own questions do without: it asks them when the service is busiest, and restarts or ejects it
/// if they are not answered.
pub struct Place(Arc<App>);

impl FromRequestParts<Arc<App>> for Place {
    type Rejection = ApiError;

    async fn from_request_parts(_: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let taken = app.capacity.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |free| free.checked_sub(1));
        taken.map(|_| Self(Arc::clone(app))).map_err(|_| ApiError::Overloaded)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.capacity.0.fetch_add(1, Ordering::Relaxed);
    }
}
