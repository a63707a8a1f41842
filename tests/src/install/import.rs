//! `Importer`: how a file gets from the store into a slot.

use crate::store::StoredFile;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::atomic::{AtomicU8, Ordering};

/// Brings files from the store into slots in the best way that the file systems have: a reflink (a copy that shares its
/// blocks, so that to edit it changes nothing in the store), else a hard link, else a copy.
#[derive(Debug, Default)]
pub struct Importer {
    /// What is tried first: 0 is a reflink, 1 a hard link, 2 a copy. It only grows. Relaxed, because a thread that does not
    /// know yet tries once more for nothing.
    first: AtomicU8,
    /// Where there are no reflinks, files are copied.
    without_hard_links: bool,
}

/// Which ways are tried: pnpm's `package-import-method`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum ImportMethod {
    /// All of them.
    #[default]
    Auto,
    /// A hard link, else a copy.
    HardLink,
    /// A reflink, else a copy.
    CloneOrCopy,
    /// A copy.
    Copy,
}

impl ImportMethod {
    /// As the setting has it.
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "auto" => Some(ImportMethod::Auto),
            "hardlink" => Some(ImportMethod::HardLink),
            "clone-or-copy" => Some(ImportMethod::CloneOrCopy),
            "copy" => Some(ImportMethod::Copy),
            _ => None,
        }
    }
}

impl Importer {
    pub(super) fn by(method: ImportMethod) -> Self {
        let first = match method {
            ImportMethod::Auto | ImportMethod::CloneOrCopy => 0,
            ImportMethod::HardLink => 1,
            ImportMethod::Copy => 2,
        };
        let without_hard_links = method == ImportMethod::CloneOrCopy;
        Importer { first: AtomicU8::new(first), without_hard_links }
    }

    /// Brings one file. `to` does not exist.
    pub(super) fn import(&self, from: &Path, to: &Path, file: &StoredFile) -> io::Result<()> {
        if self.first.load(Ordering::Relaxed) == 0 {
            match reflink_copy::reflink(from, to) {
                Ok(()) => return copy_mode(to, file),
                Err(error) if is_final(&error) => return Err(error),
                Err(_) => self.first.fetch_max(1 + u8::from(self.without_hard_links), Ordering::Relaxed),
            };
        }
        if self.first.load(Ordering::Relaxed) == 1 {
            match fs::hard_link(from, to) {
                Ok(()) => return Ok(()),
                // As many links as the file system allows: the next file may have fewer.
                Err(error) if error.kind() == ErrorKind::TooManyLinks => {}
                Err(error) if is_refusal(&error) => {
                    self.first.fetch_max(2, Ordering::Relaxed);
                }
                Err(error) => return Err(error),
            }
        }
        let copied = fs::copy(from, to)?;
        if copied == file.size {
            return Ok(());
        }
        Err(io::Error::new(
            ErrorKind::UnexpectedEof,
            format!("{} has {copied} bytes, expected {}", from.display(), file.size),
        ))
    }
}

/// Another way would fail too.
fn is_final(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
}

/// A hard link is not to be had here: across devices, on a file system without them, for a file that is not ours
/// (`fs.protected_hardlinks`).
fn is_refusal(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::CrossesDevices | ErrorKind::PermissionDenied | ErrorKind::Unsupported)
}

/// A reflink has its own permissions.
#[cfg(unix)]
fn copy_mode(to: &Path, file: &StoredFile) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    if file.executable { fs::set_permissions(to, fs::Permissions::from_mode(0o755)) } else { Ok(()) }
}

#[cfg(not(unix))]
fn copy_mode(_to: &Path, _file: &StoredFile) -> io::Result<()> {
    Ok(())
}
