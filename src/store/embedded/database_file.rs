//! The redb file: what is asked of it, and what becomes of it after an error.

use super::OpenError;
use super::storage::Storage;
use crate::birthday::DateOfBirth;
use crate::panics;
use crate::store::{BoxError, StoreError};
use redb::backends::FileBackend;
use redb::{Database, ReadOnlyTable, ReadableDatabase, StorageBackend, TableDefinition, TableError};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

/// Username in lower case to date of birth, `YYYY-MM-DD`.
const USERS: TableDefinition<&str, &str> = TableDefinition::new("users");

/// redb's page cache, in bytes: some 100,000 records stay in memory, and the process stays small.
const CACHE_BYTES: usize = 8 * 1024 * 1024;

/// Free space, in bytes, below which nothing is written: after a write that meets a full disk the file is opened again, which
/// means reading all of it.
const MIN_FREE_SPACE: u64 = 1024 * 1024;

/// Space that one record may take for a moment: its path through the tree is copied.
const SPACE_PER_RECORD: u64 = 16 * 1024;

pub(super) type OpenBackend = Box<dyn Fn() -> io::Result<Box<dyn StorageBackend>> + Send + Sync>;
pub(super) type FreeSpace = Box<dyn Fn() -> u64 + Send + Sync>;
type Users = ReadOnlyTable<&'static str, &'static str>;

/// The redb file, which can be opened again while others read it.
pub(super) struct DatabaseFile {
    path: PathBuf,
    open: OpenBackend,
    free_space: FreeSpace,
    /// The writer's; `None` before the file is open, and once it is closed.
    opened: Mutex<Option<Opened>>,
    /// The table after the last commit, for readers: opening it for each read would cost more than the read.
    users: RwLock<Option<Users>>,
    /// Whether the open file has met an I/O error, and is to be opened again.
    failed: AtomicBool,
}

/// An open redb file, and what is beneath it.
pub(super) struct Opened {
    database: Database,
    storage: Storage,
}

impl DatabaseFile {
    pub(super) fn new(path: PathBuf, open: OpenBackend, free_space: FreeSpace) -> Self {
        Self {
            path,
            open,
            free_space,
            opened: Mutex::new(None),
            users: RwLock::new(None),
            failed: AtomicBool::new(false),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }

    pub(super) fn read(&self, key: &str) -> Result<Option<DateOfBirth>, StoreError> {
        let found = self.with_users(|users| Ok(users.get(key)?.map(|value| DateOfBirth::parse_stored(value.value()))));
        match found {
            Ok(born) => born.transpose().map_err(|_| StoreError::Unreadable),
            Err(error) => Err(store_error(&error, error.to_string().into())),
        }
    }

    pub(super) fn with_users<T>(&self, work: impl FnOnce(&Users) -> Result<T, redb::Error>) -> Result<T, redb::Error> {
        let users = self.users.read().unwrap_or_else(PoisonError::into_inner);
        self.with_open(users.as_ref(), work)
    }

    /// Checks that the disk has room for so many records.
    pub(super) fn check_space(&self, records: usize) -> Result<(), redb::Error> {
        if (self.free_space)() < MIN_FREE_SPACE + SPACE_PER_RECORD * records as u64 {
            return Err(redb::Error::Io(io::Error::new(io::ErrorKind::StorageFull, "the disk is full, or nearly so")));
        }
        Ok(())
    }

    pub(super) fn commit(&self, records: &[(String, String)]) -> Result<(), redb::Error> {
        let opened = self.opened();
        self.with_open(opened.as_ref(), |Opened { database, storage }| {
            storage.check()?;
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
            storage.check()?;
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

    /// Opens the file, for the first time or again.
    ///
    /// That can take long, for redb reads all of the file: readers are not kept waiting meanwhile.
    pub(super) fn reopen(&self) -> Result<(), OpenError> {
        if let Some(opened) = self.opened().as_ref() {
            // redb's lock, if it can't be given back, will keep the file from being opened.
            let _ = opened.storage.release();
        }
        let opened = catch_panic(|| Opened::new((self.open)()?));
        self.install(opened.map_err(|error| OpenError::from_redb(&self.path, error))?)
    }

    /// Makes an open file the current one.
    pub(super) fn install(&self, opened: Opened) -> Result<(), OpenError> {
        let users = catch_panic(|| open_users(&opened.database));
        let users = users.map_err(|error| OpenError::from_redb(&self.path, error))?;
        {
            let mut current = self.users.write().unwrap_or_else(PoisonError::into_inner);
            self.failed.store(false, Ordering::Relaxed);
            *current = Some(users);
        }
        let old = self.opened().replace(opened);
        drop_quietly(old);
        Ok(())
    }

    fn publish(&self, users: Option<Users>) {
        *self.users.write().unwrap_or_else(PoisonError::into_inner) = users;
    }

    pub(super) fn close(&self) {
        let closing = self.opened().take();
        self.publish(None);
        drop_quietly(closing);
    }

    fn opened(&self) -> MutexGuard<'_, Option<Opened>> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Opened {
    fn new(backend: Box<dyn StorageBackend>) -> Result<Self, redb::Error> {
        let storage = Storage::new(backend);
        let mut builder = Database::builder();
        builder.set_cache_size(CACHE_BYTES);
        // redb verifies its checksums only here, not when it reads: a disk that has changed a record must not make this
        // service greet on a wrong day. It reads the whole file, which holds a million records in some 50 MB.
        builder.set_check_integrity_on_open(true);
        let database = builder.create_with_backend(storage.clone())?;
        create_table(&database)?;
        storage.check()?;
        Ok(Self { database, storage })
    }
}

/// Where the storage is failing, closing fails too; the next opening repairs what it left.
fn drop_quietly(opened: Option<Opened>) {
    let _ = catch_panic(|| {
        drop(opened);
        Ok(())
    });
}

fn open_users(database: &Database) -> Result<Users, redb::Error> {
    Ok(database.begin_read()?.open_table(USERS)?)
}

/// The file, which must be there: one that is gone when it is to be opened again must not be replaced by an empty one.
pub(super) fn open_file(path: &Path) -> io::Result<Box<dyn StorageBackend>> {
    let file = File::options().read(true).write(true).open(path)?;
    if file.metadata()?.len() == 0 {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it is empty"));
    }
    backend(file)
}

fn backend(file: File) -> io::Result<Box<dyn StorageBackend>> {
    Ok(Box::new(FileBackend::new(file).map_err(io::Error::other)?))
}

/// Makes a new file. It gets its name when it is complete, so that a start which is cut short leaves nothing in the way of
/// the next one.
pub(super) fn create(path: &Path) -> Result<Opened, redb::Error> {
    let unfinished = path.with_extension("new");
    let file = File::options().read(true).write(true).create(true).truncate(true).open(&unfinished)?;
    let opened = Opened::new(backend(file)?)?;
    fs::rename(&unfinished, path)?;
    Ok(opened)
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

pub(super) fn store_error(error: &redb::Error, cause: BoxError) -> StoreError {
    match error {
        redb::Error::Corrupted(_) => StoreError::Failed(cause),
        _ => StoreError::Unavailable(cause),
    }
}
