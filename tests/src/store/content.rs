//! `ContentStore`: files by the hash of what is in them.

use super::{Entry, StoreError, StoredFile};
use sha2::{Digest, Sha512};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Files by the SHA-512 of what is in them: `files/ab/cdef..`, with `-exec` behind it for one that can be executed, because
/// a hard link shares the permissions too.
#[derive(Debug)]
pub struct ContentStore {
    files: PathBuf,
    /// Files that are being written. On the same file system, so that a rename moves them.
    staging: PathBuf,
}

impl ContentStore {
    pub(super) fn open(dir: &Path) -> Result<Self, StoreError> {
        let (files, staging) = (dir.join("files"), dir.join("staging"));
        for dir in [&files, &staging] {
            fs::create_dir_all(dir).map_err(StoreError::write(dir))?;
        }
        for first in 0..=u8::MAX {
            let dir = files.join(format!("{first:02x}"));
            match fs::create_dir(&dir) {
                Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
                    return Err(StoreError::write(&dir)(error));
                }
                _ => {}
            }
        }
        Ok(ContentStore { files, staging })
    }

    /// Where a file is.
    pub fn path(&self, file: &StoredFile) -> PathBuf {
        let (first, rest) = file.sha512.split_at(2);
        let suffix = if file.executable { "-exec" } else { "" };
        self.files.join(first).join(format!("{rest}{suffix}"))
    }

    /// Adds a file, unless it is there. A file of another length than its name promises was cut off, and is replaced.
    pub(super) fn put(&self, entry: &Entry<'_>) -> Result<StoredFile, StoreError> {
        let file = StoredFile {
            path: entry.path.clone(),
            sha512: hex(&Sha512::digest(entry.bytes)),
            size: entry.bytes.len() as u64,
            executable: entry.executable,
        };
        let path = self.path(&file);
        if fs::metadata(&path).is_ok_and(|there| there.len() == file.size) {
            return Ok(file);
        }
        // Another install may stage the same file, in this process or in another: the names differ, and both renames do.
        static STAGED: AtomicU64 = AtomicU64::new(0);
        let number = STAGED.fetch_add(1, Ordering::Relaxed);
        let staged = self.staging.join(format!("{}-{number}", std::process::id()));
        let written = write(&staged, entry).and_then(|()| fs::rename(&staged, &path));
        written.map_err(|error| {
            let _ = fs::remove_file(&staged);
            StoreError::write(&path)(error)
        })?;
        Ok(file)
    }
}

fn write(path: &Path, entry: &Entry<'_>) -> std::io::Result<()> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, if entry.executable { 0o755 } else { 0o644 });
    options.open(path)?.write_all(entry.bytes)
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}
