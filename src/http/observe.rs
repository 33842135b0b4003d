//! What is counted and logged of every request, and the page that shows the counts.

use super::App;
use super::error::{self, Cause};
use crate::metrics::{Metrics, UNMATCHED};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;
use tower::Service;

/// Counts and logs the requests of a service, also those whose handler panics. Neither names the path: it holds the username.
///
/// All requests pass it, so it is a service written out: `axum::middleware::from_fn` costs each of them two more allocations.
#[derive(Clone)]
pub struct Observe<S> {
    pub app: Arc<App>,
    pub service: S,
}

impl<S> Service<Request> for Observe<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.service.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let started = Instant::now();
        let app = Arc::clone(&self.app);
        let method = request.method().clone();
        let matched = request.extensions().get::<MatchedPath>().cloned();
        let answer = AssertUnwindSafe(self.service.call(request)).catch_unwind();
        Box::pin(async move {
            let in_flight = app.metrics.request_started();
            let Ok(mut response) = answer.await.unwrap_or_else(|panic| Ok(error::panic_response(panic)));
            drop(in_flight);

            let route = matched.as_ref().map(MatchedPath::as_str);
            let status = response.status().as_u16();
            app.metrics.request_ended(&method, route, status, started.elapsed());
            let endpoint = route.unwrap_or(UNMATCHED);
            if let Some(Cause(cause)) = response.extensions().get() {
                tracing::error!(%method, endpoint, status, "{cause}");
            } else {
                tracing::debug!(%method, endpoint, status, elapsed_us = started.elapsed().as_micros(), "answered");
            }
            if app.readiness.is_draining() {
                // The client takes another connection for its next request, instead of losing it when this one is closed.
                response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            Ok(response)
        })
    }
}

/// Everything that is counted, in the Prometheus text format.
#[utoipa::path(
    get, path = "/metrics", tag = "operations",
    responses((status = 200, description = "Counters and histograms", body = str, content_type = "text/plain"))
)]
pub async fn metrics(State(app): State<Arc<App>>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, Metrics::CONTENT_TYPE)], app.metrics.render())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::http::{ConcurrencyLimit, Readiness};
    use crate::store::Embedded;
    use axum::Router;
    use axum::body::Body;
    use axum::http::StatusCode;
    use axum::routing::get;
    use chrono::NaiveDate;
    use std::time::Duration;
    use tower::layer::layer_fn;

    async fn broken() -> &'static str {
        panic!("on purpose")
    }

    #[tokio::test]
    async fn a_handler_that_panics_answers_500_and_is_counted_once() {
        let directory = tempfile::tempdir().unwrap();
        let app = Arc::new(App {
            store: Arc::new(Embedded::open(directory.path()).unwrap()),
            clock: Clock::new(|| NaiveDate::MIN),
            metrics: Metrics::new(),
            readiness: Readiness::default(),
            request_timeout: Duration::from_secs(1),
            concurrency: ConcurrencyLimit::new(1),
        });
        let observer = Arc::clone(&app);
        let mut router = Router::new()
            .route("/health", get(broken))
            .layer(layer_fn(move |service| Observe { app: Arc::clone(&observer), service }));

        let response = router.call(Request::get("/health").body(Body::empty()).unwrap()).await.unwrap();

        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let metrics = String::from_utf8(app.metrics.render()).unwrap();
        assert!(metrics.contains(r#"http_errors_total{endpoint="/health",method="GET",status="500"} 1"#), "{metrics}");
        assert!(metrics.contains("http_requests_in_flight 0"), "{metrics}");
    }
}
