//! Usernames and paths: who is greeted, under which key, and what is not a username.

use crate::Tests;
use crate::exchange::{Row, assert_error, check, greets, refused, remembered};
use crate::subject::{Backend, Subject};
use crate::support::{born, get, parse_answer, put, raw, request};
use aws_sdk_dynamodb::types::AttributeValue;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

pub fn tests() -> Tests {
    tests![
        a_username_is_echoed_as_written_and_stored_in_lower_case,
        a_username_may_be_percent_encoded,
        a_username_has_at_most_2048_letters,
        what_is_not_ascii_letters_is_no_username,
        a_username_is_checked_before_the_body_is_read,
        an_unknown_user_is_not_found,
        an_unknown_path_is_not_found,
    ]
}

fn a_username_is_echoed_as_written_and_stored_in_lower_case(subject: &Subject) {
    let lower = subject.suite.username();
    let upper = lower.to_ascii_uppercase();
    let mixed = lower.replace("na", "Na");
    check(
        subject.address(),
        &[
            remembered("upper case is accepted", put(&upper, &born("1990-12-10"))),
            greets("as written then", get(&format!("/hello/{upper}")), &upper),
            greets("lower case is the same user", get(&format!("/hello/{lower}")), &lower),
            greets("so is mixed case", get(&format!("/hello/{mixed}")), &mixed),
            greets("a query changes nothing", get(&format!("/hello/{lower}?name=x")), &lower),
        ],
    );
    if subject.backend == Backend::DynamoDb {
        let (client, table) = (subject.suite.client(), &subject.suite.table);
        let request = client.get_item().table_name(table).key("username", AttributeValue::S(lower));
        let stored = subject.suite.runtime.block_on(request.send()).expect("an answer");
        let item = stored.item.expect("the key is the name in lower case");
        assert_eq!(item["dateOfBirth"].as_s().map(String::as_str), Ok("1990-12-10"));
        assert_eq!(item.len(), 2, "{item:?}");
    }
}

fn a_username_may_be_percent_encoded(subject: &Subject) {
    let name = subject.suite.username();
    let encoded = name.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat();
    let (initial, rest) = (name[..1].to_ascii_uppercase(), &name[1..]);
    let path = format!("/hello/%{:02x}{rest}", initial.as_bytes()[0]);
    check(
        subject.address(),
        &[
            remembered("every letter encoded", put(&encoded, &born("1990-12-10"))),
            greets("the same user, not encoded", get(&format!("/hello/{name}")), &name),
            greets("echoed decoded", get(&path), &format!("{initial}{rest}")),
            refused("decoded once only", get("/hello/%2541"), 400, "Invalid username"),
        ],
    );
}

fn a_username_has_at_most_2048_letters(subject: &Subject) {
    // The key of the other store's run is the same, which is no matter: it is another store.
    let longest = "L".repeat(2048);
    let too_long = |name: &str| refused("2,049 letters", get(&format!("/hello/{name}")), 400, "Invalid username");
    check(
        subject.address(),
        &[
            remembered("2,048 letters", put(&longest, &born("1990-12-10"))),
            greets("2,048 letters", get(&format!("/hello/{longest}")), &longest),
            greets("2,048 letters, encoded", get(&format!("/hello/{}", "%4C".repeat(2048))), &longest),
            refused("PUT of 2,049", put(&"L".repeat(2049), &born("1990-12-10")), 400, "Invalid username"),
            too_long(&"L".repeat(2049)),
            too_long(&"%4C".repeat(2049)),
        ],
    );
}

const NO_USERNAMES: &str = "1 ada1 ada-l ada_l ada.l ada+l ada%20l %20 %20ada ada%0A %00 ada%00 %2F ada%2F ada%2Flovelace \
                            %FF ada%ff %C3%A9 %EF%BC%A1 %F0%9F%8E%82 % ada%4 ada%zz %C4%B0";

fn what_is_not_ascii_letters_is_no_username(subject: &Subject) {
    let refused = |what: String, request| refused(what, request, 400, "Invalid username");
    let names = NO_USERNAMES.split(' ').flat_map(|name| {
        [
            refused(format!("GET {name}"), get(&format!("/hello/{name}"))),
            refused(format!("PUT {name}"), put(name, &born("1990-12-10"))),
            refused(format!("PUT {name}, nothing else right"), put(name, "{")),
        ]
    });
    let more = [
        refused("before the content type".to_owned(), request("PUT", "/hello/ada1", &[], "{}")),
        refused("bytes that are not ASCII".to_owned(), put("ad\u{e9}", &born("1990-12-10"))),
    ];
    check(subject.address(), &names.chain(more).collect::<Vec<Row>>());
}

fn a_username_is_checked_before_the_body_is_read(subject: &Subject) {
    let send = |name: &str, body: &str| {
        let mut stream = TcpStream::connect(subject.address()).expect("the server listens");
        stream.set_read_timeout(Some(Duration::from_secs(4))).expect("a timeout");
        let head =
            format!("PUT /hello/{name} HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\n{body}\r\n\r\n");
        stream.write_all(head.as_bytes()).expect("the head is taken");
        let mut answer = vec![0; 4096];
        let read =
            stream.read(&mut answer).unwrap_or_else(|error| panic!("{body}: no answer without the body: {error}"));
        String::from_utf8_lossy(&answer[..read]).into_owned()
    };
    let huge = format!("content-length: {}", 1 << 30);
    let wanted = "content-length: 28\r\nexpect: 100-continue";
    for body in ["content-length: 28", wanted, "transfer-encoding: chunked", &huge] {
        let started = Instant::now();
        assert_error(&parse_answer(&send("ada1", body)), 400, "Invalid username");
        assert!(started.elapsed() < Duration::from_secs(3), "{body}: {:?}", started.elapsed());
    }
    // A body that is wanted is asked for, so that the test above shows what it says.
    assert_eq!(send("ada", wanted), "HTTP/1.1 100 Continue\r\n\r\n");
}

fn an_unknown_user_is_not_found(subject: &Subject) {
    let path = format!("/hello/{}", subject.suite.username());
    check(subject.address(), &[refused("nobody", get(&path), 404, "User not found")]);
    let head = raw(subject.address(), &request("HEAD", &path, &[], ""));
    assert_eq!((head.status, head.body.as_str()), (404, ""));
}

fn an_unknown_path_is_not_found(subject: &Subject) {
    let paths = "/ /hello /hello/ /hello/ada/ /hello/ada/b //hello/ada /Hello/ada /healthz /health/ /*";
    let rows = paths.split(' ').flat_map(|path| {
        ["GET", "PUT", "POST", "OPTIONS"]
            .map(|method| refused(format!("{method} {path}"), request(method, path, &[], ""), 404, "Not found"))
    });
    check(subject.address(), &rows.collect::<Vec<Row>>());
}
