//! The table, page by page: `Scan` and `BatchWriteItem`, which only `export` and `import` call.

use super::{DATE_OF_BIRTH, DynamoDb, KEY};
use crate::store::bulk::{BulkStore, Page, Record};
use crate::store::{StoreError, StoreFuture};
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::sleep;

/// Items in a page. A megabyte of them, which DynamoDB gives otherwise, takes some 50 megabytes of memory.
const PAGE: i32 = 1000;

/// The most items that DynamoDB takes at once.
const BATCH: usize = 25;

/// Batches under way at once.
const CONCURRENCY: usize = 8;

/// The first wait before items that DynamoDB had no room for are sent again; each further one is twice as long.
const FIRST_BACKOFF: Duration = Duration::from_millis(50);

/// How often a batch is sent before the store counts as unavailable.
const ATTEMPTS: u32 = 8;

impl BulkStore for DynamoDb {
    fn scan(&self, after: Option<String>) -> StoreFuture<'_, Page> {
        Box::pin(async move {
            let client = self.client();
            let start = after.map(|key| HashMap::from([(KEY.to_owned(), AttributeValue::S(key))]));
            let answer = client
                .scan()
                .table_name(&self.table)
                .projection_expression([KEY, DATE_OF_BIRTH].join(","))
                .consistent_read(true)
                .limit(PAGE)
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(|error| self.store_error(&client, &error))?;
            let mut page = Page::default();
            for item in answer.items() {
                let text = |name| item.get(name).and_then(|value: &AttributeValue| value.as_s().ok());
                page.push(text(KEY).map_or("", String::as_str), text(DATE_OF_BIRTH).map(String::as_str));
            }
            let last = answer.last_evaluated_key().and_then(|key| key.get(KEY)?.as_s().ok());
            page.next = last.cloned();
            Ok(page)
        })
    }

    fn put_many(&self, records: Vec<Record>) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            let batches = records.chunks(BATCH).map(|batch| batch.iter().map(write_request).collect::<Vec<_>>());
            stream::iter(batches).map(Ok).try_for_each_concurrent(CONCURRENCY, |batch| self.write_batch(batch)).await
        })
    }
}

impl DynamoDb {
    /// Writes a batch, with as many calls as it takes.
    async fn write_batch(&self, mut batch: Vec<WriteRequest>) -> Result<(), StoreError> {
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                sleep(FIRST_BACKOFF * 2_u32.pow(attempt - 1)).await;
            }
            let client = self.client();
            let answer = client.batch_write_item().request_items(&self.table, batch).send().await;
            let answer = answer.map_err(|error| self.store_error(&client, &error))?;
            batch = answer.unprocessed_items.and_then(|mut left| left.remove(&self.table)).unwrap_or_default();
            if batch.is_empty() {
                return Ok(());
            }
        }
        Err(StoreError::Unavailable("DynamoDB has no capacity left for the table".into()))
    }
}

fn write_request(record: &Record) -> WriteRequest {
    let put = PutRequest::builder()
        .item(KEY, AttributeValue::S(record.username.key().into_owned()))
        .item(DATE_OF_BIRTH, AttributeValue::S(record.born.to_string()));
    WriteRequest::builder().put_request(put.build().expect("an item is given")).build()
}
