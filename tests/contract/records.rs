//! Records that this service did not write: those of the original are read, what cannot be read is a fault of the store.

use crate::exchange::{assert_error, check, greets, remembered, says};
use crate::local::LocalDynamoDb;
use crate::subject::{Backend, Subject, Suite};
use crate::support::{InProcess, Service, TIMEOUT, at_midnight, born, get, put, raw};
use crate::{ContractTest, DynamoDbTest};
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use backend_cloud_app::store::Embedded;
use chrono::NaiveDate;
use redb::{Database, TableDefinition};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

pub const TESTS: &[ContractTest] = &[
    ("records_of_the_original_are_readable", original_records),
    ("a_record_that_is_no_date_is_500_with_the_cause_in_the_log_once", unreadable_records),
];

pub const DYNAMODB_TESTS: &[DynamoDbTest] =
    &[("an_item_with_no_date_or_one_of_another_type_is_500_with_the_cause_in_the_log_once", odd_items)];

/// What the original stored for 10 December 1990: as it was sent.
const WAYS_TO_WRITE: [&str; 4] = ["1990-12-10", "19901210", "1990-W50-1", "1990W501"];

fn original_records(subject: &Subject) {
    let today = NaiveDate::from_ymd_opt(2026, 12, 1).expect("a date");
    let names = WAYS_TO_WRITE.map(|_| subject.suite.username());
    let weekless = subject.suite.username();
    let mut records: Vec<(&str, &str)> = names.iter().map(String::as_str).zip(WAYS_TO_WRITE).collect();
    records.push((&weekless, "1990-W50"));
    let server = match subject.backend {
        Backend::Embedded => {
            let directory = subject.suite.directory();
            write_embedded(&directory, &records);
            let store = Arc::new(Embedded::open(&directory).expect("a store"));
            subject.suite.runtime.block_on(InProcess::start_with(store, at_midnight(move || today), &[]))
        }
        Backend::DynamoDb => {
            write_dynamodb(subject.suite, &records);
            subject.on(today)
        }
    };
    for (name, stored) in records {
        let message = format!("Hello, {name}! Your birthday is in 9 day(s)");
        check(server.address, &[says(stored, get(&format!("/hello/{name}")), &message)]);
    }
    subject.suite.runtime.block_on(server.stop());
}

fn unreadable_records(subject: &Subject) {
    let nonsense = ["", "nonsense", "0000-01-01", "1990-02-30", "10000-01-01", "1990-12-10T00:00:00", "1990-W54-1"];
    let names = nonsense.map(|_| subject.suite.username());
    let records: Vec<(&str, &str)> = names.iter().map(String::as_str).zip(nonsense).collect();
    let service = match subject.backend {
        Backend::Embedded => {
            let directory = subject.suite.directory();
            write_embedded(&directory, &records);
            Subject::start_in(&directory, &[])
        }
        Backend::DynamoDb => {
            write_dynamodb(subject.suite, &records);
            subject.start(&[])
        }
    };
    for (name, stored) in records {
        unreadable(&service, name, stored);
    }
}

fn odd_items(suite: &Suite, _: &LocalDynamoDb) {
    let service = Subject { suite, backend: Backend::DynamoDb }.start(&[]);
    let odd = [
        None,
        Some(AttributeValue::N("19901210".to_owned())),
        Some(AttributeValue::Bool(true)),
        Some(AttributeValue::Null(true)),
        Some(AttributeValue::B(Blob::new("1990-12-10"))),
        Some(AttributeValue::Ss(vec!["1990-12-10".to_owned()])),
        Some(AttributeValue::L(vec![AttributeValue::S("1990-12-10".to_owned())])),
        Some(AttributeValue::M([("S".to_owned(), AttributeValue::S("1990-12-10".to_owned()))].into())),
    ];
    for value in odd {
        let name = suite.username();
        let what = format!("{value:?}");
        suite.put_item(&name, value);
        unreadable(&service, &name, &what);
    }
}

/// The record is answered with a 500 that says nothing, logged once without the record, and mended by a PUT.
fn unreadable(service: &Service, name: &str, stored: &str) {
    let before = failures(service, 0);
    let path = format!("/hello/{name}");
    assert_error(&raw(service.address, &get(&path)), 500, "Internal server error");
    assert_eq!(failures(service, before + 1), before + 1, "{stored:?}: {}", service.log());
    let log = service.log();
    assert!(log.contains("the store holds a record whose date of birth cannot be read"), "{log}");
    assert!(stored.len() < 4 || !log.contains(stored), "{stored:?} is in the log: {log}");
    assert!(!log.contains(name), "{log}");
    check(service.address, &[remembered(stored, put(name, &born("1990-12-10"))), greets(stored, get(&path), name)]);
    assert_eq!(failures(service, before + 1), before + 1, "{}", service.log());
}

/// Asserts that the log says why the store is unavailable, and each reason once, whatever the number of requests.
pub fn assert_outage_logged(service: &Service) {
    let started = Instant::now();
    loop {
        let log = service.log();
        let mut reasons: Vec<&str> = log
            .lines()
            .filter_map(|line| line.split_once("the store is unavailable: ")?.1.split_once('"'))
            .map(|(reason, _)| reason)
            .collect();
        if !reasons.is_empty() {
            assert_eq!(failures(service, reasons.len()), reasons.len(), "{log}");
            let lines = reasons.len();
            reasons.sort_unstable();
            reasons.dedup();
            assert_eq!(reasons.len(), lines, "{log}");
            return;
        }
        assert!(started.elapsed() < TIMEOUT, "nothing says why: {log}");
    }
}

/// How many lines of the log are errors, once there are as many as expected: a line may be read after the answer.
pub fn failures(service: &Service, expected: usize) -> usize {
    let count = || service.log().lines().filter(|line| line.contains(r#""level":"ERROR""#)).count();
    let started = Instant::now();
    while count() < expected && started.elapsed() < TIMEOUT {
        thread::sleep(Duration::from_millis(5));
    }
    // One too many would come now.
    thread::sleep(Duration::from_millis(20));
    count()
}

fn write_embedded(directory: &Path, records: &[(&str, &str)]) {
    let users: TableDefinition<&str, &str> = TableDefinition::new("users");
    let database = Database::create(Embedded::file(directory)).expect("a new file");
    let transaction = database.begin_write().expect("a transaction");
    {
        let mut table = transaction.open_table(users).expect("a table");
        for (name, value) in records {
            table.insert(name, value).expect("a record");
        }
    }
    transaction.commit().expect("it is written");
}

fn write_dynamodb(suite: &Suite, records: &[(&str, &str)]) {
    for (name, value) in records {
        suite.put_item(name, Some(AttributeValue::S((*value).to_owned())));
    }
}
