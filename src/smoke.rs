//! The smoke test: does the service at an address keep its contract? It writes one reserved username only.

use crate::client::Client;
use axum::http::Method;
use std::error::Error;
use std::time::Duration;

/// The username that the smoke test writes.
pub const USERNAME: &str = "smoke";

/// How long each request may take: `REQUEST_TIMEOUT`'s default, twice.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

struct Check {
    method: Method,
    path: &'static str,
    body: Option<&'static str>,
    status: u16,
    /// What the answer must contain.
    answer: &'static str,
}

const fn check(
    method: Method,
    path: &'static str,
    body: Option<&'static str>,
    status: u16,
    answer: &'static str,
) -> Check {
    Check { method, path, body, status, answer }
}

const CHECKS: [Check; 9] = [
    check(Method::GET, "/health", None, 200, "OK"),
    check(Method::PUT, "/hello/smoke", Some(r#"{"dateOfBirth":"1990-12-10"}"#), 204, ""),
    check(Method::GET, "/hello/smoke", None, 200, r#"{"message":"Hello, smoke! "#),
    check(Method::GET, "/hello/Smoke", None, 200, r#"{"message":"Hello, Smoke! "#),
    check(Method::PUT, "/hello/smoke", Some(r#"{"dateOfBirth":"9999-12-31"}"#), 400, "Date must be in the past"),
    check(Method::PUT, "/hello/smoke", Some(r#"{"dateOfBirth":"10.12.1990"}"#), 400, "Invalid date format"),
    check(Method::PUT, "/hello/smoke", Some("not JSON"), 400, "Invalid JSON"),
    check(Method::PUT, "/hello/sm0ke", Some(r#"{"dateOfBirth":"1990-12-10"}"#), 400, "Invalid username"),
    check(Method::GET, "/hello/smokenobodyhasthisname", None, 404, "User not found"),
];

/// Runs every check against `base_url` and gives a line for each to `report`; tells whether all passed.
///
/// # Errors
///
/// If the client can't be made, and what `report` fails with.
pub async fn run(
    base_url: &str,
    mut report: impl FnMut(String) -> Result<(), Box<dyn Error>>,
) -> Result<bool, Box<dyn Error>> {
    let client = Client::new(base_url, REQUEST_TIMEOUT)?;
    let mut passed = true;
    for Check { method, path, body, status, answer } in CHECKS {
        let outcome = match client.send(method.clone(), path, body).await {
            Ok(got) if got.status.as_u16() == status && got.body.contains(answer) => Ok(()),
            Ok(got) => Err(format!("got {} {}", got.status.as_u16(), got.body)),
            Err(error) => Err(error.to_string()),
        };
        passed &= outcome.is_ok();
        report(match outcome {
            Ok(()) => format!("ok    {method} {path} {status}"),
            Err(got) => format!("FAIL  {method} {path}: expected {status} {answer}, {got}"),
        })?;
    }
    Ok(passed)
}
