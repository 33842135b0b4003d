//! What is logged, and what never is.

use crate::support::{InProcess, Service, born, get, path, program, put, raw, request};
use backend_cloud_app::clock::Clock;
use backend_cloud_app::config::{LogConfig, LogFormat};
use backend_cloud_app::store::Embedded;
use backend_cloud_app::telemetry;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use tracing::level_filters::LevelFilter;

/// An endpoint that takes every call of DynamoDB and answers with `status` and `body`.
fn endpoint(status: &'static str, body: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            thread::spawn(move || {
                let mut buffer = [0; 16_384];
                while stream.read(&mut buffer).is_ok_and(|count| count > 0) {
                    let length = body.len();
                    let answer = format!(
                        "HTTP/1.1 {status}\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: {length}\r\n\r\n{body}"
                    );
                    if stream.write_all(answer.as_bytes()).is_err() {
                        return;
                    }
                }
            });
        }
    });
    address
}

/// A service on such an endpoint.
fn on_endpoint(status: &'static str, body: &'static str, settings: &[(&str, &str)]) -> Service {
    let url = format!("http://{}", endpoint(status, body));
    let store = [("DYNAMODB_ENDPOINT", url.as_str()), ("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")];
    Service::start(&[&store, settings].concat())
}

/// The log after every kind of request with a date.
fn log_of_requests(mut service: Service) -> String {
    service.put("zaphod", "1987-06-05");
    service.put("zaphod", "9987-06-05");
    service.put("zaphod", "19870605");
    raw(service.address, &put("zaphod", "1987-06-05"));
    service.get("/hello/zaphod");
    service.get("/1987-06-05");
    let log = service.stop();
    assert!(log.contains("answered"), "debug lines are there: {log}");
    log
}

#[test]
fn no_birth_date_and_no_username_is_logged_at_any_level() {
    let item = r#"{"Item":{"dateOfBirth":{"S":"1987-06-05"}}}"#;
    let unreadable = r#"{"Item":{"dateOfBirth":{"S":"born 1987-06-05"}}}"#;
    for format in ["text", "json"] {
        let settings = [("LOG_FORMAT", format), ("LOG_LEVEL", "trace")];
        let mut logs = vec![log_of_requests(Service::embedded(&settings))];
        for (status, body) in [("200 OK", item), ("200 OK", unreadable), ("400 Bad Request", "{}"), ("500 Oops", "{}")]
        {
            logs.push(log_of_requests(on_endpoint(status, body, &settings)));
        }
        for log in logs {
            for secret in ["1987-06-05", "9987-06-05", "19870605", "zaphod"] {
                assert!(!log.contains(secret), "{secret} is in {log}");
            }
        }
    }
}

