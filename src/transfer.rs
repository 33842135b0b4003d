//! Moves records from one store to another, as JSON lines: `{"username":"ada","dateOfBirth":"1990-12-10"}`.
//!
//! Both directions work page by page, so that memory stays the same for any number of records, and both may be repeated: a
//! record that is there already is written again.

mod line;

use crate::store::{BulkStore, Record, StoreError, StoreFuture};
use chrono::NaiveDate;
use line::{BadLine, Lines};
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufRead, BufWriter, Write};
use std::path::Path;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Records that are written together.
const CHUNK: usize = 1000;

/// How often progress is logged.
const PROGRESS_INTERVAL: Duration = Duration::from_secs(5);

/// How long an unavailable store is waited for.
const OUTAGE_TIMEOUT: Duration = Duration::from_mins(2);

/// The first wait for it; each further one is twice as long, up to the longest.
const FIRST_BACKOFF: Duration = Duration::from_millis(250);
const LONGEST_BACKOFF: Duration = Duration::from_secs(10);

/// Writes all records of the store, and gives their number.
///
/// # Errors
///
/// [`TransferError`] if the store fails, the output can't be written, or records can't be read.
pub async fn export(store: &dyn BulkStore, mut output: impl Write) -> Result<u64, TransferError> {
    let mut progress = Progress::new("exported");
    let mut unreadable = 0;
    let mut after = None;
    loop {
        let page = retry(|| store.scan(after.clone())).await.map_err(|error| progress.store_error(error))?;
        for Record { username, born } in &page.records {
            writeln!(output, r#"{{"username":"{}","dateOfBirth":"{born}"}}"#, username.as_written())
                .map_err(TransferError::Output)?;
        }
        progress.add(page.records.len());
        unreadable += page.unreadable;
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    output.flush().map_err(TransferError::Output)?;
    if unreadable > 0 {
        return Err(TransferError::Unreadable { exported: progress.records, unreadable });
    }
    Ok(progress.records)
}

/// As [`export`], to a file. It gets its name when it is complete, so that no part of the records is taken for all of them.
///
/// # Errors
///
/// [`TransferError`] as [`export`].
pub async fn export_to_file(store: &dyn BulkStore, file: &Path) -> Result<u64, TransferError> {
    let unfinished = file.with_added_extension("partial");
    let mut output = BufWriter::new(File::create(&unfinished).map_err(TransferError::Output)?);
    let records = export(store, &mut output).await?;
    output.get_ref().sync_all().and_then(|()| fs::rename(&unfinished, file)).map_err(TransferError::Output)?;
    Ok(records)
}

/// Reads records into the store, and gives their number. The first line that is no record ends it; those before are kept.
///
/// # Errors
///
/// [`TransferError`] if the store fails, the input can't be read, or a line is no record of somebody born before `today`.
pub async fn import(store: &dyn BulkStore, input: impl BufRead, today: NaiveDate) -> Result<u64, TransferError> {
    let mut progress = Progress::new("imported");
    let mut lines = Lines::new(input, today);
    loop {
        // Of a user who is there twice the last record counts.
        let mut chunk = HashMap::new();
        let mut count = 0;
        let mut end = None;
        while count < CHUNK && end.is_none() {
            match lines.next() {
                Some(Ok(record)) => {
                    chunk.insert(record.username.key().into_owned(), record);
                    count += 1;
                }
                Some(Err(error)) => end = Some(Err(error)),
                None => end = Some(Ok(())),
            }
        }
        let records: Vec<Record> = chunk.into_values().collect();
        retry(|| store.put_many(records.clone())).await.map_err(|error| progress.store_error(error))?;
        progress.add(count);
        match end {
            None => {}
            Some(Ok(())) => return Ok(progress.records),
            Some(Err(error)) => return Err(TransferError::Line { error, imported: progress.records }),
        }
    }
}

/// Calls the store until it is available.
async fn retry<'a, T>(call: impl Fn() -> StoreFuture<'a, T>) -> Result<T, StoreError> {
    let deadline = Instant::now() + OUTAGE_TIMEOUT;
    let mut backoff = FIRST_BACKOFF;
    loop {
        match call().await {
            Err(error @ StoreError::Unavailable(_)) if Instant::now() < deadline => tracing::info!("waiting: {error}"),
            outcome => return outcome,
        }
        sleep(backoff).await;
        backoff = LONGEST_BACKOFF.min(backoff * 2);
    }
}

struct Progress {
    done: &'static str,
    records: u64,
    logged: Instant,
}

impl Progress {
    fn new(done: &'static str) -> Self {
        Self { done, records: 0, logged: Instant::now() }
    }

    fn add(&mut self, records: usize) {
        self.records += records as u64;
        if self.logged.elapsed() >= PROGRESS_INTERVAL {
            self.logged = Instant::now();
            tracing::info!("{} {} records so far", self.done, self.records);
        }
    }

    fn store_error(&self, error: StoreError) -> TransferError {
        TransferError::Store { error, done: self.done, records: self.records }
    }
}

/// Why not all records were moved. None of its texts holds a record.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// The store failed, or was unavailable for long.
    #[error("{error}; {done} {records} records; run it again when that is mended")]
    Store {
        /// What the store said.
        error: StoreError,
        /// What was being done.
        done: &'static str,
        /// How many records were moved before.
        records: u64,
    },
    /// The output can't be written.
    #[error("cannot write the records: {0}")]
    Output(io::Error),
    /// Some records are left out.
    #[error("exported {exported} records; left out {unreadable} whose username or date of birth cannot be read")]
    Unreadable {
        /// Records that are in the output.
        exported: u64,
        /// Records that are not.
        unreadable: usize,
    },
    /// A line is no record.
    #[error("{error}; imported the {imported} records before it")]
    Line {
        /// Which line, and why.
        error: BadLine,
        /// How many records are in the store.
        imported: u64,
    },
}
