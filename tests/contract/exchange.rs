//! What the contract answers to a request.

use crate::prelude::*;

/// Each asks, and asserts the whole of the answer.
pub trait Contract: Server {
    #[track_caller]
    fn refuses(&self, request: &[u8], status: u16, error: &str) {
        assert_answer(request, &self.send(request), status, &format!(r#"{{"error":"{error}"}}"#));
    }

    #[track_caller]
    fn remembers(&self, request: &[u8]) {
        assert_answer(request, &self.send(request), 204, "");
    }

    #[track_caller]
    fn remembers_user(&self, name: &str) {
        self.remembers(&put(name, "1990-12-10"));
    }

    #[track_caller]
    fn says(&self, name: &str, message: &str) {
        let request = get(&format!("/hello/{name}"));
        assert_answer(&request, &self.send(&request), 200, &format!(r#"{{"message":"{message}"}}"#));
    }

    /// Who is asked for by `path` is greeted by this name; how many days are left depends on the day of the test.
    #[track_caller]
    fn greets(&self, path: &str, name: &str) {
        let request = get(&format!("/hello/{path}"));
        let answer = self.send(&request);
        assert!(answer.body.starts_with(&format!(r#"{{"message":"Hello, {name}! "#)), "{answer:?}");
        assert_answer(&request, &answer, 200, &answer.body);
    }
}

impl<S: Server> Contract for S {}

#[track_caller]
pub fn assert_error(answer: &Answer, status: u16, error: &str) {
    assert_answer(b"", answer, status, &format!(r#"{{"error":"{error}"}}"#));
}

#[track_caller]
fn assert_answer(request: &[u8], answer: &Answer, status: u16, body: &str) {
    let content_type = (!body.is_empty()).then_some("application/json");
    let got = (answer.status, answer.body.as_str(), answer.header("content-type"));
    let request = String::from_utf8_lossy(&request[..request.len().min(400)]);
    assert_eq!(got, (status, body, content_type), "{request}");
    assert_eq!(answer.header("retry-after"), (status == 503).then_some("1"), "{request} {answer:?}");
    assert_eq!(answer.header("allow").is_some(), status == 405, "{request} {answer:?}");
}
