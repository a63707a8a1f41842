//! `Checksum`: the result of verifying a cold file.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};
use std::path::Path;

/// Hashes what is written to it. It detects only accidental changes. A real installer compares a SHA-512 with its lockfile.
#[derive(Debug)]
pub(crate) struct Checksum(DefaultHasher);

impl Checksum {
    /// The checksum of a file begins with its name.
    pub(crate) fn of(path: &Path) -> Self {
        let mut hasher = DefaultHasher::new();
        path.hash(&mut hasher);
        Checksum(hasher)
    }

    pub(crate) fn finish(&self) -> u64 {
        self.0.finish()
    }
}

impl Write for Checksum {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
