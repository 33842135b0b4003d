//! The bound on requests that are served at once.

use super::App;
use super::error::ApiError;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;

/// A place among the requests that are served at once, kept until the handler that extracts it has ended.
///
/// Handlers for the cluster's own questions do without: it asks them when the service is busiest, and restarts or ejects it
/// if they are not answered.
pub struct Place(#[expect(dead_code, reason = "it is kept to be dropped")] OwnedSemaphorePermit);

impl FromRequestParts<Arc<App>> for Place {
    type Rejection = ApiError;

    async fn from_request_parts(_: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        Arc::clone(&app.capacity).try_acquire_owned().map(Self).map_err(|_| ApiError::Overloaded)
    }
}
