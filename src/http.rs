//! The HTTP interface: its routes, and what surrounds every request.

mod concurrency;
mod error;
mod health;
mod hello;
mod observe;
mod openapi;

pub use concurrency::ConcurrencyLimit;
pub use health::Readiness;
pub use openapi::document as openapi_document;

use crate::clock::Clock;
use crate::metrics::Metrics;
use crate::store::Store;
use axum::http::{StatusCode, header};
use axum::routing::{MethodRouter, get};
use error::ApiError;
use observe::Observe;
use std::sync::Arc;
use std::time::Duration;
use tower::layer::layer_fn;

/// What the handlers work with.
pub struct App {
    /// Where birth dates are kept.
    pub store: Arc<dyn Store>,
    /// Tells the day.
    pub clock: Clock,
    /// Counts and measures.
    pub metrics: Metrics,
    /// Whether `/ready` says so.
    pub readiness: Readiness,
    /// Time for a request, its body and the store together.
    pub request_timeout: Duration,
    /// Bounds the requests that are served at once.
    pub concurrency: ConcurrencyLimit,
}

/// All routes over `app`.
pub fn router(app: Arc<App>) -> axum::Router {
    let observer = Arc::clone(&app);
    axum::Router::new()
        .route("/hello/{username}", route("GET, HEAD, PUT, OPTIONS", get(hello::get_greeting).put(hello::put_birthday)))
        .route("/openapi.json", route("GET, HEAD, OPTIONS", get(openapi::serve)))
        .route("/health", route("GET, HEAD, OPTIONS", get(health::health)))
        .route("/ready", route("GET, HEAD, OPTIONS", get(health::ready)))
        .route("/metrics", route("GET, HEAD, OPTIONS", get(observe::metrics)))
        .fallback(|| async { ApiError::NotFound })
        .layer(layer_fn(move |service| Observe { app: Arc::clone(&observer), service }))
        .with_state(app)
}

/// Completes a route with its answers to OPTIONS and to methods that it does not have.
fn route(allow: &'static str, methods: MethodRouter<Arc<App>>) -> MethodRouter<Arc<App>> {
    methods
        .options(move || async move { (StatusCode::NO_CONTENT, [(header::ALLOW, allow)]) })
        .fallback(move || async move { ([(header::ALLOW, allow)], ApiError::MethodNotAllowed) })
}
