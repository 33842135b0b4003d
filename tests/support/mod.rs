//! What the test suites share: the service as a process or inside the test, and a client for it.
#![allow(dead_code, reason = "no suite uses all of it")]

use backend_cloud_app::clock::Clock;
use backend_cloud_app::config::{Config, ServerConfig, Sources};
use backend_cloud_app::metrics::Metrics;
use backend_cloud_app::server::Server;
use backend_cloud_app::store::Store;
use chrono::{NaiveDate, NaiveTime};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, Once};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::sync::oneshot;

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_backend-cloud-app");

/// How long a test waits for what should happen at once, on a busy machine.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// Lets this process open as many files as the system allows, up to what macOS does: the tests hold both ends of all their
/// connections, and a process begins with 256 files there.
fn raise_open_files() {
    static RAISED: Once = Once::new();
    RAISED.call_once(|| {
        let limit = getrlimit(Resource::Nofile);
        let current = Some(limit.maximum.map_or(10_240, |maximum| maximum.min(10_240)));
        setrlimit(Resource::Nofile, Rlimit { current, ..limit }).expect("at most the hard limit");
    });
}

/// A command of the program, with nothing from the environment of the test but where this machine keeps its certificates.
#[expect(clippy::disallowed_methods, reason = "a setting of the machine, not of the service")]
pub fn program(arguments: &[&str], settings: &[(&str, &str)]) -> Command {
    let mut command = Command::new(PROGRAM);
    let certificates = std::env::var_os("SSL_CERT_FILE").map(|file| ("SSL_CERT_FILE", file));
    command.args(arguments).env_clear().envs(certificates).envs(settings.iter().copied());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// The service as a process of its own, killed when this is dropped.
pub struct Service {
    child: Child,
    pub address: SocketAddr,
    log: Arc<Mutex<String>>,
    reader: Option<thread::JoinHandle<()>>,
    directory: Option<TempDir>,
}

impl Service {
    /// Starts the program with these settings, on a free port of the loopback interface, and waits until it listens.
    pub fn start(settings: &[(&str, &str)]) -> Self {
        let mut command = program(&[], settings);
        Self::spawn(&mut command)
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
        raise_open_files();
        let local = [("PORT", "0"), ("BIND_ADDRESS", "127.0.0.1"), ("LOG_FORMAT", "json")];
        for (variable, value) in local {
            if command.get_envs().all(|(set, _)| set != variable) {
                command.env(variable, value);
            }
        }
        let mut child = command.process_group(0).spawn().expect("the program starts");
        let log = Arc::new(Mutex::new(String::new()));
        let lines = BufReader::new(child.stderr.take().expect("stderr is piped"));
        let reader = thread::spawn({
            let log = Arc::clone(&log);
            move || {
                for line in lines.lines().map_while(Result::ok) {
                    log.lock().unwrap().push_str(&(line + "\n"));
                }
            }
        });
        let started = Instant::now();
        let address = loop {
            if let Some(address) = address_in(&log.lock().unwrap()) {
                break address;
            }
            let ended = child.try_wait().expect("the child can be asked");
            let waited = started.elapsed();
            assert!(ended.is_none() && waited < TIMEOUT, "no start: {ended:?} {}", log.lock().unwrap());
            thread::sleep(Duration::from_millis(2));
        };
        Self { child, address, log, reader: Some(reader), directory: None }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Where its store is, if that is its own.
    pub fn directory(&self) -> &str {
        path(self.directory.as_ref().expect("Service::embedded has made one"))
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Everything it has logged so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Sends a signal, such as `TERM`.
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

    pub fn get(&self, path: &str) -> RawAnswer {
        raw(self.address, &get(path))
    }

    pub fn put(&self, username: &str, date: &str) -> RawAnswer {
        raw(self.address, &put(username, &born(date)))
    }

    /// Waits for its end, at most [`TIMEOUT`], and for the last of its log.
    pub fn wait(&mut self) -> ExitStatus {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("the child can be asked") {
                if let Some(reader) = self.reader.take() {
                    reader.join().expect("the reader does not panic");
                }
                return status;
            }
            assert!(started.elapsed() < TIMEOUT, "the service does not end: {}", self.log());
            thread::sleep(Duration::from_millis(5));
        }
    }
}

/// A directory's path, for a setting.
pub fn path(directory: &TempDir) -> &str {
    directory.path().to_str().expect("a path of UTF-8")
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The address in the lines of the start, once the last of them is there.
fn address_in(log: &str) -> Option<SocketAddr> {
    let (_, rest) = log.split_once("listening on http://")?;
    rest.find("then: curl ")?;
    rest.split_once(',')?.0.parse().ok()
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

/// The service inside the test, with a store and a clock of the test's choice.
pub struct InProcess {
    pub address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    serving: tokio::task::JoinHandle<()>,
}

impl InProcess {
    /// Starts it on a free port of the loopback interface; `settings` are those of the environment.
    pub async fn start(store: Arc<dyn Store>, today: NaiveDate, settings: &[(&str, &str)]) -> Self {
        Self::start_with(store, at_midnight(move || today), settings).await
    }

    pub async fn start_with(store: Arc<dyn Store>, clock: Clock, settings: &[(&str, &str)]) -> Self {
        raise_open_files();
        let server =
            Server::bind(server_config(settings), store, clock, Metrics::new("test")).await.expect("a free port");
        let address = server.address();
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(server.run(async {
            let _ = stopped.await;
        }));
        Self { address, stop: Some(stop), serving }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Drains and ends it.
    pub async fn stop(mut self) {
        self.stop.take().map(|stop| stop.send(()));
        self.serving.await.expect("the server does not panic");
    }
}

/// A clock on which it is always the beginning of `today`.
pub fn at_midnight(today: impl Fn() -> NaiveDate + Send + Sync + 'static) -> Clock {
    Clock::new(move || today().and_time(NaiveTime::MIN).and_utc())
}

/// The settings of a server on a free port of the loopback interface.
pub fn server_config(settings: &[(&str, &str)]) -> ServerConfig {
    let variable = |name: &str| {
        let local = [("PORT", "0"), ("BIND_ADDRESS", "127.0.0.1")];
        settings.iter().chain(&local).find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value))
    };
    Config::read(&Sources { flag: &|_| None, variable: &variable }).expect("allowed settings").server
}

/// What a server answered to a request that was written byte by byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawAnswer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

/// Writes `request` as it is and reads until the server closes the connection or [`TIMEOUT`] ends.
pub fn raw(address: SocketAddr, request: &[u8]) -> RawAnswer {
    let mut stream = TcpStream::connect(address).expect("the server listens");
    stream.set_read_timeout(Some(TIMEOUT)).expect("a timeout");
    // A server that refuses early may close while the rest is being written.
    let _ = stream.write_all(request);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    parse_answer(&String::from_utf8_lossy(&answer))
}

pub fn parse_answer(text: &str) -> RawAnswer {
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    RawAnswer { status, head: head.to_ascii_lowercase(), body: body.to_owned() }
}

/// A request for [`raw`], after which the connection is to be closed.
pub fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let mut lines = vec![format!("{method} {path} HTTP/1.1"), "host: test".to_owned(), "connection: close".to_owned()];
    lines.extend(headers.iter().map(|(name, value)| format!("{name}: {value}")));
    if !body.is_empty() {
        lines.push(format!("content-length: {}", body.len()));
    }
    (lines.join("\r\n") + "\r\n\r\n" + body).into_bytes()
}

/// The body of a PUT.
pub fn born(date: &str) -> String {
    format!(r#"{{"dateOfBirth":"{date}"}}"#)
}

/// A PUT for [`raw`].
pub fn put(username: &str, body: &str) -> Vec<u8> {
    request("PUT", &format!("/hello/{username}"), &[("content-type", "application/json")], body)
}

/// A GET for [`raw`].
pub fn get(path: &str) -> Vec<u8> {
    request("GET", path, &[], "")
}

/// The value of one series of `/metrics`, 0 if it is not there.
pub fn value(service: &Service, series: &str) -> u64 {
    let page = raw(service.address, &get("/metrics")).body;
    let value = page.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    value.map_or(0, |value| value.parse().expect("a count"))
}

/// A DynamoDB endpoint that takes connections and never answers.
pub struct HangingStore(TcpListener, String);

impl HangingStore {
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        Self(listener, url)
    }

    /// What sends a service there.
    pub fn settings(&self) -> [(&str, &str); 3] {
        [("DYNAMODB_ENDPOINT", &self.1), ("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")]
    }
}

/// A username of its own for each number; those of successive numbers are far apart in their order.
pub fn username(number: usize) -> String {
    let digits = number.to_string();
    digits.bytes().rev().map(|digit| char::from(digit - b'0' + b'a')).collect()
}

/// A date of birth that goes with a number.
pub fn birth_date(number: usize) -> String {
    let first = NaiveDate::from_ymd_opt(1900, 1, 1).expect("a date");
    (first + chrono::Days::new(number as u64 % 40_000)).to_string()
}

/// Starts the program, which must refuse to start: its exit code and what it wrote to standard error.
pub fn refusal(command: &mut Command) -> (i32, String) {
    let mut child = command.process_group(0).spawn().expect("the program starts");
    let started = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("the child can be asked") {
            break status;
        }
        if started.elapsed() > TIMEOUT {
            let _ = child.kill();
            panic!("it has started");
        }
        thread::sleep(Duration::from_millis(5));
    };
    let mut error = String::new();
    child.stderr.take().expect("stderr is piped").read_to_string(&mut error).expect("text");
    (status.code().unwrap_or(-1), error)
}
