//! The body of a PUT: its type, its size, its JSON.

use crate::Tests;
use crate::exchange::{Row, assert_error, check, error_body, greets, refused, remembered};
use crate::subject::Subject;
use crate::support::{born, get, put, raw, request};

pub fn tests() -> Tests {
    tests![
        json_content_types_are_accepted_and_others_refused,
        what_is_not_json_is_refused,
        json_without_a_date_of_birth_is_refused,
        unknown_fields_are_ignored_and_the_last_duplicate_wins,
        a_body_of_16_kib_is_accepted_and_one_byte_more_refused,
        a_refused_put_changes_nothing,
        every_error_has_exactly_the_body_of_the_contract,
    ]
}

const LIMIT: usize = 16 * 1024;
const WRONG_TYPE: &str = "Content type must be application/json";

fn typed(name: &str, content_type: &str) -> Vec<u8> {
    request("PUT", &format!("/hello/{name}"), &[("content-type", content_type)], &born("1990-12-10"))
}

fn json_content_types_are_accepted_and_others_refused(subject: &Subject) {
    const ACCEPTED: &str = "application/json|application/json; charset=utf-8|application/json;charset=UTF-8|APPLICATION/JSON|\
        Application/Json; Charset=\"utf-8\"|application/merge-patch+json|application/vnd.api+JSON; version=1";
    const REFUSED: &str = "text/plain|text/json|application/xml|application/x-www-form-urlencoded|application/jsonp|\
        application/json5|application/+json|application/json+xml|json|multipart/form-data; boundary=json|";
    let name = subject.suite.username();
    let accepted = ACCEPTED.split('|').map(|value| remembered(value, typed(&name, value)));
    let others = REFUSED.split('|').map(|value| refused(value, typed(&name, value), 415, WRONG_TYPE));
    let untyped = |body: &str| request("PUT", &format!("/hello/{name}"), &[], body);
    let missing =
        [&born("1990-12-10"), ""].map(|body| refused(format!("no type: {body}"), untyped(body), 415, WRONG_TYPE));
    check(subject.address(), &accepted.chain(others).chain(missing).collect::<Vec<Row>>());
}

