//! `Store`: the fresh virtual store that slots are linked into.

use crate::error::{Action, Error};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A directory that was empty when the run began. A temporary one is removed with it.
#[derive(Debug)]
pub(crate) enum Store {
    Kept(PathBuf),
    Temporary(TempDir),
}

impl Store {
    /// Makes a store at `out`, or else in a temporary directory.
    pub(crate) fn create(out: Option<&Path>, keep: bool) -> Result<Self, Error> {
        let Some(out) = out else {
            let place = std::env::temp_dir();
            let dir = TempDir::with_prefix_in("link-store-", &place).map_err(Error::write(&place))?;
            return Ok(if keep { Store::Kept(dir.keep()) } else { Store::Temporary(dir) });
        };
        match fs::read_dir(out).map(|mut entries| entries.next().is_none()) {
            Ok(true) => Ok(Store::Kept(out.into())),
            Ok(false) => Err(Error::OutNotEmpty(out.into())),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                fs::create_dir_all(out).map_err(Error::write(out))?;
                Ok(Store::Kept(out.into()))
            }
            Err(error) => Err(Error::write(out)(error)),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        match self {
            Store::Kept(dir) => dir,
            Store::Temporary(dir) => dir.path(),
        }
    }

    /// Removes a temporary store. Dropping it removes it too, but cannot report an error.
    pub(crate) fn close(self) -> Result<(), Error> {
        match self {
            Store::Kept(_) => Ok(()),
            Store::Temporary(dir) => {
                let path = dir.path().to_owned();
                dir.close().map_err(|source| Error::Io { action: Action::Remove(path), source })
            }
        }
    }
}
