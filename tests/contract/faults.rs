//! What clients see when DynamoDB fails, and that nothing of the failure is left a second after its end.

use crate::DynamoDbTest;
use crate::exchange::{assert_error, error_body, header};
use crate::local::{LocalDynamoDb, free_port};
use crate::proxy::{Mode, Proxy};
use crate::records::failures;
use crate::subject::{Suite, dynamodb_settings};
use crate::support::{PATIENCE, RawAnswer, Service, born, get, put, raw};
use std::net::SocketAddr;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, ScopedJoinHandle};
use std::time::{Duration, Instant};

pub const TESTS: &[DynamoDbTest] = &[
    ("fault::connections_cut", |suite, local| network_fault(suite, local, Mode::Cut)),
    ("fault::black_hole", |suite, local| network_fault(suite, local, Mode::BlackHole)),
    ("fault::answers_reset_midway", |suite, local| network_fault(suite, local, Mode::ResetMidAnswer)),
    ("fault::answers_that_end_midway", |suite, local| network_fault(suite, local, Mode::EndMidAnswer)),
    ("fault::a_stall_of_20_seconds", stall),
    ("fault::a_blip_is_not_seen_by_clients", blip),
    ("fault::retries_are_left_after_a_fault_that_used_them_up", retries_left),
    ("fault::throttling", |suite, local| refusal(suite, local, &THROTTLED)),
    ("fault::request_limit", |suite, local| refusal(suite, local, &REQUEST_LIMIT)),
    ("fault::expired_credentials", |suite, local| refusal(suite, local, &EXPIRED)),
    ("fault::server_error", |suite, local| refusal(suite, local, &INTERNAL)),
    ("fault::server_error_without_a_code", |suite, local| refusal(suite, local, &BAD_GATEWAY)),
    ("fault::access_denied", |suite, local| refusal(suite, local, &DENIED)),
    ("fault::unknown_credentials", |suite, local| refusal(suite, local, &UNKNOWN_CREDENTIALS)),
    ("fault::missing_table", |suite, local| refusal(suite, local, &NO_TABLE)),
    ("fault::not_dynamodb_at_all", |suite, local| refusal(suite, local, &NOT_JSON)),
    ("fault::a_table_that_was_never_made", never_made),
    ("fault::no_credentials", no_credentials),
    ("fault::credentials_that_come_later", late_credentials),
    ("fault::started_with_the_store_down", started_with_the_store_down),
];

const REQUEST_TIMEOUT: Duration = Duration::from_secs(3);

/// What a busy machine may add to it.
const MARGIN: Duration = Duration::from_millis(1000);

/// Clients at once; each has its own connection to the service, and the service as many to DynamoDB.
const CLIENTS: usize = 12;

const UNAVAILABLE: (u16, &str) = (503, "Service unavailable");
const FAILED: (u16, &str) = (500, "Internal server error");

