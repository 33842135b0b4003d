//! The HTTP interface: its routes, and what surrounds every request.

mod error;
mod health;
mod hello;
mod observe;
mod openapi;

pub use health::Readiness;
pub use openapi::document as openapi_document;

use crate::clock::Clock;
use crate::metrics::Metrics;
use crate::store::Store;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use error::ApiError;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;

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
    /// A permit for each request that may be served at once.
    pub capacity: Semaphore,
}

/// All routes over `app`.
pub fn router(app: Arc<App>) -> axum::Router {
    let limited = axum::Router::new()
        .route("/hello/{username}", route("GET, HEAD, PUT, OPTIONS", get(hello::greet).put(hello::remember)))
        .route("/openapi.json", route("GET, HEAD, OPTIONS", get(openapi::serve)))
        .route_layer(middleware::from_fn_with_state(Arc::clone(&app), within_capacity));
    // A cluster asks these when the service is busiest, and restarts or ejects it if they do not answer.
    let unlimited = axum::Router::new()
        .route("/health", route("GET, HEAD, OPTIONS", get(health::alive)))
        .route("/ready", route("GET, HEAD, OPTIONS", get(health::ready)))
        .route("/metrics", route("GET, HEAD, OPTIONS", get(observe::metrics)));
    limited
        .merge(unlimited)
        .fallback(|| async { ApiError::NotFound })
        .layer(CatchPanicLayer::custom(error::panicked))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), observe::observe))
        .with_state(app)
}

/// Completes a route with its answers to OPTIONS and to methods that it does not have.
fn route(allow: &'static str, methods: MethodRouter<Arc<App>>) -> MethodRouter<Arc<App>> {
    methods
        .options(move || async move { (StatusCode::NO_CONTENT, [(header::ALLOW, allow)]) })
        .fallback(move || async move { ([(header::ALLOW, allow)], ApiError::MethodNotAllowed) })
}

async fn within_capacity(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    match app.capacity.try_acquire() {
        Ok(_permit) => next.run(request).await,
        Err(_) => ApiError::Overloaded.into_response(),
    }
}
