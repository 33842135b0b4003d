//! The listener: takes connections, bounds what a client may do to them, and drains them when the process is to stop.

mod idle;

use crate::clock::Clock;
use crate::config::ServerConfig;
use crate::http::{self, App};
use crate::metrics::Metrics;
use crate::store::{Store, StoreError};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use idle::{Counted, Progress};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};

/// The most bytes of a request line and its headers, and so the most that is buffered for a connection. It holds the longest
/// username eight times; hyper itself refuses more than 100 headers.
const MAX_HEADERS: usize = 16 * 1024;

/// The wait after a connection could not be taken, which happens when file descriptors run out.
const ACCEPT_RETRY: Duration = Duration::from_millis(100);

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
    /// [`BindError`] if the address is not to be had.
    pub async fn bind(
        config: ServerConfig,
        store: Arc<dyn Store>,
        clock: Clock,
        metrics: Metrics,
    ) -> Result<Self, BindError> {
        let address = SocketAddr::new(config.bind_address, config.port);
        let bind_error = |source| BindError { address, source };
        let listener = TcpListener::bind(address).await.map_err(bind_error)?;
        let app = Arc::new(App::new(store, clock, metrics, &config));
        Ok(Self { address: listener.local_addr().map_err(bind_error)?, listener, app, config })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop`, then drains: `/ready` turns 503 at once, connections are taken for `DRAIN_DELAY` more, and
    /// requests in flight get `DRAIN_TIMEOUT` to end.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let waiting = tokio::spawn(wait_for_store(Arc::clone(&self.app)));
        let connections = GracefulShutdown::new();
        let drained = async {
            stop.await;
            self.app.readiness.drain();
            sleep(self.config.drain_delay).await;
        };
        tokio::select! {
            () = self.accept_loop(&connections) => {}
            () = drained => {}
        }
        waiting.abort();
        drop(self.listener);
        if timeout(self.config.drain_timeout, connections.shutdown()).await.is_err() {
            let requests = self.app.metrics.in_flight();
            tracing::warn!(requests, "requests were still in flight at the end of DRAIN_TIMEOUT");
        }
    }

    async fn accept_loop(&self, connections: &GracefulShutdown) {
        let service = http::service(Arc::clone(&self.app));
        let mut http = http1::Builder::new();
        // An answer is short: copied into one buffer it costs less than a list of buffers does.
        http.writev(false).header_read_timeout(None).max_buf_size(MAX_HEADERS);
        let idle_timeout = self.config.idle_timeout;
        loop {
            match self.listener.accept().await {
                Ok((stream, _)) => {
                    set_nodelay(&stream);
                    let progress = Progress::default();
                    let service = Counted { service: service.clone(), progress: progress.clone() };
                    let connection = connections.watch(http.serve_connection(TokioIo::new(stream), service));
                    tokio::spawn(async move {
                        tokio::select! {
                            ended = connection => if let Err(error) = ended {
                                tracing::debug!("connection ended: {error}");
                            },
                            () = progress.stalled(idle_timeout) => tracing::debug!("connection cut off: no request"),
                        }
                    });
                }
                Err(error) if is_connection_error(&error) => {}
                Err(error) => {
                    tracing::error!("cannot take a connection: {error}");
                    sleep(ACCEPT_RETRY).await;
                }
            }
        }
    }
}

/// An answer is written at once; waiting to fill a packet would only delay it.
fn set_nodelay(stream: &TcpStream) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!("cannot set TCP_NODELAY: {error}");
    }
}

/// The client gave up before its connection was taken.
fn is_connection_error(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset)
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

/// The address is not to be had.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {source}; set PORT or BIND_ADDRESS to one that is free")]
pub struct BindError {
    address: SocketAddr,
    source: io::Error,
}
