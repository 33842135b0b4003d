//! A request and the answer that the contract gives it: the rows of the tables.

use crate::support::{RawAnswer, raw};
use std::net::SocketAddr;

/// One row: what it shows, the request byte by byte, and the answer: its status and the beginning of its body, or all of it.
pub struct Row {
    what: String,
    request: Vec<u8>,
    status: u16,
    body: String,
    whole: bool,
}

/// The request is refused with exactly this error.
pub fn refused(what: impl Into<String>, request: Vec<u8>, status: u16, error: &str) -> Row {
    Row { what: what.into(), request, status, body: error_body(error), whole: true }
}

/// The birth date is remembered.
pub fn remembered(what: impl Into<String>, request: Vec<u8>) -> Row {
    Row { what: what.into(), request, status: 204, body: String::new(), whole: true }
}

/// The greeting has exactly this message.
pub fn says(what: impl Into<String>, request: Vec<u8>, message: &str) -> Row {
    let body = format!(r#"{{"message":"{message}"}}"#);
    Row { what: what.into(), request, status: 200, body, whole: true }
}

/// The user is greeted by this name; how many days are left depends on the day of the test.
pub fn greets(what: impl Into<String>, request: Vec<u8>, name: &str) -> Row {
    let body = format!(r#"{{"message":"Hello, {name}! "#);
    Row { what: what.into(), request, status: 200, body, whole: false }
}

pub fn error_body(error: &str) -> String {
    format!(r#"{{"error":"{error}"}}"#)
}

/// Sends every row and reports all that are answered otherwise.
pub fn check(address: SocketAddr, rows: &[Row]) {
    let wrong: Vec<String> = rows.iter().filter_map(|row| row.wrong(&raw(address, &row.request))).collect();
    assert!(wrong.is_empty(), "{} of {} wrong:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

/// Asserts that an answer is an error as the contract writes errors.
pub fn assert_error(answer: &RawAnswer, status: u16, error: &str) {
    assert_eq!(refused("", Vec::new(), status, error).wrong(answer), None);
}

impl Row {
    /// What is wrong with the answer.
    fn wrong(&self, answer: &RawAnswer) -> Option<String> {
        let body = answer.body.starts_with(&self.body) && (!self.whole || answer.body == self.body);
        let content_type = (!self.body.is_empty()).then_some("application/json");
        let typed = header(answer, "content-type") == content_type;
        let retry = header(answer, "retry-after").is_some() == (self.status == 503);
        let allow = header(answer, "allow").is_some() == (self.status == 405);
        let right = answer.status == self.status && body && typed && retry && allow;
        (!right).then(|| format!("{}: wanted {}, got {answer:?}", self.what, self.status))
    }
}

/// The value of a header, whose name is given in lower case.
pub fn header<'a>(answer: &'a RawAnswer, name: &str) -> Option<&'a str> {
    answer.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}
