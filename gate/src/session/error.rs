//! `SessionError`: why a session cannot start or continue.

use concurrency_probe_gate::ResultsError;
use std::io;
use std::path::{Path, PathBuf};

/// Why a session cannot start or continue.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SessionError {
    /// There is no target.
    #[error("there is no target to run: add a `[[target]]`")]
    NoTargets,
    /// Another gate uses the folder.
    #[error("another gate is running in {}: wait for it, or name another directory as `out`", out.display())]
    Busy {
        /// The directory.
        out: PathBuf,
    },
    /// The folder is not a gate's.
    #[error(
        "{} exists, and was not made by a gate: name another directory as `out`, or remove it",
        path.display()
    )]
    Foreign {
        /// What would be removed.
        path: PathBuf,
    },
    /// A target of a commit is not in its checkout.
    #[error(
        "target `{target}` of the {side} commit uses {}, which leads to {}, and that is not in its checkout: both commits would use one file",
        path.display(),
        to.display()
    )]
    LeadsOut {
        /// The target.
        target: String,
        /// Which commit it is of.
        side: &'static str,
        /// As it is named.
        path: PathBuf,
        /// Where that is.
        to: PathBuf,
    },
    /// A commit has no directory in which the configuration is.
    #[error(
        "the {side} commit {commit} has no directory {}, in which the configuration is: move the configuration to one that both commits have",
        prefix.display()
    )]
    NoDirectory {
        /// Which of two it is.
        side: &'static str,
        /// The commit.
        commit: String,
        /// The directory, from the root of the repository.
        prefix: PathBuf,
    },
    /// A file cannot be written.
    #[error("cannot write {}: {source}; name another directory as `out`", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file cannot be read.
    #[error("cannot read {}: {source}; allow it to this user, or start again without --resume", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file or a directory cannot be removed.
    #[error("cannot remove {}: {source}; remove it, or name another directory as `out`", path.display())]
    Remove {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The reports are too large.
    #[error(
        "all reports together are larger than {most_mib} MiB: make fewer runs, or let the targets report fewer names"
    )]
    TooLarge {
        /// The most, in MiB.
        most_mib: usize,
    },
    /// The results of the session to continue cannot be read.
    #[error(transparent)]
    Resume(#[from] ResultsError),
    /// The journal of the session to continue is damaged.
    #[error("{}:{line}: it is not a run of a session; start again without --resume", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// The session there was made in another way.
    #[error("cannot continue the session of {}: {why}; start again without --resume", path.display())]
    Other {
        /// The file.
        path: PathBuf,
        /// What is different.
        why: String,
    },
}

/// That a file cannot be written.
pub(crate) fn write_failed(path: &Path) -> impl FnOnce(io::Error) -> SessionError {
    let path = path.to_owned();
    move |source| SessionError::Write { path, source }
}

/// That a file cannot be read.
pub(super) fn read_failed(path: &Path) -> impl FnOnce(io::Error) -> SessionError {
    let path = path.to_owned();
    move |source| SessionError::Read { path, source }
}

/// That a file or a directory cannot be removed.
pub(super) fn remove_failed(path: &Path) -> impl FnOnce(io::Error) -> SessionError {
    let path = path.to_owned();
    move |source| SessionError::Remove { path, source }
}
