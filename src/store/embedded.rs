//! The embedded store: one redb file, for a single process.
//!
//! Reads are served where they are asked, from redb's page cache. Writes go to one writer thread, which takes all that are
//! waiting into one commit, so that durability costs one sync for many requests, not for each.
//!
//! After an I/O error redb refuses to go on with its file handle. The writer then closes the file and opens it again, which
//! brings back the last durable commit; until that succeeds the store is unavailable.

mod bulk;

use super::{Store, StoreError, StoreFuture};
use crate::birthday::DateOfBirth;
use crate::panics;
use crate::username::Username;
use redb::{
    Database, DatabaseError, ReadOnlyTable, ReadableDatabase, StorageBackend, StorageError, TableDefinition, TableError,
};
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Username in lower case to date of birth, `YYYY-MM-DD`.
const USERS: TableDefinition<&str, &str> = TableDefinition::new("users");

/// The name of the file in `DATA_DIR`.
const FILE_NAME: &str = "users.redb";

/// redb's page cache, in bytes: some 100,000 records stay in memory, and the process stays small.
const CACHE_BYTES: usize = 8 * 1024 * 1024;

/// Capacity of the write queue, and so the largest batch: four times the default `MAX_CONCURRENT_REQUESTS`.
const WRITE_QUEUE_CAPACITY: usize = 4096;

/// Free space, in bytes, below which nothing is written. A write that meets a full disk makes redb give up its file, and
/// reads would fail until it is open again.
const MIN_FREE_SPACE: u64 = 1024 * 1024;

/// Space that one record may take for a moment: its path through the tree is copied.
const SPACE_PER_RECORD: u64 = 16 * 1024;

/// How long the writer waits between two attempts to open the file again.
const REOPEN_INTERVAL: Duration = Duration::from_millis(100);

/// Birth dates in a local file.
pub struct Embedded {
    file: Arc<DatabaseFile>,
    /// `None` once dropping has begun.
    requests: Option<SyncSender<WriteRequest>>,
    writer: Option<JoinHandle<()>>,
}

/// What the writer thread can be asked for.
enum WriteRequest {
    Put {
        key: String,
        value: String,
        done: oneshot::Sender<Result<(), StoreError>>,
    },
    /// A read has failed: close the file, unless that has happened, and open it again.
    Reopen,
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
        create_directory(directory).map_err(io_error)?;
        let handle = File::open(directory).map_err(io_error)?;
        // Once the file is open, redb locks it. This lock covers the time before. Some file systems have no locks: only a
        // lock that somebody holds is an error.
        if matches!(handle.try_lock(), Err(TryLockError::WouldBlock)) {
            return Err(OpenError::InUse(file));
        }
        let new = if file.try_exists().map_err(io_error)? {
            None
        } else {
            Some(create_file(&file).map_err(|error| OpenError::from_redb(&file, error))?)
        };
        // The file's own syncs do not cover its name: that is kept by the directory.
        handle.sync_all().map_err(io_error)?;
        // Never `create`: a file that is gone when it is to be opened again must not be replaced by an empty one.
        let place = directory.to_owned();
        Self::start(file.clone(), new, Box::new(move || builder().open(&file)), Box::new(move || free_space(&place)))
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
            Box::new(move || {
                let backend = backend().map_err(|error| DatabaseError::Storage(StorageError::Io(error)))?;
                builder().create_with_backend(backend)
            }),
            Box::new(|| u64::MAX),
        )
    }

    /// The file that [`Embedded::open`] uses in `directory`.
    #[must_use]
    pub fn file(directory: &Path) -> PathBuf {
        directory.join(FILE_NAME)
    }

    fn start(
        path: PathBuf,
        opened: Option<Database>,
        open: OpenDatabase,
        free_space: FreeSpace,
    ) -> Result<Self, OpenError> {
        let file = DatabaseFile {
            path,
            open,
            free_space,
            database: Mutex::new(None),
            users: RwLock::new(None),
            failed: AtomicBool::new(false),
        };
        match opened {
            Some(database) => file.install(database)?,
            None => file.reopen()?,
        }
        let file = Arc::new(file);
        let (requests, queue) = sync_channel(WRITE_QUEUE_CAPACITY);
        let writer = Writer { file: Arc::clone(&file), queue };
        let writer = thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || writer.run())
            .map_err(|source| OpenError::Io { path: file.path.clone(), source })?;
        Ok(Self { file, requests: Some(requests), writer: Some(writer) })
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

struct Writer {
    file: Arc<DatabaseFile>,
    queue: Receiver<WriteRequest>,
}

