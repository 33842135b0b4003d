//! The `Host` header, of which RFC 9112 (3.2) demands exactly one. Only its form is looked at, there is no list of names.

use axum::http::{HeaderMap, Version, header};
use std::net::Ipv6Addr;

/// Whether a request names its host as it must. HTTP/1.0 may leave it out.
pub fn is_valid(version: Version, headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => is_host(host.as_bytes()),
        (None, _) => version == Version::HTTP_10,
        (Some(_), Some(_)) => false,
    }
}

/// `uri-host [ ":" port ]` of RFC 3986.
fn is_host(text: &[u8]) -> bool {
    if let Some(literal) = text.strip_prefix(b"[") {
        let Some(end) = literal.iter().position(|byte| *byte == b']') else { return false };
        let (address, rest) = (&literal[..end], &literal[end + 1..]);
        let is_address = str::from_utf8(address).is_ok_and(|text| text.parse::<Ipv6Addr>().is_ok());
        return is_address && (rest.is_empty() || rest.strip_prefix(b":").is_some_and(is_port));
    }
    let (name, port) = match text.iter().position(|byte| *byte == b':') {
        Some(colon) => (&text[..colon], &text[colon + 1..]),
        None => (text, &[][..]),
    };
    !name.is_empty() && is_name(name) && is_port(port)
}

fn is_port(text: &[u8]) -> bool {
    text.iter().all(u8::is_ascii_digit)
}

fn is_name(mut text: &[u8]) -> bool {
    while let [byte, rest @ ..] = text {
        text = match (byte, rest) {
            (b'%', [high, low, rest @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => rest,
            _ if is_plain(*byte) => rest,
            _ => return false,
        };
    }
    true
}

/// `unreserved` and `sub-delims` of RFC 3986.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~')
        || matches!(byte, b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'=')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_or_an_address_and_perhaps_a_port() {
        for host in ["a", "a.example", "a_b-c", "a%20b", "127.0.0.1:80", "[::1]", "[::1]:8888", "a:"] {
            assert!(is_host(host.as_bytes()), "{host}");
        }
        for host in ["", ":80", "a b", "a/b", "u@a", "a:b", "a:1:2", "a%2", "[::1", "[::1]x", "[a]", "a,b c", "\u{e4}"]
        {
            assert!(!is_host(host.as_bytes()), "{host}");
        }
    }
}
