//! Where birth dates are kept: one trait, and its two stores.

mod bulk;
mod dynamodb;
mod embedded;
mod outage;

pub use bulk::{BulkStore, Page, Record};
pub use dynamodb::{ConnectError, CreateTableError, DynamoDb, TableState};
pub use embedded::{Embedded, OpenError};
pub use outage::OutageLog;

use crate::birthday::DateOfBirth;
use crate::username::Username;
use std::pin::Pin;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What a store answers with, later.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Keeps one birth date for each username.
pub trait Store: Send + Sync + 'static {
    /// The birth date of `username`, or `None` if nobody has put one. It sees every acknowledged [`Store::put`].
    fn get<'a>(&'a self, username: &'a Username) -> StoreFuture<'a, Option<DateOfBirth>>;

    /// Keeps the birth date, replacing an earlier one. When it has answered `Ok`, the record is durable.
    fn put<'a>(&'a self, username: &'a Username, born: DateOfBirth) -> StoreFuture<'a, ()>;

    /// Asks whether the store answers at all.
    fn check(&self) -> StoreFuture<'_, ()>;
}

/// Why a store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It can't be reached or can't serve right now: the same request may succeed later.
    #[error("the store is unavailable: {0}")]
    Unavailable(#[source] BoxError),
    /// It refused or failed, and will again until somebody mends it.
    #[error("the store failed: {0}")]
    Failed(#[source] BoxError),
    /// The stored record has no birth date that can be read. The record itself is personal data and not part of the error.
    #[error("the store holds a record whose date of birth cannot be read")]
    Unreadable,
}

impl StoreError {
    /// The store did not answer in the time that the request had.
    #[must_use]
    pub fn timeout() -> Self {
        Self::Unavailable("it did not answer within REQUEST_TIMEOUT".into())
    }
}