impl Writer {
    fn run(self) {
        let mut last_attempt = Instant::now();
        loop {
            match self.queue.recv_timeout(if self.file.is_open() { Duration::MAX } else { REOPEN_INTERVAL }) {
                Ok(request) => self.commit_batch(request),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if !self.file.is_open() && last_attempt.elapsed() >= REOPEN_INTERVAL {
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
        for request in std::iter::once(first).chain(self.queue.try_iter().take(WRITE_QUEUE_CAPACITY)) {
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
            Ok(()) => self.file.commit(&records).inspect_err(|_| self.file.close()),
        };
        let outcome = outcome.map_err(Arc::new);
        if self.file.has_failed() {
            self.file.close();
        }
        for done in replies {
            // A client that has gone does not wait for its answer.
            let _ = done.send(outcome.clone().map_err(|error| store_error(error.as_ref(), Arc::clone(&error).into())));
        }
    }
}

type OpenDatabase = Box<dyn Fn() -> Result<Database, DatabaseError> + Send + Sync>;
type FreeSpace = Box<dyn Fn() -> u64 + Send + Sync>;
type Users = ReadOnlyTable<&'static str, &'static str>;

/// The redb file, which can be closed and opened again while others want to read it.
struct DatabaseFile {
    path: PathBuf,
    open: OpenDatabase,
    free_space: FreeSpace,
    /// The writer's; `None` while the file is closed.
    database: Mutex<Option<Database>>,
    /// The table after the last commit, for readers: opening it for each read would cost more than the read.
    users: RwLock<Option<Users>>,
    /// Whether the file that is open, if one is, has met an I/O error and so does no more.
    failed: AtomicBool,
}

impl DatabaseFile {
    fn is_open(&self) -> bool {
        self.database().is_some()
    }

    fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }

    fn read(&self, key: &str) -> Result<Option<DateOfBirth>, StoreError> {
        let found = self.with_users(|users| Ok(users.get(key)?.map(|value| DateOfBirth::parse_stored(value.value()))));
        match found {
            Ok(born) => born.transpose().map_err(|_| StoreError::Unreadable),
            Err(error) => Err(store_error(&error, error.to_string().into())),
        }
    }

    fn with_users<T>(&self, work: impl FnOnce(&Users) -> Result<T, redb::Error>) -> Result<T, redb::Error> {
        let users = self.users.read().unwrap_or_else(PoisonError::into_inner);
        self.with_open(users.as_ref(), work)
    }

    /// Checks that the disk has room for so many records.
    fn check_space(&self, records: usize) -> Result<(), redb::Error> {
        if (self.free_space)() < MIN_FREE_SPACE + SPACE_PER_RECORD * records as u64 {
            return Err(redb::Error::Io(io::Error::new(io::ErrorKind::StorageFull, "the disk is full, or nearly so")));
        }
        Ok(())
    }

    fn commit(&self, records: &[(String, String)]) -> Result<(), redb::Error> {
        let database = self.database();
        self.with_open(database.as_ref(), |database| {
            let mut transaction = database.begin_write()?;
            // Two phases: the root that names the new pages is written only after they are synced. When a sync fails, the
            // file therefore still has the last durable commit, whatever the kernel kept of the failed one.
            transaction.set_two_phase_commit(true);
            {
                let mut table = transaction.open_table(USERS)?;
                for (key, value) in records {
                    table.insert(key.as_str(), value.as_str())?;
                }
            }
            transaction.commit()?;
            // This also lets redb use again the pages which the commit replaced.
            self.publish(Some(open_users(database)?));
            Ok(())
        })
    }

    /// Does `work` if the file is open, and notes a failure. The caller holds the lock of `open`, so the failure is noted for
    /// this file and not for the one opened after it.
    fn with_open<O, T>(
        &self,
        open: Option<&O>,
        work: impl FnOnce(&O) -> Result<T, redb::Error>,
    ) -> Result<T, redb::Error> {
        let open = open.ok_or(redb::Error::DatabaseClosed)?;
        catch_panic(|| work(open)).inspect_err(|error| {
            if !matches!(error, redb::Error::Corrupted(_)) {
                self.failed.store(true, Ordering::Relaxed);
            }
        })
    }

    /// Opens the file, which must not be open.
    ///
    /// That can take long, for redb reads all of the file: readers are not kept waiting meanwhile.
    fn reopen(&self) -> Result<(), OpenError> {
        let opened = catch_panic(|| {
            let database = (self.open)()?;
            create_table(&database)?;
            Ok(database)
        });
        self.install(opened.map_err(|error| OpenError::from_redb(&self.path, error))?)
    }

    /// Makes an open database the current one.
    fn install(&self, database: Database) -> Result<(), OpenError> {
        let users = catch_panic(|| open_users(&database)).map_err(|error| OpenError::from_redb(&self.path, error))?;
        self.publish(Some(users));
        *self.database() = Some(database);
        Ok(())
    }

    fn publish(&self, users: Option<Users>) {
        *self.users.write().unwrap_or_else(PoisonError::into_inner) = users;
    }

    fn close(&self) {
        let closing = self.database().take();
        {
            let mut users = self.users.write().unwrap_or_else(PoisonError::into_inner);
            self.failed.store(false, Ordering::Relaxed);
            *users = None;
        }
        // Where the storage is failing, closing fails too; the next opening repairs what it left.
        let _ = catch_panic(|| {
            drop(closing);
            Ok(())
        });
    }

    fn database(&self) -> MutexGuard<'_, Option<Database>> {
        self.database.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn open_users(database: &Database) -> Result<Users, redb::Error> {
    Ok(database.begin_read()?.open_table(USERS)?)
}

fn builder() -> redb::Builder {
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE_BYTES);
    // redb verifies its checksums only here, not when it reads: a disk that has changed a record must not make this service
    // greet on a wrong day. It reads the whole file, which holds a million records in some 50 MB.
    builder.set_check_integrity_on_open(true);
    builder
}

/// The space that is left on the disk of a directory; where that can't be told, writing will show it.
fn free_space(directory: &Path) -> u64 {
    rustix::fs::statvfs(directory).map_or(u64::MAX, |disk| disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Makes the directory and its parents. Each name is durable only once the directory that holds it is synced.
fn create_directory(directory: &Path) -> io::Result<()> {
    let directory = std::path::absolute(directory)?;
    let missing = directory.ancestors().take_while(|ancestor| !ancestor.exists()).count();
    fs::create_dir_all(&directory)?;
    directory.ancestors().skip(1).take(missing).try_for_each(|parent| File::open(parent)?.sync_all())
}

/// Makes a new file. It gets its name when it is complete, so that a start which is cut short leaves nothing in the way of
/// the next one.
fn create_file(path: &Path) -> Result<Database, redb::Error> {
    let unfinished = path.with_extension("new");
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let database = builder().create(&unfinished)?;
    create_table(&database)?;
    fs::rename(&unfinished, path)?;
    Ok(database)
}

/// Makes the table if the file is new, so that reads always find one.
fn create_table(database: &Database) -> Result<(), redb::Error> {
    match database.begin_read()?.open_table(USERS) {
        Ok(_) => Ok(()),
        Err(TableError::TableDoesNotExist(_)) => {
            let mut transaction = database.begin_write()?;
            transaction.set_two_phase_commit(true);
            transaction.open_table(USERS)?;
            Ok(transaction.commit()?)
        }
        Err(error) => Err(error.into()),
    }
}

/// redb trusts the pages that it reads, and panics if one was damaged since it opened the file. Here that is an error like
/// any other: it fails one request, and is reported once, by who asked.
fn catch_panic<T>(work: impl FnOnce() -> Result<T, redb::Error>) -> Result<T, redb::Error> {
    panics::catch(work).unwrap_or_else(|message| Err(redb::Error::Corrupted(message)))
}

fn store_error(error: &redb::Error, cause: super::BoxError) -> StoreError {
    match error {
        redb::Error::Corrupted(_) => StoreError::Failed(cause),
        _ => StoreError::Unavailable(cause),
    }
}

/// Why the file could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The operating system refused: no permission, no space, a read-only disk.
    #[error("cannot open {}: {source}; DATA_DIR must name a directory that can be written", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// There is no store.
    #[error("cannot open {}: there is no such file; DATA_DIR must name the directory of a store", .0.display())]
    Missing(PathBuf),
    /// Another process has the file open.
    #[error("cannot open {}: another process uses it; stop that one or set another DATA_DIR", .0.display())]
    InUse(PathBuf),
    /// The content is not what this store wrote.
    #[error("cannot open {}: it is damaged or not a store of this service ({reason}); restore a copy or move it away", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was found.
        reason: String,
    },
}

impl OpenError {
    fn from_redb(path: &Path, error: redb::Error) -> Self {
        let path = path.to_owned();
        match error {
            redb::Error::DatabaseAlreadyOpen => Self::InUse(path),
            // redb says the former of a file that is not its own, and the system the latter of one that is too short.
            redb::Error::Io(source)
                if !matches!(source.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof) =>
            {
                Self::Io { path, source }
            }
            error => Self::Damaged { path, reason: error.to_string() },
        }
    }
}
