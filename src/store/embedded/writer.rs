//! The thread that writes.

use super::database_file::{DatabaseFile, store_error};
use crate::store::StoreError;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Capacity of the write queue, and so the largest batch: four times the default `MAX_CONCURRENT_REQUESTS`.
pub(super) const QUEUE_CAPACITY: usize = 4096;

/// How long the writer waits between two attempts to open the file again.
const REOPEN_INTERVAL: Duration = Duration::from_millis(100);

/// What the writer thread can be asked for.
pub(super) enum WriteRequest {
    Put {
        key: String,
        value: String,
        done: oneshot::Sender<Result<(), StoreError>>,
    },
    /// A read has failed: open the file again, unless that has happened.
    Reopen,
}

pub(super) struct Writer {
    pub(super) file: Arc<DatabaseFile>,
    pub(super) queue: Receiver<WriteRequest>,
}

impl Writer {
    pub(super) fn run(self) {
        let mut last_attempt = Instant::now();
        loop {
            match self.queue.recv_timeout(if self.file.has_failed() { REOPEN_INTERVAL } else { Duration::MAX }) {
                Ok(request) => self.commit_batch(request),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if self.file.has_failed() && last_attempt.elapsed() >= REOPEN_INTERVAL {
                last_attempt = Instant::now();
                match self.file.reopen() {
                    Ok(()) => tracing::info!("the store's file is open again"),
                    Err(error) => tracing::debug!("the store's file can't be opened again yet: {error}"),
                }
            }
        }
    }

    /// Commits `first` together with all that waits behind it.
    fn commit_batch(&self, first: WriteRequest) {
        let mut records = Vec::new();
        let mut replies = Vec::new();
        for request in std::iter::once(first).chain(self.queue.try_iter().take(QUEUE_CAPACITY)) {
            match request {
                WriteRequest::Put { key, value, done } => {
                    records.push((key, value));
                    replies.push(done);
                }
                WriteRequest::Reopen => {}
            }
        }
        let outcome = match self.file.check_space(records.len()) {
            Err(full) => Err(full),
            Ok(()) if records.is_empty() => Ok(()),
            Ok(()) => self.file.commit(&records),
        };
        let outcome = outcome.map_err(Arc::new);
        for done in replies {
            // A client that has gone does not wait for its answer.
            let _ = done.send(outcome.clone().map_err(|error| store_error(error.as_ref(), Arc::clone(&error).into())));
        }
    }
}
