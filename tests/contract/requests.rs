//! Methods, and concurrent use.

use crate::prelude::*;
use chrono::Days;

pub fn head_is_get_without_the_body(subject: &Subject) {
    let name = subject.suite.username();
    subject.remembers_user(&name);
    for path in [&format!("/hello/{name}"), "/hello/nobody", "/hello/a1", "/health", "/nowhere"] {
        let [got, head] = ["GET", "HEAD"].map(|method| subject.send(&request(method, path, &[], "")));
        assert!(!got.body.is_empty() && head.body.is_empty(), "{head:?}");
        let length = got.body.len().to_string();
        for answer in [&got, &head] {
            let headers = (answer.header("content-type"), answer.header("content-length"));
            assert_eq!(headers, (got.header("content-type"), Some(length.as_str())), "{path}");
            assert_eq!(answer.status, got.status, "{path}");
        }
    }
}

pub fn options_and_wrong_methods_name_what_is_allowed(subject: &Subject) {
    for path in ["/hello/ada", "/health", "/ready", "/metrics", "/openapi.json"] {
        let is_hello = path == "/hello/ada";
        let allow = Some(if is_hello { "get, head, put, options" } else { "get, head, options" });
        let options = subject.send(&request("OPTIONS", path, &[], ""));
        assert_eq!((options.status, options.header("allow"), options.body.as_str()), (204, allow, ""), "{path}");
        for method in ["POST", "DELETE", "PATCH", "TRACE", "PROPFIND", "put", if is_hello { "QUERY" } else { "PUT" }] {
            let answer = subject.send(&request(method, path, &[], ""));
            assert_error(&answer, 405, "Method not allowed");
            assert_eq!(answer.header("allow"), allow, "{method} {path}");
        }
    }
}

pub fn every_acknowledged_put_replaces_the_one_before_and_is_read_by_all(subject: &Subject) {
    let today = NaiveDate::from_ymd_opt(2026, 3, 15).expect("a date");
    let server = &subject.with_clock(&subject.suite.directory(), at_midnight(move || today));
    thread::scope(|scope| {
        for writer in 0..8 {
            let name = subject.suite.username();
            scope.spawn(move || {
                // On connections of their own, in both spellings, as clients would.
                let spellings = [name.to_ascii_uppercase(), name];
                for (round, written) in (0..12).zip(spellings.iter().cycle()) {
                    let days = 1 + round * 8 + writer;
                    let birth = (today + Days::new(days)).format("1990-%m-%d").to_string();
                    server.remembers(&put(written, &birth));
                    for spelling in &spellings {
                        server.says(spelling, &format!("Hello, {spelling}! Your birthday is in {days} day(s)"));
                    }
                }
            });
        }
    });
}
