//! The commands and their exit codes.

use crate::support::{Service, run};
use std::net::TcpListener;

#[test]
fn the_start_line_says_where_it_listens_where_it_stores_and_what_to_try() {
    let directory = tempfile::tempdir().unwrap();
    let service = Service::start(&[("DATA_DIR", directory.path().to_str().unwrap())]);
    let log = service.log();
    assert!(log.contains(&format!("listening on http://{}", service.address)), "{log}");
    assert!(log.contains(&format!("{}/users.redb (STORE=embedded)", directory.path().display())), "{log}");
}

#[test]
fn a_bad_setting_stops_the_start_with_one_line_and_exit_64() {
    let (code, out, err) = run(&["--port", "eighty"], &[]);
    assert_eq!((code, out.as_str()), (64, ""));
    assert_eq!(
        err,
        "backend-cloud-app: PORT=\"eighty\" is not allowed; set PORT or --port: 0 to 65535 (0 takes a free one)\n"
    );
}

#[test]
fn a_command_line_that_is_wrong_exits_64() {
    for arguments in [&["frobnicate"][..], &["--no-such-flag"], &["smoke"], &["--port"]] {
        assert_eq!(run(arguments, &[]).0, 64, "{arguments:?}");
    }
}

#[test]
fn help_and_version_exit_0() {
    let (code, out, _) = run(&["--help"], &[]);
    assert_eq!(code, 0);
    for word in ["serve", "healthcheck", "create-table", "smoke", "openapi", "--drain-timeout"] {
        assert!(out.contains(word), "{word} is missing in {out}");
    }
    assert_eq!(run(&["--version"], &[]).1, format!("backend-cloud-app {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_taken_port_stops_the_start_with_one_line_and_exit_1() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let directory = tempfile::tempdir().unwrap();
    let settings =
        [("PORT", port.as_str()), ("BIND_ADDRESS", "127.0.0.1"), ("DATA_DIR", directory.path().to_str().unwrap())];
    let (code, _, err) = run(&[], &settings);
    assert_eq!(code, 1);
    assert!(err.starts_with(&format!("backend-cloud-app: cannot listen on 127.0.0.1:{port}: ")), "{err}");
    assert_eq!(err.lines().count(), 1, "{err}");
}

#[test]
fn healthcheck_exits_0_if_the_server_is_alive_and_1_if_not() {
    let directory = tempfile::tempdir().unwrap();
    let mut service = Service::start(&[("DATA_DIR", directory.path().to_str().unwrap())]);
    let port = service.address.port().to_string();
    assert_eq!(run(&["healthcheck"], &[("PORT", &port)]).0, 0);
    assert_eq!(run(&["healthcheck", "--port", &port, "--bind-address", "127.0.0.1"], &[]).0, 0);
    service.signal("KILL");
    service.wait();
    let (code, _, err) = run(&["healthcheck"], &[("PORT", &port)]);
    assert_eq!((code, err.lines().count()), (1, 1), "{err}");
}

#[test]
fn smoke_passes_against_the_service_a_line_a_check() {
    let directory = tempfile::tempdir().unwrap();
    let service = Service::start(&[("DATA_DIR", directory.path().to_str().unwrap())]);
    let (code, out, err) = run(&["smoke", &service.url("/")], &[]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.lines().count() >= 8 && out.lines().all(|line| line.starts_with("ok ")), "{out}");
}

#[test]
fn smoke_fails_against_what_is_not_the_service() {
    let (code, out, err) = run(&["smoke", "http://127.0.0.1:1"], &[]);
    assert_eq!(code, 1);
    assert!(out.lines().all(|line| line.starts_with("FAIL ")), "{out}");
    assert!(err.contains("does not keep its contract"), "{err}");
}
