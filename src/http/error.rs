//! The errors of the interface: the one place that turns them into statuses.

use crate::birthday::InvalidDate;
use crate::store::StoreError;
use crate::username::InvalidUsername;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// Seconds after which a client may try again: by then a short overload or fault has passed, and more clients asking again
/// every second are no burden.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("1");

/// Why a request is not answered as asked.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// No such path.
    #[error("Not found")]
    NotFound,
    /// The path is known, the method is not.
    #[error("Method not allowed")]
    MethodNotAllowed,
    /// HTTP/1.1 without exactly one Host, or with one that is no host.
    #[error("Invalid Host header")]
    InvalidHost,
    /// The name in the path is not a username.
    #[error("Invalid username")]
    InvalidUsername,
    /// The content type is not JSON.
    #[error("Content type must be application/json")]
    UnsupportedMediaType,
    /// The body is longer than allowed.
    #[error("Body too large")]
    BodyTooLarge,
    /// The body did not arrive in time.
    #[error("Request timed out")]
    BodyTimeout,
    /// The body broke off, or is not HTTP.
    #[error("Body could not be read")]
    BodyUnreadable,
    /// The body is not JSON.
    #[error("Invalid JSON")]
    InvalidJson,
    /// The date of birth is missing or is not a date.
    #[error("Invalid date format")]
    InvalidDate,
    /// The date of birth is today or later.
    #[error("Date must be in the past")]
    DateNotPast,
    /// Nobody has put a date of birth for the username.
    #[error("User not found")]
    UserNotFound,
    /// As many requests as allowed are being served.
    #[error("Too many requests at once")]
    Overloaded,
    /// The store has not answered yet, or the service is stopping.
    #[error("Not ready")]
    NotReady,
    /// The store did not do what it was asked.
    #[error("{}", if is_unavailable(.0) { "Service unavailable" } else { "Internal server error" })]
    Store(StoreError),
    /// A handler panicked, with this message.
    #[error("Internal server error")]
    Panic(String),
}

/// The body of every error.
#[derive(Serialize, ToSchema)]
pub struct ErrorBody {
    /// What is wrong.
    #[schema(example = "User not found")]
    error: String,
}

/// What went wrong inside, for the log: it travels beside the answer, never in it.
#[derive(Clone)]
pub struct Cause(pub Arc<str>);

/// Answers for a handler that panicked.
pub fn panic_response(message: String) -> Response {
    ApiError::Panic(message).into_response()
}

impl ApiError {
    fn status(&self) -> StatusCode {
        match self {
            Self::InvalidHost
            | Self::InvalidUsername
            | Self::BodyUnreadable
            | Self::InvalidJson
            | Self::InvalidDate
            | Self::DateNotPast => StatusCode::BAD_REQUEST,
            Self::NotFound | Self::UserNotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::BodyTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Overloaded | Self::NotReady => StatusCode::SERVICE_UNAVAILABLE,
            Self::Store(error) if is_unavailable(error) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Store(_) | Self::Panic(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

fn is_unavailable(error: &StoreError) -> bool {
    matches!(error, StoreError::Unavailable(_))
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = self.status();
        let mut response = (status, Json(ErrorBody { error: self.to_string() })).into_response();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER);
        }
        let cause = match self {
            // Why the store is unavailable is logged once for all requests that suffer.
            Self::Store(error) if !is_unavailable(&error) => error.to_string(),
            Self::Panic(message) => format!("a handler panicked: {message}"),
            _ => return response,
        };
        response.extensions_mut().insert(Cause(cause.into()));
        response
    }
}

impl From<InvalidUsername> for ApiError {
    fn from(InvalidUsername: InvalidUsername) -> Self {
        Self::InvalidUsername
    }
}

impl From<InvalidDate> for ApiError {
    fn from(InvalidDate: InvalidDate) -> Self {
        Self::InvalidDate
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
