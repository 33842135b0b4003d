//! How the service ends.

use crate::support::prelude::*;

/// Sends a request on a connection that is kept, and reads the beginning of its answer, which is short.
fn ask(stream: &mut TcpStream, request: &str) -> io::Result<String> {
    stream.write_all(request.as_bytes())?;
    let mut answer = [0; 4096];
    match stream.read(&mut answer)? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        count => Ok(String::from_utf8_lossy(&answer[..count]).into_owned()),
    }
}

const KEPT_GET: &str = "GET /hello/ada HTTP/1.1\r\nhost: test\r\n\r\n";

/// A client as a load balancer is one: it keeps its connection, and once told to close it sends nothing more here.
/// It counts the requests that were answered 200, and says whether all were.
fn client(service: &Service, answered: &AtomicUsize) -> bool {
    let mut stream = service.open(b"").unwrap();
    while let Ok(answer) = ask(&mut stream, KEPT_GET)
        && answer.starts_with("HTTP/1.1 200")
    {
        answered.fetch_add(1, Ordering::Relaxed);
        if answer.contains("connection: close") {
            return true;
        }
    }
    false
}

#[test]
fn a_drain_under_load_fails_no_request_and_exits_0() {
    let mut service = Service::embedded(&[("DRAIN_DELAY", "1s"), ("DRAIN_TIMEOUT", "5s")]);
    assert_eq!(service.put("ada", "1990-12-10").status, 204);
    let answered = AtomicUsize::new(0);
    thread::scope(|scope| {
        let clients: Vec<_> = (0..32).map(|_| scope.spawn(|| client(&service, &answered))).collect();
        thread::sleep(Duration::from_millis(500));
        let before = answered.load(Ordering::Relaxed);
        service.signal("TERM");
        assert!(clients.into_iter().all(|client| client.join().unwrap()), "a request failed");
        let after = answered.load(Ordering::Relaxed);
        assert!(before > 0 && after > before, "the load went on during the drain: {before} then {after}");
    });
    assert!(service.wait().success());
}

#[test]
fn from_the_signal_on_it_is_not_ready_but_serves_for_the_drain_delay() {
    let mut service = Service::embedded(&[("DRAIN_DELAY", "2s")]);
    service.wait_until_ready();
    let signalled = Instant::now();
    service.signal("TERM");
    while service.get("/ready").status == 200 {
        assert!(signalled.elapsed() < Duration::from_secs(1), "still ready after {:?}", signalled.elapsed());
    }
    assert_eq!(service.get("/health").status, 200);
    assert_eq!(service.put("ada", "1990-12-10").status, 204);
    assert!(service.wait().success());
    assert!(signalled.elapsed() >= Duration::from_secs(2), "{:?}", signalled.elapsed());
}

#[test]
fn every_request_in_flight_is_finished() {
    let mut service = Service::embedded(&[("REQUEST_TIMEOUT", "60s")]);
    let begun: Vec<_> = (0..20).map(|_| service.open(HALF_A_PUT).unwrap()).collect();
    // The request for the metrics is in flight as well.
    until("all are in flight", || (service.value("http_requests_in_flight") == 21).then_some(()));
    service.signal("TERM");
    until("no connection is taken any more", || service.open(b"").err());
    for mut stream in begun {
        stream.write_all(born("1990-12-10").as_bytes()).unwrap();
        let answer = Answer::parse(&read_to_end(stream));
        assert_eq!(answer.status, 204, "{answer:?}");
    }
    assert!(service.wait().success());
}

#[test]
fn a_request_that_does_not_end_is_given_up_after_the_drain_timeout() {
    let mut service = Service::embedded(&[("DRAIN_TIMEOUT", "1s"), ("REQUEST_TIMEOUT", "60s")]);
    let _stream = service.open(HALF_A_PUT).unwrap();
    thread::sleep(Duration::from_millis(200));
    let signalled = Instant::now();
    let log = service.stop();
    let waited = signalled.elapsed();
    assert!((Duration::from_millis(900)..Duration::from_secs(3)).contains(&waited), "{waited:?}");
    assert!(log.contains("still in flight"), "{log}");
}

#[test]
fn connections_without_a_request_in_flight_are_closed_at_once() {
    let mut service = Service::embedded(&[]);
    let mut idle = service.open(b"").unwrap();
    assert!(ask(&mut idle, KEPT_GET).unwrap().starts_with("HTTP/1.1 404"));
    let _new = service.open(b"").unwrap();
    let _half_a_request = service.open(b"GET /hel").unwrap();
    let refused = b"PUT /hello/ada HTTP/1.1\r\nhost: test\r\ncontent-length: 99999\r\n\r\n{";
    let mut still_being_sent = service.open(refused).unwrap();
    still_being_sent.read_exact(&mut [0; 64]).unwrap();
    let signalled = Instant::now();
    let log = service.stop();
    assert!(signalled.elapsed() < Duration::from_secs(2), "{:?}", signalled.elapsed());
    assert!(!log.contains("in flight"), "{log}");
}

#[test]
fn a_second_signal_ends_it_at_once() {
    for (first, second) in [("TERM", "TERM"), ("INT", "INT"), ("TERM", "INT")] {
        let mut service = Service::embedded(&[("DRAIN_DELAY", "60s")]);
        service.signal(first);
        until("it drains", || service.log().contains("draining").then_some(()));
        let signalled = Instant::now();
        service.signal(second);
        assert_eq!(service.wait().code(), Some(1));
        assert!(signalled.elapsed() < Duration::from_secs(2), "{:?}", signalled.elapsed());
    }
}