fn what_is_not_json_is_refused(subject: &Subject) {
    let name = subject.suite.username();
    let nested = |depth| "[".repeat(depth) + &"]".repeat(depth);
    let texts = [
        ("empty", ""),
        ("blank", "  \n"),
        ("broken", r#"{"dateOfBirth":"#),
        ("cut off", r#"{"dateOfBirth":"1990-12-10""#),
        ("text after it", r#"{"dateOfBirth":"1990-12-10"} x"#),
        ("two documents", r#"{"dateOfBirth":"1990-12-10"}{}"#),
        ("single quotes", "{'dateOfBirth':'1990-12-10'}"),
        ("a trailing comma", r#"{"dateOfBirth":"1990-12-10",}"#),
        ("a comment", r#"{"dateOfBirth":"1990-12-10"/**/}"#),
        ("a byte order mark", "\u{feff}{\"dateOfBirth\":\"1990-12-10\"}"),
        ("a bare word", "dateOfBirth"),
        ("NaN", "NaN"),
        ("half a surrogate pair", r#"{"dateOfBirth":"\ud800"}"#),
        ("8,000 nested arrays", &nested(8_000)),
        ("10,000 open arrays", &"[".repeat(10_000)),
    ];
    let texts = texts.map(|(what, body)| refused(what, put(&name, body), 400, "Invalid JSON"));
    let not_utf8 = [b"{\"dateOfBirth\":\"\xff\"}".as_slice(), b"\xff\xfe{}", b"{\"\xc3\":1}"].map(|bytes| {
        let length = bytes.len().to_string();
        let headers = [("content-type", "application/json"), ("content-length", length.as_str())];
        let head = request("PUT", &format!("/hello/{name}"), &headers, "");
        refused(format!("{bytes:?}"), [&head, bytes].concat(), 400, "Invalid JSON")
    });
    let large = refused("10,000 nested arrays are over 16 KiB", put(&name, &nested(10_000)), 413, "Body too large");
    check(subject.address(), &texts.into_iter().chain(not_utf8).chain([large]).collect::<Vec<Row>>());
}

fn json_without_a_date_of_birth_is_refused(subject: &Subject) {
    let name = subject.suite.username();
    let bodies = r#"[]
        ["1990-12-10"]
        [{"dateOfBirth":"1990-12-10"}]
        null
        true
        7
        "1990-12-10"
        {}
        {"dateofbirth":"1990-12-10"}
        {"date_of_birth":"1990-12-10"}
        {"dateOfBirth":null}
        {"dateOfBirth":19901210}
        {"dateOfBirth":true}
        {"dateOfBirth":["1990-12-10"]}
        {"dateOfBirth":{"year":1990}}
        {"user":{"dateOfBirth":"1990-12-10"}}
        {"dateOfBirth":"1990-12-10","dateOfBirth":null}"#;
    let rows = bodies.lines().map(|body| refused(body, put(&name, body.trim()), 400, "Invalid date format"));
    check(subject.address(), &rows.collect::<Vec<Row>>());
}

fn unknown_fields_are_ignored_and_the_last_duplicate_wins(subject: &Subject) {
    let name = subject.suite.username();
    let rows = [
        r#"{"dateOfBirth":"1990-12-10","name":"Ada","tags":[1,{"a":null}]}"#,
        r#"{"dateOfBirth":"nonsense","dateOfBirth":"1990-12-10"}"#,
        r#"{"dateOfBirth":7,"x":0,"dateOfBirth":"1990-12-10"}"#,
        r#"{"\u0064ateOfBirth":"1990\u002d12-10"}"#,
        " \t\r\n{ \"dateOfBirth\" : \"1990-12-10\" }\r\n",
    ];
    check(subject.address(), &rows.map(|body| remembered(body, put(&name, body))));
    let last_is_bad = r#"{"dateOfBirth":"1990-12-10","dateOfBirth":"nonsense"}"#;
    check(subject.address(), &[refused(last_is_bad, put(&name, last_is_bad), 400, "Invalid date format")]);
}

fn a_body_of_16_kib_is_accepted_and_one_byte_more_refused(subject: &Subject) {
    let name = subject.suite.username();
    let padded = |size: usize| born("1990-12-10") + &" ".repeat(size - born("1990-12-10").len());
    let too_large = |what: &str, request| refused(what, request, 413, "Body too large");
    check(
        subject.address(),
        &[
            remembered("16 KiB", put(&name, &padded(LIMIT))),
            too_large("a byte more", put(&name, &padded(LIMIT + 1))),
            remembered("16 KiB in chunks", chunked(&name, &padded(LIMIT), 1000)),
            too_large("a byte more in chunks", chunked(&name, &padded(LIMIT + 1), 1000)),
            too_large("1 MB", put(&name, &padded(1_000_000))),
            too_large("not JSON", put(&name, &"x".repeat(LIMIT + 1))),
            remembered("the size of the body, not of the chunks", chunked(&name, &born("1990-12-10"), 1)),
        ],
    );
}

fn chunked(name: &str, body: &str, size: usize) -> Vec<u8> {
    let headers = [("content-type", "application/json"), ("transfer-encoding", "chunked")];
    let head = request("PUT", &format!("/hello/{name}"), &headers, "");
    let chunks = body
        .as_bytes()
        .chunks(size)
        .map(|chunk| [format!("{:x}\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat());
    head.into_iter().chain(chunks.flatten()).chain(*b"0\r\n\r\n").collect()
}

fn a_refused_put_changes_nothing(subject: &Subject) {
    let name = subject.suite.username();
    let path = format!("/hello/{name}");
    let refusals_then = |answer: Row| {
        [
            refused("broken", put(&name, "{"), 400, "Invalid JSON"),
            refused("no date", put(&name, "{}"), 400, "Invalid date format"),
            refused("future", put(&name, &born("9999-12-31")), 400, "Date must be in the past"),
            refused("text", typed(&name, "text/plain"), 415, WRONG_TYPE),
            refused("large", put(&name, &" ".repeat(LIMIT + 1)), 413, "Body too large"),
            answer,
        ]
    };
    check(subject.address(), &refusals_then(refused("nobody yet", get(&path), 404, "User not found")));
    check(subject.address(), &[remembered("now somebody", put(&name, &born("1990-12-10")))]);
    check(subject.address(), &refusals_then(greets("still there", get(&path), &name)));
}

/// The tables elsewhere show when; this shows that nothing but the message differs, and that the connection lives on.
fn every_error_has_exactly_the_body_of_the_contract(subject: &Subject) {
    let kept = |path: &str| format!("GET {path} HTTP/1.1\r\nhost: test\r\n\r\n");
    let last = String::from_utf8(get("/health")).expect("text");
    let pipelined = [kept("/nowhere"), kept("/hello/a1"), kept("/hello/nobodyhasthisname"), last].concat();
    let answers = raw(subject.address(), pipelined.as_bytes());
    assert_eq!(answers.status, 404);
    let mut rest = answers.body.as_str();
    for error in ["Not found", "Invalid username", "User not found"] {
        let (_, after) = rest.split_once(&error_body(error)).unwrap_or_else(|| panic!("no {error} in {answers:?}"));
        rest = after;
    }
    assert!(rest.ends_with("OK"), "{answers:?}");
    assert_error(&raw(subject.address(), &put("ada", "[]")), 400, "Invalid date format");
}
