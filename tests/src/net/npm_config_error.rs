//! `NpmConfigError`: why npm's configuration cannot be used.

use std::io;
use std::path::PathBuf;

/// Why npm's configuration cannot be used. No value is shown, because it may be a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NpmConfigError {
    /// A file is there and cannot be read.
    #[error("cannot read {}: {source}; allow it, or remove the file", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is no `.npmrc`.
    #[error("cannot understand {}: {why}; expected lines of `key=value`", file.display())]
    Syntax {
        /// The file.
        file: PathBuf,
        /// Where, and why.
        why: String,
    },
    /// The value is not the URL of a registry.
    #[error("`{key}` of {origin} names no registry: {why}; expected a URL like `https://host/path/`")]
    Registry {
        /// The key.
        key: String,
        /// The file, the variable or the option.
        origin: String,
        /// Why.
        why: String,
    },
    /// A token that is to be sent refers to a variable that is not set.
    #[error(
        "`{key}` of {origin} needs the environment variable `{variable}`, which is not set; set it, or remove the key"
    )]
    Undefined {
        /// The key.
        key: String,
        /// The file or variable.
        origin: String,
        /// The variable that is missing.
        variable: String,
    },
    /// A password that is to be sent is not in base 64.
    #[error("`{key}` of {origin} is not in base 64; let `npm login` write it, or encode it")]
    Password {
        /// The key.
        key: String,
        /// The file or variable.
        origin: String,
    },
    /// A timeout or a count of retries is no number.
    #[error("`{key}` of {origin} is no number; expected one that is not negative, times in milliseconds")]
    Number {
        /// The key.
        key: String,
        /// The file, the variable or the option.
        origin: String,
    },
}
