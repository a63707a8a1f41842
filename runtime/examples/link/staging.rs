//! `Staging`: a slot under construction.

use crate::error::Error;
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// A directory that becomes a slot in one step. If it does not, it is removed, also on an error and when a lane panics.
#[derive(Debug)]
#[must_use = "a staging directory is removed when it is dropped: `publish` makes it a slot"]
pub(crate) struct Staging(PathBuf);

impl Staging {
    /// Makes the directory beside the slot, so that a rename moves it there. Slots of one run differ in `number`.
    pub(crate) fn beside(slot: &Path, number: usize) -> Result<Self, Error> {
        let dir = slot.with_file_name(format!(".linking-{}-{number}", std::process::id()));
        fs::create_dir(&dir).map_err(Error::write(&dir))?;
        Ok(Staging(dir))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Makes it the slot.
    pub(crate) fn publish(self, slot: &Path) -> Result<(), Error> {
        fs::rename(&self.0, slot).map_err(Error::write(slot))
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        match fs::remove_dir_all(&self.0) {
            Ok(()) => {}
            // It was published.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => {
                let dir = self.0.display();
                let _ =
                    writeln!(std::io::stderr(), "warning: cannot remove {dir}: {error}; remove it by hand");
            }
        }
    }
}
