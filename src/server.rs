//! The server: accepts connections, bounds what a client may do to them, and drains them when the process is to stop.

mod activity;
mod connections;
mod io;
mod linger;
mod listener;

pub use listener::BindError;

use crate::clock::Clock;
use crate::config::ServerConfig;
use crate::http::{self, App, Observe};
use crate::metrics::Metrics;
use crate::store::{Store, StoreError};
use activity::{Activity, Tracked};
use connections::{CHECKS, Connections};
use hyper::server::conn::http1;
use io::Io;
use linger::linger;
use std::io::{Error, ErrorKind};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use tokio_util::task::TaskTracker;

/// The most bytes of a request line and its headers, and so the most that is buffered for a connection. It holds the longest
/// username eight times; hyper itself refuses more than 100 headers.
const MAX_HEADERS: usize = 16 * 1024;

/// The wait after a connection could not be accepted, which happens when file descriptors run out.
const ACCEPT_RETRY: Duration = Duration::from_millis(100);

/// The wait between two looks for a connection that can give way, and in a drain for one that has become idle.
const RECHECK: Duration = Duration::from_millis(10);

/// The wait between two questions whether the store answers, at the start.
const STORE_CHECK_INTERVAL: Duration = Duration::from_millis(250);

/// A server that has its port and can be run.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    app: Arc<App>,
    config: ServerConfig,
}

impl Server {
    /// Takes the port.
    ///
    /// # Errors
    ///
    /// [`BindError`] if the address can't be had.
    #[expect(clippy::unused_async, reason = "it needs the runtime's reactor")]
    pub async fn bind(
        mut config: ServerConfig,
        store: Arc<dyn Store>,
        clock: Clock,
        metrics: Metrics,
    ) -> Result<Self, BindError> {
        let listener = listener::listen(&config.bind_addresses, config.port)?;
        let address = listener.local_addr().expect("a socket that listens has an address");
        config.max_connections = listener::connections_allowed(config.max_connections);
        metrics.set_connections_limit(config.max_connections);
        let app = Arc::new(App::new(store, clock, metrics, &config));
        Ok(Self { listener, address, app, config })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop`, then drains: `/ready` turns 503 at once, connections are accepted for `DRAIN_DELAY` more, and
    /// requests in flight get `DRAIN_TIMEOUT` to end.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let store_check = tokio::spawn(wait_for_store(Arc::clone(&self.app)));
        let mut connections = Connections::default();
        let tasks = TaskTracker::new();
        let stopped = async {
            stop.await;
            self.app.readiness.drain();
            sleep(self.config.drain_delay).await;
        };
        tokio::select! {
            () = self.accept_loop(&mut connections, &tasks) => {}
            () = stopped => {}
        }
        store_check.abort();
        drop(self.listener);
        let drained = async {
            loop {
                // A connection whose request ends says `connection: close`; this is for those that were idle already.
                connections.close_idle();
                if tasks.is_empty() {
                    break;
                }
                sleep(RECHECK).await;
            }
        };
        if timeout(self.config.drain_timeout, drained).await.is_err() {
            let requests = self.app.metrics.in_flight();
            tracing::warn!(requests, "requests were still in flight at the end of DRAIN_TIMEOUT");
        }
    }

    async fn accept_loop(&self, connections: &mut Connections, tasks: &TaskTracker) {
        let http = Arc::new(Http::new(Arc::clone(&self.app)));
        let mut check = interval(self.config.idle_timeout / CHECKS);
        check.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                _ = check.tick() => {
                    connections.close_stalled();
                    continue;
                }
            };
            match accepted {
                Ok((stream, _)) => {
                    self.make_room(connections).await;
                    let open = Open::new(&self.app);
                    let activity = Arc::clone(&open.activity);
                    let task = tasks.spawn(serve(stream, Arc::clone(&http), open));
                    connections.add(activity, task, self.app.metrics.open_connections());
                }
                Err(error) if is_connection_error(&error) => {}
                Err(error) => {
                    tracing::error!("cannot accept a connection: {error}");
                    sleep(ACCEPT_RETRY).await;
                }
            }
        }
    }

    /// At the bound, closes a connection for the next one. If all answer requests, waits until one doesn't.
    async fn make_room(&self, connections: &mut Connections) {
        loop {
            let open = self.app.metrics.open_connections();
            if open < self.config.max_connections {
                break;
            }
            match connections.evict(open).await {
                Some(state) => self.app.metrics.connection_evicted(state),
                None => sleep(RECHECK).await,
            }
        }
    }
}

/// What all connections share.
struct Http {
    builder: http1::Builder,
    service: Observe,
    linger: Duration,
}

impl Http {
    fn new(app: Arc<App>) -> Self {
        let mut builder = http1::Builder::new();
        builder.header_read_timeout(None).max_buf_size(MAX_HEADERS);
        Self { builder, linger: app.request_timeout, service: http::service(app) }
    }
}

/// A connection that counts as open until this is dropped.
struct Open {
    app: Arc<App>,
    activity: Arc<Activity>,
}

impl Open {
    fn new(app: &Arc<App>) -> Self {
        app.metrics.connection_opened();
        Self { app: Arc::clone(app), activity: Arc::default() }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.activity.ended();
        self.app.metrics.connection_closed();
    }
}

async fn serve(stream: TcpStream, http: Arc<Http>, open: Open) {
    // Until a client says something, nothing is allocated for it but this task.
    if stream.peek(&mut [0]).await.is_ok_and(|count| count > 0) {
        Box::pin(exchange(stream, &http, &open.activity)).await;
    }
}

async fn exchange(stream: TcpStream, http: &Http, activity: &Arc<Activity>) {
    set_nodelay(&stream);
    let service = Tracked { service: http.service.clone(), activity: Arc::clone(activity) };
    let mut connection = http.builder.serve_connection(Io::new(stream, Arc::clone(activity)), service);
    if let Err(error) = (&mut connection).await {
        tracing::debug!("connection ended: {error}");
    }
    linger(connection.into_parts().io, http.linger).await;
}

/// An answer is written at once; waiting to fill a packet would only delay it.
fn set_nodelay(stream: &TcpStream) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!("cannot set TCP_NODELAY: {error}");
    }
}

/// The client gave up before its connection was accepted.
fn is_connection_error(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset)
}

async fn wait_for_store(app: Arc<App>) {
    let mut waited = false;
    loop {
        let checked = timeout(app.request_timeout, app.store.check()).await;
        match checked.unwrap_or_else(|_| Err(StoreError::timeout())) {
            Ok(()) => break,
            Err(error) => app.outage.report(&error),
        }
        waited = true;
        sleep(STORE_CHECK_INTERVAL).await;
    }
    app.readiness.store_answered();
    if waited {
        tracing::info!("ready: the store answers");
    }
}
