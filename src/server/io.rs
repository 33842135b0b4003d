//! The stream of a connection, between hyper and tokio.

use super::activity::{Activity, State};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::io::ReadBuf;
use tokio::net::TcpStream;

pub struct Io {
    stream: TokioIo<TcpStream>,
    activity: Arc<Activity>,
    end_seen: bool,
}

impl Io {
    pub fn new(stream: TcpStream, activity: Arc<Activity>) -> Self {
        Self { stream: TokioIo::new(stream), activity, end_seen: false }
    }

    pub fn into_inner(self) -> TcpStream {
        self.stream.into_inner()
    }

    fn stream(self: Pin<&mut Self>) -> Pin<&mut TokioIo<TcpStream>> {
        Pin::new(&mut self.get_mut().stream)
    }
}

impl Read for Io {
    /// hyper drops a request whose client has left, which it sees by the end of the stream. A client that ends the stream
    /// right after its request may still wait for the answer. It gets one that is there at once: the end is told at the
    /// second look.
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: ReadBufCursor) -> Poll<io::Result<()>> {
        if !self.end_seen
            && matches!(self.activity.state(), State::Busy(_))
            && let Ok(0) = ready!(self.stream.inner().poll_peek(context, &mut ReadBuf::new(&mut [0])))
        {
            self.end_seen = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.stream().poll_read(context, buffer)
    }
}

/// It takes one buffer at a time, so hyper copies an answer, which is short, into one.
impl Write for Io {
    /// Tells the activity whether some of an answer waits to be sent.
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = self.as_mut().stream().poll_write(context, bytes);
        self.activity.set_writing(written.is_pending());
        written
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_shutdown(context)
    }
}
