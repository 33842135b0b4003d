//! The HTTP interface: its routes, and what surrounds every request.

mod concurrency;
mod error;
mod health;
mod hello;
mod host;
mod metrics;
mod observe;
mod openapi;
mod request_id;
mod unread;

pub use health::Readiness;
pub use observe::Observe;
pub use openapi::document as openapi_document;

use crate::clock::Clock;
use crate::config::ServerConfig;
use crate::metrics::Metrics;
use crate::store::{OutageLog, Store};
use axum::http::{StatusCode, header};
use axum::routing::{MethodRouter, get};
use concurrency::{ConcurrencyLimit, Permit};
use error::ApiError;
use request_id::RequestIds;
use std::sync::Arc;
use std::time::Duration;

/// What the handlers work with.
pub struct App {
    /// Where birth dates are kept.
    pub store: Arc<dyn Store>,
    /// Says why it is unavailable.
    pub outage: OutageLog,
    /// Tells the time.
    pub clock: Clock,
    /// Counts and measures.
    pub metrics: Metrics,
    /// Whether `/ready` says so.
    pub readiness: Readiness,
    /// Time for a request, its body and the store together.
    pub request_timeout: Duration,
    cache_max_age: Duration,
    requests: ConcurrencyLimit,
    bodies: ConcurrencyLimit,
    request_ids: RequestIds,
}

impl App {
    /// An app that has served nothing yet.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Clock, metrics: Metrics, config: &ServerConfig) -> Self {
        Self {
            store,
            outage: OutageLog::default(),
            clock,
            metrics,
            readiness: Readiness::default(),
            request_timeout: config.request_timeout,
            cache_max_age: config.cache_max_age,
            requests: ConcurrencyLimit::new(config.max_concurrent_requests),
            bodies: ConcurrencyLimit::new((config.max_connections / 4).max(1)),
            request_ids: RequestIds::default(),
        }
    }

    /// Permission to serve a request.
    ///
    /// Handlers for probes and metrics don't ask: the cluster calls them when the service is busiest, and restarts it if
    /// they don't answer.
    fn serve_permit(&self) -> Result<Permit<'_>, ApiError> {
        self.permit(&self.requests, "requests")
    }

    /// Permission to wait for a body. A client may send it slowly or never, so far fewer may do so than may connect.
    fn body_permit(&self) -> Result<Permit<'_>, ApiError> {
        self.permit(&self.bodies, "bodies")
    }

    fn permit<'a>(&self, limit: &'a ConcurrencyLimit, what: &str) -> Result<Permit<'a>, ApiError> {
        limit.try_acquire().ok_or_else(|| {
            self.metrics.request_shed(what);
            ApiError::Overloaded
        })
    }
}

/// All routes over `app`, and what surrounds them.
pub fn service(app: Arc<App>) -> Observe {
    let router = axum::Router::new()
        .route(HELLO, route("GET, HEAD, PUT, OPTIONS", get(hello::get_greeting).put(hello::put_birthday)))
        .route("/openapi.json", route("GET, HEAD, OPTIONS", get(openapi::serve)))
        .route("/health", route("GET, HEAD, OPTIONS", get(health::health)))
        .route("/ready", route("GET, HEAD, OPTIONS", get(health::ready)))
        .route("/metrics", route("GET, HEAD, OPTIONS", get(metrics::metrics)))
        .fallback(|| async { ApiError::NotFound })
        .with_state(Arc::clone(&app));
    Observe { app, router }
}

/// Completes a route with its answers to OPTIONS and to methods that it does not have.
fn route(allow: &'static str, methods: MethodRouter<Arc<App>>) -> MethodRouter<Arc<App>> {
    methods
        .options(move || async move { (StatusCode::NO_CONTENT, [(header::ALLOW, allow)]) })
        .fallback(move || async move { ([(header::ALLOW, allow)], ApiError::MethodNotAllowed) })
}

const HELLO: &str = "/hello/{username}";

/// The route that takes `path`, as the router above decides it. axum's `MatchedPath` is known inside the router only, and a
/// request is counted before it gets there.
fn route_of(path: &str) -> Option<&'static str> {
    match path {
        "/openapi.json" => Some("/openapi.json"),
        "/health" => Some("/health"),
        "/ready" => Some("/ready"),
        "/metrics" => Some("/metrics"),
        _ => path.strip_prefix("/hello/").filter(|name| !name.is_empty() && !name.contains('/')).map(|_| HELLO),
    }
}
