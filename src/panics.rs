//! Panics that are caught: told once, by whoever catches them.

use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    /// Whether [`catch`] is running on this thread.
    static CATCHING: Cell<bool> = const { Cell::new(false) };
    /// What the panic hook saw last while it was.
    static CAUGHT: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Runs `work`. If it panics, returns the message and the place, and the panic hook reports nothing.
pub(crate) fn catch<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let report = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if CATCHING.get() {
                CAUGHT.set(describe(panic));
            } else {
                report(panic);
            }
        }));
    });
    let outer = CATCHING.replace(true);
    let outcome = panic::catch_unwind(AssertUnwindSafe(work));
    CATCHING.set(outer);
    outcome.map_err(|_| CAUGHT.take())
}

/// From now on a panic that nobody catches is a line of the log, as every other error.
pub(crate) fn log_uncaught() {
    panic::set_hook(Box::new(|panic| tracing::error!("panicked: {}", describe(panic))));
}

fn describe(panic: &panic::PanicHookInfo) -> String {
    let message = panic.payload_as_str().unwrap_or("no message");
    panic.location().map_or_else(|| message.to_owned(), |location| format!("{message} at {location}"))
}
