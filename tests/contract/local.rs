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

/// The script of the dynalite that tests/dynamodb-local pins, installed.
fn install_dynalite() -> Result<String, String> {
    let missing = |why: &str| format!("no DYNAMODB_ENDPOINT, no dynamodb-local on PATH, and no dynalite: {why}");
    let install = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dynamodb-local/install");
    let output = Command::new(install).arg(folder()?).output().map_err(|error| missing(&error.to_string()))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().replace('\n', "; ");
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(missing(&text(&output.stderr))) }
}
