//! The end of a connection whose client is still sending.

use super::io::Io;
use std::io::ErrorKind;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// The most that is discarded, in bytes.
const MAX_DISCARDED: usize = 16 * 1024 * 1024;

/// Discards what the client still sends, until it closes, for at most `time`.
///
/// A socket that is closed with unread data resets the connection, and the answer is lost to a client that sends all of its
/// body before it reads. nginx calls this a lingering close. It reads the stream, not the request's body: that would ask for
/// the body where the client waits for `100 Continue`.
pub async fn linger(io: Io, time: Duration) {
    let stream = io.into_inner();
    let _ = timeout(time, discard(&stream)).await;
}

async fn discard(stream: &TcpStream) {
    // The client sees the end of the answers.
    if socket2::SockRef::from(stream).shutdown(std::net::Shutdown::Write).is_err() {
        return;
    }
    let mut buffer = vec![0; 8 * 1024];
    let mut discarded = 0;
    while discarded < MAX_DISCARDED && stream.readable().await.is_ok() {
        match stream.try_read(&mut buffer) {
            Ok(0) => return,
            Ok(count) => discarded += count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(_) => return,
        }
    }
}
