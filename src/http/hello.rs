//! The greeting: `PUT` remembers a date of birth, `GET` counts the days to the next birthday.

use super::App;
use super::error::{ApiError, ErrorBody};
use crate::birthday::DateOfBirth;
use crate::metrics::Metrics;
use crate::store::{StoreError, StoreFuture};
use crate::username::Username;
use axum::Json;
use axum::body::{Body, HttpBody};
use axum::extract::{FromRequestParts, Path, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::IntoResponse;
use chrono::{DateTime, Timelike, Utc};
use futures_util::future::poll_immediate;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout, timeout_at};
use utoipa::ToSchema;

/// The longest body, in bytes. A date needs 28; the rest is room for fields that are ignored.
const MAX_BODY: usize = 16 * 1024;

/// What `GET` answers.
#[derive(Serialize, ToSchema)]
pub struct Greeting {
    /// The greeting, with the username as it was written.
    #[schema(example = "Hello, ada! Your birthday is in 15 day(s)")]
    message: String,
}

/// What `PUT` takes.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "it documents the body, which is read leniently: see `date_of_birth`")]
pub struct Birth {
    /// A real date before today (UTC).
    #[schema(format = Date, pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", example = "1990-12-10")]
    date_of_birth: String,
}

/// The days to the next birthday of a user.
#[utoipa::path(
    get, path = "/hello/{username}", tag = "hello",
    params(("username" = String, Path, description = "ASCII letters", min_length = 1, max_length = 2048, pattern = "^[a-zA-Z]+$", example = "ada")),
    responses(
        (status = 200, description = "The greeting", body = Greeting),
        (status = 400, description = "Not a username, or not one valid Host header", body = ErrorBody),
        (status = 404, description = "Nobody has put a date of birth for this username", body = ErrorBody),
        (status = 500, description = "The store failed", body = ErrorBody),
        (status = 503, description = "The store is unavailable, or too many requests at once", body = ErrorBody,
            headers(("retry-after" = u32, description = "Seconds to wait"))),
    )
)]
pub async fn get_greeting(
    State(app): State<Arc<App>>,
    UsernamePath(username): UsernamePath,
) -> Result<impl IntoResponse, ApiError> {
    let _permit = app.serve_permit()?;
    let born = app.call_store("get", app.request_timeout, app.store.get(&username)).await?;
    let born = born.ok_or(ApiError::UserNotFound)?;
    // One reading of the clock: the date and the time for which the greeting holds belong together.
    let now = app.clock.now();
    let name = username.as_written();
    let message = match born.days_until_birthday(now.date_naive()) {
        0 => format!("Hello, {name}! Happy birthday!"),
        days => format!("Hello, {name}! Your birthday is in {days} day(s)"),
    };
    Ok((cache_control(app.cache_max_age, now), Json(Greeting { message })))
}

/// How long a greeting may be kept: at most `max_age`, and not past midnight UTC, when it changes. An answer that does not say
/// it may not be kept at all.
fn cache_control(max_age: Duration, now: DateTime<Utc>) -> Option<[(HeaderName, String); 1]> {
    let to_midnight = 24 * 60 * 60 - u64::from(now.num_seconds_from_midnight());
    let seconds = max_age.as_secs().min(to_midnight);
    (seconds > 0).then(|| [(header::CACHE_CONTROL, format!("public, max-age={seconds}"))])
}

