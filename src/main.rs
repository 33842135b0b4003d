//! The process: parses the command line, reads the settings, makes the clock, and runs one command.

use backend_cloud_app::cli::{Cli, Command};
use backend_cloud_app::client::Client;
use backend_cloud_app::clock::Clock;
use backend_cloud_app::config::{self, Config, DynamoDbConfig, Sources, StoreConfig, StoreKind};
use backend_cloud_app::metrics::Metrics;
use backend_cloud_app::server::Server;
use backend_cloud_app::store::{BulkStore, ConnectError, DynamoDb, Embedded, Store, TableState};
use backend_cloud_app::telemetry::{self, Log};
use backend_cloud_app::{http, smoke, transfer};
use std::error::Error;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
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

/// How long one call of an export or import may take: a page of a table has a megabyte.
const TRANSFER_TIMEOUT: Duration = Duration::from_secs(30);

fn main() -> ExitCode {
    let cli = match Cli::parse(std::env::args_os()) {
        Ok(cli) => cli,
        Err(error) if error.use_stderr() => {
            // Where even this text cannot be written, there is nobody to tell.
            let _ = error.print();
            return ExitCode::from(EX_USAGE);
        }
        Err(help) => return exit_code(print(&help.to_string())),
    };
    let sources = Sources { flag: &|name| cli.flag(name), variable: &config::environment };
    let config = match Config::read(&sources) {
        Ok(config) => config,
        Err(error) => {
            complain(&error);
            return ExitCode::from(EX_USAGE);
        }
    };
    exit_code(run(cli.command, config))
}

fn exit_code(outcome: Result<(), Box<dyn Error>>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(error.as_ref());
            ExitCode::FAILURE
        }
    }
}

/// Says in one line what is wrong. `eprintln` would panic where that cannot be written.
fn complain(error: &dyn Error) {
    let _ = writeln!(io::stderr(), "backend-cloud-app: {error}");
}

/// Writes to standard output, which may be a closed pipe or a full disk.
fn print(text: &str) -> Result<(), Box<dyn Error>> {
    let mut output = io::stdout().lock();
    let written = output.write_all(text.as_bytes()).and_then(|()| output.flush());
    written.map_err(|error| format!("cannot write to standard output: {error}").into())
}

fn run(command: Command, config: Config) -> Result<(), Box<dyn Error>> {
    if command == Command::Openapi {
        return print(http::openapi_document());
    }
    let log = telemetry::init(config.log)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let outcome = runtime.block_on(async {
        match command {
            Command::Serve => serve(config, &log).await,
            Command::Healthcheck => healthcheck(&config).await,
            Command::CreateTable { if_not_exists } => create_table(&config, if_not_exists).await,
            Command::Export { file } => export(&config.store, file.as_deref()).await,
            Command::Import { file } => import(&config.store, file.as_deref()).await,
            Command::Smoke { base_url } => run_smoke(&base_url).await,
            Command::Openapi => unreachable!("it needs no runtime"),
        }
    });
    // A DNS look-up can't be cut short: waiting for it would keep a process that has stopped alive.
    runtime.shutdown_background();
    outcome
}

async fn serve(config: Config, log: &Log) -> Result<(), Box<dyn Error>> {
    let mut signals = Signals::listen()?;
    let (store, place) = open_store(&config.store).await?;
    let metrics = Metrics::new(&config.server.revision);
    metrics.watch_log(log.dropped());
    let server = Server::bind(config.server.clone(), store, wall_clock(), metrics).await?;
    log_start(server.address(), &place);

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

/// The store, and where it is, for people.
async fn open_store(config: &StoreConfig) -> Result<(Arc<dyn Store>, String), Box<dyn Error>> {
    Ok(match config.kind {
        StoreKind::Embedded => {
            let store = Embedded::open(&config.data_dir)?;
            let place = format!("{} (STORE=embedded)", Embedded::file(&config.data_dir).display());
            (Arc::new(store), place)
        }
        StoreKind::DynamoDb => {
            let store = DynamoDb::connect(&config.dynamodb).await?;
            let place = format!("{store} (STORE=dynamodb)");
            (Arc::new(store), place)
        }
    })
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
fn wall_clock() -> Clock {
    Clock::new(chrono::Utc::now)
}

/// Says where the service listens and stores, and what to try.
fn log_start(address: SocketAddr, place: &str) {
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
    let stated = config.server.bind_addresses.iter().copied().find(|address| !address.is_unspecified());
    let loopback: Vec<IpAddr> = vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
    let mut outcome = Ok(());
    for host in stated.map_or(loopback, |address| vec![address]) {
        outcome = ask_health(SocketAddr::new(host, config.server.port)).await;
        if outcome.is_ok() {
            break;
        }
    }
    outcome
}

async fn ask_health(server: SocketAddr) -> Result<(), Box<dyn Error>> {
    let url = format!("http://{server}");
    let response = Client::new(&url, HEALTHCHECK_TIMEOUT)?.send(axum::http::Method::GET, "/health", None).await?;
    if response.status.is_success() { Ok(()) } else { Err(format!("{url}/health answered {}", response.status).into()) }
}

async fn create_table(config: &Config, if_not_exists: bool) -> Result<(), Box<dyn Error>> {
    let table = &config.store.dynamodb.table;
    let made = DynamoDb::connect(&config.store.dynamodb).await?.create_table(if_not_exists).await?;
    print(&format!("table {table} {}\n", if made == TableState::Created { "created" } else { "exists" }))
}

async fn export(config: &StoreConfig, file: Option<&Path>) -> Result<(), Box<dyn Error>> {
    let store: Box<dyn BulkStore> = match config.kind {
        StoreKind::Embedded => Box::new(Embedded::open_existing(&config.data_dir)?),
        StoreKind::DynamoDb => Box::new(connect_for_transfer(config).await?),
    };
    let records = match file {
        Some(file) => transfer::export_to_file(store.as_ref(), file).await?,
        None => transfer::export(store.as_ref(), BufWriter::new(io::stdout().lock())).await?,
    };
    tracing::info!("exported {records} records");
    Ok(())
}

async fn import(config: &StoreConfig, file: Option<&Path>) -> Result<(), Box<dyn Error>> {
    let store: Box<dyn BulkStore> = match config.kind {
        StoreKind::Embedded => Box::new(Embedded::open(&config.data_dir)?),
        StoreKind::DynamoDb => Box::new(connect_for_transfer(config).await?),
    };
    let input: Box<dyn BufRead> = match file {
        Some(file) => {
            let opened = File::open(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
            Box::new(BufReader::new(opened))
        }
        None => Box::new(io::stdin().lock()),
    };
    let records = transfer::import(store.as_ref(), input, wall_clock().now().date_naive()).await?;
    tracing::info!("imported {records} records");
    Ok(())
}

async fn connect_for_transfer(config: &StoreConfig) -> Result<DynamoDb, ConnectError> {
    DynamoDb::connect(&DynamoDbConfig { request_timeout: TRANSFER_TIMEOUT, ..config.dynamodb.clone() }).await
}

async fn run_smoke(base_url: &str) -> Result<(), Box<dyn Error>> {
    let passed = smoke::run(base_url, |line| print(&format!("{line}\n"))).await?;
    if passed {
        Ok(())
    } else {
        Err(format!("smoke: {} does not keep its contract", config::without_password(base_url)).into())
    }
}
