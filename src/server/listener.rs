//! The listening socket, and how many connections it may have open.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use socket2::SockRef;
use std::io;
use std::net::{IpAddr, SocketAddr};
use tokio::net::{TcpListener, TcpSocket};

/// Connections that wait to be accepted. The usual 128 makes clients of a burst wait a second for their next SYN.
const BACKLOG: u32 = 4096;

/// Listens on the first of `addresses` whose family the system has.
///
/// # Errors
///
/// [`BindError`] if the address can't be had.
pub fn listen(addresses: &[IpAddr], port: u16) -> Result<TcpListener, BindError> {
    let mut outcome = Err(io::ErrorKind::AddrNotAvailable.into());
    let mut address = SocketAddr::from(([0; 4], port));
    for ip in addresses {
        address = SocketAddr::new(*ip, port);
        outcome = listen_on(address);
        if !outcome.as_ref().is_err_and(is_family_missing) {
            break;
        }
    }
    outcome.map_err(|source| BindError { address, source })
}

fn listen_on(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        let socket = TcpSocket::new_v6()?;
        // `::` takes IPv4 as well, whatever the system's default is.
        SockRef::from(&socket).set_only_v6(false)?;
        socket
    };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

fn is_family_missing(error: &io::Error) -> bool {
    let no_family = rustix::io::Errno::AFNOSUPPORT.raw_os_error();
    error.kind() == io::ErrorKind::AddrNotAvailable || error.raw_os_error() == Some(no_family)
}

/// `wanted`, or what the limit of open files allows. A quarter of the files stays for the store and the rest.
pub fn connections_allowed(wanted: usize) -> usize {
    let needed = u64::try_from(wanted + wanted / 3 + 64).expect("the setting is small");
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_some_and(|current| current < needed) {
        // The soft limit is low for the sake of `select`, which nobody uses here. Up to the hard limit it is ours to raise.
        let raised = limit.maximum.map_or(needed, |maximum| maximum.min(needed));
        let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(raised), ..limit });
    }
    let files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    let allowed = wanted.min(usize::try_from(files - files / 4).unwrap_or(usize::MAX)).max(1);
    if allowed < wanted {
        tracing::warn!("the limit of {files} open files allows {allowed} connections, not MAX_CONNECTIONS={wanted}");
    }
    allowed
}

/// The address can't be had.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {source}; set PORT or BIND_ADDRESS to one that is free")]
pub struct BindError {
    address: SocketAddr,
    source: io::Error,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_next_address_is_taken_only_where_the_system_lacks_the_first() {
        // Of a range for documentation: no system has it.
        let missing = "2001:db8::1".parse().unwrap();
        let loopback = "127.0.0.1".parse().unwrap();
        let taken = listen(&[missing, loopback], 0).unwrap().local_addr().unwrap();
        assert_eq!(taken.ip(), loopback);
        assert!(listen(&[missing], 0).is_err());
        let taken = listen(&[loopback], 0).unwrap();
        let port = taken.local_addr().unwrap().port();
        assert!(listen(&[loopback, "0.0.0.0".parse().unwrap()], port).is_err(), "a port that is taken is an error");
    }
}
