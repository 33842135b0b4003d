//! The body of a PUT: its type, its size, its JSON.

use crate::ContractTest;
use crate::exchange::{Row, assert_error, check, error_body, greets, refused, remembered};
use crate::subject::Subject;
use crate::support::{born, get, put, raw, request};

pub const TESTS: &[ContractTest] = &[
    ("json_content_types_are_accepted_and_others_refused", content_types),
    ("what_is_not_json_is_refused", not_json),
    ("json_without_a_date_of_birth_is_refused", no_date),
    ("unknown_fields_are_ignored_and_the_last_duplicate_wins", lenient),
    ("a_body_of_16_kib_is_accepted_and_one_byte_more_refused", size),
    ("a_refused_put_changes_nothing", refused_changes_nothing),
    ("every_error_has_exactly_the_body_of_the_contract", every_error),
];

const LIMIT: usize = 16 * 1024;
const WRONG_TYPE: &str = "Content type must be application/json";

fn content_types(subject: &Subject) {
    let name = subject.suite.username();
    let typed =
        |value: &str| request("PUT", &format!("/hello/{name}"), &[("content-type", value)], &born("1990-12-10"));
    let accepted = [
        "application/json",
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        "APPLICATION/JSON",
        "Application/Json; Charset=\"utf-8\"",
        "application/merge-patch+json",
        "application/vnd.api+JSON; version=1",
    ];
    let refused_types = [
        "text/plain",
        "text/json",
        "application/xml",
        "application/x-www-form-urlencoded",
        "application/jsonp",
        "application/json5",
        "application/+json",
        "application/json+xml",
        "json",
        "multipart/form-data; boundary=json",
        "",
    ];
    let mut rows: Vec<Row> = accepted.iter().map(|value| remembered(*value, typed(value))).collect();
    rows.extend(refused_types.iter().map(|value| refused(*value, typed(value), 415, WRONG_TYPE)));
    let missing = request("PUT", &format!("/hello/{name}"), &[], &born("1990-12-10"));
    rows.push(refused("no content type", missing, 415, WRONG_TYPE));
    rows.push(refused("no body either", request("PUT", &format!("/hello/{name}"), &[], ""), 415, WRONG_TYPE));
    check(subject.address(), &rows);
}

fn not_json(subject: &Subject) {
    let name = subject.suite.username();
    let deep = "[".repeat(10_000) + &"]".repeat(10_000);
    let shallow_enough_to_fit = "[".repeat(8_000) + &"]".repeat(8_000);
    let rows: Vec<Row> = [
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
        ("8,000 nested arrays", &shallow_enough_to_fit),
    ]
    .into_iter()
    .map(|(what, body)| refused(what, put(&name, body), 400, "Invalid JSON"))
    .chain([refused("10,000 nested arrays are over 16 KiB", put(&name, &deep), 413, "Body too large")])
    .chain([refused("10,000 open arrays", put(&name, &"[".repeat(10_000)), 400, "Invalid JSON")])
    .chain(
        [b"{\"dateOfBirth\":\"\xff\"}".as_slice(), b"\xff\xfe{}", b"{\"\xc3\":1}"]
            .map(|bytes| refused(format!("bad UTF-8 {bytes:?}"), put_bytes(&name, bytes), 400, "Invalid JSON")),
    )
    .collect();
    check(subject.address(), &rows);
}

/// A PUT of a body that need not be text.
fn put_bytes(name: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len().to_string();
    let headers = [("content-type", "application/json"), ("content-length", length.as_str())];
    [request("PUT", &format!("/hello/{name}"), &headers, "").as_slice(), body].concat()
}

fn no_date(subject: &Subject) {
    let name = subject.suite.username();
    let rows: Vec<Row> = [
        "[]",
        r#"["1990-12-10"]"#,
        r#"[{"dateOfBirth":"1990-12-10"}]"#,
        "null",
        "true",
        "7",
        r#""1990-12-10""#,
        "{}",
        r#"{"dateofbirth":"1990-12-10"}"#,
        r#"{"date_of_birth":"1990-12-10"}"#,
        r#"{"dateOfBirth":null}"#,
        r#"{"dateOfBirth":19901210}"#,
        r#"{"dateOfBirth":true}"#,
        r#"{"dateOfBirth":["1990-12-10"]}"#,
        r#"{"dateOfBirth":{"year":1990}}"#,
        r#"{"user":{"dateOfBirth":"1990-12-10"}}"#,
        r#"{"dateOfBirth":"1990-12-10","dateOfBirth":null}"#,
    ]
    .into_iter()
    .map(|body| refused(body, put(&name, body), 400, "Invalid date format"))
    .collect();
    check(subject.address(), &rows);
}

