//! The description of the interface, made from the handlers.

use super::capacity::Place;
use axum::http::header;
use axum::response::IntoResponse;
use std::sync::LazyLock;
use utoipa::OpenApi;

#[derive(OpenApi)]
#[openapi(
    info(title = "backend-cloud-app", description = "Remembers dates of birth and counts the days to the next birthday."),
    paths(
        super::hello::greet,
        super::hello::remember,
        super::health::alive,
        super::health::ready,
        super::observe::metrics,
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
        (status = 503, description = "Too many requests at once", body = super::error::ErrorBody),
    )
)]
pub async fn serve(_place: Place) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], document())
}
