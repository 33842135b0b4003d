//! Birth dates over HTTP, on days of the test's choice. The calendar and the form are tested in src/birthday.rs.

use crate::prelude::*;
use std::sync::Mutex;

/// Born, today, and the days between today and the next birthday; `None` is refused.
const DAYS: [(&str, &str, Option<u32>); 10] = [
    ("1990-12-10", "2026-12-10", Some(0)),
    ("1990-12-10", "2026-12-09", Some(1)),
    ("1990-12-10", "2026-12-11", Some(364)),
    ("0001-01-01", "2026-12-31", Some(1)),
    ("2000-02-29", "2027-02-28", Some(0)),
    ("2026-12-09", "2026-12-10", Some(364)), // born yesterday
    ("2026-12-10", "2026-12-10", None),
    ("2026-12-11", "2026-12-10", None),
    ("2025-12-31", "2026-01-01", Some(364)),
    ("9999-12-31", "2026-12-10", None),
];

pub fn a_birth_date_lies_before_today_and_its_birthday_is_greeted_or_counted_down_to(subject: &Subject) {
    let today = Arc::new(Mutex::new(NaiveDate::default()));
    let clock = Arc::clone(&today);
    let server = subject.with_clock(&subject.suite.directory(), at_midnight(move || *clock.lock().unwrap()));
    for (birth, day, days) in DAYS {
        let name = subject.suite.username();
        *today.lock().unwrap() = day.parse().expect("a date");
        let Some(days) = days else {
            server.refuses(&put(&name, birth), 400, "Date must be in the past");
            continue;
        };
        server.remembers(&put(&name, birth));
        match days {
            0 => server.says(&name, &format!("Hello, {name}! Happy birthday!")),
            _ => server.says(&name, &format!("Hello, {name}! Your birthday is in {days} day(s)")),
        }
    }
}
