//! What a client may not do to the service, nor to other clients.

use crate::support::{HangingStore, PROGRAM, Service, TIMEOUT, get, path, raw, request, run, value};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// A service with short timeouts, unless `settings` has others.
fn service(settings: &[(&str, &str)]) -> Service {
    Service::embedded(&[&[("REQUEST_TIMEOUT", "700ms"), ("IDLE_TIMEOUT", "700ms")], settings].concat())
}

/// Opens a connection and sends `beginning`, which is not a whole request.
fn stall(service: &Service, beginning: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(service.address).unwrap();
    stream.set_read_timeout(Some(TIMEOUT)).unwrap();
    stream.write_all(beginning).unwrap();
    stream
}

/// Reads to the end of the connection, and tells how long that took.
fn rest(mut stream: TcpStream) -> (String, Duration) {
    let started = Instant::now();
    let mut text = Vec::new();
    // A connection may be reset as well as closed: either way it has ended.
    let _ = stream.read_to_end(&mut text);
    (String::from_utf8_lossy(&text).into_owned(), started.elapsed())
}

/// A PUT whose body never comes.
const HALF_A_PUT: &[u8] =
    b"PUT /hello/ada HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{";

#[test]
fn a_client_that_stalls_or_is_idle_is_cut_off() {
    let service = service(&[]);
    let answered = "HTTP/1.1 200 OK";
    for (beginning, answer) in [
        (&b""[..], ""),
        (b"GET /hello/ada HT", ""),
        (b"GET /hello/ada HTTP/1.1\r\nhost: te", ""),
        (b"GET /health HTTP/1.1\r\nhost: test\r\n\r\n", answered),
        (HALF_A_PUT, "HTTP/1.1 408 Request Timeout"),
    ] {
        let (text, waited) = rest(stall(&service, beginning));
        assert!((Duration::from_millis(500)..Duration::from_secs(5)).contains(&waited), "{waited:?}");
        assert!(text.starts_with(answer) && text.contains(answered) == (answer == answered), "{text}");
        assert_eq!(text.ends_with(r#"{"error":"Request timed out"}"#), beginning == HALF_A_PUT, "{text}");
    }
}

#[test]
fn a_client_that_drips_is_cut_off() {
    let service = service(&[]);
    for (beginning, drop) in [(&b"GET /hello/ada HTTP/1.1\r\n"[..], &b"x: y\r\n"[..]), (HALF_A_PUT, b" ")] {
        let stream = stall(&service, beginning);
        let mut dripping = stream.try_clone().unwrap();
        let drip = thread::spawn(move || {
            while dripping.write_all(drop).is_ok() {
                thread::sleep(Duration::from_millis(100));
            }
        });
        let (text, waited) = rest(stream);
        assert!(waited < Duration::from_secs(5), "{waited:?}");
        assert_eq!(text.starts_with("HTTP/1.1 408"), beginning == HALF_A_PUT, "{text}");
        drip.join().unwrap();
    }
}

#[test]
fn by_default_it_takes_both_families_and_its_health_is_asked_there() {
    let service = Service::embedded(&[("BIND_ADDRESS", "")]);
    let port = service.address.port();
    let v6 = service.address.is_ipv6().then_some(Ipv6Addr::LOCALHOST.into());
    assert_eq!(v6.is_some(), TcpListener::bind("[::]:0").is_ok(), "{}", service.address);
    for host in [Some(Ipv4Addr::LOCALHOST.into()), v6].into_iter().flatten() {
        assert_eq!(raw(SocketAddr::new(host, port), &get("/health")).status, 200, "{host}");
    }
    let port = port.to_string();
    assert_eq!(run(&["healthcheck"], &[("PORT", &port)]), (0, String::new(), String::new()));
}

#[test]
fn a_burst_of_connections_waits_to_be_accepted() {
    let service = service(&[]);
    // Stopped, it accepts nothing.
    service.signal("STOP");
    let connect = |_| TcpStream::connect_timeout(&service.address, Duration::from_millis(500));
    let connected: Vec<_> = (0..500).map(connect).collect::<Result<_, _>>().expect("the backlog has room");
    service.signal("CONT");
    assert_eq!(service.get("/health").status, 200);
    drop(connected);
}

/// The resident memory of a service in bytes.
#[cfg(target_os = "linux")]
fn resident(service: &Service) -> usize {
    let text = std::fs::read_to_string(format!("/proc/{}/statm", service.id())).unwrap();
    text.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

#[cfg(target_os = "linux")]
#[test]
fn a_silent_connection_costs_less_than_8_kilobytes() {
    let service = service(&[("IDLE_TIMEOUT", "60s")]);
    let open = |count: u64| {
        let silent: Vec<_> = (0..count).map(|_| stall(&service, b"")).collect();
        while value(&service, "http_connections") <= count {}
        silent
    };
    // What the runtime allocates once does not count.
    drop(open(200));
    let before = resident(&service);
    let _silent = open(4000);
    let each = resident(&service).saturating_sub(before) / 4000;
    assert!(each < 8_000, "{each} bytes");
}

#[test]
fn at_the_bound_silent_clients_give_way_and_the_load_balancers_connection_stays() {
    let service = service(&[("MAX_CONNECTIONS", "40"), ("REQUEST_TIMEOUT", "20s"), ("IDLE_TIMEOUT", "60s")]);
    let kept = b"GET /health HTTP/1.1\r\nhost: test\r\n\r\n";
    let mut balancer = stall(&service, kept);
    let mut busy = stall(&service, HALF_A_PUT);
    let mut answer = [0; 1024];
    assert!(balancer.read(&mut answer).unwrap() > 0);
    let mut silent = Vec::new();
    for _ in 0..100 {
        silent.extend((0..10).map(|_| stall(&service, b"GET /hel")));
        let started = Instant::now();
        for path in ["/health", "/ready", "/metrics", "/hello/nobody"] {
            assert!(matches!(service.get(path).status, 200 | 404), "{path}");
        }
        assert!(started.elapsed() < Duration::from_secs(2), "they took {:?}", started.elapsed());
        assert!(value(&service, "http_connections") <= 40);
    }
    balancer.write_all(kept).unwrap();
    assert!(balancer.read(&mut answer).unwrap() > 0, "the load balancer's connection was closed");
    busy.write_all(&[b' '; 99]).unwrap();
    assert!(busy.read(&mut answer).unwrap() > 0, "a busy connection was closed");
    assert!(value(&service, r#"http_connections_evicted_total{state="new"}"#) > 900);
    assert_eq!(value(&service, "http_connections_limit"), 40);

    // Clients that all have had an answer give way to the next.
    let mut idle: Vec<_> = (0..60).map(|_| stall(&service, kept)).collect();
    assert!(idle.iter_mut().all(|stream| stream.read(&mut answer).is_ok_and(|count| count > 0)));
    assert!(value(&service, r#"http_connections_evicted_total{state="idle"}"#) >= 20);
}

#[test]
fn a_body_over_16_kib_is_refused_before_it_is_sent() {
    let service = service(&[]);
    let announced =
        b"PUT /hello/ada HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\ncontent-length: 16385\r\n\r\n";
    let started = Instant::now();
    let mut answer = [0; 12];
    stall(&service, announced).read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 413");
    assert!(started.elapsed() < Duration::from_millis(500), "{:?}", started.elapsed());
}

#[test]
fn a_refusal_reaches_a_client_that_sends_all_of_its_body_first() {
    let service = service(&[("REQUEST_TIMEOUT", "5s")]);
    let body = "x".repeat(1024 * 1024);
    for (path, content_type, status) in
        [("/hello/ada", "application/json", 413), ("/hello/ada", "text/plain", 415), ("/hello/4", "text/plain", 400)]
    {
        for _ in 0..20 {
            let length = body.len();
            let head = format!(
                "PUT {path} HTTP/1.1\r\nhost: test\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\n\r\n"
            );
            let mut stream = stall(&service, head.as_bytes());
            stream.write_all(body.as_bytes()).expect("all of it is taken");
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
    let many: Vec<_> = (0..200).map(|number| (format!("x-{number}"), "y".to_owned())).collect();
    let many: Vec<_> = many.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let long = "y".repeat(1024 * 1024);
    for bomb in [
        request("GET", "/health", &many, ""),
        request("GET", "/health", &[("x", &long)], ""),
        request("GET", &format!("/hello/{long}"), &[], ""),
        vec![0; 64 * 1024],
    ] {
        // Where more was sent than is read, the connection may be reset before the answer has been read.
        let answer = raw(service.address, &bomb);
        assert!(answer.status == 0 || (400..500).contains(&answer.status), "{answer:?}");
    }
    assert_eq!(service.get("/health").status, 200);
}

#[test]
fn requests_over_the_limit_are_shed_while_the_cluster_is_answered() {
    let store = HangingStore::new();
    let settings = [("MAX_CONCURRENT_REQUESTS", "2"), ("REQUEST_TIMEOUT", "20s")];
    let service = Service::start(&[&settings[..], &store.settings()].concat());
    let held = [stall(&service, &get("/hello/ada")), stall(&service, &get("/hello/ada"))];
    // The two are being served once they have been read.
    while value(&service, "http_requests_in_flight") < 3 {}
    let answer = service.get("/hello/nobody");
    assert_eq!((answer.status, answer.body.as_str()), (503, r#"{"error":"Too many requests at once"}"#));
    assert!(answer.head.contains("retry-after: 1"), "{}", answer.head);
    assert_eq!(service.put("ada", "1990-12-10").status, 503);
    for path in ["/health", "/metrics"] {
        assert_eq!(service.get(path).status, 200, "{path}");
    }
    assert_eq!(value(&service, r#"http_requests_shed_total{reason="requests"}"#), 2);

    // Clients that leave give their permits back.
    drop(held);
    while value(&service, "http_requests_in_flight") > 1 {}
    let next = stall(&service, &get("/hello/ada"));
    while value(&service, "http_requests_in_flight") < 2 {}
    drop(next);
}

#[test]
fn bodies_that_never_come_keep_no_other_request_out() {
    let service = service(&[("MAX_CONCURRENT_REQUESTS", "4"), ("MAX_CONNECTIONS", "40"), ("REQUEST_TIMEOUT", "20s")]);
    let _held: Vec<_> = (0..10).map(|_| stall(&service, HALF_A_PUT)).collect();
    while value(&service, "http_requests_in_flight") < 11 {}
    for path in ["/hello/nobody", "/health", "/ready", "/openapi.json"] {
        assert!(matches!(service.get(path).status, 200 | 404), "{path}");
    }
    // Only so many may be waited for: a quarter of the connections.
    assert_eq!(service.put("ada", "1990-12-10").status, 503);
    assert_eq!(value(&service, r#"http_requests_shed_total{reason="bodies"}"#), 1);
}

#[test]
fn a_client_that_ends_its_stream_after_the_request_is_answered_and_one_that_pipelines_in_order() {
    let service = service(&[]);
    for _ in 0..200 {
        let stream = stall(&service, &get("/hello/nobody"));
        stream.shutdown(Shutdown::Write).unwrap();
        assert!(rest(stream).0.starts_with("HTTP/1.1 404"));
    }
    let pipelined = [b"GET /health HTTP/1.1\r\nhost: test\r\n\r\n", &get("/nowhere")[..]].concat();
    let (answers, _) = rest(stall(&service, &pipelined));
    let statuses: Vec<_> = answers.split("HTTP/1.1 ").skip(1).map(|answer| &answer[..3]).collect();
    assert_eq!(statuses, ["200", "404"]);
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
        assert_eq!(value(&service, "http_connections_limit"), connections, "ulimit {limits}");
        let told =
            service.log().contains("the limit of 256 open files allows 192 connections, not MAX_CONNECTIONS=1000");
        assert_eq!(told, connections == 192, "{}", service.log());
        // Beyond that, silent clients give way before files run out.
        let _silent: Vec<_> = (0..300).map(|_| stall(&service, b"")).collect();
        assert_eq!(service.get("/hello/nobody").status, 404);
        assert!(!service.log().contains("cannot accept"), "{}", service.log());
    }
}
