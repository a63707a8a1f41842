//! `StoreError`: why something is not in the store.

use super::PackageFault;
use crate::package::PackageId;
use std::io;
use std::path::{Path, PathBuf};

/// Why something could not be put into the store, or found in it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A package is not what it should be.
    #[error("cannot store {package}: {fault}")]
    Package {
        /// The package.
        package: PackageId,
        /// What is wrong with it.
        fault: PackageFault,
    },
    /// The file system said no.
    #[error("cannot write {} into the store: {source}; {}", path.display(), advice(source))]
    Write {
        /// The file or directory.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// The index is damaged, or is something else.
    #[error(
        "the store's index {} is damaged: {why}; delete it and install again: files that are in the store are not \
         written anew",
        path.display()
    )]
    Corrupt {
        /// Its file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The index is of another version of the store.
    #[error(
        "the store's index {} has layout {found}, and this program knows {known}: name another store directory",
        path.display()
    )]
    Version {
        /// Its file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// The index could not be read or written.
    #[error("cannot {action} the store's index {}: {source}; {}", path.display(), index_advice(source))]
    Index {
        /// What was tried.
        action: &'static str,
        /// Its file.
        path: PathBuf,
        /// What the database said.
        source: rusqlite::Error,
    },
    /// The system has no threads to give.
    #[error("cannot start the threads {what}: {why}; {MORE_THREADS}")]
    Threads {
        /// What they do.
        what: &'static str,
        /// What the system said.
        why: String,
    },
}

/// What to do where the system has no threads to give.
pub(crate) const MORE_THREADS: &str =
    "end other programs, or raise the limits on processes (`ulimit -u`) and on memory (`ulimit -v`)";

impl StoreError {
    /// For `map_err`: writing `path` failed.
    pub(super) fn write(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| StoreError::Write { path: path.into(), source }
    }

    /// For `map_err`: the database said no.
    pub(super) fn index(action: &'static str, path: &Path) -> impl FnOnce(rusqlite::Error) -> Self {
        move |source| {
            use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
            let is_damage = matches!(source.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase))
                || matches!(source, rusqlite::Error::InvalidColumnType(..));
            if is_damage {
                return StoreError::Corrupt { path: path.into(), why: source.to_string() };
            }
            StoreError::Index { action, path: path.into(), source }
        }
    }
}

/// What to do when writing fails like this.
pub(crate) fn advice(error: &io::Error) -> &'static str {
    use io::ErrorKind::{
        FileTooLarge, NotADirectory, NotFound, PermissionDenied, QuotaExceeded, StorageFull,
    };
    match error.kind() {
        StorageFull | QuotaExceeded => "free some space and install again, it goes on where it stopped",
        FileTooLarge => "raise the limit on the size of a file (`ulimit -f`)",
        PermissionDenied => "allow it to this user, or name another directory",
        NotADirectory => "name a directory",
        NotFound => "install again when nothing else changes these files",
        _ => "see what the file system allows, or name another directory",
    }
}

/// What to do when the database fails like this.
fn index_advice(error: &rusqlite::Error) -> &'static str {
    use rusqlite::ErrorCode::{DatabaseBusy, DiskFull, OutOfMemory, SystemIoFailure};
    match error.sqlite_error_code() {
        Some(DiskFull) => "free some space and install again, it goes on where it stopped",
        Some(OutOfMemory) => "end other programs, or raise the limit on memory (`ulimit -v`)",
        Some(SystemIoFailure) => {
            "see the log of the system, and the limit on the size of a file (`ulimit -f`)"
        }
        Some(DatabaseBusy) => "install again when no other install writes it",
        _ => "see that it is there, and that this user may write its directory",
    }
}
