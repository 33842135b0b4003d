//! A proxy between the service and DynamoDB, which brings the faults of a network and the refusals of AWS.
//!
//! It passes on one request after the other, so that a fault can hit a connection that is idle, one that waits for its
//! answer, or one whose answer is half there.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;

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

/// Ends with all its connections when it is dropped.
pub struct Proxy {
    pub address: SocketAddr,
    shared: Arc<Shared>,
    _runtime: Runtime,
}

struct Shared {
    upstream: SocketAddr,
    state: watch::Sender<State>,
    opened: AtomicUsize,
    open: AtomicUsize,
    /// The next request is lost with its connection.
    lost: AtomicBool,
    /// The next answer to this operation is lost with its connection.
    lost_answer: Mutex<Option<&'static str>>,
}

/// The mode, and how often all connections were closed or silenced: those that were there then stay so.
#[derive(Clone)]
struct State {
    mode: Mode,
    cuts: usize,
    silences: usize,
}

impl Proxy {
    /// Listens on a free port.
    pub fn start(upstream: SocketAddr) -> Self {
        Self::listen(0, upstream)
    }

    pub fn listen(port: u16, upstream: SocketAddr) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, port))).expect("the port is free");
        let address = listener.local_addr().expect("it has an address");
        let shared = Arc::new(Shared {
            upstream,
            state: watch::Sender::new(State { mode: Mode::Pass, cuts: 0, silences: 0 }),
            opened: AtomicUsize::new(0),
            open: AtomicUsize::new(0),
            lost: AtomicBool::new(false),
            lost_answer: Mutex::default(),
        });
        let connections = Arc::clone(&shared);
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(Arc::clone(&connections).serve(stream));
            }
        });
        Self { address, shared, _runtime: runtime }
    }

    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn set(&self, mode: Mode) {
        self.shared.state.send_modify(|state| {
            state.cuts += usize::from(mode == Mode::Cut);
            state.silences += usize::from(mode == Mode::BlackHole);
            state.mode = mode;
        });
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
        self.shared.open.load(Ordering::Relaxed)
    }
}

impl Shared {
    async fn serve(self: Arc<Self>, mut stream: TcpStream) {
        let begun = self.state.borrow().clone();
        self.opened.fetch_add(1, Ordering::Relaxed);
        self.open.fetch_add(1, Ordering::Relaxed);
        let is_cut = |now: &State| begun.mode == Mode::Cut || now.cuts > begun.cuts;
        let is_silent = |now: &State| begun.mode == Mode::BlackHole || now.silences > begun.silences;
        let [mut state, mut later] = [self.state.subscribe(), self.state.subscribe()];
        tokio::select! {
            biased;
            () = async { drop(state.wait_for(|now| is_cut(now) || is_silent(now)).await) } => {
                drop(later.wait_for(is_cut).await);
            }
            // However it ends, the service sees the connection end.
            _ = self.relay(&mut stream) => {}
        }
        self.open.fetch_sub(1, Ordering::Relaxed);
    }

    async fn relay(&self, stream: &mut TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let mut state = self.state.subscribe();
        let mut service = BufReader::new(stream);
        let mut upstream = None;
        loop {
            let request = read_message(&mut service).await?;
            tokio::select! {
                _ = state.wait_for(|now| now.mode != Mode::Stall) => {}
                // The service has given it up.
                _ = service.fill_buf() => return Ok(()),
            }
            if self.lost.swap(false, Ordering::Relaxed) {
                return Ok(());
            }
            let mode = self.state.borrow().mode.clone();
            match mode {
                Mode::AnswerTo(operation, ..) if !asks(&request, operation) => {}
                Mode::Answer(status, body) | Mode::AnswerTo(_, status, body) => {
                    service.write_all(&answer(status, &body)).await?;
                    continue;
                }
                _ => {}
            }
            let upstream = match &mut upstream {
                Some(upstream) => upstream,
                none => none.insert(BufReader::new(TcpStream::connect(self.upstream).await?)),
            };
            upstream.write_all(&request).await?;
            let answer = read_message(upstream).await?;
            if self.lost_answer.lock().unwrap().take_if(|operation| asks(&request, operation)).is_some() {
                return Ok(());
            }
            // The fault may have begun while the database was working.
            let mode = self.state.borrow().mode.clone();
            if matches!(mode, Mode::ResetMidAnswer | Mode::EndMidAnswer) {
                service.write_all(&answer[..answer.len() / 2]).await?;
                return if mode == Mode::ResetMidAnswer { service.get_ref().set_zero_linger() } else { Ok(()) };
            }
            service.write_all(&answer).await?;
        }
    }
}

/// Head and body of a request or an answer, as they came.
async fn read_message(stream: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Vec<u8>> {
    let mut message = Vec::new();
    let mut length = 0;
    loop {
        let start = message.len();
        if stream.read_until(b'\n', &mut message).await? == 0 {
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
    stream.read_exact(&mut message[head..]).await?;
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
