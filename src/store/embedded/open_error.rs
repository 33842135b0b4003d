//! Why a store can't be opened.

use std::io;
use std::path::{Path, PathBuf};

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
    pub(super) fn from_redb(path: &Path, error: redb::Error) -> Self {
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
