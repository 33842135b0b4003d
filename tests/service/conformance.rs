//! HTTP/1.1 as RFC 9112 has it: what must be refused, and what must be taken.
//!
//! The cases are those of `h1spec` (strict) and `Http11Probe` that apply to a server that is no proxy, in our words.

use crate::support::prelude::*;

/// A request, and the status. `^` stands for a valid Host line, `P` for a PUT's first lines, `~` for those of a chunked
/// one, and `B` for the JSON of 28 bytes that it takes.
#[rustfmt::skip]
const REQUESTS: [(&str, u16); 59] = [
    ("GET /health HTTP/1.1\r\n^", 200),
    ("\r\n\r\nGET /health HTTP/1.1\r\n^", 200),
    ("GET http://other.example/health HTTP/1.1\r\n^", 200),
    ("GET /health HTTP/1.0\r\n", 200),
    ("GET /health HTTP/1.0\r\n^", 200),
    ("GET /health HTTP/1.1\r\n^Expect: nothing\r\n", 200),
    ("GET /health HTTP/1.1\r\n^Connection: Upgrade\r\nUpgrade: websocket\r\n", 200),
    ("CONNECT example.com:443 HTTP/1.1\r\n^", 404),
    // Host; src/http/host.rs has what is one
    ("GET /health HTTP/1.1\r\n", 400),
    ("GET /health HTTP/1.1\r\n^^", 400),
    ("GET /health HTTP/1.1\r\n^Host: other.example\r\n", 400),
    ("GET /health HTTP/1.0\r\n^^", 400),
    ("GET /health HTTP/1.1\r\nHost: \r\n", 400),
    ("GET /health HTTP/1.1\r\nHost: bad host\r\n", 400),
    // The request line
    ("GET  /health HTTP/1.1\r\n^", 400),
    ("GET\t/health HTTP/1.1\r\n^", 400),
    ("GET HTTP/1.1\r\n^", 400),
    ("GET /he alth HTTP/1.1\r\n^", 400),
    ("GET /\0 HTTP/1.1\r\n^", 400),
    ("GET /health\r\n^", 400),
    ("GET /health HTTP/1\r\n^", 400),
    ("GET /health HTTP/ 1.1\r\n^", 400),
    ("GET /health HTTP/01.01\r\n^", 400),
    ("GET /health HTTP/9.9\r\n^", 400),
    ("GET /health http/1.1\r\n^", 400),
    ("GET /health HTTP/1.1\r^", 400),
    // Headers
    ("GET /health HTTP/1.1\r\n^X-Test: value\r\n folded\r\n", 400),
    ("GET /health HTTP/1.1\r\n ^", 400),
    ("GET /health HTTP/1.1\r\n^X-Test : value\r\n", 400),
    ("GET /health HTTP/1.1\r\n^: value\r\n", 400),
    ("GET /health HTTP/1.1\r\n^Bad[Name: value\r\n", 400),
    ("GET /health HTTP/1.1\r\n^NoColon\r\n", 400),
    ("GET /health HTTP/1.1\r\n^X-Test: a\0b\r\n", 400),
    ("GET /health HTTP/1.1\r\n^X-Test: a\x07b\r\n", 400),
    ("GET /health HTTP/1.1\r\n^X-Test: a\rb\r\n", 400),
    // The length of a body
    ("PContent-Length: abc\r\n", 400),
    ("PContent-Length: +28\r\n", 400),
    ("PContent-Length: -1\r\n", 400),
    ("PContent-Length: 0x1c\r\n", 400),
    ("PContent-Length: 28, 29\r\n", 400),
    ("PContent-Length: 28\r\nContent-Length: 29\r\n", 400),
    ("PContent-Length: 99999999999999999999\r\n", 400),
    ("PTransfer-Encoding: gzip\r\n", 400),
    ("PTransfer-Encoding: chunked, gzip\r\n", 400),
    ("PTransfer-Encoding: xchunked\r\nContent-Length: 28\r\n", 400),
    ("PTransfer-Encoding : chunked\r\n", 400),
    ("PTransfer-Encoding: \x0bchunked\r\nContent-Length: 28\r\n", 400),
    // Chunked bodies
    ("~1c\r\nB\r\n0\r\n\r\n", 204),
    ("~1C\r\nB\r\n0\r\n\r\n", 204),
    ("~1c;name=value\r\nB\r\n0\r\n\r\n", 204),
    ("~1\r\n \r\n1c\r\nB\r\n0\r\n\r\n", 204),
    ("~1c\r\nB\r\n0\r\nX-Trailer: value\r\n\r\n", 204),
    ("~0\r\n\r\n", 400),
    ("~0x1c\r\nB\r\n0\r\n\r\n", 400),
    ("~-1c\r\nB\r\n0\r\n\r\n", 400),
    ("~ 1c\r\nB\r\n0\r\n\r\n", 400),
    ("~1c\r\nB0\r\n\r\n", 400),
    ("~1b\r\nB\r\n0\r\n\r\n", 400),
    ("~fffffffffffffffff0\r\nB\r\n0\r\n\r\n", 400),
];

const PUT: &str = "PUT /hello/ada HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";

#[test]
fn what_is_no_http_is_refused_and_what_is_http_is_taken() {
    let service = Service::embedded(&[("IDLE_TIMEOUT", "300ms"), ("REQUEST_TIMEOUT", "1s")]);
    let body = born("1990-12-10");
    for (written, status) in REQUESTS {
        let request = match written.split_at(1) {
            ("P", headers) => format!("{PUT}{headers}\r\n{body}"),
            ("~", chunks) => format!("{PUT}Transfer-Encoding: chunked\r\n\r\n{}", chunks.replace('B', &body)),
            _ => written.replace('^', "Host: localhost\r\n") + "\r\n",
        };
        let answer = service.send(request.as_bytes());
        assert_eq!(answer.status, status, "{request:?} {answer:?}");
    }
    // Two ways to tell the length: the second request, hidden in the first, must not be answered.
    let smuggled =
        format!("{PUT}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /health HTTP/1.1\r\n\r\n");
    let answer = service.send(smuggled.as_bytes());
    assert!(answer.head.contains("connection: close") || !answer.body.contains("HTTP/1.1"), "{answer:?}");
    let expect = format!("{PUT}Expect: 100-continue\r\nContent-Length: 28\r\n\r\n{body}");
    let answer = service.send(expect.as_bytes());
    assert_eq!((answer.status, Answer::parse(&answer.body).status), (100, 204), "{answer:?}");
}
