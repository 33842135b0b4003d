//! What clients see when DynamoDB fails, and that nothing of the failure is left a second after its end.

use crate::DynamoDbTest;
use crate::exchange::{assert_error, header};
use crate::local::{LocalDynamoDb, free_port};
use crate::proxy::{Mode, Proxy};
use crate::records::{assert_outage_logged, failures};
use crate::scene::{CLIENTS, MARGIN, REQUEST_TIMEOUT, Scene, start, until_ready};
use crate::subject::{Suite, dynamodb_settings};
use crate::support::{Service, born, get, put, raw};
use std::thread;
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
    ("fault::not_dynamodb_at_all", |suite, local| refusal(suite, local, &NOT_DYNAMODB)),
    ("fault::a_table_that_was_never_made", never_made),
    ("fault::no_credentials", no_credentials),
    ("fault::credentials_that_come_later", late_credentials),
    ("fault::started_with_the_store_down", started_with_the_store_down),
];

const UNAVAILABLE: (u16, &str) = (503, "Service unavailable");
const FAILED: (u16, &str) = (500, "Internal server error");

/// What AWS answers, and what a client is told.
struct Refusal {
    status: u16,
    /// The error's name, which the SDK tells errors apart by; an answer of something else than DynamoDB has none.
    kind: Option<&'static str>,
    message: &'static str,
    answer: (u16, &'static str),
}

const THROTTLED: Refusal = Refusal {
    status: 400,
    kind: Some("com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"),
    message: "The level of configured provisioned throughput for the table was exceeded.",
    answer: UNAVAILABLE,
};
const REQUEST_LIMIT: Refusal = Refusal {
    status: 400,
    kind: Some("com.amazonaws.dynamodb.v20120810#RequestLimitExceeded"),
    message: "Throughput exceeds the current throughput limit for your account.",
    answer: UNAVAILABLE,
};
const EXPIRED: Refusal = Refusal {
    status: 400,
    kind: Some("com.amazon.coral.service#ExpiredTokenException"),
    message: "The security token included in the request is expired",
    answer: UNAVAILABLE,
};
const INTERNAL: Refusal = Refusal {
    status: 500,
    kind: Some("com.amazonaws.dynamodb.v20120810#InternalServerError"),
    message: "The request processing has failed because of an unknown error.",
    answer: UNAVAILABLE,
};
const DENIED: Refusal = Refusal {
    status: 400,
    kind: Some("com.amazon.coral.service#AccessDeniedException"),
    message: "User: arn:aws:sts::123456789012:assumed-role/dev/pod is not authorized to perform: dynamodb:GetItem",
    answer: FAILED,
};
const UNKNOWN_CREDENTIALS: Refusal = Refusal {
    status: 400,
    kind: Some("com.amazon.coral.service#UnrecognizedClientException"),
    message: "The security token included in the request is invalid.",
    answer: FAILED,
};
const NO_TABLE: Refusal = Refusal {
    status: 400,
    kind: Some("com.amazonaws.dynamodb.v20120810#ResourceNotFoundException"),
    message: "Requested resource not found",
    answer: FAILED,
};
const BAD_GATEWAY: Refusal = Refusal { status: 502, kind: None, message: "<h1>Bad Gateway</h1>", answer: UNAVAILABLE };
const NOT_DYNAMODB: Refusal = Refusal { status: 200, kind: None, message: "<h1>Welcome</h1>", answer: FAILED };

impl Refusal {
    fn mode(&self) -> Mode {
        let Self { message, .. } = self;
        let body = match self.kind {
            Some(kind) => format!(r#"{{"__type":"{kind}","message":"{message}"}}"#),
            None => (*message).to_owned(),
        };
        Mode::Answer(self.status, body)
    }

    /// What the log has to say of it.
    fn logged(&self) -> String {
        let name = self.kind.and_then(|kind| kind.split_once('#'));
        name.map(|(_, name)| format!("{name}: {}", self.message)).unwrap_or_default()
    }
}

fn network_fault(suite: &Suite, local: &LocalDynamoDb, mode: Mode) {
    let scene = Scene::set(suite, local);
    scene.proxy.set(mode.clone());
    // One client, so that connections which nobody has used since before the fault are left at its end.
    let answers = scene.traffic(1, Duration::from_secs(3));
    scene.assert_refused(&answers, UNAVAILABLE);
    scene.assert_recovers();

    // Again, with as many clients as there are connections.
    scene.proxy.set(mode);
    let answers = scene.traffic(CLIENTS, Duration::from_secs(3));
    for answer in &answers {
        assert_error(answer, UNAVAILABLE.0, UNAVAILABLE.1);
    }
    assert_outage_logged(&scene.service);
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
    scene.proxy.set(INTERNAL.mode());
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
    scene.proxy.set(refusal.mode());
    let answers = scene.traffic(8, Duration::from_secs(2));
    scene.assert_refused(&answers, refusal.answer);
    let log = scene.service.log();
    let logged = refusal.logged();
    assert!(log.contains(&logged), "no {logged:?} in {log}");
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
        for _ in 0..3 {
            for request in [get("/hello/ada"), put("ada", &born("1990-12-10"))] {
                let started = Instant::now();
                let answer = raw(service.address, &request);
                assert!(started.elapsed() < REQUEST_TIMEOUT + MARGIN, "{source:?}: {:?}", started.elapsed());
                assert_error(&answer, UNAVAILABLE.0, UNAVAILABLE.1);
                assert_eq!(header(&answer, "retry-after"), Some("1"));
            }
            assert_eq!(raw(service.address, &get("/health")).status, 200);
            assert_error(&raw(service.address, &get("/ready")), 503, "Not ready");
        }
        assert_outage_logged(&service);
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
    for fault in [Mode::Cut, Mode::BlackHole, Mode::Answer(500, "{}".to_owned())] {
        agent.set(fault.clone());
        for _ in 0..2 {
            let started = Instant::now();
            assert_error(&raw(service.address, &get(&format!("/hello/{name}"))), UNAVAILABLE.0, UNAVAILABLE.1);
            assert!(started.elapsed() < REQUEST_TIMEOUT + MARGIN, "{fault:?}: {:?}", started.elapsed());
        }
        assert_error(&raw(service.address, &get("/ready")), 503, "Not ready");
    }
    agent.set(Mode::Answer(200, CREDENTIALS.to_owned()));
    thread::sleep(Duration::from_secs(1));
    thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                assert_eq!(raw(service.address, &put(&name, &born("1990-12-10"))).status, 204, "{}", service.log());
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
    for fault in [None, Some(Mode::Cut), Some(Mode::BlackHole), Some(Mode::Answer(500, "{}".to_owned()))] {
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
        assert_outage_logged(&service);
        proxy.get_or_insert_with(listen).set(Mode::Pass);
        let repaired = Instant::now();
        until_ready(service.address);
        // The check that was under way when the fault ended may have to run into its timeout first.
        assert!(repaired.elapsed() < REQUEST_TIMEOUT + MARGIN, "ready after {:?}", repaired.elapsed());
        assert_eq!(raw(service.address, &put(&suite.username(), &born("1990-12-10"))).status, 204);
        // Then it stays ready, whatever the store does.
        drop(proxy);
        assert_eq!(raw(service.address, &get("/ready")).status, 200);
    }
}
