//! An error and what caused it, in one line.

use std::error::Error;
use std::iter;

/// `error` and each of its causes.
pub(crate) fn of<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    iter::successors(Some(error), |&error| error.source())
}

/// The messages of `error` and of each of its causes.
pub(crate) fn in_one_line(error: &(dyn Error + 'static)) -> String {
    let mut messages: Vec<String> = of(error).map(|cause| cause.to_string().trim().replace('\n', " ")).collect();
    // Layers that wrap an error often repeat its message.
    messages.dedup();
    messages.join(": ")
}
