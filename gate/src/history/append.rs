//! How a session is added: under a lock, by one write to the end of the file.

use super::{History, HistoryError, SessionLine, is_cut};
use crate::bounded::HISTORY;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

/// Adds a session.
pub(super) fn append(path: &Path, session: &SessionLine) -> Result<Option<usize>, HistoryError> {
    let failed = |source| HistoryError::Write { path: path.into(), source };
    let mut file = open(path)?;
    // Until the file is closed. Another gate holds the lock only while it adds a line.
    file.lock().map_err(failed)?;
    let bytes = HISTORY.read_from(&mut file).map_err(failed)?;
    History::parse(&bytes, path)?;
    let mut added = Vec::new();
    let last = bytes.split(|byte| *byte == b'\n').next_back().unwrap_or_default();
    if !last.is_empty() {
        added.push(b'\n');
    }
    serde_json::to_writer(&mut added, session).map_err(|error| failed(error.into()))?;
    added.push(b'\n');
    if !HISTORY.holds(bytes.len() + added.len()) {
        return Err(failed(io::Error::other(
            "it would be larger than what is read again: begin another one",
        )));
    }
    if let Err(source) = file.write_all(&added).and_then(|()| file.sync_data()) {
        // The disk may be full: half a line is removed again. Windows cannot truncate a file that is only open for appending.
        let _ = File::options().write(true).open(path).and_then(|file| file.set_len(bytes.len() as u64));
        return Err(failed(source));
    }
    let lines = bytes.split(|byte| *byte == b'\n').count();
    Ok((!last.is_empty() && is_cut(last)).then_some(lines))
}

/// Looks whether a session could be added.
pub(super) fn look(path: &Path) -> Result<(), HistoryError> {
    let failed = |source| HistoryError::Write { path: path.into(), source };
    let mut file = open(path)?;
    // On Windows a locked file cannot be read through another handle.
    file.lock_shared().map_err(failed)?;
    let bytes = HISTORY.read_from(&mut file).map_err(failed)?;
    History::parse(&bytes, path).map(drop)
}

fn open(path: &Path) -> Result<File, HistoryError> {
    let failed = |source| HistoryError::Write { path: path.into(), source };
    // Opening a pipe might wait for ever, and a device keeps nothing.
    if std::fs::metadata(path).is_ok_and(|there| !there.is_file()) {
        return Err(failed(io::Error::other("it exists, and is not a regular file")));
    }
    File::options().read(true).append(true).create(true).open(path).map_err(failed)
}
