//! The embedded store: one redb file, for a single process.
//!
//! Reads are served where they are asked, from redb's page cache. Writes go to one writer thread, which takes all that are
//! waiting into one commit, so that durability costs one sync for many requests, not for each.
//!
//! After an I/O error the writer opens the file again, which brings back the last durable commit. Until that succeeds nothing
//! is written; reads go on, unless it is they that failed.

mod bulk;
mod database_file;
mod disk;
mod open_error;
mod storage;
mod writer;

pub use open_error::OpenError;

use super::{Store, StoreError, StoreFuture};
use crate::birthday::DateOfBirth;
use crate::username::Username;
use database_file::{DatabaseFile, FreeSpace, OpenBackend, Opened};
use redb::StorageBackend;
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};
use tokio::sync::oneshot;
use writer::{QUEUE_CAPACITY, WriteRequest, Writer};

/// The name of the file in `DATA_DIR`.
const FILE_NAME: &str = "users.redb";

/// Birth dates in a local file.
pub struct Embedded {
    file: Arc<DatabaseFile>,
    /// `None` once dropping has begun.
    requests: Option<SyncSender<WriteRequest>>,
    writer: Option<JoinHandle<()>>,
    /// The directory, locked.
    _lock: Option<File>,
}

impl Embedded {
    /// Opens the store in `directory`, making both if they are not there.
    ///
    /// # Errors
    ///
    /// [`OpenError`] if the directory can't be made, or the file can't be opened, is in use or is damaged.
    pub fn open(directory: &Path) -> Result<Self, OpenError> {
        let file = Self::file(directory);
        let io_error = |source| OpenError::Io { path: directory.to_owned(), source };
        disk::create_directory(directory).map_err(io_error)?;
        let handle = File::open(directory).map_err(io_error)?;
        // redb locks the file while it is open. This lock covers the time before, and when it is opened again. Some file
        // systems have no locks: only a lock that somebody holds is an error.
        if matches!(handle.try_lock(), Err(TryLockError::WouldBlock)) {
            return Err(OpenError::InUse(file));
        }
        let new = if file.try_exists().map_err(io_error)? {
            None
        } else {
            Some(database_file::create(&file).map_err(|error| OpenError::from_redb(&file, error))?)
        };
        // The file's own syncs do not cover its name: that is kept by the directory.
        handle.sync_all().map_err(io_error)?;
        let place = directory.to_owned();
        Self::start(
            file.clone(),
            new,
            Box::new(move || database_file::open_file(&file)),
            Box::new(move || disk::free_space(&place)),
            Some(handle),
        )
    }

    /// Opens a store that is there already.
    ///
    /// # Errors
    ///
    /// [`OpenError`] as [`Embedded::open`], and if there is none.
    pub fn open_existing(directory: &Path) -> Result<Self, OpenError> {
        let file = Self::file(directory);
        if file.exists() { Self::open(directory) } else { Err(OpenError::Missing(file)) }
    }

    /// Opens the store on storage of the caller's: `backend` is called now and again after each I/O error.
    ///
    /// # Errors
    ///
    /// [`OpenError`] as [`Embedded::open`].
    pub fn open_with<B: StorageBackend>(
        backend: impl Fn() -> io::Result<B> + Send + Sync + 'static,
    ) -> Result<Self, OpenError> {
        Self::start(
            PathBuf::from("the storage backend"),
            None,
            Box::new(move || Ok(Box::new(backend()?))),
            Box::new(|| u64::MAX),
            None,
        )
    }

    /// The file that [`Embedded::open`] uses in `directory`.
    #[must_use]
    pub fn file(directory: &Path) -> PathBuf {
        directory.join(FILE_NAME)
    }

    fn start(
        path: PathBuf,
        opened: Option<Opened>,
        open: OpenBackend,
        free_space: FreeSpace,
        lock: Option<File>,
    ) -> Result<Self, OpenError> {
        let file = DatabaseFile::new(path, open, free_space);
        match opened {
            Some(opened) => file.install(opened)?,
            None => file.reopen()?,
        }
        let file = Arc::new(file);
        let (requests, queue) = sync_channel(QUEUE_CAPACITY);
        let writer = Writer { file: Arc::clone(&file), queue };
        let writer = thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || writer.run())
            .map_err(|source| OpenError::Io { path: file.path().to_owned(), source })?;
        Ok(Self { file, requests: Some(requests), writer: Some(writer), _lock: lock })
    }

    fn submit(&self, request: WriteRequest) -> Result<(), StoreError> {
        let requests = self.requests.as_ref().expect("there are requests until the drop");
        requests.try_send(request).map_err(|error| match error {
            TrySendError::Full(_) => StoreError::Unavailable("too many writes are waiting".into()),
            TrySendError::Disconnected(_) => writer_stopped(),
        })
    }

    fn read(&self, key: &str) -> Result<Option<DateOfBirth>, StoreError> {
        self.file.read(key).inspect_err(|_| {
            if self.file.has_failed() {
                // If the queue is full, the writer is awake and sees it without being told.
                let _ = self.submit(WriteRequest::Reopen);
            }
        })
    }
}

impl Drop for Embedded {
    /// Finishes the writes that are waiting and closes the file.
    fn drop(&mut self) {
        drop(self.requests.take());
        if let Some(writer) = self.writer.take() {
            // A panic of the writer was reported when it happened; there is nothing left to close.
            let _ = writer.join();
        }
        self.file.close();
    }
}

impl Store for Embedded {
    fn get<'a>(&'a self, username: &'a Username) -> StoreFuture<'a, Option<DateOfBirth>> {
        // A read is a look-up in memory or, where the page is not cached, one short read of a local file: less than the
        // hand-over to another thread would cost.
        Box::pin(async { self.read(&username.key()) })
    }

    fn put<'a>(&'a self, username: &'a Username, born: DateOfBirth) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let (done, outcome) = oneshot::channel();
            self.submit(WriteRequest::Put { key: username.key().into_owned(), value: born.to_string(), done })?;
            outcome.await.unwrap_or_else(|_| Err(writer_stopped()))
        })
    }

    fn check(&self) -> StoreFuture<'_, ()> {
        // No username is empty, so this asks the file and finds nothing.
        Box::pin(async { self.read("").map(drop) })
    }
}

fn writer_stopped() -> StoreError {
    StoreError::Failed("the store's writer has stopped".into())
}
