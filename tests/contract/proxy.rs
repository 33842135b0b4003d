//! A proxy between the service and DynamoDB, which brings the faults of a network and the refusals of AWS.
//!
//! It passes on one request after the other, so that a fault can hit a connection that is idle, one that waits for its
//! answer, or one whose answer is half there.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What becomes of requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// They are passed on.
    Pass,
    /// Every connection is closed, and every new one as soon as it is made.
    Cut,
    /// Every connection, idle ones included, is silent from now on and for ever; so is every new one.
    BlackHole,
    /// Everything waits until the mode changes, and then goes on.
    Stall,
    /// Half of each answer is passed on, then the connection is reset.
    ResetMidAnswer,
    /// Half of each answer is passed on, then the connection ends.
    EndMidAnswer,
    /// The proxy answers instead, with this status and body.
    Answer(u16, String),
    /// The proxy answers to this operation; others are passed on.
    AnswerTo(&'static str, u16, String),
}

pub struct Proxy {
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    upstream: SocketAddr,
    mode: Mutex<Mode>,
    stopped: AtomicBool,
    opened: AtomicUsize,
    connections: Mutex<HashMap<usize, TcpStream>>,
    /// Connections up to this number stay silent.
    silent: AtomicUsize,
    /// The next request is lost with its connection.
    lost: AtomicBool,
    /// The next answer to this operation is lost with its connection.
    lost_answer: Mutex<Option<&'static str>>,
}

impl Proxy {
    /// Listens on a free port.
    pub fn start(upstream: SocketAddr) -> Self {
        Self::listen(0, upstream)
    }

    pub fn listen(port: u16, upstream: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).expect("the port is free");
        let address = listener.local_addr().expect("it has an address");
        let shared = Arc::new(Shared {
            upstream,
            mode: Mutex::new(Mode::Pass),
            stopped: AtomicBool::new(false),
            opened: AtomicUsize::new(0),
            connections: Mutex::default(),
            silent: AtomicUsize::new(0),
            lost: AtomicBool::new(false),
            lost_answer: Mutex::default(),
        });
        thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                for stream in listener.incoming() {
                    if shared.stopped.load(Ordering::Relaxed) {
                        break;
                    }
                    let Ok(stream) = stream else { continue };
                    let shared = Arc::clone(&shared);
                    thread::spawn(move || shared.serve(&stream));
                }
            }
        });
        Self { address, shared }
    }

    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn set(&self, mode: Mode) {
        let connections = self.shared.connections.lock().unwrap();
        match mode {
            Mode::Cut => connections.values().for_each(|stream| drop(stream.shutdown(Shutdown::Both))),
            Mode::BlackHole => self.shared.silent.store(self.opened(), Ordering::Relaxed),
            _ => {}
        }
        // Connections made meanwhile wait for the lock, and so for the mode.
        *self.shared.mode.lock().unwrap() = mode;
    }

    /// Loses the next request, with its connection.
    pub fn lose_next(&self) {
        self.shared.lost.store(true, Ordering::Relaxed);
    }

    /// Loses the next answer to this operation, which has been carried out then.
    pub fn lose_answer_to(&self, operation: &'static str) {
        *self.shared.lost_answer.lock().unwrap() = Some(operation);
    }

    /// Whether a request is yet to be lost.
    pub fn is_to_lose(&self) -> bool {
        self.shared.lost.load(Ordering::Relaxed)
    }

    /// How many connections have been made.
    pub fn opened(&self) -> usize {
        self.shared.opened.load(Ordering::Relaxed)
    }

    /// How many of them are there now.
    pub fn open(&self) -> usize {
        self.shared.connections.lock().unwrap().len()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::Relaxed);
        self.set(Mode::Cut);
        // Wakes the listener, so that it sees that it is over.
        let _ = TcpStream::connect(self.address);
    }
}

impl Shared {
    fn mode(&self) -> Mode {
        self.mode.lock().unwrap().clone()
    }

