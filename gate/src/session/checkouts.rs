//! `Checkouts`: commits as work trees of git beside one another, as long as a session takes.

use super::commit_step::CommitStep;
use super::error::{SessionError, remove_failed, write_failed};
use super::folder::Folder;
use super::signals::Signals;
use crate::git::Repository;
use concurrency_probe_gate::{Failure, Side};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Where they are, in the folder of the session.
const NAME: &str = "checkouts";

/// Where a commit is checked out.
pub(crate) fn checkout(out: &Path, side: Side) -> PathBuf {
    out.join(NAME).join(side.name())
}

/// The checkouts of a session. They are removed with it.
pub(super) struct Checkouts<'a> {
    folder: &'a Folder,
    repository: &'a Repository,
}

impl<'a> Checkouts<'a> {
    /// Removes the checkouts of a session that was killed.
    ///
    /// # Errors
    ///
    /// If they cannot be removed.
    pub(super) fn begin(folder: &'a Folder, repository: &'a Repository) -> Result<Self, SessionError> {
        let dir = folder.file(NAME);
        // The target of a link is not the gate's to remove.
        if fs::symlink_metadata(&dir).is_ok_and(|there| !there.is_dir()) {
            return Err(write_failed(&dir)(io::Error::other("it exists, and is not a directory")));
        }
        let checkouts = Checkouts { folder, repository };
        checkouts.remove()?;
        Ok(checkouts)
    }

    /// Checks a commit out.
    ///
    /// # Errors
    ///
    /// If a file cannot be written. What git refuses is a failure of the session.
    pub(super) fn add(
        &self,
        side: Side,
        commit: &str,
        signals: &Signals,
    ) -> Result<Option<Failure>, SessionError> {
        let path = self.path(side)?;
        fs::create_dir_all(self.folder.file(NAME)).map_err(write_failed(&path))?;
        let step = CommitStep {
            what: format!("the checkout of the {} commit", side.name()),
            label: format!("+checkout-{}", side.name()),
            limit_s: LIMIT_S,
            folder: self.folder,
            signals,
        };
        let mut command = self.repository.git();
        command.args(["worktree", "add", "--detach"]).arg(&path).arg(commit);
        step.run(&mut command, &self.repository.root)
    }

    /// Removes all of them.
    ///
    /// # Errors
    ///
    /// The first thing that cannot be removed. The rest is.
    fn remove(&self) -> Result<(), SessionError> {
        let removed = Side::BOTH.map(|side| self.remove_one(side));
        removed.into_iter().collect::<Result<(), _>>()?;
        let dir = self.folder.file(NAME);
        match fs::remove_dir(&dir) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(remove_failed(&dir)(error)),
            _ => Ok(()),
        }
    }

    fn remove_one(&self, side: Side) -> Result<(), SessionError> {
        let path = self.path(side)?;
        // A work tree that was deleted by hand is still in git's list. One whose checkout was cut off is not. `git worktree prune` is not used: it
        // would also remove the work trees of others.
        self.forget(&path);
        match fs::remove_dir_all(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(remove_failed(&path)(error)),
            Err(_) => Ok(()),
            Ok(()) => {
                self.forget(&path);
                Ok(())
            }
        }
    }

    /// Lets git remove a work tree, if it knows one there. `--force` is given twice, because a work tree whose checkout was cut off is locked.
    fn forget(&self, path: &Path) {
        let _ = self.repository.git().args(["worktree", "remove", "--force", "--force"]).arg(path).output();
    }

    fn path(&self, side: Side) -> Result<PathBuf, SessionError> {
        let path = checkout(self.folder.out(), side);
        std::path::absolute(&path).map_err(write_failed(&path))
    }
}

/// An hour, as a build has.
const LIMIT_S: f64 = 3600.0;

impl Drop for Checkouts<'_> {
    fn drop(&mut self) {
        if let Err(error) = self.remove() {
            let _ = writeln!(io::stderr(), "warning: a checkout could not be removed: {error}");
        }
    }
}
