//! `Scratch`: a place for files that need not be kept.

use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A place for files that need not be kept: in memory where there is room, because what is measured and tested here is not
/// the machine's disk, and one that is slow makes thousands of small files slow.
#[derive(Clone, Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// A place with room for so many bytes.
    pub fn with_room(bytes: u64) -> Self {
        let memory = Path::new("/dev/shm");
        Scratch(if free(memory).is_some_and(|free| free >= bytes) {
            memory.into()
        } else {
            std::env::temp_dir()
        })
    }

    /// This directory.
    pub fn at(dir: &Path) -> Self {
        Scratch(dir.into())
    }

    /// The place.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// A directory in it, which goes away when it is dropped.
    ///
    /// # Errors
    ///
    /// If it cannot be made.
    pub fn dir(&self) -> std::io::Result<TempDir> {
        TempDir::with_prefix_in("testbed-", &self.0)
    }
}

/// The bytes that this user may write there.
#[cfg(unix)]
fn free(dir: &Path) -> Option<u64> {
    let is_writable = TempDir::with_prefix_in("testbed-", dir).is_ok();
    let stat = rustix::fs::statvfs(dir).ok().filter(|_| is_writable)?;
    Some(stat.f_bavail * stat.f_frsize)
}

#[cfg(not(unix))]
fn free(_dir: &Path) -> Option<u64> {
    None
}
