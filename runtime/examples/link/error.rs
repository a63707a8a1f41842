//! `Error`: what can go wrong. Each prints one sentence that names the file and says what to do.

use concurrency_probe::{NotConcurrent, OpenError};
use std::fmt;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Why the run ended early.
#[derive(Debug)]
pub(crate) enum Error {
    /// The directory of packages is missing.
    NoSource(PathBuf),
    /// No directory was named, and this machine's Cargo registry holds no sources.
    NoRegistry(PathBuf),
    /// There is no directory in the directory of packages.
    NoPackages(PathBuf),
    /// A FIFO, a socket or a device in a package: opening one may wait forever.
    Special(PathBuf),
    /// A file had another length when it was read than when it was listed.
    Changed { file: PathBuf, listed: u64, read: u64 },
    /// The directory for the store is not empty.
    OutNotEmpty(PathBuf),
    /// The file system refused an operation.
    Io { action: Action, source: io::Error },
    /// The pool of the scope could not be started.
    Threads(OpenError),
    /// Ctrl-C, or a request to terminate.
    Interrupted,
    /// The slots were linked one after another.
    NotConcurrent(NotConcurrent),
}

/// The operation that the file system refused.
#[derive(Debug)]
pub(crate) enum Action {
    /// Opening, listing or reading this.
    Read(PathBuf),
    /// Making or writing this.
    Write(PathBuf),
    /// Linking the first to the second.
    Link(PathBuf, PathBuf),
    /// Copying the first to the second, which is tried where linking is refused.
    Copy(PathBuf, PathBuf),
    /// Removing this.
    Remove(PathBuf),
    /// Writing the table to standard output.
    Print,
    /// Installing the handler for Ctrl-C.
    Watch,
}

impl Error {
    /// For `map_err`: reading `path` failed.
    pub(crate) fn read(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Error::Io { action: Action::Read(path.into()), source }
    }

    /// For `map_err`: making `path` failed.
    pub(crate) fn write(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Error::Io { action: Action::Write(path.into()), source }
    }

    /// For `map_err`: linking `from` to `to` failed.
    pub(crate) fn link(from: &Path, to: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Error::Io { action: Action::Link(from.into(), to.into()), source }
    }

    /// For `map_err`: copying `from` to `to` failed.
    pub(crate) fn copy(from: &Path, to: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Error::Io { action: Action::Copy(from.into(), to.into()), source }
    }

    /// 130, as shells have it, for Ctrl-C; else 1. Usage errors are clap's, which exits with 2.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(if matches!(self, Error::Interrupted) { 130 } else { 1 })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::NoSource(dir) => {
                write!(f, "there is no directory {}: name one whose directories are packages", dir.display())
            }
            Error::NoRegistry(dir) => write!(
                f,
                "this machine's Cargo registry has no sources in {}: run `cargo fetch`, or name a directory whose \
                 directories are packages",
                dir.display()
            ),
            Error::NoPackages(dir) => write!(
                f,
                "there is no package in {}: name a directory whose directories are packages (symlinks to \
                 directories are not followed)",
                dir.display()
            ),
            Error::Special(file) => write!(
                f,
                "{} is no file, directory or symlink, and cannot be linked: remove it, or take its package out",
                file.display()
            ),
            Error::Changed { file, listed, read } => write!(
                f,
                "{} had {listed} bytes when it was listed and {read} when it was read: run again when nothing \
                 writes to it",
                file.display()
            ),
            Error::OutNotEmpty(dir) => write!(
                f,
                "{} is not empty: name a directory that is, or does not exist, with --out",
                dir.display()
            ),
            Error::Io { action, source } => {
                write!(f, "cannot {action}: {source}; {}", action.advice(source.kind()))
            }
            Error::Threads(source) => write!(f, "{source} (here: with --threads)"),
            Error::Interrupted => f.write_str("interrupted; no slot was left half-linked"),
            Error::NotConcurrent(why) => write!(f, "{why}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Io { source, .. } => Some(source),
            Error::Threads(source) => Some(source),
            Error::NotConcurrent(source) => Some(source),
            _ => None,
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Action::Read(path) => write!(f, "read {}", path.display()),
            Action::Write(path) => write!(f, "write {}", path.display()),
            Action::Link(from, to) => write!(f, "link {} to {}", from.display(), to.display()),
            Action::Copy(from, to) => write!(f, "copy {} to {}", from.display(), to.display()),
            Action::Remove(path) => write!(f, "remove {}", path.display()),
            Action::Print => f.write_str("print the table"),
            Action::Watch => f.write_str("watch for Ctrl-C"),
        }
    }
}

impl Action {
    /// What to do if the operation fails with this kind of error.
    fn advice(&self, kind: ErrorKind) -> &'static str {
        match (self, kind) {
            (_, ErrorKind::StorageFull | ErrorKind::QuotaExceeded) => {
                "free some space, or name another place"
            }
            (_, ErrorKind::PermissionDenied) => "allow it to this user, or name another place",
            (_, ErrorKind::NotADirectory) => "name a directory",
            (Action::Write(_), ErrorKind::NotFound) => "name a file in a directory that exists",
            (_, ErrorKind::NotFound) => "run again when nothing else works on these files",
            _ => "see what the file system allows, or name another place",
        }
    }
}
