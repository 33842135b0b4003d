//! Records that this service did not write: those of the original are read, what cannot be read is a fault of the store.

use crate::prelude::*;
use redb::{Database, TableDefinition};
use std::collections::BTreeSet;
use std::path::PathBuf;

pub fn records_of_the_original_are_readable(subject: &Subject) {
    let today = NaiveDate::from_ymd_opt(2026, 12, 1).expect("a date");
    // What the original stored for 10 December 1990: as it was sent.
    let (records, directory) = write(subject, &["1990-12-10", "19901210", "1990-W50-1", "1990W501", "1990-W50"]);
    let server = subject.with_clock(&directory, at_midnight(move || today));
    for (name, _) in records {
        server.says(&name, &format!("Hello, {name}! Your birthday is in 9 day(s)"));
    }
}

pub fn a_record_that_is_no_date_is_500_with_the_cause_in_the_log_once(subject: &Subject) {
    let nonsense = ["", "nonsense", "0000-01-01", "1990-02-30", "10000-01-01", "1990-12-10T00:00:00", "1990-W54-1"];
    let (mut records, directory) = write(subject, &nonsense);
    if subject.backend == Backend::DynamoDb {
        // No date at all, and dates of another type.
        for value in [None, Some(AttributeValue::N("19901210".to_owned())), Some(AttributeValue::Null(true))] {
            records.push((subject.suite.username(), "19901210"));
            subject.suite.put_item(&subject.suite.table, &records[records.len() - 1].0, value);
        }
    }
    let service = subject.start(&directory);
    for (name, stored) in records {
        let before = failures(&service.log());
        assert_error(&service.get(&format!("/hello/{name}")), 500, "Internal server error");
        assert_failures(&service, before + 1);
        let log = service.log();
        assert!(log.contains("the store holds a record whose date of birth cannot be read"), "{log}");
        assert!(stored.len() < 4 || !log.contains(stored), "{stored:?} is in the log: {log}");
        assert!(!log.contains(&name), "{log}");
        // A PUT mends it.
        service.remembers_user(&name);
        service.greets(&name, &name);
        assert_failures(&service, before + 1);
    }
}

/// Asserts that the log says why the store is unavailable, and each reason once, whatever the number of requests.
pub fn assert_outage_logged(service: &Service) {
    let log = log_with_failures(service, 1);
    let reason = |line: &str| Some(line.split_once("the store is unavailable: ")?.1.split_once('"')?.0.to_owned());
    let reasons: BTreeSet<_> = log.lines().filter_map(reason).collect();
    assert_eq!(reasons.len(), failures(&log), "{log}");
}

pub fn assert_failures(service: &Service, expected: usize) {
    let log = log_with_failures(service, expected);
    assert_eq!(failures(&log), expected, "{log}");
}

/// A line may be written after the answer.
fn log_with_failures(service: &Service, expected: usize) -> String {
    until("each failure is logged", || (failures(&service.log()) >= expected).then_some(()));
    // One too many would come now.
    thread::sleep(Duration::from_millis(20));
    service.log()
}

fn failures(log: &str) -> usize {
    log.lines().filter(|line| line.contains(r#""level":"ERROR""#)).count()
}

/// Writes records past the service: their usernames and dates, and the directory of the embedded store.
fn write<'a>(subject: &Subject, dates: &[&'a str]) -> (Vec<(String, &'a str)>, PathBuf) {
    let records: Vec<_> = dates.iter().map(|date| (subject.suite.username(), *date)).collect();
    let directory = subject.suite.directory();
    if subject.backend == Backend::DynamoDb {
        for (name, date) in &records {
            subject.suite.put_item(&subject.suite.table, name, Some(AttributeValue::S((*date).to_owned())));
        }
        return (records, directory);
    }
    let database = Database::create(Embedded::file(&directory)).expect("a new file");
    let transaction = database.begin_write().expect("a transaction");
    {
        let mut table = transaction.open_table(TableDefinition::<&str, &str>::new("users")).expect("a table");
        for (name, date) in &records {
            table.insert(name.as_str(), date).expect("a record");
        }
    }
    transaction.commit().expect("it is written");
    (records, directory)
}
