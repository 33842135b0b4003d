//! Methods, the pages that touch no store, and concurrent use.

use crate::Tests;
use crate::exchange::{assert_error, check, header, refused, remembered};
use crate::subject::Subject;
use crate::support::{born, get, put, raw, request};
use chrono::{Days, NaiveDate};
use std::thread;

pub fn tests() -> Tests {
    tests![
        head_is_get_without_the_body,
        options_and_wrong_methods_name_what_is_allowed,
        health_and_ready_say_ok,
        every_acknowledged_put_replaces_the_one_before_and_is_read_by_all,
    ]
}

fn head_is_get_without_the_body(subject: &Subject) {
    let name = subject.suite.username();
    check(subject.address(), &[remembered("a user", put(&name, &born("1990-12-10")))]);
    for path in [&format!("/hello/{name}"), "/hello/a1", "/health", "/nowhere"] {
        let [got, head] = ["GET", "HEAD"].map(|method| raw(subject.address(), &request(method, path, &[], "")));
        assert!(!got.body.is_empty() && head.body.is_empty(), "{head:?}");
        assert_eq!(head.status, got.status, "{path}");
        assert_eq!(header(&head, "content-type"), header(&got, "content-type"), "{path}");
        for answer in [&got, &head] {
            assert_eq!(header(answer, "content-length"), Some(got.body.len().to_string().as_str()), "{path}");
        }
    }
}

fn options_and_wrong_methods_name_what_is_allowed(subject: &Subject) {
    for path in ["/hello/ada", "/health", "/ready", "/metrics", "/openapi.json"] {
        let allow = Some(if path == "/hello/ada" { "get, head, put, options" } else { "get, head, options" });
        let options = raw(subject.address(), &request("OPTIONS", path, &[], ""));
        assert_eq!((options.status, header(&options, "allow"), options.body.as_str()), (204, allow, ""), "{path}");
        for method in ["POST", "DELETE", "PATCH", "TRACE", "PROPFIND", "put"] {
            let answer = raw(subject.address(), &request(method, path, &[], ""));
            assert_error(&answer, 405, "Method not allowed");
            assert_eq!(header(&answer, "allow"), allow, "{method} {path}");
        }
    }
    check(subject.address(), &[refused("PUT", request("PUT", "/health", &[], "OK"), 405, "Method not allowed")]);
}

fn health_and_ready_say_ok(subject: &Subject) {
    crate::scene::until_ready(subject.address());
    for path in ["/health", "/ready"] {
        let answer = raw(subject.address(), &get(path));
        assert_eq!((answer.status, answer.body.as_str()), (200, "OK"), "{path}");
        assert_eq!(header(&answer, "content-type"), Some("text/plain; charset=utf-8"));
    }
}

fn every_acknowledged_put_replaces_the_one_before_and_is_read_by_all(subject: &Subject) {
    let server = subject.on(day(0));
    let address = server.address;
    thread::scope(|scope| {
        for writer in 0..8 {
            let name = subject.suite.username();
            scope.spawn(move || {
                for round in 0..12 {
                    // The second replaces the first, and so on. On connections of their own, in both spellings, as clients would.
                    let days = 1 + round * 8 + writer;
                    let spelling = if round % 2 == 0 { name.clone() } else { name.to_uppercase() };
                    assert_eq!(raw(address, &put(&spelling, &born(&birth(days)))).status, 204);
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
