//! An error and what caused it, in one line.

use std::error::Error;
use std::fmt::Write;

/// The messages of `error` and of each of its causes.
pub(crate) fn in_one_line(error: &(dyn Error + 'static)) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let _ = write!(line, ": {cause}");
        source = cause.source();
    }
    line
}
