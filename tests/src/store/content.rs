//! `ContentStore`: files by the hash of what is in them.

use super::{Entry, StoreError, StoredFile};
use crate::scratch::{Scratch, ScratchDir};
use sha2::{Digest, Sha512};
use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

/// Files by the SHA-512 of what is in them: `files/ab/cdef..`, with `-exec` behind it for one that can be executed, because
/// a hard link shares the permissions too.
#[derive(Debug)]
pub struct ContentStore {
    files: PathBuf,
    /// Files that are being written, of this install alone: what a killed one left is taken away by the next. On the same file system, so that
    /// a rename moves them.
    staging: ScratchDir,
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
                Err(error) if error.kind() == ErrorKind::AlreadyExists && dir.is_dir() => {}
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                    return Err(StoreError::write(&dir)(ErrorKind::NotADirectory.into()));
                }
                made => made.map_err(StoreError::write(&dir))?,
            }
        }
        let staged = Scratch::at(&staging).dir().map_err(StoreError::write(&staging))?;
        Ok(ContentStore { files, staging: staged })
    }

    /// Where a file is.
    pub fn path(&self, file: &StoredFile) -> PathBuf {
        let (first, rest) = file.sha512.split_at(2);
        let suffix = if file.executable { "-exec" } else { "" };
        self.files.join(first).join(format!("{rest}{suffix}"))
    }

    /// Whether a file is there, as long as it should be. Of one whose bytes were changed this says nothing: to hash every
    /// file would take as long as to download it.
    pub fn has(&self, file: &StoredFile) -> bool {
        fs::metadata(self.path(file)).is_ok_and(|there| there.len() == file.size)
    }

    /// Adds a file, unless it is there. One that is there and has other bytes was damaged, and is replaced: what is asked for
    /// here was verified, and what is there was not.
    pub(super) fn put(&self, entry: &Entry<'_>) -> Result<StoredFile, StoreError> {
        let file = StoredFile {
            path: entry.path.clone(),
            sha512: hex(&Sha512::digest(entry.bytes)),
            size: entry.bytes.len() as u64,
            executable: entry.executable,
        };
        let path = self.path(&file);
        if !is_same(&path, entry.bytes).unwrap_or(false) {
            self.write(&path, entry).map_err(StoreError::write(&path))?;
        }
        Ok(file)
    }

    /// Writes a file beside, and moves it into its place in one step. Its name is made up by chance, because
    /// another thread may stage the same file.
    fn write(&self, path: &Path, entry: &Entry<'_>) -> std::io::Result<()> {
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(if entry.executable {
            0o755
        } else {
            0o644
        }));
        let mut staged = builder.tempfile_in(self.staging.path())?;
        staged.write_all(entry.bytes)?;
        staged.persist(path).map(drop).map_err(|error| error.error)
    }
}

/// Whether a file has these bytes. It is read part by part, because it may be as large as a package.
fn is_same(path: &Path, mut bytes: &[u8]) -> std::io::Result<bool> {
    let mut file = fs::File::open(path)?;
    if file.metadata()?.len() != bytes.len() as u64 {
        return Ok(false);
    }
    let mut part = vec![0; bytes.len().min(64 << 10)];
    loop {
        let count = file.read(&mut part)?;
        match bytes.split_at_checked(count) {
            Some((there, rest)) if part[..count] == *there => bytes = rest,
            _ => return Ok(false),
        }
        if count == 0 {
            return Ok(bytes.is_empty());
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}
