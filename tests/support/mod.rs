//! What the test suites share: the service as a process or inside the test, a client for it, and a store that fails.
#![allow(dead_code, unused_imports, reason = "no suite uses all of it")]

pub mod http;
pub mod proxy;

use backend_cloud_app::config::{Config, Sources};
use backend_cloud_app::metrics::Metrics;
use backend_cloud_app::store::Store;
use chrono::NaiveTime;
use libtest_mimic::{Completion, Failed, Trial};
use prelude::*;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::ffi::OsString;
use std::future::pending;
use std::os::unix::process::CommandExt;
use std::process::ExitStatus;
use tempfile::NamedTempFile;
use tokio::runtime::Runtime;

/// What most tests use.
pub mod prelude {
    pub use super::http::{Answer, HALF_A_PUT, Server, born, get, put, put_body, read_to_end, request};
    pub use super::proxy::{Mode, Proxy};
    pub use super::*;
    pub use backend_cloud_app::clock::Clock;
    pub use backend_cloud_app::store::Embedded;
    pub use chrono::NaiveDate;
    pub use fastrand::Rng;
    pub use std::fs::{self, File};
    pub use std::io::{self, Read, Write};
    pub use std::net::{SocketAddr, TcpListener, TcpStream};
    pub use std::path::Path;
    pub use std::process::{Child, Command, Stdio};
    pub use std::sync::Arc;
    pub use std::sync::atomic::{AtomicUsize, Ordering};
    pub use std::thread;
    pub use std::time::{Duration, Instant};
    pub use tempfile::TempDir;
}

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_backend-cloud-app");

/// How long a test waits for what should happen at once, on a busy machine.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// Where a process listens that a test starts.
pub const LOOPBACK: [(&str, &str); 2] = [("PORT", "0"), ("BIND_ADDRESS", "127.0.0.1")];

/// Asks again and again until there is an answer.
#[track_caller]
pub fn until<T>(what: &str, ask: impl FnMut() -> Option<T>) -> T {
    within(TIMEOUT, what, ask)
}

