//! What a client may not do to the service, nor to other clients.

use crate::support::prelude::*;
use std::net::{Ipv4Addr, Ipv6Addr, Shutdown};

/// A service with short timeouts, unless `settings` has others.
fn service(settings: &[(&str, &str)]) -> Service {
    Service::embedded(&[&[("REQUEST_TIMEOUT", "700ms"), ("IDLE_TIMEOUT", "700ms")], settings].concat())
}

fn rest(stream: TcpStream) -> (String, Duration) {
    let started = Instant::now();
    (read_to_end(stream), started.elapsed())
}

#[test]
fn a_client_that_stalls_or_drips_or_is_idle_is_cut_off() {
    let service = service(&[]);
    let timed_out = "HTTP/1.1 408 Request Timeout";
    for (beginning, drop, answer) in [
        (&b""[..], &b""[..], ""),
        (b"GET /hello/ada HT", b"", ""),
        (b"GET /hello/ada HTTP/1.1\r\nhost: te", b"", ""),
        (b"GET /hello/ada HTTP/1.1\r\n", b"x: y\r\n", ""),
        (b"GET /health HTTP/1.1\r\nhost: test\r\n\r\n", b"", "HTTP/1.1 200 OK"),
        (HALF_A_PUT, b"", timed_out),
        (HALF_A_PUT, b" ", timed_out),
    ] {
        let stream = service.open(beginning).unwrap();
        let mut dripping = stream.try_clone().unwrap();
        let drip = thread::spawn(move || {
            while !drop.is_empty() && dripping.write_all(drop).is_ok() {
                thread::sleep(Duration::from_millis(100));
            }
        });
        let (text, waited) = rest(stream);
        assert!((Duration::from_millis(500)..Duration::from_secs(5)).contains(&waited), "{waited:?}");
        assert!(text.starts_with(answer) && text.is_empty() == answer.is_empty(), "{text}");
        assert_eq!(text.ends_with(r#"{"error":"Request timed out"}"#), answer == timed_out, "{text}");
        drip.join().unwrap();
    }
}

#[test]
fn by_default_it_takes_both_families() {
    let service = Service::embedded(&[("BIND_ADDRESS", "")]);
    let port = service.address().port();
    let v6 = service.address().is_ipv6().then_some(Ipv6Addr::LOCALHOST.into());
    assert_eq!(v6.is_some(), TcpListener::bind("[::]:0").is_ok(), "{}", service.address());
    for host in [Some(Ipv4Addr::LOCALHOST.into()), v6].into_iter().flatten() {
        assert_eq!(SocketAddr::new(host, port).get("/health").status, 200, "{host}");
    }
}

#[test]
fn a_burst_of_connections_waits_to_be_accepted() {
    let service = service(&[]);
    // Stopped, it accepts nothing.
    service.signal("STOP");
    let connect = |_| TcpStream::connect_timeout(&service.address(), Duration::from_millis(500));
    let connected: Vec<_> = (0..500).map(connect).collect::<Result<_, _>>().expect("the backlog has room");
    service.signal("CONT");
    assert_eq!(service.get("/health").status, 200);
    drop(connected);
}

#[cfg(target_os = "linux")]
#[test]
fn a_silent_connection_costs_less_than_8_kilobytes() {
    let service = service(&[("IDLE_TIMEOUT", "60s")]);
    let open = |count: u64| {
        let silent: Vec<_> = (0..count).map(|_| service.open(b"").unwrap()).collect();
        until("all are open", || (service.value("http_connections") > count).then_some(()));
        silent
    };
    // What the runtime allocates once does not count.
    drop(open(200));
    let before = service.value("process_resident_memory_bytes");
    let _silent = open(4000);
    let each = service.value("process_resident_memory_bytes").saturating_sub(before) / 4000;
    assert!(each < 8_000, "{each} bytes");
}

#[test]
fn at_the_bound_silent_clients_give_way_and_the_load_balancers_connection_stays() {
    let service = service(&[("MAX_CONNECTIONS", "40"), ("REQUEST_TIMEOUT", "20s"), ("IDLE_TIMEOUT", "60s")]);
    let kept = b"GET /health HTTP/1.1\r\nhost: test\r\n\r\n";
    let mut balancer = service.open(kept).unwrap();
    let mut busy = service.open(HALF_A_PUT).unwrap();
    let mut answer = [0; 1024];
    assert!(balancer.read(&mut answer).unwrap() > 0);
    let mut silent = Vec::new();
    for _ in 0..100 {
        silent.extend((0..10).map(|_| service.open(b"GET /hel").unwrap()));
        let started = Instant::now();
        for path in ["/health", "/ready", "/metrics", "/hello/nobody"] {
            assert!(matches!(service.get(path).status, 200 | 404), "{path}");
        }
        assert!(started.elapsed() < Duration::from_secs(2), "they took {:?}", started.elapsed());
        assert!(service.value("http_connections") <= 40);
    }
    balancer.write_all(kept).unwrap();
    assert!(balancer.read(&mut answer).unwrap() > 0, "the load balancer's connection was closed");
    busy.write_all(&[b' '; 28]).unwrap();
    assert!(busy.read(&mut answer).unwrap() > 0, "a busy connection was closed");
    assert!(service.value(r#"http_connections_evicted_total{state="new"}"#) > 900);
    assert_eq!(service.value("http_connections_limit"), 40);

    // Clients that all have had an answer give way to the next.
    let mut idle: Vec<_> = (0..60).map(|_| service.open(kept).unwrap()).collect();
    assert!(idle.iter_mut().all(|stream| stream.read(&mut answer).is_ok_and(|count| count > 0)));
    assert!(service.value(r#"http_connections_evicted_total{state="idle"}"#) >= 20);
}

#[test]
fn what_is_refused_is_refused_before_the_body_is_sent() {
    let service = service(&[("REQUEST_TIMEOUT", "20s")]);
    for (name, body, status) in [
        ("ada", "content-length: 16385", 413),
        ("ada1", "content-length: 28", 400),
        ("ada1", "content-length: 28\r\nexpect: 100-continue", 400),
        ("ada1", "transfer-encoding: chunked", 400),
        ("ada1", "content-length: 1073741824", 400),
    ] {
        let head =
            format!("PUT /hello/{name} HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\n{body}\r\n\r\n");
        let started = Instant::now();
        let mut answer = [0; 12];
        service.open(head.as_bytes()).unwrap().read_exact(&mut answer).unwrap();
        assert_eq!(answer, format!("HTTP/1.1 {status}").as_bytes(), "{name} {body}");
        assert!(started.elapsed() < Duration::from_secs(3), "{body}: {:?}", started.elapsed());
    }
}

#[test]
fn a_refusal_reaches_a_client_that_sends_all_of_its_body_first() {
    let service = service(&[("REQUEST_TIMEOUT", "5s")]);
    let body = "x".repeat(1024 * 1024);
    for (path, content_type, status) in
        [("/hello/ada", "application/json", 413), ("/hello/ada", "text/plain", 415), ("/hello/4", "text/plain", 400)]
    {
        for _ in 0..20 {
            let mut stream = service.open(b"").unwrap();
            let request = request("PUT", path, &[("content-type", content_type)], &body);
            stream.write_all(&request).expect("all of it is taken");
            let mut answer = [0; 12];
            stream.read_exact(&mut answer).expect("the answer is there");
            assert_eq!(answer, format!("HTTP/1.1 {status}").as_bytes());
            let (rest, waited) = rest(stream);
            assert!(rest.contains("\r\nconnection: close\r\n") && waited < Duration::from_secs(1), "{rest} {waited:?}");
        }
    }
}

#[test]
fn header_bombs_are_refused_and_break_nothing() {
    let service = service(&[]);
    let long = "y".repeat(1024 * 1024);
    for bomb in [
        request("GET", "/health", &[("x", "y"); 200], ""),
        request("GET", "/health", &[("x", &long)], ""),
        request("GET", &format!("/hello/{long}"), &[], ""),
        vec![0; 64 * 1024],
    ] {
        // Where more was sent than is read, the connection may be reset before the answer has been read.
        let answer = service.send(&bomb);
        assert!(answer.status == 0 || (400..500).contains(&answer.status), "{answer:?}");
    }
    assert_eq!(service.get("/health").status, 200);
}

#[test]
fn requests_over_the_limit_are_shed_while_the_cluster_is_answered() {
    let store = Proxy::stand_in(Mode::BlackHole);
    let settings = [("MAX_CONCURRENT_REQUESTS", "2"), ("REQUEST_TIMEOUT", "20s")];
    let service = Service::start(&[&settings[..], &dynamodb_settings(&store.endpoint(), "users")].concat());
    let held = [(); 2].map(|()| service.open(&get("/hello/ada")).unwrap());
    until("both are served", || (service.value("http_requests_in_flight") >= 3).then_some(()));
    let answer = service.get("/hello/nobody");
    assert!(answer.is_unavailable(), "{answer:?}");
    assert_eq!(answer.body, r#"{"error":"Too many requests at once"}"#);
    assert_eq!(service.put("ada", "1990-12-10").status, 503);
    for path in ["/health", "/metrics"] {
        assert_eq!(service.get(path).status, 200, "{path}");
    }
    assert_eq!(service.value(r#"http_requests_shed_total{reason="requests"}"#), 2);

    // Clients that leave give their permits back.
    drop(held);
    until("both are gone", || (service.value("http_requests_in_flight") <= 1).then_some(()));
    let next = service.open(&get("/hello/ada")).unwrap();
    until("the next is served", || (service.value("http_requests_in_flight") >= 2).then_some(()));
    drop(next);
}

#[test]
fn bodies_that_never_come_keep_no_other_request_out() {
    let service = service(&[("MAX_CONCURRENT_REQUESTS", "4"), ("MAX_CONNECTIONS", "40"), ("REQUEST_TIMEOUT", "20s")]);
    let _held: Vec<_> = (0..10).map(|_| service.open(HALF_A_PUT).unwrap()).collect();
    until("all have begun", || (service.value("http_requests_in_flight") >= 11).then_some(()));
    for path in ["/hello/nobody", "/health", "/ready", "/openapi.json"] {
        assert!(matches!(service.get(path).status, 200 | 404), "{path}");
    }
    // Only so many may be waited for: a quarter of the connections.
    assert_eq!(service.put("ada", "1990-12-10").status, 503);
    assert_eq!(service.value(r#"http_requests_shed_total{reason="bodies"}"#), 1);
}

#[test]
fn a_client_that_ends_its_stream_after_the_request_is_answered_and_one_that_pipelines_in_order() {
    let service = service(&[]);
    for _ in 0..200 {
        let stream = service.open(&get("/hello/nobody")).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        assert!(rest(stream).0.starts_with("HTTP/1.1 404"));
    }
    // An error does not end the connection.
    let kept = |path: &str| format!("GET {path} HTTP/1.1\r\nhost: test\r\n\r\n").into_bytes();
    let pipelined = [kept("/nowhere"), kept("/hello/a1"), kept("/hello/nobody"), get("/health")].concat();
    let (answers, _) = rest(service.open(&pipelined).unwrap());
    let statuses: Vec<_> = answers.split("HTTP/1.1 ").skip(1).map(|answer| &answer[..3]).collect();
    assert_eq!(statuses, ["404", "400", "404", "200"]);
}

/// The soft limit of open files is raised as far as the hard one lets it; a quarter of that is not for connections.
#[test]
fn connections_are_fewer_where_the_limit_of_open_files_is_low() {
    for (limits, connections) in [("-Sn 256", 1000), ("-n 256", 192)] {
        let directory = tempfile::tempdir().unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", &format!("ulimit {limits} && exec \"$0\""), PROGRAM]).env_clear();
        command.envs([("DATA_DIR", path(&directory)), ("MAX_CONNECTIONS", "1000")]).stderr(Stdio::piped());
        let service = Service::spawn(&mut command);
        assert_eq!(service.value("http_connections_limit"), connections, "ulimit {limits}");
        let told =
            service.log().contains("the limit of 256 open files allows 192 connections, not MAX_CONNECTIONS=1000");
        assert_eq!(told, connections == 192, "{}", service.log());
        // Beyond that, silent clients give way before files run out.
        let _silent: Vec<_> = (0..300).map(|_| service.open(b"").unwrap()).collect();
        assert_eq!(service.get("/hello/nobody").status, 404);
        assert!(!service.log().contains("cannot accept"), "{}", service.log());
    }
}
