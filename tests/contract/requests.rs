//! Methods, the pages that touch no store, limits, and concurrent use.

use crate::ContractTest;
use crate::exchange::{assert_error, check, header, refused, remembered};
use crate::subject::Subject;
use crate::support::{TIMEOUT, born, get, parse_answer, put, raw, request};
use chrono::{Days, NaiveDate};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Instant;

pub const TESTS: &[ContractTest] = &[
    ("head_is_get_without_the_body", head_is_get),
    ("options_and_wrong_methods_name_what_is_allowed", methods),
    ("health_and_ready_say_ok", health_and_ready),
    ("a_body_that_stalls_is_given_up", stalled_body),
    ("a_put_replaces_what_was_there", replaced),
    ("every_acknowledged_put_is_read_by_all", read_your_write),
];

fn head_is_get(subject: &Subject) {
    let name = subject.suite.username();
    check(subject.address(), &[remembered("a user", put(&name, &born("1990-12-10")))]);
    for path in [format!("/hello/{name}"), "/hello/a1".to_owned(), "/health".to_owned(), "/nowhere".to_owned()] {
        let [got, head] = ["GET", "HEAD"].map(|method| raw(subject.address(), &request(method, &path, &[], "")));
        assert!(!got.body.is_empty() && head.body.is_empty(), "{head:?}");
        assert_eq!(head.status, got.status, "{path}");
        for name in ["content-type", "content-length"] {
            assert_eq!(header(&head, name), header(&got, name), "{path}");
        }
        assert_eq!(header(&head, "content-length"), Some(got.body.len().to_string().as_str()));
    }
}

fn methods(subject: &Subject) {
    for (path, allow) in [
        ("/hello/ada", "get, head, put, options"),
        ("/health", "get, head, options"),
        ("/ready", "get, head, options"),
        ("/metrics", "get, head, options"),
        ("/openapi.json", "get, head, options"),
    ] {
        let options = raw(subject.address(), &request("OPTIONS", path, &[], ""));
        assert_eq!(
            (options.status, header(&options, "allow"), options.body.as_str()),
            (204, Some(allow), ""),
            "{path}"
        );
        for method in ["POST", "DELETE", "PATCH", "TRACE", "PROPFIND", "put"] {
            let answer = raw(subject.address(), &request(method, path, &[], ""));
            assert_error(&answer, 405, "Method not allowed");
            assert_eq!(header(&answer, "allow"), Some(allow), "{method} {path}");
        }
    }
    check(subject.address(), &[refused("PUT", request("PUT", "/health", &[], "OK"), 405, "Method not allowed")]);
}

fn health_and_ready(subject: &Subject) {
    let started = Instant::now();
    while raw(subject.address(), &get("/ready")).status != 200 {
        assert!(started.elapsed() < TIMEOUT, "the store answers, but /ready does not say so");
    }
    for path in ["/health", "/ready"] {
        let answer = raw(subject.address(), &get(path));
        assert_eq!((answer.status, answer.body.as_str()), (200, "OK"), "{path}");
        assert_eq!(header(&answer, "content-type"), Some("text/plain; charset=utf-8"));
    }
}

fn stalled_body(subject: &Subject) {
    let service = subject.start(&[("REQUEST_TIMEOUT", "700ms")]);
    let started = Instant::now();
    let mut stream = stalled_put(service.address, &subject.suite.username());
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer, then the end of the connection");
    assert_error(&parse_answer(&answer), 408, "Request timed out");
    assert!((700..3000).contains(&started.elapsed().as_millis()), "{:?}", started.elapsed());
}

/// A connection on which a PUT has sent half of its body.
fn stalled_put(address: std::net::SocketAddr, name: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).expect("the server listens");
    stream.set_read_timeout(Some(TIMEOUT)).expect("a timeout");
    let whole = put(name, &born("1990-12-10"));
    stream.write_all(&whole[..whole.len() - 10]).expect("it is taken");
    stream
}

fn replaced(subject: &Subject) {
    let name = subject.suite.username();
    let server = subject.on(day(0));
    let path = format!("/hello/{name}");
    for (days, message) in [(20, "20 day(s)"), (10, "10 day(s)"), (0, "Happy birthday!")] {
        let date = birth(days);
        check(server.address, &[remembered(&date, put(&name.to_uppercase(), &born(&date)))]);
        let answer = raw(server.address, &get(&path));
        assert!(answer.body.contains(message), "{date}: {answer:?}");
    }
    subject.suite.runtime.block_on(server.stop());
}

fn read_your_write(subject: &Subject) {
    const WRITERS: u64 = 8;
    const ROUNDS: u64 = 12;
    let server = subject.on(day(0));
    let address = server.address;
    let names: Vec<String> = (0..WRITERS).map(|_| subject.suite.username()).collect();
    thread::scope(|scope| {
        for (writer, name) in names.iter().enumerate() {
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    let days = 1 + round * WRITERS + u64::try_from(writer).expect("few writers");
                    assert_eq!(raw(address, &put(name, &born(&birth(days)))).status, 204);
                    // On connections of their own, and in another spelling, as other clients would.
                    for spelling in [name.clone(), name.to_uppercase()] {
                        let answer = raw(address, &get(&format!("/hello/{spelling}")));
                        let wanted = format!(r#"{{"message":"Hello, {spelling}! Your birthday is in {days} day(s)"}}"#);
                        assert_eq!((answer.status, answer.body), (200, wanted));
                    }
                }
            });
        }
    });
    subject.suite.runtime.block_on(server.stop());
}

/// The day of these tests, or one after it.
fn day(later: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 15).and_then(|day| day.checked_add_days(Days::new(later))).expect("a date")
}

/// A birth date whose birthday is so many days after the day of these tests.
fn birth(days: u64) -> String {
    day(days).format("1990-%m-%d").to_string()
}
