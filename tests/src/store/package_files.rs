//! `PackageFiles`: the files of a package, as the store has them.

use serde::{Deserialize, Serialize};

/// The files of a package in the store.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackageFiles {
    /// Sorted by path.
    pub files: Vec<StoredFile>,
}

/// A file of a package, and where in the store it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredFile {
    /// Its path in the package, with `/`; no component is `..`.
    pub path: String,
    /// The SHA-512 of its bytes, in hexadecimal digits.
    pub sha512: String,
    /// Its length in bytes.
    pub size: u64,
    /// Whether its owner may execute it.
    pub executable: bool,
}

impl PackageFiles {
    /// The bytes of all files.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.size).sum()
    }
}
