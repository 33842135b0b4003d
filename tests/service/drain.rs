//! How the service ends.

use crate::support::{Service, born, get, parse_answer, put, raw};
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Sends a request on a connection that is kept, and reads one answer.
fn ask(stream: &mut TcpStream, request: &str) -> io::Result<String> {
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&answer).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .to_ascii_lowercase()
                .split_once("content-length: ")
                .map_or(0, |(_, rest)| rest.lines().next().and_then(|length| length.trim().parse().ok()).unwrap_or(0));
            if body.len() >= length {
                return Ok(text);
            }
        }
        match stream.read(&mut buffer)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            count => answer.extend_from_slice(&buffer[..count]),
        }
    }
}

const KEPT_GET: &str = "GET /hello/ada HTTP/1.1\r\nhost: test\r\n\r\n";

/// A client as a load balancer is one: it keeps its connection, and once told to close it sends nothing more here.
/// It counts the requests that were answered 200 and those that were not.
fn client(address: SocketAddr, answered: &AtomicU32, failed: &AtomicU32) {
    let mut stream = TcpStream::connect(address).unwrap();
    loop {
        match ask(&mut stream, KEPT_GET) {
            Ok(answer) if answer.starts_with("HTTP/1.1 200") => {
                answered.fetch_add(1, Ordering::Relaxed);
                if answer.to_ascii_lowercase().contains("connection: close") {
                    return;
                }
            }
            _ => {
                failed.fetch_add(1, Ordering::Relaxed);
                return;
            }
        }
    }
}

#[test]
fn a_drain_under_load_fails_no_request_and_exits_0() {
    let (mut service, _directory) = Service::in_new_directory(&[("DRAIN_DELAY", "1s"), ("DRAIN_TIMEOUT", "5s")]);
    assert_eq!(raw(service.address, &put("ada", &born("1990-12-10"))).status, 204);
    let counts = Arc::new((AtomicU32::new(0), AtomicU32::new(0)));
    let clients: Vec<_> = (0..32)
        .map(|_| {
            let (address, counts) = (service.address, Arc::clone(&counts));
            thread::spawn(move || client(address, &counts.0, &counts.1))
        })
        .collect();
    thread::sleep(Duration::from_millis(500));
    let before = counts.0.load(Ordering::Relaxed);
    service.signal("TERM");
    let status = service.wait();
    for client in clients {
        client.join().unwrap();
    }
    let (answered, failed) = (counts.0.load(Ordering::Relaxed), counts.1.load(Ordering::Relaxed));
    assert!(status.success(), "{status}");
    assert!(before > 0 && answered > before, "the load went on during the drain: {before} then {answered}");
    assert_eq!(failed, 0, "of {answered} answered");
}

#[test]
fn from_the_signal_on_it_is_not_ready_but_serves_for_the_drain_delay() {
    let (mut service, _directory) = Service::in_new_directory(&[("DRAIN_DELAY", "2s")]);
    // It listens before it has asked the store.
    while raw(service.address, &get("/ready")).status != 200 {
        thread::sleep(Duration::from_millis(5));
    }
    let signalled = Instant::now();
    service.signal("TERM");
    while raw(service.address, &get("/ready")).status == 200 {
        assert!(signalled.elapsed() < Duration::from_secs(1), "still ready after {:?}", signalled.elapsed());
    }
    assert_eq!(raw(service.address, &get("/health")).status, 200);
    assert_eq!(raw(service.address, &put("ada", &born("1990-12-10"))).status, 204);
    assert!(service.wait().success());
    assert!(signalled.elapsed() >= Duration::from_secs(2), "{:?}", signalled.elapsed());
}

#[test]
fn every_request_in_flight_is_finished() {
    let (mut service, _directory) = Service::in_new_directory(&[]);
    let body = born("1990-12-10");
    let head = format!(
        "PUT /hello/ada HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let mut begun: Vec<_> = (0..20).map(|_| TcpStream::connect(service.address).unwrap()).collect();
    for stream in &mut begun {
        stream.write_all(head.as_bytes()).unwrap();
    }
    // The request for the metrics is in flight as well.
    while !raw(service.address, &get("/metrics")).body.contains("http_requests_in_flight 21") {
        thread::sleep(Duration::from_millis(10));
    }
    service.signal("TERM");
    while TcpStream::connect(service.address).is_ok() {
        thread::sleep(Duration::from_millis(10));
    }
    for mut stream in begun {
        stream.write_all(body.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert_eq!(parse_answer(&answer).status, 204, "{answer}");
    }
    assert!(service.wait().success());
}

#[test]
fn a_request_that_does_not_end_is_given_up_after_the_drain_timeout() {
    let (mut service, _directory) = Service::in_new_directory(&[("DRAIN_TIMEOUT", "1s"), ("REQUEST_TIMEOUT", "60s")]);
    let mut stream = TcpStream::connect(service.address).unwrap();
    stream
        .write_all(
            b"PUT /hello/ada HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n",
        )
        .unwrap();
    thread::sleep(Duration::from_millis(200));
    let signalled = Instant::now();
    service.signal("TERM");
    assert!(service.wait().success());
    assert!(
        (Duration::from_millis(900)..Duration::from_secs(3)).contains(&signalled.elapsed()),
        "{:?}",
        signalled.elapsed()
    );
    assert!(service.log().contains("still in flight"), "{}", service.log());
}

#[test]
fn connections_without_a_request_in_flight_are_closed_at_once() {
    let (mut service, _directory) = Service::in_new_directory(&[]);
    let mut open: Vec<_> = (0..4).map(|_| TcpStream::connect(service.address).unwrap()).collect();
    assert!(ask(&mut open[0], KEPT_GET).unwrap().starts_with("HTTP/1.1 404"));
    // Half a request, and a body that is refused and still being sent.
    open[1].write_all(b"GET /hel").unwrap();
    open[2].write_all(b"PUT /hello/ada HTTP/1.1\r\nhost: test\r\ncontent-length: 99999\r\n\r\n{").unwrap();
    open[2].read_exact(&mut [0; 64]).unwrap();
    let signalled = Instant::now();
    service.signal("TERM");
    assert!(service.wait().success());
    assert!(signalled.elapsed() < Duration::from_secs(2), "{:?}", signalled.elapsed());
    assert!(!service.log().contains("in flight"), "{}", service.log());
}

#[test]
fn a_second_signal_ends_it_at_once() {
    for (first, second) in [("TERM", "TERM"), ("INT", "INT"), ("TERM", "INT")] {
        let (mut service, _directory) = Service::in_new_directory(&[("DRAIN_DELAY", "60s")]);
        service.signal(first);
        while !service.log().contains("draining") {
            thread::sleep(Duration::from_millis(5));
        }
        let signalled = Instant::now();
        service.signal(second);
        assert_eq!(service.wait().code(), Some(1));
        assert!(signalled.elapsed() < Duration::from_secs(2), "{:?}", signalled.elapsed());
    }
}
