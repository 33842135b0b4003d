//! How long an answer may be kept.

use crate::support::prelude::*;

#[test]
fn a_greeting_may_be_kept_for_cache_max_age_but_not_past_midnight_and_no_other_answer_may() {
    for (max_age, time, expected) in [
        ("0s", "12:00:00", "no-store"),
        ("10m", "12:00:00", "public, max-age=600"),
        ("10m", "23:50:01", "public, max-age=599"),
        ("10m", "23:59:59", "public, max-age=1"),
        ("1440m", "00:00:00", "public, max-age=86400"),
    ] {
        let now = format!("2026-12-09T{time}Z").parse().unwrap();
        let directory = tempfile::tempdir().unwrap();
        let store = Arc::new(Embedded::open(directory.path()).unwrap());
        let server = InProcess::start(store, Clock::new(move || now), &[("CACHE_MAX_AGE", max_age)]);
        for (request, status, expected) in [
            (put("ada", "1990-12-10"), 204, "no-store"),
            (get("/hello/ada"), 200, expected),
            (get("/hello/nobody"), 404, "no-store"),
            (get("/hello/4da"), 400, "no-store"),
            (put("ada", "2026-12-09"), 400, "no-store"),
            (get("/health"), 200, "no-store"),
            (get("/nowhere"), 404, "no-store"),
        ] {
            let answer = server.send(&request);
            let got = (answer.status, answer.header("cache-control"));
            assert_eq!(got, (status, Some(expected)), "{max_age} at {time}: {answer:?}");
        }
    }
}
