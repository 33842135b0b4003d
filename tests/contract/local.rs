//! A local DynamoDB: the one that `DYNAMODB_ENDPOINT` names, else a `dynamodb-local` on PATH, else dynalite by npm.

use crate::support::TIMEOUT;
use crate::variable;
use std::ffi::OsString;
use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Starts the server named by its arguments and ends it when standard input ends. The kernel closes that pipe however
/// the test runner goes, so the server never outlives it.
const KEEPER: &str = r#""$@" & server=$!; read -r _; kill "$server"; wait "$server""#;

/// A DynamoDB for tests, stopped when this is dropped.
pub struct LocalDynamoDb {
    pub address: SocketAddr,
    keeper: Option<Child>,
}

impl LocalDynamoDb {
    /// Finds one and starts it, or says why that is not possible.
    pub fn start() -> Result<Self, String> {
        if let Some(endpoint) = variable("DYNAMODB_ENDPOINT") {
            return Ok(Self { address: resolve(&endpoint)?, keeper: None });
        }
        let port = free_port();
        let command: Vec<OsString> = if let Some(program) = on_path("dynamodb-local") {
            vec![program.into(), "-inMemory".into(), "-port".into(), port.to_string().into()]
        } else {
            let script = install_dynalite()?;
            let options =
                ["--host", "127.0.0.1", "--port", &port.to_string(), "--createTableMs", "100"].map(OsString::from);
            [vec!["node".into(), script.into()], options.to_vec()].concat()
        };
        let log = folder()?.join("server.log");
        let output = File::create(&log).map_err(|error| format!("{}: {error}", log.display()))?;
        let mut keeper = Command::new("sh");
        keeper.args(["-c", KEEPER, "sh"]).args(&command).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(output);
        let keeper = keeper.spawn().map_err(|error| format!("sh: {error}"))?;
        let local = Self { address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)), keeper: Some(keeper) };
        local.wait().map_err(|error| format!("{command:?} does not listen: {error}; see {}", log.display()))?;
        Ok(local)
    }

    fn wait(&self) -> std::io::Result<TcpStream> {
        let started = Instant::now();
        loop {
            match TcpStream::connect(self.address) {
                Err(_) if started.elapsed() < TIMEOUT => thread::sleep(Duration::from_millis(20)),
                outcome => return outcome,
            }
        }
    }
}

impl Drop for LocalDynamoDb {
    fn drop(&mut self) {
        if let Some(keeper) = &mut self.keeper {
            drop(keeper.stdin.take());
            let _ = keeper.wait();
        }
    }
}

/// A port of the loopback interface that nobody listens on.
pub fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr()).expect("a free port").port()
}

fn resolve(endpoint: &str) -> Result<SocketAddr, String> {
    let host = endpoint.strip_prefix("http://").unwrap_or(endpoint).trim_end_matches('/');
    let mut addresses = host.to_socket_addrs().map_err(|error| format!("DYNAMODB_ENDPOINT={endpoint}: {error}"))?;
    // Local databases listen on IPv4 at least.
    addresses.find(SocketAddr::is_ipv4).ok_or_else(|| format!("DYNAMODB_ENDPOINT={endpoint} has no IPv4 address"))
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = variable("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|candidate| candidate.is_file())
}

fn folder() -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("dynamodb-local");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(folder)
}

/// Installs the dynalite that tests/dynamodb-local pins, unless it is there; gives its script.
fn install_dynalite() -> Result<PathBuf, String> {
    let pinned = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dynamodb-local");
    let folder = folder()?;
    let script = folder.join("node_modules/dynalite/cli.js");
    // Written last, so that it is there only after a whole install.
    let installed = folder.join("node_modules/.lock");
    let io_error = |error: std::io::Error| format!("{}: {error}", folder.display());
    let lock = fs::read(pinned.join("package-lock.json")).map_err(io_error)?;
    if fs::read(&installed).is_ok_and(|of| of == lock) {
        return Ok(script);
    }
    eprintln!("installing dynalite into {}", folder.display());
    for file in ["package.json", "package-lock.json"] {
        fs::copy(pinned.join(file), folder.join(file)).map_err(io_error)?;
    }
    let npm = Command::new("npm")
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
        .current_dir(&folder)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("no DYNAMODB_ENDPOINT, no dynamodb-local on PATH, and npm: {error}"))?;
    if !npm.status.success() {
        return Err(format!("npm ci: {}", String::from_utf8_lossy(&npm.stderr).trim().replace('\n', "; ")));
    }
    fs::write(installed, lock).map_err(io_error)?;
    Ok(script)
}
