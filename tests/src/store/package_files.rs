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
    /// Whether every file can be where it says: what is read from a disk may be anything.
    pub(super) fn is_sound(&self) -> bool {
        self.files.iter().all(|file| {
            let is_hash =
                file.sha512.len() == 128 && file.sha512.bytes().all(|byte| byte.is_ascii_hexdigit());
            let is_inside = |part: &str| !matches!(part, "" | "." | "..");
            is_hash && file.path.split('/').all(is_inside)
        })
    }

    /// The bytes of all files.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.size).sum()
    }
}
