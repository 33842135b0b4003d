//! What is counted, and that nobody can make it grow.

use crate::support::prelude::*;
use std::collections::BTreeSet;

/// The names and labels of all series, without their values.
fn series(service: &Service) -> BTreeSet<String> {
    let page = service.get("/metrics").body;
    let lines = page.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.rsplit_once(' ')).map(|(series, _)| series.to_owned()).collect()
}

fn every_kind(service: &Service, number: usize) {
    let name = username(number);
    service.put(&name, &birth_date(number));
    service.put(&name, "9999-06-05");
    for path in [format!("/hello/{name}"), format!("/hello/{name}1"), format!("/{name}"), format!("/hello/{name}/x")] {
        service.get(&path);
        service.send(&request(&format!("M{}", name.to_ascii_uppercase()), &path, &[], ""));
    }
}

#[test]
fn every_series_is_there_from_the_start_and_a_thousand_usernames_dates_paths_and_methods_add_none() {
    let service = Service::embedded(&[]);
    let counters = || {
        let mut all = series(&service);
        // These are there once a request has been timed, or the process asked about itself.
        all.retain(|name| !name.starts_with("http_request_duration") && !name.starts_with("process_"));
        all
    };
    let at_first = counters();
    every_kind(&service, 0);
    for (method, path) in [("GET", "/health"), ("POST", "/metrics"), ("OPTIONS", "/ready"), ("HEAD", "/openapi.json")] {
        service.send(&request(method, path, &[], ""));
        service.send(&request(method, path, &[("host", "twice")], ""));
    }
    service.send(&request("PUT", "/hello/ada", &[], "{}"));
    service.send(&put_body("ada", &" ".repeat(16_385)));
    let before = series(&service);
    for number in 1..=1000 {
        every_kind(&service, number);
    }
    assert_eq!(series(&service), before);
    assert_eq!(counters(), at_first);
    for series in [
        r#"http_errors_total{endpoint="/hello/{username}",method="GET",status="500"}"#,
        r#"http_errors_total{endpoint="/hello/{username}",method="PUT",status="499"}"#,
        r#"http_requests_total{endpoint="/hello/{username}",method="other"}"#,
        r#"store_operation_duration_seconds_count{operation="put",outcome="failed"}"#,
        r#"http_requests_shed_total{reason="requests"}"#,
        r#"http_connections_evicted_total{state="idle"}"#,
        "log_lines_dropped_total",
    ] {
        assert!(at_first.contains(series), "{series} in {at_first:?}");
    }
    let build = format!(r#"build_info{{revision="unknown",version="{}"}}"#, env!("CARGO_PKG_VERSION"));
    assert_eq!(service.value(&build), 1);
    assert!(!cfg!(target_os = "linux") || service.value("process_resident_memory_bytes") > 0);
}

#[test]
fn a_request_whose_client_leaves_is_counted_as_499_and_one_whose_store_is_down_as_503() {
    let store = Proxy::stand_in(Mode::BlackHole);
    let service =
        Service::start(&[&dynamodb_settings(&store.endpoint(), "users")[..], &[("REQUEST_TIMEOUT", "20s")]].concat());
    for request in [get("/hello/ada"), put("ada", "1990-12-10")] {
        let client = service.open(&request).unwrap();
        until("it is served", || (service.value("http_requests_in_flight") > 1).then_some(()));
        drop(client);
        until("it is given up", || (service.value("http_requests_in_flight") == 1).then_some(()));
    }
    store.set(Mode::Cut);
    for request in [get("/hello/ada"), put("ada", "1990-12-10")] {
        assert_eq!(service.send(&request).status, 503);
    }
    for method in ["GET", "PUT"] {
        let labels = format!(r#"endpoint="/hello/{{username}}",method="{method}""#);
        let store = format!(r#"operation="{}""#, method.to_ascii_lowercase());
        for (series, expected) in [
            (format!("http_requests_total{{{labels}}}"), 2),
            (format!("http_request_duration_seconds_count{{{labels}}}"), 2),
            (format!(r#"http_errors_total{{{labels},status="499"}}"#), 1),
            (format!(r#"http_errors_total{{{labels},status="503"}}"#), 1),
            (format!(r#"store_operation_duration_seconds_count{{{store},outcome="cancelled"}}"#), 1),
            (format!(r#"store_operation_duration_seconds_count{{{store},outcome="unavailable"}}"#), 1),
        ] {
            assert_eq!(service.value(&series), expected, "{series}");
        }
    }
}

#[test]
fn every_request_is_counted_once_and_every_error_once() {
    let service = Service::embedded(&[]);
    let hello = |method: &str, status: u16| {
        format!(r#"http_errors_total{{endpoint="/hello/{{username}}",method="{method}",status="{status}"}}"#)
    };
    let requests = |method: &str| format!(r#"http_requests_total{{endpoint="/hello/{{username}}",method="{method}"}}"#);

    service.put("Zaphod", "1987-06-05");
    service.get("/hello/Zaphod");
    service.get("/hello/nobody");
    service.get("/hello/n0body");
    service.send(&put_body("ada", "not JSON"));
    service.send(&request("PUT", "/hello/ada", &[], "{}"));
    service.send(&put_body("ada", &" ".repeat(16_385)));
    service.send(&request("POST", "/hello/ada", &[], ""));
    for nowhere in ["/nowhere", "/hello/", "/hello/ada/x", "/Health"] {
        service.get(nowhere);
    }

    for (series, expected) in [
        (requests("GET"), 3),
        (requests("PUT"), 4),
        (requests("POST"), 1),
        (r#"http_requests_total{endpoint="unmatched",method="GET"}"#.to_owned(), 4),
        (hello("GET", 404), 1),
        (hello("GET", 400), 1),
        (hello("PUT", 400), 1),
        (hello("PUT", 415), 1),
        (hello("PUT", 413), 1),
        (hello("POST", 405), 1),
        (r#"http_errors_total{endpoint="unmatched",method="GET",status="404"}"#.to_owned(), 4),
        (r#"http_request_duration_seconds_count{endpoint="/hello/{username}",method="GET"}"#.to_owned(), 3),
        (r#"store_operation_duration_seconds_count{operation="get",outcome="ok"}"#.to_owned(), 2),
        (r#"store_operation_duration_seconds_count{operation="put",outcome="ok"}"#.to_owned(), 1),
    ] {
        assert_eq!(service.value(&series), expected, "{series} is not {expected}");
    }
}
