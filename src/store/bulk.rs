//! Stores that can be moved: all of their records are read page by page, and many are written at once.

use super::StoreFuture;
use crate::birthday::DateOfBirth;
use crate::username::Username;

/// What is kept of one user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Who.
    pub username: Username,
    /// When they were born.
    pub born: DateOfBirth,
}

/// Some records, in an order of the store's own.
#[derive(Debug, Default)]
pub struct Page {
    /// The records.
    pub records: Vec<Record>,
    /// How many more there are whose key or date of birth can't be read.
    pub unreadable: usize,
    /// The key after which the next page begins; `None` ends the store.
    pub next: Option<String>,
}

impl Page {
    /// Adds what is stored.
    pub(super) fn push(&mut self, key: &str, born: Option<&str>) {
        let username = Username::parse(key.to_owned()).ok().filter(|username| username.key() == key);
        let born = born.and_then(|born| DateOfBirth::parse_stored(born).ok());
        match username.zip(born) {
            Some((username, born)) => self.records.push(Record { username, born }),
            None => self.unreadable += 1,
        }
    }
}

/// Reads and writes records in bulk.
pub trait BulkStore {
    /// The page of records after this key, or the first one.
    fn scan(&self, after: Option<String>) -> StoreFuture<'_, Page>;

    /// Keeps all of these records, which are of different users. When it fails, it may have kept some of them.
    fn put_many(&self, records: Vec<Record>) -> StoreFuture<'_, ()>;
}
