//! What is beneath redb: a file whose reads outlive a write that fails.

use redb::{BackendError, StorageBackend};
use std::collections::HashMap;
use std::io::{Error, Result};
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// After its first error redb does nothing more with a file, not even a read. So it is not told of a write that fails: from
/// then on nothing reaches the disk, as after a power cut, and what was committed before can still be read. Whoever commits
/// has to [`check`](Storage::check).
#[derive(Debug, Clone)]
pub(super) struct Storage(Arc<State>);

#[derive(Debug)]
struct State {
    backend: Box<dyn StorageBackend>,
    /// Why nothing is written any more.
    failure: OnceLock<Error>,
    /// What was to be written since, by its offset: the transaction that failed may read it again.
    unwritten: Mutex<HashMap<u64, Box<[u8]>>>,
}

impl Storage {
    pub(super) fn new(backend: Box<dyn StorageBackend>) -> Self {
        Self(Arc::new(State { backend, failure: OnceLock::new(), unwritten: Mutex::default() }))
    }

    /// Whether all that was written is there.
    pub(super) fn check(&self) -> Result<()> {
        self.0.failure.get().map_or(Ok(()), |error| Err(Error::new(error.kind(), error.to_string())))
    }

    /// Writes nothing from now on, and lets another open the file.
    pub(super) fn release(&self) -> Result<()> {
        let _ = self.0.failure.set(Error::other("the file is being opened again"));
        self.unwritten().clear();
        self.0.backend.close()
    }

    /// Changes the file, unless that has failed before. Tells whether it is changed.
    fn change(&self, change: impl FnOnce(&dyn StorageBackend) -> Result<()>) -> bool {
        self.0.failure.get().is_none()
            && change(self.0.backend.as_ref()).map_err(|error| self.0.failure.set(error)).is_ok()
    }

    fn unwritten(&self) -> MutexGuard<'_, HashMap<u64, Box<[u8]>>> {
        self.0.unwritten.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StorageBackend for Storage {
    fn len(&self) -> Result<u64> {
        self.0.backend.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        if self.0.failure.get().is_some()
            && let Some(page) = self.unwritten().get(&offset).and_then(|unwritten| unwritten.get(..out.len()))
        {
            out.copy_from_slice(page);
            return Ok(());
        }
        self.0.backend.read(offset, out)
    }

    fn set_len(&self, length: u64) -> Result<()> {
        self.change(|backend| backend.set_len(length));
        Ok(())
    }

    fn sync_data(&self) -> Result<()> {
        self.change(StorageBackend::sync_data);
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<()> {
        if !self.change(|backend| backend.write(offset, data)) {
            self.unwritten().insert(offset, data.into());
        }
        Ok(())
    }

    fn close(&self) -> Result<()> {
        self.0.backend.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> std::result::Result<bool, BackendError> {
        self.0.backend.try_lock_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> std::result::Result<(), BackendError> {
        self.0.backend.unlock_range(start, end)
    }
}
