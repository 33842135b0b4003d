//! What the service counts and measures, in a Prometheus registry of its own.
//!
//! Labels come from small fixed sets - known methods, route templates, statuses - so that no client can make the number of
//! series grow, and no username gets into them.

use axum::http::Method;
use prometheus::{
    Encoder, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts, Registry, TextEncoder,
};
use std::sync::OnceLock;
use std::time::Duration;

/// What every path without a route counts as.
pub(crate) const UNMATCHED: &str = "unmatched";

/// The routes that are told apart.
const ENDPOINTS: [&str; 6] = ["/hello/{username}", "/health", "/ready", "/metrics", "/openapi.json", UNMATCHED];

/// The methods that are told apart; every other one counts as `other`.
const METHODS: [&str; 8] = ["GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "other"];

/// What the store is asked to do, and how that ends.
const STORE_OPERATIONS: [&str; 2] = ["get", "put"];
const STORE_OUTCOMES: [&str; 3] = ["ok", "unavailable", "failed"];

/// Seconds: from half a millisecond, which the embedded store takes, to the default `REQUEST_TIMEOUT`.
const BUCKETS: [f64; 13] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];

/// All metrics of one server.
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    durations: HistogramVec,
    errors: IntCounterVec,
    in_flight: IntGauge,
    store_operations: HistogramVec,
    /// The series of each endpoint and method, once used: looking them up in the vectors costs more than adding to them.
    series: [[OnceLock<Series>; METHODS.len()]; ENDPOINTS.len()],
    /// The same for each operation and outcome of the store.
    store_series: [[OnceLock<Histogram>; STORE_OUTCOMES.len()]; STORE_OPERATIONS.len()],
}

struct Series {
    requests: IntCounter,
    durations: Histogram,
}

/// A request that is being served; it counts as in flight until this is dropped.
pub struct InFlight<'a>(&'a IntGauge);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Metrics {
    /// Metrics that have counted nothing yet.
    #[must_use]
    pub fn new() -> Self {
        let registry = Registry::new();
        let metrics = Self {
            requests: counters("http_requests_total", "Requests answered.", &["method", "endpoint"]),
            durations: histograms(
                "http_request_duration_seconds",
                "Time from a request's headers to its answer.",
                &["method", "endpoint"],
            ),
            errors: counters("http_errors_total", "Requests answered 4xx or 5xx.", &["method", "endpoint", "status"]),
            in_flight: IntGauge::new("http_requests_in_flight", "Requests being served.").expect("a valid name"),
            store_operations: histograms(
                "store_operation_duration_seconds",
                "Time that the store took for an operation.",
                &["operation", "outcome"],
            ),
            series: Default::default(),
            store_series: Default::default(),
            registry,
        };
        let build_info = counters("build_info", "The version that is running; always 1.", &["version"]);
        build_info.with_label_values(&[env!("CARGO_PKG_VERSION")]).inc();
        metrics.register(build_info);
        metrics.register(metrics.requests.clone());
        metrics.register(metrics.durations.clone());
        metrics.register(metrics.errors.clone());
        metrics.register(metrics.in_flight.clone());
        metrics.register(metrics.store_operations.clone());
        #[cfg(target_os = "linux")]
        metrics.register(prometheus::process_collector::ProcessCollector::for_self());
        metrics
    }

    fn register(&self, collector: impl prometheus::core::Collector + 'static) {
        self.registry.register(Box::new(collector)).expect("every metric has a name of its own");
    }

    /// Counts a request as in flight.
    pub fn request_started(&self) -> InFlight<'_> {
        self.in_flight.inc();
        InFlight(&self.in_flight)
    }

    /// How many requests are being served.
    #[must_use]
    pub fn in_flight(&self) -> i64 {
        self.in_flight.get()
    }

    /// Counts an answered request; `route` is the template that matched, `None` if none did.
    pub fn request_ended(&self, method: &Method, route: Option<&str>, status: u16, elapsed: Duration) {
        let method = position(&METHODS, Some(method.as_str()));
        let endpoint = position(&ENDPOINTS, route);
        let labels = [METHODS[method], ENDPOINTS[endpoint]];
        let series = self.series[endpoint][method].get_or_init(|| Series {
            requests: self.requests.with_label_values(&labels),
            durations: self.durations.with_label_values(&labels),
        });
        series.requests.inc();
        series.durations.observe(elapsed.as_secs_f64());
        if status >= 400 {
            self.errors.with_label_values(&[METHODS[method], ENDPOINTS[endpoint], &status.to_string()]).inc();
        }
    }

    /// Measures a call of the store.
    pub fn store_operation_ended(&self, operation: &str, outcome: &str, elapsed: Duration) {
        let operation = position(&STORE_OPERATIONS, Some(operation));
        let outcome = position(&STORE_OUTCOMES, Some(outcome));
        let labels = [STORE_OPERATIONS[operation], STORE_OUTCOMES[outcome]];
        let series =
            self.store_series[operation][outcome].get_or_init(|| self.store_operations.with_label_values(&labels));
        series.observe(elapsed.as_secs_f64());
    }

    /// Everything in the Prometheus text format.
    #[must_use]
    pub fn render(&self) -> Vec<u8> {
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text).expect("memory takes every write");
        text
    }

    /// The media type of [`Metrics::render`].
    pub const CONTENT_TYPE: &'static str = prometheus::TEXT_FORMAT;
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

fn counters(name: &str, help: &str, labels: &[&str]) -> IntCounterVec {
    IntCounterVec::new(Opts::new(name, help), labels).expect("a valid name and labels")
}

fn histograms(name: &str, help: &str, labels: &[&str]) -> HistogramVec {
    HistogramVec::new(HistogramOpts::new(name, help).buckets(BUCKETS.to_vec()), labels)
        .expect("a valid name and labels")
}

/// Where `known` has `value`; its last entry stands for all else.
fn position(known: &[&str], value: Option<&str>) -> usize {
    known.iter().position(|entry| Some(*entry) == value).unwrap_or(known.len() - 1)
}
