//! `Scratch`: a place for files that need not be kept.

use std::fs::{self, File, Metadata};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// What the names of all directories begin with.
const PREFIX: &str = "testbed-";

/// The file in each of them that is locked for as long as it is used.
const LOCK: &str = ".testbed-scratch";

/// What is in that file: the sign that this program made the directory, and had it locked.
const MARK: &[u8] = b"made by testbed, and taken away by the next one when nobody has it locked\n";

/// A place for files that need not be kept: in memory where there is room, because what is measured and tested here is not
/// the machine's disk, and one that is slow makes thousands of small files slow.
///
/// What a killed process left there goes when the next one makes a `Scratch` at the same place. Those of other users stay,
/// and whatever this program did not make.
#[derive(Clone, Debug)]
pub struct Scratch(PathBuf);

/// A directory for files that need not be kept. It goes away when it is dropped, or else when a later [`Scratch`] finds that
/// no process has it locked.
#[derive(Debug)]
pub struct ScratchDir {
    /// Goes before the lock is let go of.
    dir: TempDir,
    _lock: File,
}

impl Scratch {
    /// A place with room for so many bytes.
    pub fn with_room(bytes: u64) -> Self {
        let memory = Path::new("/dev/shm");
        // First, because it makes room.
        sweep(memory);
        if free(memory).is_some_and(|free| free >= bytes) {
            Scratch(memory.into())
        } else {
            Scratch::at(&std::env::temp_dir())
        }
    }

    /// This directory.
    pub fn at(dir: &Path) -> Self {
        sweep(dir);
        Scratch(dir.into())
    }

    /// The place.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// A directory in it.
    ///
    /// # Errors
    ///
    /// If it cannot be made.
    pub fn dir(&self) -> io::Result<ScratchDir> {
        let dir = TempDir::with_prefix_in(PREFIX, &self.0)?;
        let mut lock = File::options().write(true).create_new(true).open(dir.path().join(LOCK))?;
        // Locked first and marked then: a file that is marked and not locked belongs to nobody any more. Whoever looks at it
        // before that has it locked for a moment.
        lock.lock()?;
        lock.write_all(MARK)?;
        Ok(ScratchDir { dir, _lock: lock })
    }
}

impl ScratchDir {
    /// Where it is.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }
}

/// Takes away what killed processes left. What cannot be taken away stays: it is in nobody's way.
fn sweep(place: &Path) {
    for entry in fs::read_dir(place).into_iter().flatten().flatten() {
        let is_named = entry.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX));
        if is_named && let Some(_lock) = lock_abandoned(&entry.path()) {
            let _ = remove(&entry.path());
        }
    }
}

/// The lock of a directory that this program made for this user, and that no process has locked.
fn lock_abandoned(dir: &Path) -> Option<File> {
    let there = fs::symlink_metadata(dir).ok()?;
    if !there.is_dir() || !is_only_ours(&there) {
        return None;
    }
    let mut options = File::options();
    options.read(true);
    // Not where a symlink leads to, and without waiting for the other end of a pipe.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        &mut options,
        (rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK).bits().cast_signed(),
    );
    let lock = options.open(dir.join(LOCK)).ok()?;
    if !lock.metadata().ok()?.is_file() {
        return None;
    }
    lock.try_lock().ok()?;
    let mut mark = Vec::new();
    (&lock).take(MARK.len() as u64 + 1).read_to_end(&mut mark).ok()?;
    (mark == MARK).then_some(lock)
}

/// Removes a directory, its mark last: what is left of it if this is killed too is found again. No symlink is followed.
fn remove(dir: &Path) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_name() == LOCK {
            continue;
        }
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    fs::remove_dir_all(dir)
}

/// Whether this user owns it, and nobody else may change what is in it.
#[cfg(unix)]
fn is_only_ours(there: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    there.uid() == rustix::process::geteuid().as_raw() && there.mode() & 0o022 == 0
}

/// The directory for temporary files is each user's own.
#[cfg(not(unix))]
fn is_only_ours(_there: &Metadata) -> bool {
    true
}

/// The bytes that this user may write there.
#[cfg(unix)]
fn free(dir: &Path) -> Option<u64> {
    let is_writable = TempDir::with_prefix_in("testbed-", dir).is_ok();
    let stat = rustix::fs::statvfs(dir).ok().filter(|_| is_writable)?;
    Some(stat.f_bavail * stat.f_frsize)
}

#[cfg(not(unix))]
fn free(_dir: &Path) -> Option<u64> {
    None
}
