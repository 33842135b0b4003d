//! What each route can answer: the series that exist from the start, at 0.
//!
//! A series that is born with its first error shows no increase, so `rate()` would never see that error.

/// The routes that are told apart. The last stands for every path without a route.
pub const ENDPOINTS: [&str; 6] = ["/hello/{username}", "/health", "/ready", "/metrics", "/openapi.json", "unmatched"];

/// The methods that are told apart. The last stands for every other.
pub const METHODS: [&str; 8] = ["GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "other"];

/// The status under which a request is counted whose client left before its answer. nginx made it.
pub const CLIENT_CLOSED_REQUEST: u16 = 499;

/// The errors that every served method of every route can answer.
const ANYWHERE: [u16; 3] = [400, CLIENT_CLOSED_REQUEST, 500];

/// Every endpoint and method with the errors that it can answer, and whether the method is served there.
pub fn all() -> impl Iterator<Item = (usize, usize, Vec<u16>, bool)> {
    let pairs = (0..ENDPOINTS.len()).flat_map(|endpoint| (0..METHODS.len()).map(move |method| (endpoint, method)));
    pairs.map(|(endpoint, method)| match errors(ENDPOINTS[endpoint], METHODS[method]) {
        Some(own) => (endpoint, method, [&ANYWHERE, own].concat(), true),
        None => (endpoint, method, vec![400, if ENDPOINTS[endpoint] == "unmatched" { 404 } else { 405 }], false),
    })
}

/// The errors of a method beside [`ANYWHERE`]; `None` if it is not served.
fn errors(endpoint: &str, method: &str) -> Option<&'static [u16]> {
    Some(match (endpoint, method) {
        ("unmatched", "GET") => &[404],
        ("unmatched", _) => return None,
        ("/hello/{username}", "GET" | "HEAD") => &[404, 503],
        ("/hello/{username}", "PUT") => &[408, 413, 415, 503],
        ("/ready" | "/openapi.json", "GET" | "HEAD") => &[503],
        (_, "GET" | "HEAD" | "OPTIONS") => &[],
        _ => return None,
    })
}
