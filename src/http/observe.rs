//! What surrounds every request: its id, its Host, and what is counted and logged of it.

use super::error::{ApiError, Cause, panic_response};
use super::request_id::X_REQUEST_ID;
use super::unread::{self, Unread};
use super::{App, host, route_of};
use crate::{metrics, panics};
use axum::body::{Bytes, HttpBody};
use axum::http::{HeaderMap, HeaderValue, Method, Request, header};
use axum::response::{IntoResponse, Response};
use axum::routing::future::RouteFuture;
use axum::{BoxError, Router};
use futures_util::future::Either;
use hyper::service::Service;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

/// The routes as hyper's service, which counts and logs requests, also those whose handler panics or whose client leaves.
/// Neither names the path: it holds the username.
///
/// It is written out because every request passes it. A `from_fn` layer of axum that does nothing costs a GET 1,894
/// instructions of 20,056 more (bench/README.md), as it is boxed, and cloned for each request.
#[derive(Clone)]
pub struct Observe {
    pub(super) app: Arc<App>,
    pub(super) router: Router,
}

impl<B> Service<Request<B>> for Observe
where
    B: HttpBody<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Observed;

    fn call(&self, request: Request<B>) -> Observed {
        let in_flight = InFlight {
            id: self.app.request_ids.of(request.headers()),
            counted: self.app.metrics.request_started(request.method(), route_of(request.uri().path())),
            method: request.method().clone(),
            app: Arc::clone(&self.app),
            ended: false,
        };
        let mut unread = Unread::default();
        let request = request.map(|body| unread::watch(body, &mut unread));
        let answer = if host::is_valid(request.version(), request.headers()) {
            Either::Left(tower::Service::call(&mut self.router.clone(), request))
        } else {
            Either::Right(ready(Ok(ApiError::InvalidHost.into_response())))
        };
        Observed { answer, unread, in_flight }
    }
}

pin_project_lite::pin_project! {
    /// The answer to come.
    pub struct Observed {
        #[pin]
        answer: Either<RouteFuture<Infallible>, Ready<Result<Response, Infallible>>>,
        unread: Unread,
        in_flight: InFlight,
    }
}

impl Future for Observed {
    type Output = Result<Response, Infallible>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut response = match panics::catch(|| this.answer.poll(context)) {
            Ok(answer) => ready!(answer).unwrap_or_else(|never| match never {}),
            Err(message) => panic_response(message),
        };
        this.in_flight.answered(&response);
        let close = this.unread.is_some() || this.in_flight.app.readiness.is_draining();
        this.in_flight.complete(response.headers_mut(), close);
        Poll::Ready(Ok(response))
    }
}

/// A request that is being served. If it is dropped before it is answered, its client has left.
struct InFlight {
    app: Arc<App>,
    method: Method,
    id: HeaderValue,
    counted: metrics::Request,
    ended: bool,
}

impl InFlight {
    fn answered(&mut self, response: &Response) {
        let status = self.end(Some(response.status().as_u16()));
        let (request_id, method, endpoint) = (self.id(), &self.method, self.counted.endpoint());
        if let Some(Cause(cause)) = response.extensions().get() {
            tracing::error!(request_id, %method, endpoint, status, "{cause}");
        } else {
            tracing::debug!(request_id, %method, endpoint, status, seconds = self.seconds(), "answered");
        }
    }

    /// Adds what every answer says. `close` tells the client to take another connection for its next request.
    fn complete(&mut self, headers: &mut HeaderMap, close: bool) {
        headers.insert(X_REQUEST_ID, mem::replace(&mut self.id, HeaderValue::from_static("")));
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        if close {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
    }

    fn end(&mut self, status: Option<u16>) -> u16 {
        self.ended = true;
        self.app.metrics.request_ended(&self.counted, status)
    }

    fn seconds(&self) -> f64 {
        self.counted.elapsed().as_secs_f64()
    }

    fn id(&self) -> &str {
        self.id.to_str().expect("an id is visible ASCII")
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        if !self.ended {
            let status = self.end(None);
            let (request_id, method, endpoint) = (self.id(), &self.method, self.counted.endpoint());
            tracing::debug!(request_id, %method, endpoint, status, seconds = self.seconds(), "client left");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::config::{Config, Sources};
    use crate::metrics::Metrics;
    use crate::store::Embedded;
    use axum::body::Body;
    use axum::http::StatusCode;
    use axum::routing::get;
    use chrono::DateTime;

    async fn broken() -> &'static str {
        panic!("on purpose")
    }

    #[tokio::test]
    async fn a_handler_that_panics_answers_500_and_is_counted_once() {
        let directory = tempfile::tempdir().unwrap();
        let store = Arc::new(Embedded::open(directory.path()).unwrap());
        let defaults = Config::read(&Sources { flag: &|_| None, variable: &|_| None }).unwrap();
        let app =
            Arc::new(App::new(store, Clock::new(|| DateTime::UNIX_EPOCH), Metrics::new("test"), &defaults.server));
        let service = Observe { app: Arc::clone(&app), router: Router::new().route("/health", get(broken)) };

        let request = Request::get("/health").header("host", "test").body(Body::empty()).unwrap();
        let response = service.call(request).await.unwrap();

        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let Cause(cause) = response.extensions().get().unwrap();
        assert!(cause.starts_with("a handler panicked: on purpose at src/http/observe.rs:"), "{cause}");
        let metrics = app.metrics.text();
        assert!(metrics.contains(r#"http_errors_total{endpoint="/health",method="GET",status="500"} 1"#), "{metrics}");
        assert!(metrics.contains("http_requests_in_flight 0"), "{metrics}");
    }
}