/// What AWS answers, and what a client is told.
struct Refusal {
    status: u16,
    body: &'static str,
    answer: (u16, &'static str),
    /// What the log has of it.
    logged: &'static str,
}

macro_rules! refusal {
    ($name:ident = $status:literal $namespace:literal $code:literal $message:literal => $answer:ident) => {
        const $name: Refusal = Refusal {
            status: $status,
            body: concat!(r#"{"__type":"com.amazon"#, $namespace, "#", $code, r#"","message":""#, $message, r#""}"#),
            answer: $answer,
            logged: concat!($code, ": ", $message),
        };
    };
}

refusal!(THROTTLED = 400 "aws.dynamodb.v20120810" "ProvisionedThroughputExceededException" "The level of configured provisioned throughput for the table was exceeded." => UNAVAILABLE);
refusal!(REQUEST_LIMIT = 400 "aws.dynamodb.v20120810" "RequestLimitExceeded" "Throughput exceeds the current throughput limit for your account." => UNAVAILABLE);
refusal!(EXPIRED = 400 ".coral.service" "ExpiredTokenException" "The security token included in the request is expired" => UNAVAILABLE);
refusal!(INTERNAL = 500 "aws.dynamodb.v20120810" "InternalServerError" "The request processing has failed because of an unknown error." => UNAVAILABLE);
refusal!(DENIED = 400 ".coral.service" "AccessDeniedException" "User: arn:aws:sts::123456789012:assumed-role/dev/pod is not authorized to perform: dynamodb:GetItem on resource: arn:aws:dynamodb:eu-west-1:123456789012:table/users" => FAILED);
refusal!(UNKNOWN_CREDENTIALS = 400 ".coral.service" "UnrecognizedClientException" "The security token included in the request is invalid." => FAILED);
refusal!(NO_TABLE = 400 "aws.dynamodb.v20120810" "ResourceNotFoundException" "Requested resource not found" => FAILED);

const BAD_GATEWAY: Refusal = Refusal { status: 502, body: "<html>Bad Gateway</html>", answer: UNAVAILABLE, logged: "" };
const NOT_JSON: Refusal = Refusal { status: 200, body: "<html>Welcome</html>", answer: FAILED, logged: "" };

/// A service whose store can fail, and the watch over what must not.
struct Scene<'a> {
    proxy: Proxy,
    service: Service,
    suite: &'a Suite,
    names: Vec<String>,
}

impl<'a> Scene<'a> {
    /// Starts both and lets every client be served, which leaves the service a connection for each.
    fn set(suite: &'a Suite, local: &LocalDynamoDb) -> Self {
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
    /// them and have to say 200 within a second. Gives every answer.
    fn traffic(&self, clients: usize, duration: Duration) -> Vec<RawAnswer> {
        let (begun, over) = (Instant::now(), AtomicBool::new(false));
        thread::scope(|scope| {
            let watch = scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    for path in ["/health", "/ready"] {
                        let (answer, elapsed) = self.ask(&get(path));
                        assert_eq!((answer.status, answer.body.as_str()), (200, "OK"), "{path}");
                        assert!(elapsed < Duration::from_secs(1), "{path} took {elapsed:?}");
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

    /// All have to be refused in this way, with nothing of AWS in the answer and a line in the log for each.
    fn assert_refused(&self, answers: &[RawAnswer], (status, error): (u16, &str)) {
        for answer in answers {
            assert_error(answer, status, error);
            self.assert_discreet(answer);
        }
        assert_eq!(failures(&self.service, answers.len()), answers.len(), "{}", self.service.log());
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
    fn assert_recovers(&self) {
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

    fn assert_served(&self, name: &str, when: &str) {
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

fn start(endpoint: &str, table: &str) -> Service {
    Service::start(&[dynamodb_settings(endpoint, table), vec![("REQUEST_TIMEOUT", "3s")]].concat())
}

fn until_ready(address: SocketAddr) {
    let started = Instant::now();
    while raw(address, &get("/ready")).status != 200 {
        assert!(started.elapsed() < PATIENCE, "the store answers, but /ready does not say so");
        thread::sleep(Duration::from_millis(20));
    }
}

fn network_fault(suite: &Suite, local: &LocalDynamoDb, mode: Mode) {
    let scene = Scene::set(suite, local);
    scene.proxy.set(mode);
    // One client, so that connections which nobody has used since before the fault are left at its end.
    let answers = scene.traffic(1, Duration::from_secs(3));
    scene.assert_refused(&answers, UNAVAILABLE);
    scene.assert_recovers();

    // Again, with as many clients as there are connections.
    let before = answers.len();
    scene.proxy.set(mode);
    let answers = scene.traffic(CLIENTS, Duration::from_secs(3));
    for answer in &answers {
        assert_error(answer, UNAVAILABLE.0, UNAVAILABLE.1);
    }
    assert_eq!(failures(&scene.service, before + answers.len()), before + answers.len());
    scene.assert_recovers();
}

fn stall(suite: &Suite, local: &LocalDynamoDb) {
    let scene = Scene::set(suite, local);
    scene.proxy.set(Mode::Stall);
    let answers = scene.traffic(8, Duration::from_secs(20));
    scene.assert_refused(&answers, UNAVAILABLE);
    scene.assert_recovers();
}

/// What kept connections are for: one that has died while it was idle costs an attempt, not a request.
fn blip(suite: &Suite, local: &LocalDynamoDb) {
    let scene = Scene::set(suite, local);
    for _ in 0..3 {
        scene.proxy.set(Mode::Cut);
        scene.proxy.set(Mode::Pass);
        let answers = scene.traffic(CLIENTS, Duration::from_millis(200));
        let refused: Vec<_> = answers.iter().filter(|answer| answer.status >= 400).collect();
        assert!(refused.is_empty(), "{refused:?} {}", scene.service.log());
    }
}

/// A fault costs a retry for each request; that must not leave the first small trouble after it without any.
fn retries_left(suite: &Suite, local: &LocalDynamoDb) {
    let scene = Scene::set(suite, local);
    scene.proxy.set(Mode::Answer(INTERNAL.status, INTERNAL.body));
    let answers = scene.traffic(CLIENTS, Duration::from_secs(3));
    scene.assert_refused(&answers, UNAVAILABLE);
    scene.proxy.set(Mode::Pass);
    thread::sleep(Duration::from_secs(1));
    for name in &scene.names {
        scene.proxy.lose_next();
        scene.assert_served(name, "with its first attempt lost");
        assert!(!scene.proxy.is_to_lose());
    }
}

fn refusal(suite: &Suite, local: &LocalDynamoDb, refusal: &Refusal) {
    let scene = Scene::set(suite, local);
    scene.proxy.set(Mode::Answer(refusal.status, refusal.body));
    let answers = scene.traffic(8, Duration::from_secs(2));
    scene.assert_refused(&answers, refusal.answer);
    let log = scene.service.log();
    assert!(log.contains(refusal.logged), "no {:?} in {log}", refusal.logged);
    scene.assert_recovers();
}

/// The database itself says that there is no such table, until there is.
fn never_made(suite: &Suite, local: &LocalDynamoDb) {
    let (endpoint, table) = (local.endpoint(), format!("{}-missing", suite.table));
    let service = start(&endpoint, &table);
    for request in [get("/hello/ada"), put("ada", &born("1990-12-10"))] {
        let answer = raw(service.address, &request);
        assert_error(&answer, FAILED.0, FAILED.1);
        assert!(!format!("{answer:?}").contains(&table), "{answer:?}");
    }
    assert_error(&raw(service.address, &get("/ready")), 503, "Not ready");
    assert_eq!(raw(service.address, &get("/health")).status, 200);
    assert_eq!(failures(&service, 2), 2, "{}", service.log());
    assert!(service.log().contains("ResourceNotFoundException"), "{}", service.log());

    let made = crate::support::run(&["create-table"], &dynamodb_settings(&endpoint, &table));
    assert_eq!(made.0, 0, "{made:?}");
    until_ready(service.address);
    assert_eq!(raw(service.address, &put("ada", &born("1990-12-10"))).status, 204);
}

fn no_credentials(suite: &Suite, local: &LocalDynamoDb) {
    let endpoint = local.endpoint();
    // Nothing answers at the address of the second: it takes connections and is silent.
    let silent = Proxy::start(local.address);
    silent.set(Mode::BlackHole);
    let metadata = silent.endpoint();
    for source in [("AWS_EC2_METADATA_DISABLED", "true"), ("AWS_EC2_METADATA_SERVICE_ENDPOINT", metadata.as_str())] {
        let settings = [
            ("DYNAMODB_ENDPOINT", endpoint.as_str()),
            ("DYNAMODB_TABLE", &suite.table),
            ("REQUEST_TIMEOUT", "3s"),
            source,
        ];
        let service = Service::start(&settings);
        for asked in 1..=3 {
            for (request, logged) in [(get("/hello/ada"), 2 * asked - 1), (put("ada", &born("1990-12-10")), 2 * asked)]
            {
                let started = Instant::now();
                let answer = raw(service.address, &request);
                assert!(started.elapsed() < REQUEST_TIMEOUT + MARGIN, "{source:?}: {:?}", started.elapsed());
                assert_error(&answer, UNAVAILABLE.0, UNAVAILABLE.1);
                assert_eq!(header(&answer, "retry-after"), Some("1"));
                assert_eq!(answer.body, error_body(UNAVAILABLE.1));
                assert_eq!(failures(&service, logged), logged, "{}", service.log());
            }
            assert_eq!(raw(service.address, &get("/health")).status, 200);
            assert_error(&raw(service.address, &get("/ready")), 503, "Not ready");
        }
    }
}

const CREDENTIALS: &str =
    r#"{"AccessKeyId":"local","SecretAccessKey":"local","Token":"local","Expiration":"2999-01-01T00:00:00Z"}"#;

/// Credentials come from an agent beside the service, as pod identity's do, and the agent is late.
fn late_credentials(suite: &Suite, local: &LocalDynamoDb) {
    let (endpoint, agent) = (local.endpoint(), Proxy::start(local.address));
    let uri = format!("{}/credentials", agent.endpoint());
    let service = Service::start(&[
        ("DYNAMODB_ENDPOINT", &endpoint),
        ("DYNAMODB_TABLE", &suite.table),
        ("REQUEST_TIMEOUT", "3s"),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", &uri),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ]);
    let name = suite.username();
    for fault in [Mode::Cut, Mode::BlackHole, Mode::Answer(500, "{}")] {
        agent.set(fault);
        for _ in 0..2 {
            let started = Instant::now();
            assert_error(&raw(service.address, &get(&format!("/hello/{name}"))), UNAVAILABLE.0, UNAVAILABLE.1);
            assert!(started.elapsed() < REQUEST_TIMEOUT + MARGIN, "{fault:?}: {:?}", started.elapsed());
        }
        assert_error(&raw(service.address, &get("/ready")), 503, "Not ready");
    }
    agent.set(Mode::Answer(200, CREDENTIALS));
    thread::sleep(Duration::from_secs(1));
    thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                assert_eq!(raw(service.address, &put(&name, &born("1990-12-10"))).status, 204, "{}", service.log())
            });
        }
    });
    until_ready(service.address);
    let asked = agent.opened();
    for _ in 0..10 {
        assert_eq!(raw(service.address, &get(&format!("/hello/{name}"))).status, 200);
    }
    assert_eq!(agent.opened(), asked, "credentials are kept while they are valid");
}

fn started_with_the_store_down(suite: &Suite, local: &LocalDynamoDb) {
    for fault in [None, Some(Mode::Cut), Some(Mode::BlackHole), Some(Mode::Answer(500, "{}"))] {
        let port = free_port();
        let listen = || Proxy::listen(port, local.address);
        let mut proxy = fault.map(|fault| {
            let proxy = listen();
            proxy.set(fault);
            proxy
        });
        let service = start(&format!("http://127.0.0.1:{port}"), &suite.table);
        let started = Instant::now();
        while started.elapsed() < Duration::from_millis(1500) {
            let ready = raw(service.address, &get("/ready"));
            assert_error(&ready, 503, "Not ready");
            assert_eq!(raw(service.address, &get("/health")).body, "OK");
            thread::sleep(Duration::from_millis(100));
        }
        assert_error(&raw(service.address, &get("/hello/ada")), UNAVAILABLE.0, UNAVAILABLE.1);
        assert!(service.log().contains("not ready: "), "{}", service.log());
        proxy.get_or_insert_with(listen).set(Mode::Pass);
        let repaired = Instant::now();
        until_ready(service.address);
        // The check that was under way when the fault ended may have to run into its timeout first.
        assert!(repaired.elapsed() < REQUEST_TIMEOUT + MARGIN, "ready after {:?}", repaired.elapsed());
        assert_eq!(raw(service.address, &put(&suite.username(), &born("1990-12-10"))).status, 204);
        // Then it stays ready, whatever the store does.
        proxy.iter().for_each(|proxy| proxy.set(Mode::Cut));
        assert_eq!(raw(service.address, &get("/ready")).status, 200);
    }
}
