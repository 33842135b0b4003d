//! The HTTP contract, the same suite for each store, and what the service does when DynamoDB fails.
//!
//! The DynamoDB side needs a local DynamoDB ([`local`]). Where none is to be had its tests are ignored, and the reason
//! is said; with `DYNAMODB_LOCAL=required` they fail.

#[path = "../support/mod.rs"]
mod support;

mod bodies;
mod create_table;
mod credentials;
mod dates;
mod exchange;
mod faults;
mod local;
mod names;
mod proxy;
mod records;
mod requests;
mod scene;
mod subject;
mod transfer;

use libtest_mimic::{Arguments, Failed, Trial};
use local::LocalDynamoDb;
use std::os::unix::process::CommandExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Command, ExitCode};
use std::sync::Arc;
use subject::{Backend, Subject, Suite};

/// A test of the contract, which every store has to pass.
type ContractTest = (&'static str, fn(&Subject));

/// A test of what only DynamoDB has.
type DynamoDbTest = (&'static str, fn(&Suite, &LocalDynamoDb));

/// A test of what only the embedded store has.
type EmbeddedTest = (&'static str, fn(&Suite));

/// Credentials that no account has, so that no mistake in the environment lets the suite write into a real table.
const CREDENTIALS: [(&str, &str); 3] =
    [("AWS_ACCESS_KEY_ID", "local"), ("AWS_SECRET_ACCESS_KEY", "local"), ("AWS_SESSION_TOKEN", "")];

fn main() -> ExitCode {
    if variable("AWS_ACCESS_KEY_ID").as_deref() != Some("local") {
        return run_with_credentials();
    }
    let mut arguments = Arguments::from_args();
    // Most of them wait for timeouts most of the time.
    arguments.test_threads.get_or_insert(4);
    // A list of the tests needs no database.
    let dynamodb = if arguments.list { Err("only listed".to_owned()) } else { LocalDynamoDb::start() };
    if let Err(reason) = &dynamodb
        && !arguments.list
    {
        eprintln!("no local DynamoDB: {reason}");
    }
    let suite = Arc::new(Suite::new(dynamodb));
    let conclusion = libtest_mimic::run(&arguments, trials(&suite));
    drop(suite);
    conclusion.exit_code()
}

/// The SDK inside the tests finds its credentials in the environment, which a process can't change safely once it runs.
fn run_with_credentials() -> ExitCode {
    let program = std::env::current_exe().expect("the path of this program");
    let error = Command::new(program).args(std::env::args_os().skip(1)).envs(CREDENTIALS).exec();
    eprintln!("cannot start again with test credentials: {error}");
    ExitCode::FAILURE
}

fn trials(suite: &Arc<Suite>) -> Vec<Trial> {
    let contract = [names::TESTS, requests::TESTS, bodies::TESTS, dates::TESTS, records::TESTS].concat();
    let dynamodb_only =
        [records::DYNAMODB_TESTS, create_table::TESTS, credentials::TESTS, transfer::TESTS, faults::TESTS].concat();
    let missing = suite.dynamodb.as_ref().err();
    let embedded = contract.iter().map(|&(name, test)| {
        let suite = Arc::clone(suite);
        trial(format!("embedded::{name}"), None, move || test(&Subject { suite: &suite, backend: Backend::Embedded }))
    });
    let dynamodb = contract.iter().map(|&(name, test)| {
        let suite = Arc::clone(suite);
        trial(format!("dynamodb::{name}"), missing, move || {
            test(&Subject { suite: &suite, backend: Backend::DynamoDb });
        })
    });
    let dynamodb_only = dynamodb_only.iter().map(|&(name, test)| {
        let suite = Arc::clone(suite);
        trial(format!("dynamodb::{name}"), missing, move || test(&suite, suite.dynamodb()))
    });
    let embedded_only = transfer::EMBEDDED_TESTS.iter().map(|&(name, test)| {
        let suite = Arc::clone(suite);
        trial(format!("embedded::{name}"), None, move || test(&suite))
    });
    embedded.chain(embedded_only).chain(dynamodb).chain(dynamodb_only).collect()
}

/// One test; ignored, or failed where it is required, for the reason for which what it needs is missing.
fn trial(name: String, missing: Option<&String>, test: impl FnOnce() + Send + 'static) -> Trial {
    if let Some(reason) = missing {
        let reason = format!("no local DynamoDB: {reason}");
        let required = variable("DYNAMODB_LOCAL").as_deref() == Some("required");
        let kind = reason.clone();
        return Trial::test(name, move || Err(reason.into())).with_kind(kind).with_ignored_flag(!required);
    }
    Trial::test(name, move || {
        catch_unwind(AssertUnwindSafe(test)).map_err(|panic| Failed::from(message(panic.as_ref())))
    })
}

fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_else(|| "panicked".to_owned())
}

#[expect(clippy::disallowed_methods, reason = "the settings of the suite itself")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
