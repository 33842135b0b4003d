//! A client that sends requests byte by byte.

use super::prelude::*;

/// What a server answered; the status is 0 if it did not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// In lower case.
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn parse(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        Self { status, head: head.to_ascii_lowercase(), body: body.to_owned() }
    }

    /// The value of a header, whose name is given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    /// Whether it says that the store can't be reached, and when to come again.
    pub fn is_unavailable(&self) -> bool {
        (self.status, self.header("retry-after")) == (503, Some("1"))
    }
}

/// What can be asked: the service, as a process or inside the test.
pub trait Server: Sync {
    fn address(&self) -> SocketAddr;

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address())
    }

    /// Opens a connection and writes `request` to it as it is.
    fn open(&self, request: &[u8]) -> io::Result<TcpStream> {
        let mut stream = TcpStream::connect(self.address())?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        // A server that refuses early may close while the rest is being written.
        let _ = stream.write_all(request);
        Ok(stream)
    }

    /// Sends `request` and reads until the server closes the connection or [`TIMEOUT`] ends.
    fn send(&self, request: &[u8]) -> Answer {
        match self.open(request) {
            Ok(stream) => Answer::parse(&read_to_end(stream)),
            Err(error) => Answer { status: 0, head: error.to_string(), body: String::new() },
        }
    }

    fn get(&self, path: &str) -> Answer {
        self.send(&get(path))
    }

    fn put(&self, username: &str, date: &str) -> Answer {
        self.send(&put(username, date))
    }

    fn put_record(&self, number: usize) -> Answer {
        self.put(&username(number), &birth_date(number))
    }

    fn get_record(&self, number: usize) -> Answer {
        self.get(&format!("/hello/{}", username(number)))
    }

    /// The value of one series of `/metrics`, 0 if it is not there.
    fn value(&self, series: &str) -> u64 {
        let page = self.get("/metrics").body;
        let value = page.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        value.map_or(0, |value| value.parse().expect("a count"))
    }
}

impl Server for SocketAddr {
    fn address(&self) -> SocketAddr {
        *self
    }
}

/// What comes until the connection is closed or reset.
pub fn read_to_end(mut stream: TcpStream) -> String {
    let mut text = Vec::new();
    let _ = stream.read_to_end(&mut text);
    String::from_utf8_lossy(&text).into_owned()
}

/// A request after which the connection is to be closed.
pub fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let mut lines = vec![format!("{method} {path} HTTP/1.1"), "host: test".to_owned(), "connection: close".to_owned()];
    lines.extend(headers.iter().map(|(name, value)| format!("{name}: {value}")));
    if !body.is_empty() {
        lines.push(format!("content-length: {}", body.len()));
    }
    (lines.join("\r\n") + "\r\n\r\n" + body).into_bytes()
}

pub fn get(path: &str) -> Vec<u8> {
    request("GET", path, &[], "")
}

pub fn put(username: &str, date: &str) -> Vec<u8> {
    put_body(username, &born(date))
}

pub fn put_body(username: &str, body: &str) -> Vec<u8> {
    request("PUT", &format!("/hello/{username}"), &[("content-type", "application/json")], body)
}

/// A PUT of the user ada without the 28 bytes of its body.
pub const HALF_A_PUT: &[u8] =
    b"PUT /hello/ada HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\ncontent-length: 28\r\n\r\n";

pub fn born(date: &str) -> String {
    format!(r#"{{"dateOfBirth":"{date}"}}"#)
}
