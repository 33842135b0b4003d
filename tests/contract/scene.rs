//! A service between clients and a DynamoDB that can fail.

use crate::exchange::assert_error;
use crate::local::LocalDynamoDb;
use crate::proxy::{Mode, Proxy};
use crate::records::{assert_outage_logged, failures};
use crate::subject::{Suite, dynamodb_settings};
use crate::support::{RawAnswer, Service, TIMEOUT, born, get, put, raw};
use std::net::SocketAddr;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, ScopedJoinHandle};
use std::time::{Duration, Instant};

pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(3);

/// What a busy machine may add to it.
pub const MARGIN: Duration = Duration::from_secs(1);

/// Clients at once; each has its own connection to the service, and the service as many to DynamoDB.
pub const CLIENTS: usize = 12;

/// A service whose store can fail, and the watch over what must not.
pub struct Scene<'a> {
    pub proxy: Proxy,
    pub service: Service,
    suite: &'a Suite,
    pub names: Vec<String>,
}

impl<'a> Scene<'a> {
    /// Starts both and lets every client be served, which leaves the service a connection for each.
    pub fn set(suite: &'a Suite, local: &LocalDynamoDb) -> Self {
        let proxy = Proxy::start(local.address);
        let service = start(&proxy.endpoint(), &suite.table);
        let names = (0..CLIENTS).map(|_| suite.username()).collect();
        let scene = Self { proxy, service, suite, names };
        scene.proxy.set(Mode::Stall);
        thread::scope(|scope| {
            let clients: Vec<_> =
                scene.names.iter().map(|name| scope.spawn(|| scene.ask(&put(name, &born("1990-12-10"))))).collect();
            // All of them wait at once, so none can use the connection of another.
            let started = Instant::now();
            while scene.proxy.open() < CLIENTS && started.elapsed() < Duration::from_millis(800) {
                thread::sleep(Duration::from_millis(5));
            }
            scene.proxy.set(Mode::Pass);
            for client in clients {
                assert_eq!(client.join().expect("an answer").0.status, 204);
            }
        });
        until_ready(scene.service.address);
        assert!(scene.proxy.open() > CLIENTS / 2, "only {} connections are kept", scene.proxy.open());
        scene
    }

    fn ask(&self, request: &[u8]) -> (RawAnswer, Duration) {
        let started = Instant::now();
        let answer = raw(self.service.address, request);
        (answer, started.elapsed())
    }

    /// Has `clients` clients ask without pause for so long: GET and PUT in turns. `/health` and `/ready` are asked beside
    /// them and have to say 200 without waiting for the store. Gives every answer.
    pub fn traffic(&self, clients: usize, duration: Duration) -> Vec<RawAnswer> {
        let (begun, over) = (Instant::now(), AtomicBool::new(false));
        thread::scope(|scope| {
            let watch = scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    for path in ["/health", "/ready"] {
                        let (answer, elapsed) = self.ask(&get(path));
                        assert_eq!((answer.status, answer.body.as_str()), (200, "OK"), "{path}");
                        // A store that is waited for takes longer; a lost packet costs a second.
                        assert!(elapsed < REQUEST_TIMEOUT / 2, "{path} took {elapsed:?}");
                    }
                    thread::sleep(Duration::from_millis(50));
                }
            });
            let asking: Vec<_> = self.names[..clients]
                .iter()
                .map(|name| {
                    scope.spawn(move || {
                        let requests = [get(&format!("/hello/{name}")), put(name, &born("1990-12-10"))];
                        let mut answers = Vec::new();
                        for request in requests.iter().cycle() {
                            let (answer, elapsed) = self.ask(request);
                            assert!(elapsed < REQUEST_TIMEOUT + MARGIN, "answered after {elapsed:?}: {answer:?}");
                            answers.push(answer);
                            if begun.elapsed() > duration && answers.len() > 1 {
                                break;
                            }
                            // A client that is refused at once comes back a little later.
                            thread::sleep(Duration::from_millis(20));
                        }
                        answers
                    })
                })
                .collect();
            let answers: Vec<_> = asking.into_iter().map(ScopedJoinHandle::join).collect();
            over.store(true, Ordering::Relaxed);
            finish(watch);
            answers.into_iter().flat_map(|answers| answers.unwrap_or_else(|panic| resume_unwind(panic))).collect()
        })
    }

    /// All have to be refused in this way, with nothing of AWS in the answer. The log has a line for each failure, and for an
    /// outage one for each reason.
    pub fn assert_refused(&self, answers: &[RawAnswer], (status, error): (u16, &str)) {
        for answer in answers {
            assert_error(answer, status, error);
            self.assert_discreet(answer);
        }
        if status == 503 {
            assert_outage_logged(&self.service);
        } else {
            assert_eq!(failures(&self.service, answers.len()), answers.len(), "{}", self.service.log());
        }
    }

    fn assert_discreet(&self, answer: &RawAnswer) {
        let text = format!("{}{}", answer.head, answer.body).to_ascii_lowercase();
        let port = self.proxy.address.port().to_string();
        for secret in [
            "aws",
            "amazon",
            "dynamo",
            "arn:",
            "exception",
            "token",
            "credential",
            "timeout",
            "connect",
            &self.suite.table,
            &port,
        ] {
            let said = text.replace("connection: close", "");
            assert!(!said.contains(secret), "{secret} in {answer:?}");
        }
    }

    /// Ends the fault. A second later every request succeeds: one after the other, which may meet several dead connections
    /// in a row, and many at once, which use every connection that is left.
    pub fn assert_recovers(&self) {
        self.proxy.set(Mode::Pass);
        thread::sleep(Duration::from_secs(1));
        self.assert_served(&self.names[0], "alone");
        self.assert_served(&self.names[1], "alone again");
        for round in 0..3 {
            thread::scope(|scope| {
                let clients: Vec<_> = self
                    .names
                    .iter()
                    .map(|name| scope.spawn(move || self.assert_served(name, &format!("round {round}"))))
                    .collect();
                clients.into_iter().for_each(finish);
            });
        }
    }

    pub fn assert_served(&self, name: &str, when: &str) {
        for (request, status) in [(get(&format!("/hello/{name}")), 200), (put(name, &born("1990-12-10")), 204)] {
            let (answer, elapsed) = self.ask(&request);
            let log = self.service.log();
            let last = log.lines().last();
            assert_eq!(answer.status, status, "{when}, after {elapsed:?}: {} {last:?}", answer.body);
        }
    }
}

/// Waits for the thread, and panics with its message if it has panicked.
fn finish<T>(thread: ScopedJoinHandle<T>) -> T {
    thread.join().unwrap_or_else(|panic| resume_unwind(panic))
}

pub fn start(endpoint: &str, table: &str) -> Service {
    Service::start(&[dynamodb_settings(endpoint, table), vec![("REQUEST_TIMEOUT", "3s")]].concat())
}

pub fn until_ready(address: SocketAddr) {
    let started = Instant::now();
    while raw(address, &get("/ready")).status != 200 {
        assert!(started.elapsed() < TIMEOUT, "the store answers, but /ready does not say so");
        thread::sleep(Duration::from_millis(20));
    }
}
