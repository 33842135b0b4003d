//! Birth dates over HTTP, on days of the test's choice. The calendar itself is tested in src/birthday.rs.

use crate::exchange::Contract;
use crate::subject::Subject;
use crate::support::{at_midnight, put};
use chrono::NaiveDate;
use std::sync::{Arc, Mutex};

/// Born, today, and the days between today and the next birthday; `None` is refused.
const DAYS: [(&str, &str, Option<u32>); 14] = [
    ("1990-12-10", "2026-12-10", Some(0)),
    ("1990-12-10", "2026-12-09", Some(1)),
    ("1990-12-10", "2026-12-11", Some(364)),
    ("1990-12-10", "2027-12-11", Some(365)), // over 29 February 2028
    ("0001-01-01", "2026-12-31", Some(1)),
    ("2000-02-29", "2028-02-29", Some(0)),
    ("2000-02-29", "2027-02-28", Some(0)),
    ("2000-02-29", "2027-03-01", Some(365)),
    ("2026-12-09", "2026-12-10", Some(364)), // born yesterday
    ("2026-12-10", "2026-12-10", None),
    ("2026-12-11", "2026-12-10", None),
    ("2025-12-31", "2026-01-01", Some(364)),
    ("2028-02-29", "2028-02-29", None),
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

const NO_DATES: &str = "|nonsense|1990-12|19901210|1990-W01-1|1990-344|1990-1-2|01990-12-10|10000-01-01|+1990-12-10|\
    1990/12/10|12/10/1990| 1990-12-10|1990-12-10 |1990-12-10\\n|1990-12-10\\u0000|1990-12-10T00:00:00Z|１９９０-12-10|\
    1990‐12‐10|0xff-12-10|1990-13-10|1990-02-30|1900-02-29|0000-01-01";

pub fn a_birth_date_has_exactly_one_form(subject: &Subject) {
    let name = subject.suite.username();
    for text in NO_DATES.split('|') {
        subject.refuses(&put(&name, text), 400, "Invalid date format");
    }
    for text in ["0001-01-01", "0004-02-29", "1600-02-29", "1582-10-10", "1990-01-31"] {
        subject.remembers(&put(&name, text));
    }
}
