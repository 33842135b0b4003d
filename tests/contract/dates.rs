//! Birth dates: which are accepted, and how far the next birthday is from a day of the test's choice.

use crate::Tests;
use crate::exchange::{Row, check, refused, remembered, says};
use crate::subject::Subject;
use crate::support::{at_midnight, born, get, put};
use chrono::NaiveDate;
use std::sync::{Arc, Mutex};

pub fn tests() -> Tests {
    tests![a_birthday_is_greeted_or_counted_down_to, a_birth_date_is_before_today, a_birth_date_has_exactly_one_form]
}

fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

/// Born, today, and the days between today and the next birthday; 0 is today.
const COUNTDOWN: [(&str, &str, u32); 22] = [
    ("1990-12-10", "2026-12-10", 0),
    ("1990-12-10", "2026-12-09", 1),
    ("1990-12-10", "2026-12-11", 364),
    ("1990-12-10", "2027-12-11", 365), // over 29 February 2028
    ("1990-12-10", "2026-01-01", 343),
    ("1990-01-01", "2026-12-31", 1),
    ("1990-12-31", "2026-01-01", 364),
    ("1990-12-31", "2028-01-01", 365),
    ("2026-12-09", "2026-12-10", 364), // born yesterday
    ("0001-01-01", "2026-01-01", 0),
    ("0001-12-31", "2026-12-30", 1),
    ("2000-02-29", "2028-02-29", 0),
    ("2000-02-29", "2028-02-28", 1),
    ("2000-02-29", "2028-03-01", 364), // 28 February 2029
    ("2000-02-29", "2027-02-28", 0),
    ("2000-02-29", "2027-02-27", 1),
    ("2000-02-29", "2027-03-01", 365), // 29 February 2028
    ("2000-02-29", "2100-02-28", 0),   // not a leap year
    ("2000-02-29", "2099-03-01", 364),
    ("1996-02-29", "2000-02-28", 1), // a leap year
    ("1990-02-28", "2028-02-28", 0),
    ("1990-03-01", "2028-02-28", 2),
];

fn a_birthday_is_greeted_or_counted_down_to(subject: &Subject) {
    let today = Arc::new(Mutex::new(NaiveDate::default()));
    let clock = Arc::clone(&today);
    let server = subject.with_clock(&subject.suite.directory(), at_midnight(move || *clock.lock().unwrap()));
    for (birth, day, days) in COUNTDOWN {
        let name = subject.suite.username();
        *today.lock().unwrap() = date(day);
        let message = match days {
            0 => format!("Hello, {name}! Happy birthday!"),
            _ => format!("Hello, {name}! Your birthday is in {days} day(s)"),
        };
        let what = format!("born {birth}, on {day}");
        let answer = says(&what, get(&format!("/hello/{name}")), &message);
        check(server.address, &[remembered(&what, put(&name, &born(birth))), answer]);
    }
    subject.suite.runtime.block_on(server.stop());
}

fn a_birth_date_is_before_today(subject: &Subject) {
    let name = subject.suite.username();
    for (today, past, not_past) in [
        ("2026-03-15", ["2026-03-14", "0001-01-01"], ["2026-03-15", "2026-03-16"]),
        ("2026-01-01", ["2025-12-31", "2024-02-29"], ["2026-01-01", "2026-12-31"]),
        ("2027-03-01", ["2027-02-28", "2027-01-31"], ["2028-02-29", "9999-12-31"]),
        ("2028-02-29", ["2028-02-28", "2000-02-29"], ["2028-02-29", "2028-03-01"]),
    ] {
        let server = subject.on(date(today));
        let accepted = past.map(|birth| remembered(format!("{birth} on {today}"), put(&name, &born(birth))));
        let refusals = not_past.map(|birth| {
            refused(format!("{birth} on {today}"), put(&name, &born(birth)), 400, "Date must be in the past")
        });
        check(server.address, &accepted.into_iter().chain(refusals).collect::<Vec<Row>>());
        subject.suite.runtime.block_on(server.stop());
    }
}

/// Why it is not a date, and such texts.
const NO_DATES: [(&str, &[&str]); 10] = [
    ("no date at all", &["", " ", "nonsense", "1990", "1990-12"]),
    ("another form of ISO 8601", &["19901210", "1990-W01-1", "1990W011", "1990-W01", "1990-344"]),
    ("not padded, or too much", &["1990-1-2", "1990-01-2", "1990-1-02", "90-12-10", "990-12-10", "01990-12-10"]),
    ("a year of five digits or with a sign", &["10000-01-01", "+1990-12-10", "-1990-12-10", "-0001-01-01"]),
    ("other separators", &["1990/12/10", "1990.12.10", "1990 12 10", "10-12-1990", "12/10/1990", "1990-12--10"]),
    ("something around it", &[" 1990-12-10", "1990-12-10 ", "1990-12-10\\n", "1990-12-10\\u0000"]),
    ("a time", &["1990-12-10T00:00:00", "1990-12-10T00:00:00Z", "1990-12-10 00:00", "1990-12-10Z"]),
    ("not ASCII digits", &["1990-12-1O", "１９９０-12-10", "1990‐12‐10", "1990-12-1٠", "0xff-12-10", "1e03-12-10"]),
    ("not in the calendar", &["1990-00-10", "1990-13-10", "1990-12-00", "1990-12-32", "1990-04-31", "1990-02-30"]),
    ("no leap year, or year 0", &["1990-02-29", "1900-02-29", "2100-02-29", "0000-01-01", "0000-12-31"]),
];

fn a_birth_date_has_exactly_one_form(subject: &Subject) {
    let name = subject.suite.username();
    let mut rows: Vec<Row> = NO_DATES
        .iter()
        .flat_map(|(why, texts)| texts.iter().map(move |text| (why, text)))
        .map(|(why, text)| refused(format!("{why}: {text:?}"), put(&name, &born(text)), 400, "Invalid date format"))
        .collect();
    rows.extend(
        ["0001-01-01", "0004-02-29", "1600-02-29", "1582-10-10", "2000-02-29", "1990-01-31"]
            .map(|text| remembered(text, put(&name, &born(text)))),
    );
    rows.push(refused("9999-12-31", put(&name, &born("9999-12-31")), 400, "Date must be in the past"));
    check(subject.address(), &rows);
}
