//! Starts a server and prints the milliseconds until it has answered: `first-answer <port> <path> <program>
//! [argument...]`. It stops the server by SIGKILL.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

const TIMEOUT: Duration = Duration::from_secs(10);

fn main() {
    let mut words = std::env::args().skip(1);
    let port = words.next().expect("the port that the program takes");
    let path = words.next().expect("a path to ask for");
    let mut command = Command::new(words.next().expect("a program to start"));
    command.args(words).stderr(Stdio::null());

    let started = Instant::now();
    let mut server = command.spawn().expect("the program can be started");
    let answered = loop {
        if is_answered(&port, &path) {
            break Some(started.elapsed());
        }
        if started.elapsed() > TIMEOUT {
            break None;
        }
        sleep(Duration::from_micros(100));
    };
    server.kill().expect("the server is still running");
    server.wait().expect("the server is a child of this process");
    println!("{:.1}", answered.expect("the server answers within ten seconds").as_secs_f64() * 1e3);
}

/// Whether a request gets a 200.
fn is_answered(port: &str, path: &str) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(format!("127.0.0.1:{port}"))?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer.starts_with("HTTP/1.1 200"))
    };
    ask().unwrap_or(false)
}
