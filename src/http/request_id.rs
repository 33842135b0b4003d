//! The id that ties an answer and the log lines about its request together.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

/// The header of every answer.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Where proxies put an id, the most telling first.
const GIVEN: [HeaderName; 3] =
    [HeaderName::from_static("traceparent"), HeaderName::from_static("x-amzn-trace-id"), X_REQUEST_ID];

const MAX_LENGTH: usize = 128;

/// Gives each request its id.
pub struct RequestIds {
    prefix: u64,
    made: AtomicU64,
}

impl RequestIds {
    /// The id that came with a request, or a new one where none is usable.
    pub fn of(&self, headers: &HeaderMap) -> HeaderValue {
        GIVEN
            .iter()
            .filter_map(|name| headers.get(name))
            .find(|id| is_usable(id))
            .cloned()
            .unwrap_or_else(|| self.make())
    }

    /// 32 hexadecimal digits: a random number of this process, and one that differs from request to request.
    fn make(&self) -> HeaderValue {
        let number = scramble(self.made.fetch_add(1, Ordering::Relaxed));
        let id = (u128::from(self.prefix) << 64) | u128::from(number);
        let mut text = [0; 32];
        for (digit, shift) in text.iter_mut().zip((0..128).step_by(4).rev()) {
            *digit = b"0123456789abcdef"[(id >> shift) as usize & 0xf];
        }
        HeaderValue::from_bytes(&text).expect("hexadecimal digits are allowed")
    }
}

impl Default for RequestIds {
    fn default() -> Self {
        Self { prefix: RandomState::new().hash_one(0), made: AtomicU64::new(1) }
    }
}

fn is_usable(id: &HeaderValue) -> bool {
    (1..=MAX_LENGTH).contains(&id.len()) && id.as_bytes().iter().all(u8::is_ascii_graphic)
}

/// A bijection (`splitmix64`), so that ids don't show how many requests there were.
fn scramble(number: u64) -> u64 {
    let mut z = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
