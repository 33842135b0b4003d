//! What clients see when DynamoDB fails, and that nothing of the failure is left a second after its end.

use crate::Tests;
use crate::credentials::OF_AGENT;
use crate::prelude::*;
use crate::records::{assert_failures, assert_outage_logged};
use crate::scene::{CLIENTS, MARGIN, REQUEST_TIMEOUT, Scene, start};

/// A test for each fault of the network, and for each refusal of AWS.
pub fn tables() -> Tests {
    let mut tests = Tests::new();
    for (name, mode) in [
        ("connections_cut", Mode::Cut),
        ("black_hole", Mode::BlackHole),
        ("stall", Mode::Stall),
        ("answers_reset_midway", Mode::ResetMidAnswer),
        ("answers_that_end_midway", Mode::EndMidAnswer),
    ] {
        tests.push((format!("fault::{name}"), Box::new(move |subject| network_fault(subject, &mode))));
    }
    for (name, status, said, answer) in REFUSALS {
        tests.push((format!("fault::{name}"), Box::new(move |subject| refusal(subject, status, said, answer))));
    }
    tests
}

const UNAVAILABLE: (u16, &str) = (503, "Service unavailable");
const FAILED: (u16, &str) = (500, "Internal server error");
const INTERNAL: &str = "InternalServerError: The request processing has failed because of an unknown error.";

/// What AWS answers, by the error's name if it is DynamoDB, and what a client is told.
const REFUSALS: [(&str, u16, &str, (u16, &str)); 8] = [
    ("throttling", 400, "ProvisionedThroughputExceededException: The level of throughput was exceeded.", UNAVAILABLE),
    ("request_limit", 400, "RequestLimitExceeded: Throughput exceeds the limit for your account.", UNAVAILABLE),
    ("expired_credentials", 400, "ExpiredTokenException: The security token included is expired", UNAVAILABLE),
    ("server_error", 500, INTERNAL, UNAVAILABLE),
    ("server_error_without_a_code", 502, "<h1>Bad Gateway</h1>", UNAVAILABLE),
    ("access_denied", 400, "AccessDeniedException: User: arn:aws:sts::1:assumed-role/dev/pod is not allowed", FAILED),
    ("unknown_credentials", 400, "UnrecognizedClientException: The security token is invalid.", FAILED),
    ("not_dynamodb_at_all", 200, "<h1>Welcome</h1>", FAILED),
];

