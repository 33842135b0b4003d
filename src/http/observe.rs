//! What is counted and logged of every request, and the page that shows the counts.

use super::App;
use super::error::Cause;
use crate::metrics::Metrics;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use std::time::Instant;

/// Counts and logs one request. Neither names the path: it holds the username.
pub async fn observe(
    State(app): State<Arc<App>>,
    matched: Option<MatchedPath>,
    request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let in_flight = app.metrics.begin();
    let method = request.method().clone();
    let mut response = next.run(request).await;
    drop(in_flight);

    let route = matched.as_ref().map(MatchedPath::as_str);
    let status = response.status().as_u16();
    app.metrics.count(&method, route, status, started.elapsed());
    let endpoint = route.unwrap_or("unmatched");
    if let Some(Cause(cause)) = response.extensions().get() {
        tracing::error!(%method, endpoint, status, "{cause}");
    } else {
        tracing::debug!(%method, endpoint, status, elapsed_us = started.elapsed().as_micros(), "answered");
    }
    if app.readiness.is_draining() {
        // The client takes another connection for its next request, instead of losing it when this one is closed.
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Everything that is counted, in the Prometheus text format.
#[utoipa::path(
    get, path = "/metrics", tag = "operations",
    responses((status = 200, description = "Counters and histograms", body = str, content_type = "text/plain"))
)]
pub async fn metrics(State(app): State<Arc<App>>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, Metrics::CONTENT_TYPE)], app.metrics.render())
}