    fn serve(&self, stream: &TcpStream) {
        let number = {
            let mut connections = self.connections.lock().unwrap();
            let number = self.opened.fetch_add(1, Ordering::Relaxed) + 1;
            connections.insert(number, stream.try_clone().expect("a file descriptor"));
            number
        };
        if self.mode() == Mode::BlackHole {
            self.silent.fetch_max(number, Ordering::Relaxed);
        }
        // However it ends, the service sees the connection end, as both handles of it are dropped.
        let _ = self.relay(number, stream);
        self.connections.lock().unwrap().remove(&number);
    }

    fn relay(&self, number: usize, stream: &TcpStream) -> io::Result<()> {
        if self.mode() == Mode::Cut {
            return Ok(());
        }
        stream.set_nodelay(true)?;
        let mut from_service = BufReader::new(stream);
        let mut to_service = stream;
        let mut upstream: Option<BufReader<TcpStream>> = None;
        loop {
            let request = read_message(&mut from_service)?;
            while number <= self.silent.load(Ordering::Relaxed) {
                self.wait(stream)?;
            }
            while self.mode() == Mode::Stall {
                self.wait(stream)?;
            }
            if self.lost.swap(false, Ordering::Relaxed) {
                return Ok(());
            }
            let mode = match self.mode() {
                Mode::AnswerTo(operation, status, body) if asks(&request, operation) => Mode::Answer(status, body),
                Mode::AnswerTo(..) => Mode::Pass,
                mode => mode,
            };
            if let Mode::Answer(status, body) = mode {
                to_service.write_all(&answer(status, &body))?;
                continue;
            }
            if upstream.is_none() {
                upstream = Some(BufReader::new(TcpStream::connect(self.upstream)?));
            }
            let upstream = upstream.as_mut().expect("it has just been connected");
            upstream.get_mut().write_all(&request)?;
            let answer = read_message(upstream)?;
            if self.lost_answer.lock().unwrap().take_if(|operation| asks(&request, operation)).is_some() {
                return Ok(());
            }
            // The fault may have begun while the database was working.
            match if self.mode() == Mode::Pass { mode } else { self.mode() } {
                Mode::Cut => return Ok(()),
                Mode::ResetMidAnswer => {
                    to_service.write_all(&answer[..answer.len() / 2])?;
                    return reset(stream);
                }
                Mode::EndMidAnswer => return to_service.write_all(&answer[..answer.len() / 2]),
                Mode::BlackHole => {}
                _ => to_service.write_all(&answer)?,
            }
        }
    }

    /// Waits a moment; fails once the service has given the connection up or the proxy ends.
    fn wait(&self, stream: &TcpStream) -> io::Result<()> {
        stream.set_read_timeout(Some(Duration::from_millis(20)))?;
        let peeked = stream.peek(&mut [0]);
        stream.set_read_timeout(None)?;
        match peeked {
            Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
            Err(error) if !matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => Err(error),
            _ if self.stopped.load(Ordering::Relaxed) => Err(io::ErrorKind::Interrupted.into()),
            _ => Ok(()),
        }
    }
}

/// Head and body of a request or an answer, as they came.
fn read_message(stream: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut message = Vec::new();
    let mut length = 0;
    loop {
        let start = message.len();
        if stream.read_until(b'\n', &mut message)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let line = String::from_utf8_lossy(&message[start..]).to_ascii_lowercase();
        if line == "\r\n" {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().map_err(|_| io::ErrorKind::InvalidData)?;
        }
        assert!(!line.starts_with("transfer-encoding:"), "the proxy knows no chunks");
    }
    let head = message.len();
    message.resize(head + length, 0);
    stream.read_exact(&mut message[head..])?;
    Ok(message)
}

/// Whether it is a request for this operation, which a header names.
fn asks(request: &[u8], operation: &str) -> bool {
    String::from_utf8_lossy(request).contains(&format!("DynamoDB_20120810.{operation}\r\n"))
}

fn answer(status: u16, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status} Refused\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: {length}\r\n\r\n{body}")
        .into_bytes()
}

/// Makes the connection end in a way that the other side reads as an error, not as an end.
fn reset(stream: &TcpStream) -> io::Result<()> {
    // The standard library can't say it yet.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let _inside = runtime.enter();
    stream.set_nonblocking(true)?;
    tokio::net::TcpStream::from_std(stream.try_clone()?)?.set_zero_linger()
}