#[track_caller]
pub fn within<T>(limit: Duration, what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(started.elapsed() < limit, "not within {limit:?}: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// A test of what a machine may lack: then it is ignored and says why, or fails where `variable` is `required`.
pub fn trial<T>(
    name: String,
    variable: &'static str,
    needed: impl FnOnce() -> Result<T, String> + Send + 'static,
    test: impl FnOnce(&T) + Send + 'static,
) -> Trial {
    Trial::ignorable_test(name, move || match needed() {
        Ok(needed) => {
            test(&needed);
            Ok(Completion::Completed)
        }
        Err(reason) if environment(variable).as_deref() == Some("required") => Err(Failed::from(reason)),
        Err(reason) => Ok(Completion::ignored_with(reason)),
    })
}

/// A setting of the tests themselves, or of the machine.
#[expect(clippy::disallowed_methods, reason = "none of the service's")]
pub fn environment(variable: &str) -> Option<String> {
    std::env::var(variable).ok().filter(|value| !value.is_empty())
}

/// Lets this process open as many files as the system allows, up to what macOS does: the tests hold both ends of all their
/// connections, and a process begins with 256 files there.
fn raise_open_files() {
    let limit = getrlimit(Resource::Nofile);
    let current = Some(limit.maximum.map_or(10_240, |maximum| maximum.min(10_240)));
    setrlimit(Resource::Nofile, Rlimit { current, ..limit }).expect("at most the hard limit");
}

/// A command of the program, with nothing from the environment of the test but where this machine keeps its certificates.
pub fn program(arguments: &[&str], settings: &[(&str, &str)]) -> Command {
    let mut command = Command::new(PROGRAM);
    let certificates = environment("SSL_CERT_FILE").map(|file| ("SSL_CERT_FILE", file));
    command.args(arguments).env_clear().envs(certificates).envs(settings.iter().copied());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs a command of the program to its end: exit code, standard output, standard error.
pub fn run(arguments: &[&str], settings: &[(&str, &str)]) -> (i32, String, String) {
    outcome(program(arguments, settings).spawn().expect("the program starts"))
}

/// As [`run`], of a command that runs already.
pub fn outcome(child: Child) -> (i32, String, String) {
    let output = child.wait_with_output().expect("it ends");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

/// The service as a process of its own, killed when this is dropped.
#[derive(Debug)]
pub struct Service {
    process: Child,
    address: SocketAddr,
    log: NamedTempFile,
    directory: Option<TempDir>,
}

impl Server for Service {
    fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Service {
    /// Starts the program with these settings, on a free port of the loopback interface, and waits until it listens.
    pub fn start(settings: &[(&str, &str)]) -> Self {
        Self::spawn(&mut program(&[], settings))
    }

    /// As [`Service::start`], on the embedded store in a directory of its own, which goes with it.
    pub fn embedded(settings: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let mut service = Self::start(&[&[("DATA_DIR", path(&directory))], settings].concat());
        service.directory = Some(directory);
        service
    }

    /// As [`Service::start`], for a command that the caller has prepared.
    pub fn spawn(command: &mut Command) -> Self {
        Self::try_spawn(command).unwrap_or_else(|(code, log)| panic!("no start: {code} {log}"))
    }

    /// Starts a command that must refuse to serve: its exit code and what it wrote to standard error.
    pub fn refusal(command: &mut Command) -> (i32, String) {
        Self::try_spawn(command).expect_err("it must refuse to start")
    }

    fn try_spawn(command: &mut Command) -> Result<Self, (i32, String)> {
        raise_open_files();
        for (variable, value) in LOOPBACK {
            if command.get_envs().all(|(set, _)| set != variable) {
                command.env(variable, value);
            }
        }
        let log = NamedTempFile::new().expect("a temporary file");
        command.stderr(log.reopen().expect("it is there"));
        let process = command.process_group(0).spawn().expect("the program starts");
        let mut service = Self { process, address: ([0; 4], 0).into(), log, directory: None };
        service.address = until("it listens or ends", || match service.process.try_wait().expect("it can be asked") {
            Some(ended) => Some(Err((ended.code().unwrap_or(-1), service.log()))),
            None => address_in(&service.log()).map(Ok),
        })?;
        Ok(service)
    }

    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Everything it has logged so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.log.path()).expect("a log of UTF-8")
    }

    pub fn signal(&self, name: &str) {
        let status = Command::new("kill").args(["-s", name, &self.id().to_string()]).status();
        assert!(status.expect("kill runs").success());
    }

    /// Has it end by SIGTERM, and gives all that it has logged.
    pub fn stop(&mut self) -> String {
        self.signal("TERM");
        assert_eq!(self.wait().code(), Some(0), "{}", self.log());
        self.log()
    }

    pub fn wait(&mut self) -> ExitStatus {
        until("it ends", || self.process.try_wait().expect("it can be asked"))
    }

    /// It listens before it has asked the store.
    pub fn wait_until_ready(&self) {
        until("it is ready", || (self.get("/ready").status == 200).then_some(()));
    }
}

pub fn path(directory: &TempDir) -> &str {
    directory.path().to_str().expect("a path of UTF-8")
}

/// The address in the lines of the start, once the last of them is there.
pub fn address_in(log: &str) -> Option<SocketAddr> {
    let (_, rest) = log.split_once("listening on http://")?;
    rest.find("then: curl ")?;
    rest.split_once(',')?.0.parse().ok()
}

/// The service inside the test, with a store and a clock of the test's choice; it ends when this is dropped.
pub struct InProcess {
    address: SocketAddr,
    _runtime: Runtime,
}

impl Server for InProcess {
    fn address(&self) -> SocketAddr {
        self.address
    }
}

impl InProcess {
    /// Starts it on a free port of the loopback interface; `settings` are those of the environment.
    pub fn start(store: Arc<dyn Store>, clock: Clock, settings: &[(&str, &str)]) -> Self {
        raise_open_files();
        let look_up = |name: &str| {
            settings.iter().chain(&LOOPBACK).find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value))
        };
        let config = Config::read(&Sources { flag: &|_| None, variable: &look_up }).expect("allowed settings").server;
        let runtime = Runtime::new().expect("a runtime");
        let server = backend_cloud_app::server::Server::bind(config, store, clock, Metrics::new("test"));
        let server = runtime.block_on(server).expect("a free port");
        let address = server.address();
        runtime.spawn(server.run(pending()));
        Self { address, _runtime: runtime }
    }
}

/// A clock on which it is always the beginning of `today`.
pub fn at_midnight(today: impl Fn() -> NaiveDate + Send + Sync + 'static) -> Clock {
    Clock::new(move || today().and_time(NaiveTime::MIN).and_utc())
}

pub fn dynamodb_settings<'a>(endpoint: &'a str, table: &'a str) -> [(&'static str, &'a str); 5] {
    [
        ("DYNAMODB_ENDPOINT", endpoint),
        ("DYNAMODB_TABLE", table),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
    ]
}

/// A username of its own for each number; those of successive numbers are far apart in their order.
pub fn username(number: usize) -> String {
    let digits = number.to_string();
    digits.bytes().rev().map(|digit| char::from(digit - b'0' + b'a')).collect()
}

pub fn birth_date(number: usize) -> String {
    let first = NaiveDate::from_ymd_opt(1900, 1, 1).expect("a date");
    (first + chrono::Days::new(number as u64 % 40_000)).to_string()
}
