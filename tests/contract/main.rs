//! The HTTP contract, the same suite for each store, and what the service does when DynamoDB fails.

#[path = "../support/mod.rs"]
mod support;

fn main() -> std::process::ExitCode {
    let arguments = libtest_mimic::Arguments::from_args();
    libtest_mimic::run(&arguments, Vec::new()).exit_code()
}
