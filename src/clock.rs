//! The date, as something that is handed in: only `main.rs` makes one that reads the wall clock.

use chrono::NaiveDate;
use std::fmt;
use std::sync::Arc;

/// Tells which day it is, in UTC.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> NaiveDate + Send + Sync>);

impl Clock {
    /// A clock that asks `today` each time.
    pub fn new(today: impl Fn() -> NaiveDate + Send + Sync + 'static) -> Self {
        Self(Arc::new(today))
    }

    /// The present day in UTC.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.today())
    }
}
