//! What a client may not do to the service, nor to other clients.

use crate::support::{HangingStore, Service, TIMEOUT, born, get, parse_answer, put, raw, request, run, value};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

/// A service on a new directory, with short timeouts.
fn service(settings: &[(&str, &str)]) -> (Service, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let mut all =
        vec![("DATA_DIR", directory.path().to_str().unwrap()), ("REQUEST_TIMEOUT", "700ms"), ("IDLE_TIMEOUT", "700ms")];
    all.retain(|(variable, _)| settings.iter().all(|(set, _)| set != variable));
    all.extend(settings);
    (Service::start(&all), directory)
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
fn a_client_that_stalls_in_the_headers_is_cut_off() {
    let (service, _directory) = service(&[]);
    for beginning in [&b""[..], b"GET /hello/ada HT", b"GET /hello/ada HTTP/1.1\r\nhost: te"] {
        let (answer, waited) = rest(stall(&service, beginning));
        assert!((Duration::from_millis(500)..Duration::from_secs(10)).contains(&waited), "{waited:?}");
        assert!(!answer.contains(" 200 "), "{answer}");
    }
}

#[test]
fn a_client_that_drips_its_headers_is_cut_off() {
    let (service, _directory) = service(&[]);
    let mut stream = stall(&service, b"GET /hello/ada HTTP/1.1\r\n");
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(10) && stream.write_all(b"x: y\r\n").is_ok() {
        thread::sleep(Duration::from_millis(100));
    }
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}

#[test]
fn a_client_that_stalls_in_the_body_is_answered_408_and_cut_off() {
    let (service, _directory) = service(&[]);
    let (answer, waited) = rest(stall(&service, HALF_A_PUT));
    let answer = parse_answer(&answer);
    assert_eq!((answer.status, answer.body.as_str()), (408, r#"{"error":"Request timed out"}"#));
    assert!(waited < Duration::from_secs(5), "{waited:?}");
}

#[test]
fn a_client_that_drips_its_body_is_answered_408() {
    let (service, _directory) = service(&[]);
    let mut stream = stall(&service, HALF_A_PUT);
    let mut dripping = stream.try_clone().unwrap();
    let drip = thread::spawn(move || {
        for _ in 0..50 {
            if dripping.write_all(b" ").is_err() {
                break;
            }
            thread::sleep(Duration::from_millis(100));
        }
    });
    let mut text = [0; 12];
    stream.read_exact(&mut text).unwrap();
    assert_eq!(&text, b"HTTP/1.1 408");
    drop(stream);
    drip.join().unwrap();
}

#[test]
fn an_idle_connection_is_closed_after_the_idle_timeout() {
    let (service, _directory) = service(&[]);
    let stream = stall(&service, b"GET /health HTTP/1.1\r\nhost: test\r\n\r\n");
    let (answer, waited) = rest(stream);
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!((Duration::from_millis(500)..Duration::from_secs(5)).contains(&waited), "{waited:?}");
}

#[test]
fn by_default_it_takes_both_families_and_its_health_is_asked_there() {
    let (service, _directory) = Service::in_new_directory(&[("BIND_ADDRESS", "")]);
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
    let (service, _directory) = service(&[]);
    // Stopped, it accepts nothing.
    service.signal("STOP");
    let connect = |_| TcpStream::connect_timeout(&service.address, Duration::from_millis(500));
    let connected: Vec<_> = (0..500).map(connect).collect::<Result<_, _>>().expect("the backlog has room");
    service.signal("CONT");
    assert_eq!(raw(service.address, &get("/health")).status, 200);
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
    let (service, _directory) = service(&[("IDLE_TIMEOUT", "60s")]);
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
    let (service, _directory) =
        service(&[("MAX_CONNECTIONS", "40"), ("REQUEST_TIMEOUT", "20s"), ("IDLE_TIMEOUT", "60s")]);
    let kept = b"GET /health HTTP/1.1\r\nhost: test\r\n\r\n";
    let mut balancer = stall(&service, kept);
    let mut busy = stall(&service, HALF_A_PUT);
    let mut answer = [0; 1024];
    assert!(balancer.read(&mut answer).unwrap() > 0);
    let mut silent = Vec::new();
    for _ in 0..100 {
        silent.extend((0..10).map(|_| stall(&service, b"GET /hel")));
        for path in ["/health", "/ready", "/hello/nobody"] {
            assert!(matches!(raw(service.address, &get(path)).status, 200 | 404), "{path}");
        }
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
fn clients_that_stall_harm_nobody() {
    let (service, _directory) = service(&[("REQUEST_TIMEOUT", "5s"), ("IDLE_TIMEOUT", "5s")]);
    let stalled: Vec<_> =
        (0..300).map(|number| stall(&service, if number % 2 == 0 { b"GET /hel" } else { HALF_A_PUT })).collect();
    for path in ["/health", "/ready", "/metrics", "/hello/nobody"] {
        let started = Instant::now();
        let answer = raw(service.address, &get(path));
        assert!(matches!(answer.status, 200 | 404), "{answer:?}");
        assert!(started.elapsed() < Duration::from_secs(1), "{path} took {:?}", started.elapsed());
    }
    drop(stalled);
}

#[test]
fn a_body_over_16_kib_is_refused_before_it_is_sent() {
    let (service, _directory) = service(&[]);
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
    let (service, _directory) = service(&[("REQUEST_TIMEOUT", "5s")]);
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
fn deep_json_is_refused_and_breaks_nothing() {
    let (service, _directory) = service(&[]);
    for opening in ["[", "{\"a\":"] {
        let answer = raw(service.address, &put("ada", &opening.repeat(16_384 / opening.len())));
        assert_eq!((answer.status, answer.body.as_str()), (400, r#"{"error":"Invalid JSON"}"#));
    }
    let closed = "[".repeat(8_000) + &"]".repeat(8_000);
    assert_eq!(raw(service.address, &put("ada", &closed)).status, 400);
    assert_eq!(raw(service.address, &put("ada", &born("1990-12-10"))).status, 204);
}

#[test]
fn header_bombs_are_refused_and_break_nothing() {
    let (service, _directory) = service(&[]);
    let many: Vec<_> = (0..200).map(|number| (format!("x-{number}"), "y".to_owned())).collect();
    let many: Vec<_> = many.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let long = "y".repeat(1024 * 1024);
    for bomb in [
        request("GET", "/health", &many, ""),
        request("GET", "/health", &[("x", &long)], ""),
        request("GET", &format!("/hello/{long}"), &[], ""),
        request("GET", "/health", &[("x y", "a space in the name")], ""),
        b"NONSENSE\r\n\r\n".to_vec(),
        vec![0; 64 * 1024],
    ] {
        // Where more was sent than is read, the connection may be reset before the answer has been read.
        let answer = raw(service.address, &bomb);
        assert!(answer.status == 0 || (400..500).contains(&answer.status), "{answer:?}");
    }
    assert_eq!(raw(service.address, &get("/health")).status, 200);
}

#[test]
fn requests_over_the_limit_are_shed_while_the_cluster_is_answered() {
    let store = HangingStore::new();
    let settings = [("MAX_CONCURRENT_REQUESTS", "2"), ("REQUEST_TIMEOUT", "20s")];
    let service = Service::start(&[&settings[..], &store.settings()].concat());
    let held = [stall(&service, &get("/hello/ada")), stall(&service, &get("/hello/ada"))];
    // The two are being served once they have been read.
    while value(&service, "http_requests_in_flight") < 3 {}
    let answer = raw(service.address, &get("/hello/nobody"));
    assert_eq!((answer.status, answer.body.as_str()), (503, r#"{"error":"Too many requests at once"}"#));
    assert!(answer.head.contains("retry-after: 1"), "{}", answer.head);
    assert_eq!(raw(service.address, &put("ada", &born("1990-12-10"))).status, 503);
    for path in ["/health", "/metrics"] {
        assert_eq!(raw(service.address, &get(path)).status, 200, "{path}");
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
    let (service, _directory) =
        service(&[("MAX_CONCURRENT_REQUESTS", "4"), ("MAX_CONNECTIONS", "40"), ("REQUEST_TIMEOUT", "20s")]);
    let _held: Vec<_> = (0..10).map(|_| stall(&service, HALF_A_PUT)).collect();
    while value(&service, "http_requests_in_flight") < 11 {}
    for _ in 0..20 {
        assert_eq!(raw(service.address, &get("/hello/nobody")).status, 404);
    }
    // Only so many may be waited for: a quarter of the connections.
    assert_eq!(raw(service.address, &put("ada", &born("1990-12-10"))).status, 503);
    assert_eq!(value(&service, r#"http_requests_shed_total{reason="bodies"}"#), 1);
}

#[test]
fn a_client_that_ends_its_stream_after_the_request_is_answered() {
    let (service, _directory) = service(&[]);
    for _ in 0..200 {
        let stream = stall(&service, &get("/hello/nobody"));
        stream.shutdown(Shutdown::Write).unwrap();
        assert!(rest(stream).0.starts_with("HTTP/1.1 404"));
    }
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let (service, _directory) = service(&[]);
    let mut pipelined = b"GET /health HTTP/1.1\r\nhost: test\r\n\r\n".to_vec();
    pipelined.extend(get("/nowhere"));
    let (answers, _) = rest(stall(&service, &pipelined));
    let statuses: Vec<_> = answers.split("HTTP/1.1 ").skip(1).map(|answer| &answer[..3]).collect();
    assert_eq!(statuses, ["200", "404"]);
}
