//! A service between clients and a DynamoDB that can fail.

use crate::prelude::*;
use crate::records::{assert_failures, assert_outage_logged};
use std::thread::ScopedJoinHandle;

pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(3);

/// What a busy machine may add to it.
pub const MARGIN: Duration = Duration::from_secs(1);

/// Clients at once; each has its own connection to the service, and the service as many to DynamoDB.
pub const CLIENTS: usize = 12;

/// A service whose store can fail, and the watch over what must not.
pub struct Scene {
    pub proxy: Proxy,
    pub service: Service,
    pub names: Vec<String>,
}

impl Scene {
    /// Starts both and lets every client be served, which leaves the service a connection for each.
    pub fn set(subject: &Subject) -> Self {
        let proxy = Proxy::start(subject.suite.dynamodb());
        let service = start(&proxy.endpoint(), &subject.suite.table);
        let names = (0..CLIENTS).map(|_| subject.suite.username()).collect();
        let scene = Self { proxy, service, names };
        scene.proxy.set(Mode::Stall);
        // A busy machine may not serve each of them at once.
        let serve =
            |name| until("it is served", || (scene.service.put(name, "1990-12-10").status == 204).then_some(()));
        thread::scope(|scope| {
            for name in &scene.names {
                scope.spawn(|| serve(name));
            }
            // All of them wait at once, so none can use the connection of another, if their first attempts last.
            let started = Instant::now();
            while scene.proxy.open() < CLIENTS && started.elapsed() < Duration::from_millis(500) {
                thread::sleep(Duration::from_millis(5));
            }
            scene.proxy.set(Mode::Pass);
        });
        scene.service.wait_until_ready();
        // More than the attempts that a request has: enough for a fault to be met on each.
        assert!(scene.proxy.open() > 3, "only {} connections are kept", scene.proxy.open());
        scene
    }

    fn ask(&self, request: &[u8]) -> (Answer, Duration) {
        let started = Instant::now();
        let answer = self.service.send(request);
        (answer, started.elapsed())
    }

    /// Has `clients` clients ask without pause for so long: GET and PUT in turns. `/health` and `/ready` are asked beside
    /// them and have to say 200 without waiting for the store. Gives every answer.
    pub fn traffic(&self, clients: usize, duration: Duration) -> Vec<Answer> {
        let begun = Instant::now();
        let ask_for = |name: &str| {
            let mut answers = Vec::new();
            while answers.is_empty() || begun.elapsed() < duration {
                for request in [get(&format!("/hello/{name}")), put(name, "1990-12-10")] {
                    let (answer, elapsed) = self.ask(&request);
                    assert!(elapsed < REQUEST_TIMEOUT + MARGIN, "answered after {elapsed:?}: {answer:?}");
                    answers.push(answer);
                    // A client that is refused at once comes back a little later.
                    thread::sleep(Duration::from_millis(20));
                }
            }
            answers
        };
        thread::scope(|scope| {
            let clients: Vec<_> = self.names[..clients].iter().map(|name| scope.spawn(move || ask_for(name))).collect();
            while !clients.iter().all(ScopedJoinHandle::is_finished) {
                for path in ["/health", "/ready"] {
                    let (answer, elapsed) = self.ask(&get(path));
                    let got = (answer.status, answer.body.as_str(), answer.header("content-type"));
                    assert_eq!(got, (200, "OK", Some("text/plain; charset=utf-8")), "{path}");
                    // A store that is waited for takes longer; a lost packet costs a second.
                    assert!(elapsed < REQUEST_TIMEOUT / 2, "{path} took {elapsed:?}");
                }
                thread::sleep(Duration::from_millis(50));
            }
            clients.into_iter().flat_map(|client| client.join().expect("every answer in time")).collect()
        })
    }

    /// All have to be refused in this way, with nothing of AWS in the answer. The log has a line for each failure, and for an
    /// outage one for each reason.
    pub fn assert_refused(&self, answers: &[Answer], (status, error): (u16, &str)) {
        let port = self.proxy.address.port().to_string();
        // The table's name begins with the last.
        let words =
            ["aws", "amazon", "dynamo", "arn:", "exception", "token", "credential", "timeout", "connect", "contract-"];
        for answer in answers {
            assert_error(answer, status, error);
            // The id is random, and now and then it has the digits of the port.
            let id = answer.header("x-request-id").expect("every answer has one");
            let text = format!("{}{}", answer.head, answer.body).to_ascii_lowercase();
            let text = text.replace(id, "").replace("connection: close", "");
            for secret in words.into_iter().chain([port.as_str()]) {
                assert!(!text.contains(secret), "{secret} in {answer:?}");
            }
        }
        if status == 503 {
            assert_outage_logged(&self.service);
        } else {
            assert_failures(&self.service, answers.len());
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
            let when = format!("round {round}");
            thread::scope(|scope| {
                for name in &self.names {
                    scope.spawn(|| self.assert_served(name, &when));
                }
            });
        }
    }

    pub fn assert_served(&self, name: &str, when: &str) {
        for (request, status) in [(get(&format!("/hello/{name}")), 200), (put(name, "1990-12-10"), 204)] {
            let (answer, elapsed) = self.ask(&request);
            let log = self.service.log();
            let last = log.lines().last();
            assert_eq!(answer.status, status, "{when}, after {elapsed:?}: {} {last:?}", answer.body);
        }
    }
}

/// A service that soon gives up on its store.
pub fn start(endpoint: &str, table: &str) -> Service {
    Service::start(&[&dynamodb_settings(endpoint, table)[..], &[("REQUEST_TIMEOUT", "3s")]].concat())
}
