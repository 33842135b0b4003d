//! The HTTP contract, the same suite for each store, and what the service does when DynamoDB fails.
//!
//! The DynamoDB side needs a local DynamoDB ([`local`]). Where none is to be had its tests are ignored, and the reason
//! is said; with `DYNAMODB_LOCAL=required` they fail. The standard library's harness can't ignore a test once it runs.

#[path = "../support/mod.rs"]
mod support;

/// Tests that are named after their functions.
macro_rules! tests {
    ($($test:ident),* $(,)?) => { vec![$((stringify!($test).to_owned(), Box::new($test))),*] };
}

mod bodies;
mod create_table;
mod credentials;
mod dates;
mod exchange;
mod faults;
mod local;
mod names;
mod records;
mod requests;
mod scene;
mod subject;
mod transfer;

use libtest_mimic::{Arguments, Trial};
use local::LocalDynamoDb;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};
use std::sync::Arc;
use subject::{Backend, Subject, Suite};

/// Tests by their names.
type Tests = Vec<(String, Box<dyn Fn(&Subject) + Send>)>;

/// Credentials that no account has, so that no mistake in the environment lets the suite write into a real table.
const CREDENTIALS: [(&str, &str); 3] =
    [("AWS_ACCESS_KEY_ID", "local"), ("AWS_SECRET_ACCESS_KEY", "local"), ("AWS_SESSION_TOKEN", "")];

fn main() -> ExitCode {
    // The SDK inside the tests finds them in the environment, which a process can't change safely once it runs.
    if variable("AWS_ACCESS_KEY_ID").as_deref() != Some("local") {
        let program = std::env::current_exe().expect("the path of this program");
        let error = Command::new(program).args(std::env::args_os().skip(1)).envs(CREDENTIALS).exec();
        panic!("cannot start again with test credentials: {error}");
    }
    let mut arguments = Arguments::from_args();
    // Most of them wait for timeouts most of the time.
    arguments.test_threads.get_or_insert(4);
    // A list of the tests needs no database.
    let dynamodb = if arguments.list { Err("only listed".to_owned()) } else { LocalDynamoDb::start() };
    let suite = Arc::new(Suite::new(dynamodb));
    let trials = [
        (Backend::Embedded, contract()),
        (Backend::Embedded, transfer::of_embedded()),
        (Backend::DynamoDb, contract()),
        (Backend::DynamoDb, of_dynamodb()),
    ];
    let trials = trials.into_iter().flat_map(|(backend, tests)| {
        let suite = Arc::clone(&suite);
        tests.into_iter().map(move |(name, test)| trial(Subject { suite: Arc::clone(&suite), backend }, &name, test))
    });
    let conclusion = libtest_mimic::run(&arguments, trials.collect());
    // Ends the database, before this process ends.
    drop(suite);
    conclusion.exit_code()
}

/// What each store has to pass.
fn contract() -> Tests {
    [names::tests(), requests::tests(), bodies::tests(), dates::tests(), records::tests()]
        .into_iter()
        .flatten()
        .collect()
}

fn of_dynamodb() -> Tests {
    let all =
        [records::of_dynamodb(), create_table::tests(), credentials::tests(), transfer::of_dynamodb(), faults::tests()];
    all.into_iter().flatten().collect()
}

/// One test; ignored, or failed where it is required, for the reason for which what it needs is missing.
fn trial(subject: Subject, name: &str, test: Box<dyn Fn(&Subject) + Send>) -> Trial {
    let name = format!("{}::{name}", if subject.backend == Backend::Embedded { "embedded" } else { "dynamodb" });
    let missing = subject.suite.dynamodb.as_ref().err().filter(|_| subject.backend == Backend::DynamoDb);
    if let Some(reason) = missing.map(|reason| format!("no local DynamoDB: {reason}")) {
        let required = variable("DYNAMODB_LOCAL").as_deref() == Some("required");
        let kind = reason.clone();
        return Trial::test(name, move || Err(reason.into())).with_kind(kind).with_ignored_flag(!required);
    }
    Trial::test(name, move || {
        test(&subject);
        Ok(())
    })
}

#[expect(clippy::disallowed_methods, reason = "the settings of the suite itself")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
