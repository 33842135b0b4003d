//! The embedded store, page by page.

use super::Embedded;
use super::database_file::store_error;
use crate::store::bulk::{BulkStore, Page, Record};
use crate::store::{Store, StoreFuture};
use futures_util::future::try_join_all;
use std::ops::Bound;

/// Records in a page.
const PAGE: usize = 1000;

impl BulkStore for Embedded {
    fn scan(&self, after: Option<String>) -> StoreFuture<'_, Page> {
        Box::pin(async move {
            let page = self.file.with_users(|users| {
                let after = after.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
                let mut page = Page::default();
                for entry in users.range::<&str>((after, Bound::Unbounded))?.take(PAGE) {
                    let (key, value) = entry?;
                    page.push(key.value(), Some(value.value()));
                    page.next = Some(key.value().to_owned());
                }
                if page.records.len() + page.unreadable < PAGE {
                    page.next = None;
                }
                Ok(page)
            });
            page.map_err(|error| store_error(&error, error.to_string().into()))
        })
    }

    fn put_many(&self, records: Vec<Record>) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            let puts = records.iter().map(|Record { username, born }| self.put(username, *born));
            try_join_all(puts).await.map(drop)
        })
    }
}
