//! The HTTP contract, the same suite for each store, and what the service does when DynamoDB fails.
//!
//! The DynamoDB side needs a local DynamoDB ([`local`]). Where none is to be had its tests are ignored, and the reason
//! is said; with `DYNAMODB_LOCAL=required` they fail. The standard library's harness can't ignore a test once it runs.

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
mod records;
mod requests;
mod scene;
mod subject;
mod transfer;

use libtest_mimic::Arguments;
use local::LocalDynamoDb;
use prelude::*;
use std::os::unix::process::CommandExt;
use std::process::ExitCode;
use subject::Suite;

mod prelude {
    pub use crate::exchange::{Contract, assert_error};
    pub use crate::subject::{Backend, Subject, create_table};
    pub use crate::support::prelude::*;
    pub use aws_sdk_dynamodb::types::AttributeValue;
}

type Tests = Vec<(String, Box<dyn Fn(&Subject) + Send>)>;

/// Tests of modules, named after their functions.
macro_rules! tests {
    ($($module:ident: $($test:ident),*;)*) => { vec![$($((stringify!($test).to_owned(), Box::new($module::$test))),*),*] };
}

fn contract() -> Tests {
    tests! {
        names:
            a_username_is_echoed_as_written_and_stored_in_lower_case,
            a_username_may_be_percent_encoded,
            a_username_has_at_most_2048_letters,
            what_is_not_ascii_letters_is_no_username,
            an_unknown_path_is_not_found;
        requests:
            head_is_get_without_the_body,
            options_and_wrong_methods_name_what_is_allowed,
            every_acknowledged_put_replaces_the_one_before_and_is_read_by_all;
        bodies:
            json_content_types_are_accepted_and_others_refused,
            what_is_not_json_is_refused,
            json_without_a_date_of_birth_in_its_one_form_is_refused,
            unknown_fields_are_ignored_and_the_last_duplicate_wins,
            a_body_of_16_kib_is_accepted_and_one_byte_more_refused,
            a_refused_put_changes_nothing;
        dates:
            a_birth_date_lies_before_today_and_its_birthday_is_greeted_or_counted_down_to;
        records:
            records_of_the_original_are_readable,
            a_record_that_is_no_date_is_500_with_the_cause_in_the_log_once;
    }
}

fn of_embedded() -> Tests {
    tests! {
        transfer:
            import_ends_at_a_line_that_is_no_record_and_names_its_number_only,
            import_that_is_killed_and_run_again_loses_nothing,
            export_beside_a_running_service_or_without_a_store_says_so_and_ends;
    }
}

fn of_dynamodb() -> Tests {
    tests! {
        create_table:
            create_table_makes_a_table_that_the_service_can_use,
            create_table_whose_first_answer_is_lost_has_made_the_table,
            create_table_refuses_a_table_with_another_key,
            create_table_without_credentials_says_so_in_seconds,
            create_table_waits_for_an_endpoint_that_comes_up_later_and_until_the_table_is_known;
        credentials:
            credentials_come_from_every_source_that_the_sdk_documents,
            credentials_that_can_never_work_stop_the_start_with_one_line;
        transfer:
            every_record_moves_from_any_store_to_any_store,
            export_writes_the_original_records_and_counts_those_that_cannot_be_read,
            throttling_is_waited_for_and_unprocessed_items_are_sent_again;
        faults:
            a_blip_is_not_seen_by_clients,
            retries_are_left_after_a_fault_that_used_them_up,
            a_table_that_was_never_made,
            no_credentials,
            credentials_that_come_later,
            started_with_the_store_down;
    }
}

/// Credentials that no account has, so that no mistake in the environment lets the suite write into a real table.
const CREDENTIALS: [(&str, &str); 3] =
    [("AWS_ACCESS_KEY_ID", "local"), ("AWS_SECRET_ACCESS_KEY", "local"), ("AWS_SESSION_TOKEN", "")];

fn main() -> ExitCode {
    // The SDK inside the tests finds them in the environment, which a process can't change safely once it runs.
    if environment("AWS_ACCESS_KEY_ID").as_deref() != Some("local") {
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
    let mut trials = Vec::new();
    for (backend, tests) in [
        (Backend::Embedded, contract()),
        (Backend::Embedded, of_embedded()),
        (Backend::DynamoDb, contract()),
        (Backend::DynamoDb, of_dynamodb()),
        (Backend::DynamoDb, faults::tables()),
    ] {
        let store = if backend == Backend::Embedded { "embedded" } else { "dynamodb" };
        for (name, test) in tests {
            let subject = Subject { suite: Arc::clone(&suite), backend };
            let needed = move || match &subject.suite.dynamodb {
                Err(reason) if backend == Backend::DynamoDb => Err(reason.clone()),
                _ => Ok(subject),
            };
            trials.push(trial(format!("{store}::{name}"), "DYNAMODB_LOCAL", needed, test));
        }
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}