fn lenient(subject: &Subject) {
    let name = subject.suite.username();
    let rows: Vec<Row> = [
        r#"{"dateOfBirth":"1990-12-10","name":"Ada","tags":[1,{"a":null}]}"#,
        r#"{"dateOfBirth":"nonsense","dateOfBirth":"1990-12-10"}"#,
        r#"{"dateOfBirth":7,"x":0,"dateOfBirth":"1990-12-10"}"#,
        r#"{"\u0064ateOfBirth":"1990\u002d12-10"}"#,
        " \t\r\n{ \"dateOfBirth\" : \"1990-12-10\" }\r\n",
    ]
    .into_iter()
    .map(|body| remembered(body, put(&name, body)))
    .collect();
    check(subject.address(), &rows);
    let last_is_bad = r#"{"dateOfBirth":"1990-12-10","dateOfBirth":"nonsense"}"#;
    check(subject.address(), &[refused(last_is_bad, put(&name, last_is_bad), 400, "Invalid date format")]);
}

fn size(subject: &Subject) {
    let name = subject.suite.username();
    let padded = |size: usize| born("1990-12-10") + &" ".repeat(size - born("1990-12-10").len());
    let too_large = |what: &str, request| refused(what, request, 413, "Body too large");
    check(
        subject.address(),
        &[
            remembered("16 KiB", put(&name, &padded(LIMIT))),
            too_large("a byte more", put(&name, &padded(LIMIT + 1))),
            remembered("16 KiB in chunks", chunked(&name, &padded(LIMIT))),
            too_large("a byte more in chunks", chunked(&name, &padded(LIMIT + 1))),
            too_large("1 MB", put(&name, &padded(1_000_000))),
            too_large("not JSON", put(&name, &"x".repeat(LIMIT + 1))),
            remembered("the size of the body, not of the chunks", chunked_by(&name, &born("1990-12-10"), 1)),
        ],
    );
}

fn chunked(name: &str, body: &str) -> Vec<u8> {
    chunked_by(name, body, 1000)
}

fn chunked_by(name: &str, body: &str, size: usize) -> Vec<u8> {
    let headers = [("content-type", "application/json"), ("transfer-encoding", "chunked")];
    let mut request = request("PUT", &format!("/hello/{name}"), &headers, "");
    for chunk in body.as_bytes().chunks(size) {
        request.extend(format!("{:x}\r\n", chunk.len()).into_bytes());
        request.extend(chunk);
        request.extend(b"\r\n");
    }
    request.extend(b"0\r\n\r\n");
    request
}

fn refused_changes_nothing(subject: &Subject) {
    let name = subject.suite.username();
    let path = format!("/hello/{name}");
    let rows = |answer: fn(String, &str) -> Row| {
        vec![
            refused("broken", put(&name, "{"), 400, "Invalid JSON"),
            refused("no date", put(&name, "{}"), 400, "Invalid date format"),
            refused("future", put(&name, &born("9999-12-31")), 400, "Date must be in the past"),
            refused(
                "text",
                request("PUT", &path, &[("content-type", "text/plain")], &born("1990-12-10")),
                415,
                WRONG_TYPE,
            ),
            refused("large", put(&name, &" ".repeat(LIMIT + 1)), 413, "Body too large"),
            answer(path.clone(), &name),
        ]
    };
    check(subject.address(), &rows(|path, _| refused("nobody yet", get(&path), 404, "User not found")));
    check(subject.address(), &[remembered("now somebody", put(&name, &born("1990-12-10")))]);
    check(subject.address(), &rows(|path, name| greets("still there", get(&path), name)));
}

/// The tables elsewhere show when; this shows that nothing but the message differs, and that the connection lives on.
fn every_error(subject: &Subject) {
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
