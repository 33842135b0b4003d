//! Liveness and readiness.

use super::App;
use axum::extract::State;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the service should be sent requests: once the store has answered, and until a drain begins.
///
/// A fault of the store later changes nothing here: it would take every replica out at once, and with them the answers
/// that say what is wrong.
#[derive(Debug, Default)]
pub struct Readiness {
    store_answered: AtomicBool,
    draining: AtomicBool,
}

impl Readiness {
    /// The store has answered.
    pub fn store_answered(&self) {
        self.store_answered.store(true, Ordering::Relaxed);
    }

    /// The drain has begun.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// Whether the drain has begun.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    fn is_ready(&self) -> bool {
        self.store_answered.load(Ordering::Relaxed) && !self.is_draining()
    }
}

/// Says that the process serves; never touches the store.
#[utoipa::path(
    get, path = "/health", tag = "operations",
    responses(
        (status = 200, description = "The process serves", body = str, content_type = "text/plain", example = "OK"),
        (status = 400, description = "Not one valid Host header", body = super::error::ErrorBody),
    )
)]
pub async fn health() -> &'static str {
    "OK"
}

/// Says whether to send requests here.
#[utoipa::path(
    get, path = "/ready", tag = "operations",
    responses(
        (status = 200, description = "Send requests here", body = str, content_type = "text/plain", example = "OK"),
        (status = 400, description = "Not one valid Host header", body = super::error::ErrorBody),
        (status = 503, description = "The store has not answered yet, or the service is stopping", body = super::error::ErrorBody),
    )
)]
pub async fn ready(State(app): State<Arc<App>>) -> Result<&'static str, super::ApiError> {
    if app.readiness.is_ready() { Ok("OK") } else { Err(super::ApiError::NotReady) }
}
