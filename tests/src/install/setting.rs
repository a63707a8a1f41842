//! `Setting`: a setting of pnpm.

use serde_json::Value;
use std::io;
use std::path::PathBuf;

/// A value, and where it is from.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    pub(super) value: Value,
    pub(super) origin: String,
}

/// Why the settings of a project cannot be followed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// A file is there and cannot be read.
    #[error("cannot read the settings in {}: {source}; allow it to this user, or remove the file", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// What the file system said.
        source: io::Error,
    },
    /// A file is not of its kind.
    #[error("cannot understand the settings in {}: {why}; correct it", file.display())]
    Malformed {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A value is of another kind.
    #[error("the setting `{key}` of {origin} is `{value}`, expected {expected}; correct it")]
    Value {
        /// Its name.
        key: String,
        /// Where it is set.
        origin: String,
        /// What is there.
        value: String,
        /// What should be.
        expected: &'static str,
    },
    /// A setting that changes the result, and is not followed here.
    #[error("the setting `{key}` of {origin} is not supported{when}: remove it, or install with pnpm")]
    Unsupported {
        /// Its name.
        key: String,
        /// Where it is set.
        origin: String,
        /// When it is not, if it sometimes is.
        when: &'static str,
    },
    /// A hook that changes the result.
    #[error("{} is not run here, and a lockfile is missing that says what comes of it: run `pnpm install --lockfile-only` first", .0.display())]
    Hooks(PathBuf),
}
