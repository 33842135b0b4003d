//! A small HTTP client, for the commands that ask a running server.

use crate::causes;
use crate::config::without_password;
use crate::tls::NoCaCertificates;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::{Client as HyperClient, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use std::error::Error;
use std::time::Duration;
use tokio::time;

/// The longest answer that is read, in bytes.
const MAX_RESPONSE: usize = 1024 * 1024;

/// Asks one server.
pub struct Client {
    base_url: String,
    connector: Connector,
    timeout: Duration,
}

/// TLS needs a CA bundle, so it is set up only for a URL that needs TLS.
enum Connector {
    Http(HyperClient<HttpConnector, Body>),
    Https(HyperClient<HttpsConnector<HttpConnector>, Body>),
}

/// What a server answered.
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The body, as text.
    pub body: String,
}

impl Client {
    /// A client for the server at `base_url` that waits `timeout` for each whole answer.
    ///
    /// # Errors
    ///
    /// [`ClientError`] if the URL needs TLS and the system has no CA certificates.
    pub fn new(base_url: &str, timeout: Duration) -> Result<Self, ClientError> {
        let base_url = base_url.trim_end_matches('/').to_owned();
        let builder = HyperClient::builder(TokioExecutor::new());
        let connector = if base_url.starts_with("https:") {
            let https = HttpsConnectorBuilder::new()
                .with_native_roots()
                .map_err(|_| ClientError(NoCaCertificates.to_string()))?;
            Connector::Https(builder.build(https.https_only().enable_http1().build()))
        } else {
            Connector::Http(builder.build_http())
        };
        Ok(Self { base_url, connector, timeout })
    }

    /// Sends one request to `path`; a `body` is sent as JSON.
    ///
    /// # Errors
    ///
    /// [`ClientError`] if there is no whole answer in time.
    pub async fn send(&self, method: Method, path: &str, body: Option<&str>) -> Result<Response, ClientError> {
        let url = format!("{}{path}", without_password(&self.base_url));
        let uri = format!("{}{path}", self.base_url);
        let mut request = Request::builder().method(method).uri(uri);
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
        let response = match &self.connector {
            Connector::Http(http) => http.request(request),
            Connector::Https(https) => https.request(request),
        };
        let (head, body) = response.await?.into_parts();
        let body = Limited::new(body, MAX_RESPONSE).collect().await?.to_bytes();
        Ok(Response { status: head.status, body: String::from_utf8_lossy(&body).into_owned() })
    }
}

/// A request got no answer.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ClientError(String);