fn refuse(status: u16, said: &str) -> Mode {
    let error = said.split_once(": ").map(|(name, message)| {
        format!(r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{name}","message":"{message}"}}"#)
    });
    Mode::Answer(status, error.unwrap_or_else(|| said.to_owned()))
}

fn refusal(subject: &Subject, status: u16, said: &str, answer: (u16, &str)) {
    let scene = Scene::set(subject);
    scene.proxy.set(refuse(status, said));
    let answers = scene.traffic(8, Duration::from_secs(2));
    scene.assert_refused(&answers, answer);
    let log = scene.service.log();
    assert!(!said.contains(": ") || log.contains(said), "no {said:?} in {log}");
    scene.assert_recovers();
}

fn network_fault(subject: &Subject, mode: &Mode) {
    let scene = Scene::set(subject);
    // First one client, so that connections which nobody has used since before the fault are left at its end; then as many
    // as there are connections.
    for clients in [1, CLIENTS] {
        scene.proxy.set(mode.clone());
        let answers = scene.traffic(clients, Duration::from_secs(3));
        scene.assert_refused(&answers, UNAVAILABLE);
        scene.assert_recovers();
    }
}

/// What kept connections are for: one that has died while it was idle costs an attempt, not a request.
pub fn a_blip_is_not_seen_by_clients(subject: &Subject) {
    let scene = Scene::set(subject);
    for _ in 0..3 {
        scene.proxy.set(Mode::Cut);
        scene.proxy.set(Mode::Pass);
        let answers = scene.traffic(CLIENTS, Duration::from_millis(200));
        let refused: Vec<_> = answers.iter().filter(|answer| answer.status >= 400).collect();
        assert!(refused.is_empty(), "{refused:?} {}", scene.service.log());
    }
}

/// A fault costs a retry for each request; that must not leave the first small trouble after it without any.
pub fn retries_are_left_after_a_fault_that_used_them_up(subject: &Subject) {
    let scene = Scene::set(subject);
    scene.proxy.set(refuse(500, INTERNAL));
    let answers = scene.traffic(CLIENTS, Duration::from_secs(3));
    scene.assert_refused(&answers, UNAVAILABLE);
    scene.proxy.set(Mode::Pass);
    thread::sleep(Duration::from_secs(1));
    for name in &scene.names {
        scene.proxy.set(Mode::LoseRequest);
        scene.assert_served(name, "with its first attempt lost");
        assert_eq!(scene.proxy.mode(), Mode::Pass, "nothing was lost");
    }
}

/// The database itself says that there is no such table, until there is.
pub fn a_table_that_was_never_made(subject: &Subject) {
    let (endpoint, table) = (subject.suite.endpoint(), format!("{}-missing", subject.suite.table));
    let service = start(&endpoint, &table);
    for request in [get("/hello/ada"), put("ada", "1990-12-10")] {
        let answer = service.send(&request);
        assert_error(&answer, FAILED.0, FAILED.1);
        assert!(!format!("{answer:?}").contains(&table), "{answer:?}");
    }
    assert_alive_not_ready(&service);
    assert_failures(&service, 2);
    assert!(service.log().contains("ResourceNotFoundException"), "{}", service.log());

    create_table(&endpoint, &table);
    service.wait_until_ready();
    assert_eq!(service.put("ada", "1990-12-10").status, 204);
}

fn assert_alive_not_ready(service: &Service) {
    assert_error(&service.get("/ready"), 503, "Not ready");
    assert_eq!(service.get("/health").body, "OK");
}

/// The request is refused in time, as while the store is not reached.
fn assert_unavailable(service: &Service, request: &[u8], why: &str) {
    let started = Instant::now();
    let answer = service.send(request);
    assert!(started.elapsed() < REQUEST_TIMEOUT + MARGIN, "{why}: {:?}", started.elapsed());
    assert_error(&answer, UNAVAILABLE.0, UNAVAILABLE.1);
}

fn with_credentials_of(subject: &Subject, source: &[(&str, &str)]) -> Service {
    let (endpoint, table) = (subject.suite.endpoint(), &subject.suite.table);
    let of_store = [("DYNAMODB_ENDPOINT", endpoint.as_str()), ("DYNAMODB_TABLE", table), ("REQUEST_TIMEOUT", "3s")];
    Service::start(&[&of_store, source].concat())
}

pub fn no_credentials(subject: &Subject) {
    // Nothing answers at the address of the second: it takes connections and is silent.
    let silent = Proxy::stand_in(Mode::BlackHole);
    for source in [("AWS_EC2_METADATA_DISABLED", "true"), ("AWS_EC2_METADATA_SERVICE_ENDPOINT", &silent.endpoint())] {
        let service = with_credentials_of(subject, &[source]);
        for _ in 0..3 {
            for request in [get("/hello/ada"), put("ada", "1990-12-10")] {
                assert_unavailable(&service, &request, source.0);
            }
            assert_alive_not_ready(&service);
        }
        assert_outage_logged(&service);
    }
}

/// Credentials come from an agent beside the service, as pod identity's do, and the agent is late.
pub fn credentials_that_come_later(subject: &Subject) {
    let agent = Proxy::stand_in(Mode::Cut);
    let uri = format!("{}/credentials", agent.endpoint());
    let source = [("AWS_CONTAINER_CREDENTIALS_FULL_URI", uri.as_str()), ("AWS_EC2_METADATA_DISABLED", "true")];
    let service = with_credentials_of(subject, &source);
    let name = subject.suite.username();
    for fault in [Mode::Cut, Mode::BlackHole, Mode::Answer(500, "{}".to_owned())] {
        agent.set(fault.clone());
        for _ in 0..2 {
            assert_unavailable(&service, &get(&format!("/hello/{name}")), &format!("{fault:?}"));
        }
        assert_alive_not_ready(&service);
    }
    agent.set(Mode::Answer(200, OF_AGENT.to_owned()));
    thread::sleep(Duration::from_secs(1));
    thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| assert_eq!(service.put(&name, "1990-12-10").status, 204, "{}", service.log()));
        }
    });
    service.wait_until_ready();
    // They are kept while they are valid.
    agent.set(Mode::Cut);
    for _ in 0..10 {
        assert_eq!(service.get(&format!("/hello/{name}")).status, 200);
    }
}

pub fn started_with_the_store_down(subject: &Subject) {
    for fault in [Mode::Cut, Mode::BlackHole, Mode::Answer(500, "{}".to_owned())] {
        let proxy = Proxy::start(subject.suite.dynamodb());
        proxy.set(fault);
        let service = start(&proxy.endpoint(), &subject.suite.table);
        let started = Instant::now();
        while started.elapsed() < Duration::from_millis(1500) {
            assert_alive_not_ready(&service);
            thread::sleep(Duration::from_millis(100));
        }
        assert_unavailable(&service, &get("/hello/ada"), "down");
        assert_outage_logged(&service);
        proxy.set(Mode::Pass);
        // The check that was under way when the fault ended may have to run into its timeout first.
        within(REQUEST_TIMEOUT + MARGIN, "it is ready", || (service.get("/ready").status == 200).then_some(()));
        assert_eq!(service.put(&subject.suite.username(), "1990-12-10").status, 204);
    }
}