#[test]
fn an_id_ties_an_answer_to_the_lines_about_its_request() {
    let mut service = on_endpoint("500 Oops", "{}", &[("LOG_LEVEL", "debug")]);
    let (trace, amazon) =
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "Root=1-67891233-abcdef012345678912345678");
    let (long, longest) = ("x".repeat(129), "x".repeat(128));
    for (headers, expected) in [
        (&[("traceparent", trace), ("x-amzn-trace-id", amazon), ("x-request-id", "mine")][..], Some(trace)),
        (&[("x-amzn-trace-id", amazon), ("x-request-id", "mine")], Some(amazon)),
        (&[("x-request-id", "mine")], Some("mine")),
        (&[("x-request-id", &longest)], Some(&longest)),
        (&[("x-request-id", &long)], None),
        (&[("x-request-id", "two words")], None),
        (&[("x-request-id", "")], None),
        (&[], None),
    ] {
        let answer = raw(service.address, &request("GET", "/hello/ada", headers, ""));
        let (_, rest) = answer.head.split_once("\r\nx-request-id: ").unwrap();
        let id = rest.lines().next().unwrap();
        match expected {
            Some(expected) => assert_eq!(id, expected.to_ascii_lowercase()),
            None => assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}"),
        }
    }
    let again = |path| service.get(path).head;
    assert_ne!(again("/health"), again("/health"), "each request has an id of its own");
    let lines = service.stop();
    let about = lines.lines().filter(|line| line.contains("\"endpoint\""));
    assert!(about.clone().count() >= 10 && about.clone().all(|line| line.contains("\"request_id\"")), "{lines}");
    assert!(lines.contains(&format!(r#""request_id":"{trace}""#)), "{lines}");
}

#[test]
fn a_reader_of_the_log_that_stalls_does_not_stop_the_service() {
    let directory = tempfile::tempdir().unwrap();
    let settings = [("DATA_DIR", path(&directory)), ("LOG_LEVEL", "debug"), ("PORT", "0")];
    let mut child = program(&[], &settings).env("BIND_ADDRESS", "127.0.0.1").spawn().unwrap();
    let mut lines = BufReader::with_capacity(1, child.stderr.take().unwrap());
    let mut line = String::new();
    lines.read_line(&mut line).unwrap();
    let (_, rest) = line.split_once("http://").unwrap();
    let address = rest.split_once(',').unwrap().0.parse().unwrap();
    // Nobody reads from here on, and a pipe holds 64 KiB.
    let many = b"GET /health HTTP/1.1\r\nhost: test\r\n\r\n".repeat(20_000);
    let mut stream = TcpStream::connect(address).unwrap();
    let mut writer = stream.try_clone().unwrap();
    thread::spawn(move || writer.write_all(&many));
    let mut answers = 0;
    let mut buffer = vec![0; 65_536];
    while answers < 20_000 {
        let count = stream.read(&mut buffer).unwrap();
        answers += buffer[..count].windows(12).filter(|bytes| bytes == b"HTTP/1.1 200").count();
    }
    let page = raw(address, &get("/metrics")).body;
    let dropped = page.lines().find_map(|line| line.strip_prefix("log_lines_dropped_total ")).unwrap();
    assert!(dropped.parse::<u64>().unwrap() > 1000, "{dropped}");
    let signalled = Instant::now();
    Command::new("kill").arg(child.id().to_string()).status().unwrap();
    assert!(child.wait().unwrap().success());
    assert!(signalled.elapsed() < Duration::from_secs(5), "{:?}", signalled.elapsed());
}

#[test]
fn a_line_is_json_or_text_and_requests_that_succeed_have_none_at_the_default_level() {
    for format in ["json", "text"] {
        let mut service = Service::embedded(&[("LOG_FORMAT", format)]);
        let before = service.log().lines().count();
        service.put("ada", "1990-12-10");
        service.get("/hello/ada");
        service.get("/nowhere");
        let log = service.stop();
        // Those of the end: draining, stopped.
        assert_eq!(log.lines().count(), before + 2, "{log}");
        let is_json = |line| serde_json::from_str::<serde_json::Value>(line).is_ok_and(|v| v["level"] == "INFO");
        assert_eq!(log.lines().all(is_json), format == "json", "{log}");
    }
}

/// This test starts itself again, as a process whose log can be read.
#[test]
#[expect(clippy::disallowed_methods, reason = "whether this is that process")]
fn a_panic_is_one_line_of_json() {
    if std::env::var_os("PANIC").is_some() {
        return panic_twice();
    }
    let mut again = Command::new(std::env::current_exe().unwrap());
    again.args(["--exact", "logs::a_panic_is_one_line_of_json"]).env("PANIC", "yes");
    let ended = again.output().unwrap();
    let log = String::from_utf8(ended.stderr).unwrap();
    assert!(ended.status.success(), "{log}");
    let lines: Vec<serde_json::Value> = log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    for said in ["a handler panicked: at noon at tests/", "panicked: by itself at tests/"] {
        let about = lines.iter().filter(|line| line["message"].as_str().is_some_and(|text| text.starts_with(said)));
        assert!(about.clone().count() == 1 && about.clone().all(|line| line["level"] == "ERROR"), "{log}");
    }
}

/// In a handler, which asks the time, and in a task that nobody watches.
fn panic_twice() {
    let _log = telemetry::init(LogConfig { level: LevelFilter::INFO, format: Some(LogFormat::Json) }).unwrap();
    Runtime::new().unwrap().block_on(async {
        let directory = tempfile::tempdir().unwrap();
        let store = Arc::new(Embedded::open(directory.path()).unwrap());
        let server = InProcess::start_with(store, Clock::new(|| panic!("at noon")), &[]).await;
        assert_eq!(raw(server.address, &put("ada", &born("1990-12-10"))).status, 500);
        assert!(tokio::spawn(async { panic!("by itself") }).await.is_err());
        server.stop().await;
    });
}
