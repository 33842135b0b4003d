//! The page that shows what is counted.

use super::App;
use crate::metrics::{Metrics, accepts_openmetrics};
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::IntoResponse;
use std::sync::Arc;

/// Everything that is counted: `OpenMetrics` for a client that asks for it, else the Prometheus text format.
#[utoipa::path(
    get, path = "/metrics", tag = "operations",
    responses(
        (status = 200, description = "Counters, gauges and histograms", body = str, content_type = "text/plain"),
        (status = 400, description = "Not one valid Host header", body = super::error::ErrorBody),
    )
)]
pub async fn metrics(State(app): State<Arc<App>>, headers: HeaderMap) -> impl IntoResponse {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let (media_type, page) = if accepts_openmetrics(accept) {
        (Metrics::OPENMETRICS, app.metrics.openmetrics())
    } else {
        (Metrics::TEXT, app.metrics.text())
    };
    ([(header::CONTENT_TYPE, media_type)], page)
}
