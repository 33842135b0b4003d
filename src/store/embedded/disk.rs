//! The directory that holds the file.

use std::fs::{self, File};
use std::io;
use std::path::Path;

/// The space that is left on the disk of a directory; where that can't be told, writing will show it.
pub(super) fn free_space(directory: &Path) -> u64 {
    rustix::fs::statvfs(directory).map_or(u64::MAX, |disk| disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Makes the directory and its parents. Each name is durable only once the directory that holds it is synced.
pub(super) fn create_directory(directory: &Path) -> io::Result<()> {
    let directory = std::path::absolute(directory)?;
    let missing = directory.ancestors().take_while(|ancestor| !ancestor.exists()).count();
    fs::create_dir_all(&directory)?;
    directory.ancestors().skip(1).take(missing).try_for_each(|parent| File::open(parent)?.sync_all())
}
