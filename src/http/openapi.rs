//! The description of the interface, made from the handlers.

use super::App;
use super::error::ApiError;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use std::sync::{Arc, LazyLock};
use utoipa::OpenApi;

#[derive(OpenApi)]
#[openapi(
    info(title = "backend-cloud-app", description = "Remembers dates of birth and counts the days to the next birthday. Every answer has an `x-request-id`: that of the request's `traceparent`, `X-Amzn-Trace-Id` or `X-Request-Id`, else a new one. Answers say by `cache-control` whether they may be kept."),
    paths(
        super::hello::get_greeting,
        super::hello::put_birthday,
        super::health::health,
        super::health::ready,
        super::metrics::metrics,
        serve
    ),
    tags(
        (name = "hello", description = "The greeting"),
        (name = "operations", description = "What a cluster asks; not exposed to the internet"),
    )
)]
struct Api;

/// The document, as pretty-printed JSON with a final newline.
#[must_use]
pub fn document() -> &'static str {
    static DOCUMENT: LazyLock<String> =
        LazyLock::new(|| Api::openapi().to_pretty_json().expect("the description is plain data") + "\n");
    &DOCUMENT
}

/// This description.
#[utoipa::path(
    get, path = "/openapi.json", tag = "operations",
    responses(
        (status = 200, description = "OpenAPI 3.1", content_type = "application/json", body = serde_json::Value),
        (status = 400, description = "Not one valid Host header", body = super::error::ErrorBody),
        (status = 503, description = "Too many requests at once", body = super::error::ErrorBody),
    )
)]
pub async fn serve(State(app): State<Arc<App>>) -> Result<impl IntoResponse, ApiError> {
    let _permit = app.serve_permit()?;
    Ok(([(header::CONTENT_TYPE, "application/json")], document()))
}
