//! What the service counts and measures, in a Prometheus registry of its own.
//!
//! Labels come from small fixed sets: known methods, route templates, statuses. So no client can make the number of series
//! grow, and no username becomes a label.

mod answers;
mod collectors;
mod openmetrics;

pub use openmetrics::is_accepted as accepts_openmetrics;

use answers::{CLIENT_CLOSED_REQUEST, ENDPOINTS, METHODS};
use axum::http::Method;
use collectors::CounterFn;
use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    TextEncoder,
};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// What the store is asked to do, and how that ends.
const STORE_OPERATIONS: [&str; 2] = ["get", "put"];
const STORE_OUTCOMES: [&str; 4] = ["ok", "unavailable", "failed", "cancelled"];

/// Seconds: from half a millisecond, which the embedded store takes, to the default `REQUEST_TIMEOUT`.
const BUCKETS: [f64; 13] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];

/// All metrics of one server.
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    durations: HistogramVec,
    errors: IntCounterVec,
    in_flight: IntGauge,
    shed: IntCounterVec,
    connections: IntGauge,
    connections_limit: IntGauge,
    evicted: IntCounterVec,
    store_operations: HistogramVec,
    /// The series of each endpoint and method: looking them up in the vectors costs more than adding to them.
    series: [[OnceLock<Series>; METHODS.len()]; ENDPOINTS.len()],
    /// The same for each operation and outcome of the store.
    store_series: [[OnceLock<Histogram>; STORE_OUTCOMES.len()]; STORE_OPERATIONS.len()],
}

struct Series {
    requests: IntCounter,
    durations: Histogram,
}

impl Metrics {
    /// Metrics that have counted nothing yet; `revision` is the source that the running program was built from.
    #[must_use]
    pub fn new(revision: &str) -> Self {
        let metrics = Self {
            registry: Registry::new(),
            requests: counters("http_requests_total", "Requests answered or given up.", &["method", "endpoint"]),
            durations: histograms(
                "http_request_duration_seconds",
                "Time from a request's headers to its answer, or until its client left.",
                &["method", "endpoint"],
            ),
            errors: counters(
                "http_errors_total",
                "Requests answered 4xx or 5xx; 499 if the client left before its answer.",
                &["method", "endpoint", "status"],
            ),
            in_flight: gauge("http_requests_in_flight", "Requests being served."),
            shed: counters("http_requests_shed_total", "Requests answered 503 because of a limit.", &["reason"]),
            connections: gauge("http_connections", "Open connections."),
            connections_limit: gauge("http_connections_limit", "Connections that may be open at once."),
            evicted: counters(
                "http_connections_evicted_total",
                "Connections closed to make room: new ones without a request, or idle ones.",
                &["state"],
            ),
            store_operations: histograms(
                "store_operation_duration_seconds",
                "Time that the store took for an operation.",
                &["operation", "outcome"],
            ),
            series: Default::default(),
            store_series: Default::default(),
        };
        metrics.register_all(revision);
        metrics.create_series();
        metrics
    }

    fn register_all(&self, revision: &str) {
        let labels = &["version", "revision"];
        let build_info = IntGaugeVec::new(Opts::new("build_info", "What is running; always 1."), labels)
            .expect("a valid name and labels");
        build_info.with_label_values(&[env!("CARGO_PKG_VERSION"), revision]).set(1);
        self.register(build_info);
        self.register(self.requests.clone());
        self.register(self.durations.clone());
        self.register(self.errors.clone());
        self.register(self.in_flight.clone());
        self.register(self.shed.clone());
        self.register(self.connections.clone());
        self.register(self.connections_limit.clone());
        self.register(self.evicted.clone());
        self.register(self.store_operations.clone());
        #[cfg(target_os = "linux")]
        {
            self.register(collectors::Process::of_self());
            self.register(collectors::Process::cpu_seconds());
        }
    }

    fn create_series(&self) {
        for (endpoint, method, errors, served) in answers::all() {
            for status in errors {
                self.error(endpoint, method, status).reset();
            }
            if served {
                self.series(endpoint, method);
            } else {
                self.requests.with_label_values(&[METHODS[method], ENDPOINTS[endpoint]]).reset();
            }
        }
        for operation in 0..STORE_OPERATIONS.len() {
            for outcome in 0..STORE_OUTCOMES.len() {
                self.store_series(operation, outcome);
            }
        }
        for reason in ["requests", "bodies"] {
            self.shed.with_label_values(&[reason]).reset();
        }
        for state in ["new", "idle"] {
            self.evicted.with_label_values(&[state]).reset();
        }
    }

    fn register(&self, collector: impl prometheus::core::Collector + 'static) {
        self.registry.register(Box::new(collector)).expect("every metric has a name of its own");
    }

