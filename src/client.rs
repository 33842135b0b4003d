//! A small HTTP client, for the commands that ask a running server.

use crate::causes;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::{Client as HyperClient, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use std::error::Error;
use std::io;
use std::time::Duration;
use tokio::time;

/// The longest answer that is read, in bytes.
const MAX_RESPONSE: usize = 1024 * 1024;

/// Asks over HTTP and HTTPS.
pub struct Client {
    http: HyperClient<HttpsConnector<HttpConnector>, Body>,
    timeout: Duration,
}

/// What a server answered.
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The body, as text.
    pub body: String,
}

impl Client {
    /// A client that waits `timeout` for each whole answer.
    ///
    /// # Errors
    ///
    /// [`ClientError`] if the system has no CA certificates.
    pub fn new(timeout: Duration) -> Result<Self, ClientError> {
        let connector = HttpsConnectorBuilder::new()
            .with_native_roots()
            .map_err(|error: io::Error| ClientError(format!("no CA certificates: {error}")))?
            .https_or_http()
            .enable_http1()
            .build();
        Ok(Self { http: HyperClient::builder(TokioExecutor::new()).build(connector), timeout })
    }

    /// Sends one request; a `body` is sent as JSON.
    ///
    /// # Errors
    ///
    /// [`ClientError`] if there is no whole answer in time.
    pub async fn send(&self, method: Method, url: &str, body: Option<&str>) -> Result<Response, ClientError> {
        let mut request = Request::builder().method(method).uri(url);
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let request = request
            .body(body.map_or_else(Body::empty, |body| Body::from(body.to_owned())))
            .map_err(|error| ClientError(format!("{url}: {error}")))?;
        time::timeout(self.timeout, self.round_trip(request))
            .await
            .unwrap_or_else(|_| Err(format!("no answer within {} s", self.timeout.as_secs()).into()))
            .map_err(|error| ClientError(format!("{url}: {}", causes::in_one_line(error.as_ref()))))
    }

    async fn round_trip(&self, request: Request<Body>) -> Result<Response, Box<dyn Error + Send + Sync>> {
        let (head, body) = self.http.request(request).await?.into_parts();
        let body = Limited::new(body, MAX_RESPONSE).collect().await?.to_bytes();
        Ok(Response { status: head.status, body: String::from_utf8_lossy(&body).into_owned() })
    }
}

/// A request got no answer.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ClientError(String);
