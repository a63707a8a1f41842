//! `Folder`: where a session writes, one gate at a time.

use super::error::{SessionError, read_failed, remove_failed, write_failed};
use concurrency_probe_gate::artifacts;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// The folder of a session. No other gate writes to it while this value lives.
#[derive(Debug)]
pub(crate) struct Folder {
    out: PathBuf,
    /// Where what was printed and reported is.
    pub(super) logs: PathBuf,
    /// Locked while it is open. The file is never removed: two gates could then lock two files of one name.
    _lock: File,
}

impl Folder {
    /// Makes the folder, and takes it for this session.
    ///
    /// # Errors
    ///
    /// If it cannot be written, another gate has it, or it has files of somebody else that would be removed.
    pub(super) fn take(out: &Path) -> Result<Self, SessionError> {
        let path = out.join("probe-gate.lock");
        if !path.exists() {
            refuse_foreign(out)?;
        }
        let logs = out.join("runs");
        fs::create_dir_all(&logs).map_err(write_failed(&logs))?;
        // Windows locks no file that is open to be appended to alone.
        let lock =
            File::options().read(true).create(true).append(true).open(&path).map_err(write_failed(&path))?;
        match lock.try_lock() {
            Ok(()) => Ok(Folder { out: out.into(), logs, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(SessionError::Busy { out: out.into() }),
            Err(TryLockError::Error(source)) => Err(write_failed(&path)(source)),
        }
    }

    /// Where it is.
    pub(super) fn out(&self) -> &Path {
        &self.out
    }

    /// A file of the session.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.out.join(name)
    }

    /// Removes what an earlier session wrote, so that nothing of it is taken for this session's. `keeps_logs`: its runs are kept, with what
    /// they printed and reported.
    ///
    /// # Errors
    ///
    /// If a file cannot be removed.
    pub(super) fn clear(&self, keeps_logs: bool) -> Result<(), SessionError> {
        for name in &artifacts::NAMES {
            remove(&self.file(name))?;
        }
        if keeps_logs {
            return Ok(());
        }
        let logs = fs::read_dir(&self.logs).map_err(read_failed(&self.logs))?;
        for log in logs {
            let log = log.map_err(read_failed(&self.logs))?;
            // What somebody made a directory there is not the gate's.
            if !log.file_type().is_ok_and(|kind| kind.is_dir()) {
                remove(&log.path())?;
            }
        }
        Ok(())
    }
}

/// What a session writes and removes is its own: in a folder that no gate has made, a file of that name is somebody else's.
fn refuse_foreign(out: &Path) -> Result<(), SessionError> {
    let names = artifacts::NAMES.iter().chain(&["runs", "checkouts"]).map(|name| out.join(name));
    match names.into_iter().find(|path| path.symlink_metadata().is_ok()) {
        Some(path) => Err(SessionError::Foreign { path }),
        None => Ok(()),
    }
}

/// Removes a file, if there is one.
pub(super) fn remove(path: &Path) -> Result<(), SessionError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(remove_failed(path)(error)),
        _ => Ok(()),
    }
}