/// Remembers the date of birth of a user.
#[utoipa::path(
    put, path = "/hello/{username}", tag = "hello",
    params(("username" = String, Path, description = "ASCII letters", min_length = 1, max_length = 2048, pattern = "^[a-zA-Z]+$", example = "ada")),
    request_body = Birth,
    responses(
        (status = 204, description = "Remembered"),
        (status = 400, description = "Not a username, not JSON, not a date, not in the past, or not one valid Host header", body = ErrorBody),
        (status = 408, description = "The body did not arrive in time", body = ErrorBody),
        (status = 413, description = "The body is over 16 KiB", body = ErrorBody),
        (status = 415, description = "The content type is not JSON", body = ErrorBody),
        (status = 500, description = "The store failed", body = ErrorBody),
        (status = 503, description = "The store is unavailable, or too many requests at once", body = ErrorBody,
            headers(("retry-after" = u32, description = "Seconds to wait"))),
    )
)]
pub async fn put_birthday(
    State(app): State<Arc<App>>,
    UsernamePath(username): UsernamePath,
    request: Request,
) -> Result<StatusCode, ApiError> {
    let deadline = Instant::now() + app.request_timeout;
    if !is_json(request.headers()) {
        return Err(ApiError::UnsupportedMediaType);
    }
    let body = {
        let _permit = app.body_permit()?;
        timeout_at(deadline, read(request.into_body())).await.map_err(|_| ApiError::BodyTimeout)??
    };
    let born = date_of_birth(&body)?;
    if !born.is_before(app.clock.now().date_naive()) {
        return Err(ApiError::DateNotPast);
    }
    let _permit = app.serve_permit()?;
    let time_left = deadline.saturating_duration_since(Instant::now());
    app.call_store("put", time_left, app.store.put(&username, born)).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl App {
    /// Waits for the store for `time`, and measures it.
    async fn call_store<T>(
        &self,
        operation: &'static str,
        time: Duration,
        mut answer: StoreFuture<'_, T>,
    ) -> Result<T, StoreError> {
        let mut call = StoreCall { metrics: &self.metrics, operation, started: Instant::now(), outcome: "cancelled" };
        // The embedded store answers a read at once, and is spared a timer: 400 instructions.
        let outcome = match poll_immediate(&mut answer).await {
            Some(outcome) => outcome,
            None => timeout(time, answer).await.unwrap_or_else(|_| Err(StoreError::timeout())),
        };
        call.outcome = match &outcome {
            Ok(_) => "ok",
            Err(StoreError::Unavailable(_)) => "unavailable",
            Err(StoreError::Failed(_) | StoreError::Unreadable) => "failed",
        };
        if let Err(error @ StoreError::Unavailable(_)) = &outcome {
            self.outage.report(error);
        }
        outcome
    }
}

/// A call of the store, measured when it ends: also when its client leaves and it is dropped.
struct StoreCall<'a> {
    metrics: &'a Metrics,
    operation: &'static str,
    started: Instant,
    outcome: &'static str,
}

impl Drop for StoreCall<'_> {
    fn drop(&mut self) {
        self.metrics.store_operation_ended(self.operation, self.outcome, self.started.elapsed());
    }
}

/// The username in the path.
pub struct UsernamePath(Username);

impl<S: Send + Sync> FromRequestParts<S> for UsernamePath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        // It fails where the percent-decoded path is not UTF-8, which no username is.
        let Path(name) = Path::from_request_parts(parts, state).await.map_err(|_| ApiError::InvalidUsername)?;
        Ok(Self(Username::parse(name)?))
    }
}

/// `application/json` or `application/*+json`, in any case and with any parameters.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) else { return false };
    let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let Some(subtype) = essence.strip_prefix("application/") else { return false };
    subtype == "json" || (subtype.ends_with("+json") && subtype.len() > "+json".len())
}

async fn read(body: Body) -> Result<Vec<u8>, ApiError> {
    // A body that announces itself as too long is refused before the client sends it.
    if body.size_hint().lower() > MAX_BODY as u64 {
        return Err(ApiError::BodyTooLarge);
    }
    match Limited::new(body, MAX_BODY).collect().await {
        Ok(body) => Ok(body.to_bytes().into()),
        Err(error) if error.is::<LengthLimitError>() => Err(ApiError::BodyTooLarge),
        Err(_) => Err(ApiError::BodyUnreadable),
    }
}

/// Unknown fields are ignored, and of a field that is there twice the last counts.
fn date_of_birth(body: &[u8]) -> Result<DateOfBirth, ApiError> {
    let value: Value = serde_json::from_slice(body).map_err(|_| ApiError::InvalidJson)?;
    let text = value.get("dateOfBirth").and_then(Value::as_str).ok_or(ApiError::InvalidDate)?;
    Ok(DateOfBirth::parse(text)?)
}
