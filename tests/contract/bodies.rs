//! The body of a PUT: its type, its size, its JSON.

use crate::prelude::*;

const LIMIT: usize = 16 * 1024;
const WRONG_TYPE: &str = "Content type must be application/json";

fn typed(name: &str, content_type: &str) -> Vec<u8> {
    request("PUT", &format!("/hello/{name}"), &[("content-type", content_type)], &born("1990-12-10"))
}

pub fn json_content_types_are_accepted_and_others_refused(subject: &Subject) {
    const ACCEPTED: &str = "application/json|application/json; charset=utf-8|application/json;charset=UTF-8|APPLICATION/JSON|\
        Application/Json; Charset=\"utf-8\"|application/merge-patch+json|application/vnd.api+JSON; version=1";
    const REFUSED: &str = "text/plain|text/json|application/xml|application/x-www-form-urlencoded|application/jsonp|\
        application/json5|application/+json|application/json+xml|json|multipart/form-data; boundary=json|";
    let name = subject.suite.username();
    for content_type in ACCEPTED.split('|') {
        subject.remembers(&typed(&name, content_type));
    }
    for content_type in REFUSED.split('|') {
        subject.refuses(&typed(&name, content_type), 415, WRONG_TYPE);
    }
    for body in [&born("1990-12-10"), ""] {
        subject.refuses(&request("PUT", &format!("/hello/{name}"), &[], body), 415, WRONG_TYPE);
    }
}

pub fn what_is_not_json_is_refused(subject: &Subject) {
    let name = subject.suite.username();
    let nested = |depth| "[".repeat(depth) + &"]".repeat(depth);
    for body in [
        "",
        "  \n",
        r#"{"dateOfBirth":"#,
        r#"{"dateOfBirth":"1990-12-10""#,
        r#"{"dateOfBirth":"1990-12-10"} x"#,
        r#"{"dateOfBirth":"1990-12-10"}{}"#,
        "{'dateOfBirth':'1990-12-10'}",
        r#"{"dateOfBirth":"1990-12-10",}"#,
        r#"{"dateOfBirth":"1990-12-10"/**/}"#,
        "\u{feff}{\"dateOfBirth\":\"1990-12-10\"}",
        "NaN",
        r#"{"dateOfBirth":"\ud800"}"#, // half a surrogate pair
        &nested(8_000),
        &"[".repeat(10_000),
    ] {
        subject.refuses(&put_body(&name, body), 400, "Invalid JSON");
    }
    // What is not UTF-8, in a text, alone, and in a name.
    for body in [b"{\"dateOfBirth\":\"\xff\"}".as_slice(), b"\xff\xfe{}", b"{\"\xc3\":1}"] {
        let length = body.len().to_string();
        let headers = [("content-type", "application/json"), ("content-length", length.as_str())];
        let head = request("PUT", &format!("/hello/{name}"), &headers, "");
        subject.refuses(&[&head, body].concat(), 400, "Invalid JSON");
    }
}

pub fn json_without_a_date_of_birth_in_its_one_form_is_refused(subject: &Subject) {
    let name = subject.suite.username();
    let bodies = r#"[]
        [{"dateOfBirth":"1990-12-10"}]
        null
        {}
        {"dateofbirth":"1990-12-10"}
        {"dateOfBirth":"19901210"}
        {"dateOfBirth":null}
        {"dateOfBirth":19901210}
        {"dateOfBirth":["1990-12-10"]}
        {"user":{"dateOfBirth":"1990-12-10"}}
        {"dateOfBirth":"1990-12-10","dateOfBirth":null}
        {"dateOfBirth":"1990-12-10","dateOfBirth":"nonsense"}"#;
    for body in bodies.lines() {
        subject.refuses(&put_body(&name, body.trim()), 400, "Invalid date format");
    }
}

pub fn unknown_fields_are_ignored_and_the_last_duplicate_wins(subject: &Subject) {
    let name = subject.suite.username();
    for body in [
        r#"{"dateOfBirth":"1990-12-10","name":"Ada","tags":[1,{"a":null}]}"#,
        r#"{"dateOfBirth":"nonsense","dateOfBirth":"1990-12-10"}"#,
        r#"{"dateOfBirth":7,"x":0,"dateOfBirth":"1990-12-10"}"#,
        r#"{"\u0064ateOfBirth":"1990\u002d12-10"}"#,
        " \t\r\n{ \"dateOfBirth\" : \"1990-12-10\" }\r\n",
    ] {
        subject.remembers(&put_body(&name, body));
    }
}

pub fn a_body_of_16_kib_is_accepted_and_one_byte_more_refused(subject: &Subject) {
    let name = subject.suite.username();
    let padded = |size: usize| born("1990-12-10") + &" ".repeat(size - born("1990-12-10").len());
    subject.remembers(&put_body(&name, &padded(LIMIT)));
    subject.remembers(&chunked(&name, &padded(LIMIT), 1000));
    // The size of the body counts, not that of the chunks.
    subject.remembers(&chunked(&name, &born("1990-12-10"), 1));
    for request in [
        put_body(&name, &padded(LIMIT + 1)),
        chunked(&name, &padded(LIMIT + 1), 1000),
        put_body(&name, &padded(1_000_000)),
    ] {
        subject.refuses(&request, 413, "Body too large");
    }
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

pub fn a_refused_put_changes_nothing(subject: &Subject) {
    let name = subject.suite.username();
    let refuses_all = || {
        subject.refuses(&put_body(&name, "{"), 400, "Invalid JSON");
        subject.refuses(&put_body(&name, "{}"), 400, "Invalid date format");
        subject.refuses(&put(&name, "9999-12-31"), 400, "Date must be in the past");
        subject.refuses(&typed(&name, "text/plain"), 415, WRONG_TYPE);
        subject.refuses(&put_body(&name, &" ".repeat(LIMIT + 1)), 413, "Body too large");
    };
    refuses_all();
    subject.refuses(&get(&format!("/hello/{name}")), 404, "User not found");
    subject.remembers_user(&name);
    refuses_all();
    subject.greets(&name, &name);
}
