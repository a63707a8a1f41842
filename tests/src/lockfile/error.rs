//! `LockfileError`: why a lockfile cannot be used.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why a lockfile cannot be used, and where.
#[derive(Debug)]
pub struct LockfileError {
    /// The file, or what stands for it in messages.
    pub path: PathBuf,
    /// The line, counted from 1, where it is known.
    pub line: Option<u64>,
    /// What is wrong.
    pub fault: LockfileFault,
}

/// What is wrong with a lockfile.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LockfileFault {
    /// There is none.
    #[error(
        "there is no such file; name one that is there, or install without a lockfile, and one is written"
    )]
    Missing,
    /// The file system said no.
    #[error("{0}; see that it is a file that this user may read")]
    Read(#[source] io::Error),
    /// The file system said no.
    #[error("it cannot be written: {0}; see that its directory may be written to")]
    Write(#[source] io::Error),
    /// Nothing is in it.
    #[error("it is empty; run `pnpm install` to write it anew")]
    Empty,
    /// Git's markers are in it.
    #[error("it has a merge conflict; run `pnpm install`, which resolves it")]
    Conflict,
    /// It is no YAML, or not of this shape.
    #[error("{0}; it was cut off or changed by hand: take it from version control, or run `pnpm install`")]
    Malformed(String),
    /// It is cut off before the version, or something else.
    #[error("it has no `lockfileVersion`, so it is no lockfile of pnpm; run `pnpm install` to write one")]
    NoVersion,
    /// It is from an older pnpm, or a newer.
    #[error("expected `lockfileVersion: '9.0'`, found `{found}`; run `pnpm install` with pnpm 9 or later", found = .0.escape_debug())]
    Version(String),
    /// Patches are not applied here.
    #[error("`patchedDependencies` is not supported; remove the patches, or install with pnpm")]
    Patches,
    /// A package is no tarball of a registry.
    #[error(
        "package `{package}` is from {origin}, not from a registry; take it from a registry, or install with pnpm"
    )]
    Origin {
        /// The key of the package.
        package: String,
        /// A git repository, a directory, ..
        origin: String,
    },
    /// A tarball that cannot be checked.
    #[error("package `{package}` has no usable `integrity`: {why}; run `pnpm install` to write it anew")]
    Integrity {
        /// The key of the package.
        package: String,
        /// What is wrong with it.
        why: String,
    },
    /// A tarball that cannot be asked for.
    #[error("package `{package}` has the tarball `{url}`, expected one with `http:` or `https:`; run `pnpm install`", url = url.escape_debug())]
    Tarball {
        /// The key of the package.
        package: String,
        /// What is there.
        url: String,
    },
    /// A key that is none.
    #[error("in `{section}`, {why}; run `pnpm install` to write the lockfile anew")]
    Key {
        /// `packages` or `snapshots`.
        section: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// The directory of a project leads out of the one that is installed.
    #[error("the importer `{importer}` is no directory below the lockfile's; install from a directory that has all of them", importer = .0.escape_debug())]
    Importer(String),
    /// The name that a dependency is installed under is none.
    #[error(
        "{from} has a dependency under a name that cannot be a directory: {why}; rename it and run `pnpm install`"
    )]
    Alias {
        /// Who has it.
        from: String,
        /// What is wrong with it.
        why: String,
    },
    /// A dependency on something that is neither a package nor a directory.
    #[error(
        "{from} has the dependency `{alias}`, where {why}; run `pnpm install` to write the lockfile anew"
    )]
    Reference {
        /// Who has it.
        from: String,
        /// The name it is under.
        alias: String,
        /// What is wrong with it.
        why: String,
    },
    /// A dependency on what is not in the lockfile.
    #[error(
        "{from} needs `{needs}`, which is not in `snapshots`; the lockfile was cut off or changed by hand: run `pnpm install`"
    )]
    Dangling {
        /// Who needs it.
        from: String,
        /// What it needs.
        needs: String,
    },
    /// One half of a package.
    #[error(
        "`{key}` is in `{present}` but not in `{absent}`; the lockfile was cut off or changed by hand: run `pnpm install`"
    )]
    Half {
        /// Its key.
        key: String,
        /// Where it is.
        present: &'static str,
        /// Where it should be, too.
        absent: &'static str,
    },
    /// Two snapshots would be the same directory.
    #[error(
        "`{first}` and `{second}` would be the same directory; run `pnpm install` to write the lockfile anew"
    )]
    SameDirectory {
        /// One.
        first: String,
        /// The other.
        second: String,
    },
}

impl LockfileFault {
    /// This, in a file.
    pub(super) fn at(self, path: &Path, line: Option<u64>) -> LockfileError {
        LockfileError { path: path.to_owned(), line, fault: self }
    }
}

impl fmt::Display for LockfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot use the lockfile {}", self.path.display())?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        write!(f, ": {}", self.fault)
    }
}

impl std::error::Error for LockfileError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&self.fault)
    }
}
