//! The description of the interface is one: in the code, as printed, as served, and as committed.

use crate::support::prelude::*;

const COMMITTED: &str = include_str!("../../openapi.json");

#[test]
fn the_committed_copy_is_what_the_code_says_the_command_prints_and_the_service_serves() {
    let code = backend_cloud_app::http::openapi_document();
    assert_eq!(COMMITTED, code, "run: cargo run --quiet openapi > openapi.json");
    assert_eq!(run(&["openapi"], &[]), (0, COMMITTED.to_owned(), String::new()));
    let answer = Service::embedded(&[]).get("/openapi.json");
    assert_eq!((answer.status, answer.body.as_str()), (200, COMMITTED));
    assert_eq!(answer.header("content-type"), Some("application/json"));
}

#[test]
fn it_describes_every_route_and_every_status_of_a_put() {
    let document: serde_json::Value = serde_json::from_str(COMMITTED).unwrap();
    for path in ["/hello/{username}", "/health", "/ready", "/metrics", "/openapi.json"] {
        assert!(document["paths"][path]["get"].is_object(), "{path}");
    }
    for status in ["204", "400", "408", "413", "415", "500", "503"] {
        assert!(document["paths"]["/hello/{username}"]["put"]["responses"][status].is_object(), "{status}");
    }
}
