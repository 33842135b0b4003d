//! What is logged, and what never is.

use crate::support::prelude::*;
use backend_cloud_app::config::{LogConfig, LogFormat};
use backend_cloud_app::telemetry;
use std::io::{BufRead, BufReader};
use tracing::level_filters::LevelFilter;

/// A service whose DynamoDB answers so to every call.
fn on_dynamodb(status: u16, body: &str, settings: &[(&str, &str)]) -> (Proxy, Service) {
    let stand_in = Proxy::stand_in(Mode::Answer(status, body.to_owned()));
    let service = Service::start(&[&dynamodb_settings(&stand_in.endpoint(), "users"), settings].concat());
    (stand_in, service)
}

fn log_of_requests(service: &mut Service) -> String {
    service.put("zaphod", "1987-06-05");
    service.put("zaphod", "9987-06-05");
    service.put("zaphod", "19870605");
    service.send(&put_body("zaphod", "1987-06-05"));
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
        let mut logs = vec![log_of_requests(&mut Service::embedded(&settings))];
        for (status, body) in [(200, item), (200, unreadable), (400, "{}"), (500, "{}")] {
            let (_stand_in, mut service) = on_dynamodb(status, body, &settings);
            logs.push(log_of_requests(&mut service));
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
    let (_stand_in, mut service) = on_dynamodb(500, "{}", &[("LOG_LEVEL", "debug")]);
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
        let answer = service.send(&request("GET", "/hello/ada", headers, ""));
        let id = answer.header("x-request-id").unwrap();
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
    let settings = [&[("DATA_DIR", path(&directory)), ("LOG_LEVEL", "debug")], &LOOPBACK[..]].concat();
    let mut child = program(&[], &settings).spawn().unwrap();
    let mut lines = BufReader::with_capacity(1, child.stderr.take().unwrap());
    let mut start = String::new();
    let address = until("it listens", || lines.read_line(&mut start).ok().and_then(|_| address_in(&start)));
    // Nobody reads from here on, and a pipe holds 64 KiB.
    let many = [b"GET /health HTTP/1.1\r\nhost: test\r\n\r\n".repeat(20_000), get("/health")].concat();
    let stream = address.open(b"").unwrap();
    let mut writer = stream.try_clone().unwrap();
    thread::spawn(move || writer.write_all(&many));
    assert_eq!(read_to_end(stream).matches("HTTP/1.1 200").count(), 20_001);
    assert!(address.value("log_lines_dropped_total") > 1000);
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
fn a_panic_is_one_line_of_json() {
    if environment("PANIC").is_some() {
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

/// In a handler, which asks the time, and in a thread that nobody watches.
fn panic_twice() {
    let _log = telemetry::init(LogConfig { level: LevelFilter::INFO, format: Some(LogFormat::Json) }).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(Embedded::open(directory.path()).unwrap());
    let server = InProcess::start(store, Clock::new(|| panic!("at noon")), &[]);
    assert_eq!(server.put("ada", "1990-12-10").status, 500);
    assert!(thread::spawn(|| panic!("by itself")).join().is_err());
}
