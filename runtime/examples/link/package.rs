//! `Package`: a directory, listed.

use crate::error::Error;
use crate::interrupt::Interrupt;
use crate::source::Found;
use std::fs;
use std::path::PathBuf;

/// The content of a package directory. Paths are relative to it.
#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) dir: PathBuf,
    /// The place of its slot in the store.
    pub(crate) slot: PathBuf,
    /// Parents before their children.
    pub(crate) dirs: Vec<PathBuf>,
    pub(crate) files: Vec<PackageFile>,
}

/// A file of a package.
#[derive(Debug)]
pub(crate) struct PackageFile {
    pub(crate) path: PathBuf,
    pub(crate) kind: FileKind,
}

/// How a file is put into the slot.
#[derive(Debug)]
pub(crate) enum FileKind {
    /// Bytes to link or copy.
    Regular { bytes: u64 },
    /// A symlink to make again. It is never followed, so that a loop or a dangling symlink does no harm.
    Symlink { target: PathBuf },
}

impl Package {
    /// Lists a package directory.
    pub(crate) fn read(found: &Found, interrupt: &Interrupt) -> Result<Self, Error> {
        let (mut dirs, mut files) = (Vec::new(), Vec::new());
        let mut to_list = vec![PathBuf::new()];
        while let Some(dir) = to_list.pop() {
            interrupt.check()?;
            // By its components, because joining the empty path would leave a slash at the end.
            let listed: PathBuf = found.dir.join(&dir).components().collect();
            for entry in fs::read_dir(&listed).map_err(Error::read(&listed))? {
                let entry = entry.map_err(Error::read(&listed))?;
                let (path, full) = (dir.join(entry.file_name()), entry.path());
                // The metadata of the entry itself, also if it is a symlink.
                let metadata = entry.metadata().map_err(Error::read(&full))?;
                if metadata.is_dir() {
                    dirs.push(path.clone());
                    to_list.push(path);
                } else if metadata.is_file() {
                    files.push(PackageFile { path, kind: FileKind::Regular { bytes: metadata.len() } });
                } else if metadata.is_symlink() {
                    let target = fs::read_link(&full).map_err(Error::read(&full))?;
                    files.push(PackageFile { path, kind: FileKind::Symlink { target } });
                } else {
                    return Err(Error::Special(full));
                }
            }
        }
        Ok(Package { dir: found.dir.clone(), slot: found.slot.clone(), dirs, files })
    }
}
