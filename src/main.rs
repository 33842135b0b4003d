//! The process: parses the command line, reads the settings, makes the clock, and runs one command.

use backend_cloud_app::cli::{Cli, Command};
use backend_cloud_app::client::Client;
use backend_cloud_app::clock::Clock;
use backend_cloud_app::config::{self, Config, Sources, StoreConfig, StoreKind};
use backend_cloud_app::metrics::Metrics;
use backend_cloud_app::server::Server;
use backend_cloud_app::store::{DynamoDb, Embedded, Store, TableState};
use backend_cloud_app::telemetry::{self, Log};
use backend_cloud_app::{http, smoke};
use std::error::Error;
use std::net::SocketAddr;
use std::process::{self, ExitCode};
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;

/// The service allocates from many threads at once, which musl's own allocator, that of the image, does slowly.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// `EX_USAGE` of sysexits.h.
const EX_USAGE: u8 = 64;

/// How long a server may take to say that it is alive.
const HEALTHCHECK_TIMEOUT: Duration = Duration::from_secs(3);

fn main() -> ExitCode {
    let cli = match Cli::parse(std::env::args_os()) {
        Ok(cli) => cli,
        Err(error) => {
            // Where even this text cannot be written, there is nobody to tell.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(EX_USAGE) } else { ExitCode::SUCCESS };
        }
    };
    let sources = Sources { flag: &|name| cli.flag(name), variable: &config::environment };
    let config = match Config::read(&sources) {
        Ok(config) => config,
        Err(error) => {
            eprintln!("backend-cloud-app: {error}");
            return ExitCode::from(EX_USAGE);
        }
    };
    match run(cli.command, config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("backend-cloud-app: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command, config: Config) -> Result<(), Box<dyn Error>> {
    if command == Command::Openapi {
        print!("{}", http::openapi_document());
        return Ok(());
    }
    let log = telemetry::init(config.log)?;
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        match command {
            Command::Serve => serve(config, &log).await,
            Command::Healthcheck => healthcheck(&config).await,
            Command::CreateTable { if_not_exists } => create_table(&config, if_not_exists).await,
            Command::Smoke { base_url } => run_smoke(&base_url).await,
            Command::Openapi => unreachable!("it needs no runtime"),
        }
    })
}

async fn serve(config: Config, log: &Log) -> Result<(), Box<dyn Error>> {
    let mut signals = Signals::listen()?;
    let store = open_store(&config.store).await?;
    let metrics = Metrics::new(&config.server.revision);
    metrics.watch_log(log.dropped());
    let server = Server::bind(config.server.clone(), store, wall_clock(), metrics).await?;
    log_start(server.address(), &config.store);

    let (stop, stopped) = oneshot::channel::<()>();
    let mut serving = tokio::spawn(server.run(async {
        // The sender is dropped only after it has sent, so both ends of this mean the same.
        let _ = stopped.await;
    }));
    let name = signals.next().await;
    tracing::info!("{name}: draining for at most {:?}", config.server.drain_delay + config.server.drain_timeout);
    // The server ends only when it is told to, so it is there to be told.
    let _ = stop.send(());
    tokio::select! {
        ended = &mut serving => ended?,
        name = signals.next() => {
            tracing::warn!("{name} again: ending at once");
            process::exit(1);
        }
    }
    tracing::info!("stopped");
    Ok(())
}

async fn open_store(config: &StoreConfig) -> Result<Arc<dyn Store>, Box<dyn Error>> {
    Ok(match config.kind {
        StoreKind::Embedded => Arc::new(Embedded::open(&config.data_dir)?),
        StoreKind::DynamoDb => Arc::new(DynamoDb::connect(&config.dynamodb).await?),
    })
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
fn wall_clock() -> Clock {
    Clock::new(chrono::Utc::now)
}

/// Says where the service listens and stores, and what to try.
fn log_start(address: SocketAddr, store: &StoreConfig) {
    let place = match store.kind {
        StoreKind::Embedded => format!("{} (STORE=embedded)", Embedded::file(&store.data_dir).display()),
        StoreKind::DynamoDb => {
            let endpoint = store.dynamodb.endpoint.as_deref().unwrap_or("the region's endpoint");
            format!("table {} at {endpoint}, {} (STORE=dynamodb)", store.dynamodb.table, store.dynamodb.region)
        }
    };
    tracing::info!("listening on http://{address}, storing in {place}");
    let port = address.port();
    let host = if address.ip().is_unspecified() { format!("localhost:{port}") } else { address.to_string() };
    let url = format!("http://{host}/hello/ada");
    tracing::info!(
        "try: curl -X PUT -H 'content-type: application/json' -d '{{\"dateOfBirth\":\"1990-12-10\"}}' {url}"
    );
    tracing::info!("then: curl {url}");
}

/// The signals that ask the process to stop.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}

async fn healthcheck(config: &Config) -> Result<(), Box<dyn Error>> {
    let bound = config.server.bind_address;
    let host = match bound {
        _ if !bound.is_unspecified() => bound,
        std::net::IpAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
        std::net::IpAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
    };
    let url = format!("http://{}", SocketAddr::new(host, config.server.port));
    let response = Client::new(&url, HEALTHCHECK_TIMEOUT)?.send(axum::http::Method::GET, "/health", None).await?;
    if response.status.is_success() { Ok(()) } else { Err(format!("{url}/health answered {}", response.status).into()) }
}

async fn create_table(config: &Config, if_not_exists: bool) -> Result<(), Box<dyn Error>> {
    let table = &config.store.dynamodb.table;
    let made = DynamoDb::connect(&config.store.dynamodb).await?.create_table(if_not_exists).await?;
    println!("table {table} {}", if made == TableState::Created { "created" } else { "exists" });
    Ok(())
}

async fn run_smoke(base_url: &str) -> Result<(), Box<dyn Error>> {
    let passed = smoke::run(base_url, |line| println!("{line}")).await?;
    if passed { Ok(()) } else { Err(format!("smoke: {base_url} does not keep its contract").into()) }
}