    fn series(&self, endpoint: usize, method: usize) -> &Series {
        let labels = [METHODS[method], ENDPOINTS[endpoint]];
        self.series[endpoint][method].get_or_init(|| Series {
            requests: self.requests.with_label_values(&labels),
            durations: self.durations.with_label_values(&labels),
        })
    }

    fn store_series(&self, operation: usize, outcome: usize) -> &Histogram {
        let labels = [STORE_OPERATIONS[operation], STORE_OUTCOMES[outcome]];
        self.store_series[operation][outcome].get_or_init(|| self.store_operations.with_label_values(&labels))
    }

    fn error(&self, endpoint: usize, method: usize, status: u16) -> IntCounter {
        self.errors.with_label_values(&[METHODS[method], ENDPOINTS[endpoint], &status.to_string()])
    }

    /// Counts a request of `route`, `None` if no route matched, as in flight.
    pub fn request_started(&self, method: &Method, route: Option<&str>) -> Request {
        self.in_flight.inc();
        Request {
            started: Instant::now(),
            method: position(&METHODS, Some(method.as_str())),
            endpoint: position(&ENDPOINTS, route),
        }
    }

    /// Counts a request as answered, or as given up by its client if there is no status. Returns the status it is counted under.
    pub fn request_ended(&self, request: &Request, status: Option<u16>) -> u16 {
        self.in_flight.dec();
        let series = self.series(request.endpoint, request.method);
        series.requests.inc();
        series.durations.observe(request.elapsed().as_secs_f64());
        let status = status.unwrap_or(CLIENT_CLOSED_REQUEST);
        if status >= 400 {
            self.error(request.endpoint, request.method, status).inc();
        }
        status
    }

    /// How many requests are being served.
    #[must_use]
    pub fn in_flight(&self) -> i64 {
        self.in_flight.get()
    }

    /// Counts a request that was refused because so many `requests` or `bodies` are in work.
    pub fn request_shed(&self, reason: &str) {
        self.shed.with_label_values(&[reason]).inc();
    }

    /// Counts a connection as open.
    pub fn connection_opened(&self) {
        self.connections.inc();
    }

    /// Counts it as closed.
    pub fn connection_closed(&self) {
        self.connections.dec();
    }

    /// How many connections are open.
    #[must_use]
    pub fn open_connections(&self) -> usize {
        usize::try_from(self.connections.get()).unwrap_or(0)
    }

    /// Shows how many may be.
    pub fn set_connections_limit(&self, limit: usize) {
        self.connections_limit.set(i64::try_from(limit).unwrap_or(i64::MAX));
    }

    /// Counts a connection that was closed to make room while it was `new` or `idle`.
    pub fn connection_evicted(&self, state: &str) {
        self.evicted.with_label_values(&[state]).inc();
    }

    /// Measures a call of the store.
    pub fn store_operation_ended(&self, operation: &str, outcome: &str, elapsed: Duration) {
        let operation = position(&STORE_OPERATIONS, Some(operation));
        let outcome = position(&STORE_OUTCOMES, Some(outcome));
        self.store_series(operation, outcome).observe(elapsed.as_secs_f64());
    }

    /// Shows what `dropped` counts, the lines that the log lost.
    #[expect(clippy::cast_precision_loss, reason = "exact to 2^53 lines")]
    pub fn watch_log(&self, dropped: impl Fn() -> usize + Send + Sync + 'static) {
        let help = "Log lines dropped because they were not read in time.";
        self.register(CounterFn::new("log_lines_dropped_total", help, move || dropped() as f64));
    }

    /// Everything in the Prometheus text format, of the media type [`Metrics::TEXT`].
    #[must_use]
    pub fn text(&self) -> String {
        TextEncoder::new().encode_to_string(&self.registry.gather()).expect("memory takes every write")
    }

    /// Everything as `OpenMetrics`, of the media type [`Metrics::OPENMETRICS`].
    #[must_use]
    pub fn openmetrics(&self) -> String {
        openmetrics::from_text(&self.text())
    }

    /// The media type of [`Metrics::text`].
    pub const TEXT: &str = prometheus::TEXT_FORMAT;

    /// The media type of [`Metrics::openmetrics`].
    pub const OPENMETRICS: &str = openmetrics::CONTENT_TYPE;
}

/// A request in flight, as the metrics see it.
pub struct Request {
    started: Instant,
    method: usize,
    endpoint: usize,
}

impl Request {
    /// Its route template, or what stands for none.
    #[must_use]
    pub fn endpoint(&self) -> &'static str {
        ENDPOINTS[self.endpoint]
    }

    /// The time since its headers.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}

fn gauge(name: &str, help: &str) -> IntGauge {
    IntGauge::new(name, help).expect("a valid name")
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
