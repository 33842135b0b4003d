//! A proxy between the service and DynamoDB, which brings the faults of a network and the refusals of AWS.
//!
//! Where it answers itself it is a stand-in: that shows what the service makes of an answer, not that AWS would give it.
//!
//! It passes on one request after the other, so that a fault can hit a connection that is idle, one that waits for its
//! answer, or one whose answer is half there.

use super::prelude::*;
use std::net::Ipv4Addr;
use std::pin::pin;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Notify, watch};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
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
    /// The next request is lost with its connection; those after it are passed on.
    LoseRequest,
    /// The next answer to this operation, which has been carried out then, is lost with its connection.
    LoseAnswerTo(&'static str),
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

/// What all its connections share.
struct Shared {
    upstream: SocketAddr,
    mode: watch::Sender<Mode>,
    /// Those that were there when it told them stay closed or silent, whatever the mode is later.
    cut: Notify,
    silence: Notify,
    open: AtomicUsize,
}

impl Proxy {
    pub fn start(upstream: SocketAddr) -> Self {
        Self::listen(0, upstream)
    }

    /// One with nothing behind it.
    pub fn stand_in(mode: Mode) -> Self {
        let proxy = Self::start((Ipv4Addr::LOCALHOST, 9).into());
        proxy.set(mode);
        proxy
    }

    pub fn listen(port: u16, upstream: SocketAddr) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, port))).expect("the port is free");
        let address = listener.local_addr().expect("it has an address");
        let shared = Arc::new(Shared {
            upstream,
            mode: watch::Sender::new(Mode::Pass),
            cut: Notify::new(),
            silence: Notify::new(),
            open: AtomicUsize::new(0),
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
        let told = match mode {
            Mode::Cut => Some(&self.shared.cut),
            Mode::BlackHole => Some(&self.shared.silence),
            _ => None,
        };
        self.shared.mode.send_replace(mode);
        told.inspect(|those| those.notify_waiters());
    }

    pub fn mode(&self) -> Mode {
        self.shared.mode()
    }

    pub fn open(&self) -> usize {
        self.shared.open.load(Ordering::Relaxed)
    }
}

impl Shared {
    fn mode(&self) -> Mode {
        self.mode.borrow().clone()
    }

    async fn serve(self: Arc<Self>, mut stream: TcpStream) {
        let (mut cut, silence) = (pin!(self.cut.notified()), self.silence.notified());
        self.open.fetch_add(1, Ordering::Relaxed);
        match self.mode() {
            Mode::Cut => {}
            Mode::BlackHole => cut.await,
            _ => tokio::select! {
                biased;
                () = &mut cut => {}
                () = silence => cut.await,
                // However it ends, the service sees the connection end.
                _ = self.relay(&mut stream) => {}
            },
        }
        self.open.fetch_sub(1, Ordering::Relaxed);
    }

    async fn relay(&self, stream: &mut TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let mut mode = self.mode.subscribe();
        let mut service = BufReader::new(stream);
        let mut upstream = None;
        loop {
            let request = read_message(&mut service).await?;
            tokio::select! {
                _ = mode.wait_for(|now| *now != Mode::Stall) => {}
                // The service has given it up.
                _ = service.fill_buf() => return Ok(()),
            }
            match self.mode() {
                Mode::LoseRequest => {
                    self.mode.send_replace(Mode::Pass);
                    return Ok(());
                }
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
            // The fault may have begun while the database was working.
            match self.mode() {
                Mode::LoseAnswerTo(operation) if asks(&request, operation) => {
                    self.mode.send_replace(Mode::Pass);
                    return Ok(());
                }
                mode @ (Mode::ResetMidAnswer | Mode::EndMidAnswer) => {
                    service.write_all(&answer[..answer.len() / 2]).await?;
                    return if mode == Mode::ResetMidAnswer { service.get_ref().set_zero_linger() } else { Ok(()) };
                }
                _ => service.write_all(&answer).await?,
            }
        }
    }
}

/// Head and body of a request or an answer, as they came.
async fn read_message(stream: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Vec<u8>> {
    let mut message = Vec::new();
    while !message.ends_with(b"\r\n\r\n") {
        if stream.read_until(b'\n', &mut message).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    let parsed = Answer::parse(&String::from_utf8_lossy(&message));
    assert_eq!(parsed.header("transfer-encoding"), None, "the proxy knows no chunks");
    let length: usize = parsed.header("content-length").map_or(0, |length| length.parse().expect("a number"));
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
