//! `InstallError`: why an install ended early.

use super::downloads::DownloadError;
use crate::lockfile::{LockfileError, LockfileFault};
use crate::package::PackageId;
use crate::store::{StoreError, advice};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why an install ended early. What it has done so far is whole, and the next install goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// The lockfile is not one that can be installed.
    #[error(transparent)]
    Lockfile(LockfileError),
    /// The project, a package or a range of it cannot be resolved.
    #[error(transparent)]
    Resolve(#[from] super::resolution_error::ResolutionError),
    /// The project has settings that cannot be followed.
    #[error(transparent)]
    Settings(#[from] super::SettingsError),
    /// A package that is needed is not for this machine, and the settings say that it must be.
    #[error(
        "{package} is for {wanted}, and this is {found}: install elsewhere, or remove the setting `engine-strict`"
    )]
    Unsuitable {
        /// The package.
        package: PackageId,
        /// What it is for.
        wanted: String,
        /// What this machine has.
        found: String,
    },
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A package that is needed cannot be had.
    #[error(transparent)]
    Download(Arc<DownloadError>),
    /// A package cannot be linked.
    #[error("cannot link {package} into {}: {source}; {}", path.display(), advice(source))]
    Link {
        /// The package.
        package: PackageId,
        /// The file or directory.
        path: PathBuf,
        /// What the file system said.
        source: io::Error,
    },
    /// A file of the project cannot be written.
    #[error("cannot write {}: {source}; {}", path.display(), advice(source))]
    Write {
        /// The file or directory.
        path: PathBuf,
        /// What the file system said.
        source: io::Error,
    },
    /// The store has lost a file.
    #[error(
        "`{file}` of {package} is not in the store any more, or was cut off ({}): install again, and the package is \
         downloaded anew",
        path.display()
    )]
    Lost {
        /// The package.
        package: PackageId,
        /// The file in it.
        file: String,
        /// Where it was.
        path: PathBuf,
    },
    /// Another tool made the directory.
    #[error(
        "{} was not made by this program, which would mix it up: remove it, or name another project",
        path.display()
    )]
    Foreign {
        /// The `node_modules`.
        path: PathBuf,
    },
    /// The user wants it to end.
    #[error("the install was stopped: install again, and it goes on from here")]
    Stopped,
    /// Another install is at it.
    #[error("another install works on {}: run this one when it has ended", path.display())]
    Busy {
        /// The `node_modules`.
        path: PathBuf,
    },
    /// Something else is where a symlink is to be.
    #[error("{} is no symlink: remove it, a dependency of this name is to be linked there", path.display())]
    Occupied {
        /// The place.
        path: PathBuf,
    },
    /// Something else is where a directory is to be.
    #[error("{} is no directory: remove it, packages are to be installed there", path.display())]
    NoDirectory {
        /// The place.
        path: PathBuf,
    },
    /// A project of the lockfile is missing.
    #[error("the lockfile has a project in {}, where there is no directory", path.display())]
    NoProject {
        /// The place.
        path: PathBuf,
    },
    /// A package's commands cannot be linked.
    #[error("cannot link the commands of {}: {why}", path.display())]
    Bin {
        /// Its `package.json`.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

/// A lockfile that cannot be written is as any other file that cannot: what to do depends on what the file system said.
impl From<LockfileError> for InstallError {
    fn from(error: LockfileError) -> Self {
        match error {
            LockfileError { path, fault: LockfileFault::Write(source), .. } => {
                InstallError::Write { path, source }
            }
            error => InstallError::Lockfile(error),
        }
    }
}

impl InstallError {
    /// Whether the store may have lost something, or is about to.
    pub(super) fn is_of_store(&self) -> bool {
        match self {
            InstallError::Lost { .. } | InstallError::Store(_) => true,
            InstallError::Download(error) => matches!(**error, DownloadError::Store(_)),
            InstallError::Link { source, .. } => source.kind() == io::ErrorKind::NotFound,
            _ => false,
        }
    }

    /// For `map_err`: linking a package failed at `path`.
    pub(super) fn link(package: &PackageId, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| InstallError::Link { package: package.clone(), path: path.into(), source }
    }

    /// For `map_err`: writing `path` failed.
    pub(crate) fn write(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| InstallError::Write { path: path.into(), source }
    }
}
