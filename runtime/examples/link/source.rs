//! `Source`: the directory of the packages.

use crate::error::Error;
use std::env;
use std::ffi::OsString;
use std::fs::{self, DirEntry};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// A directory whose directories are packages.
#[derive(Debug)]
pub(crate) struct Source {
    dir: PathBuf,
    /// The directory in the store for the slots of this source. Two registries may have the same package.
    slots: PathBuf,
}

/// A package, and the place of its slot in the store.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) dir: PathBuf,
    pub(crate) slot: PathBuf,
}

/// The packages in `dir`, or in this machine's Cargo registry, ordered by name.
pub(crate) fn packages(dir: Option<&Path>) -> Result<Vec<Found>, Error> {
    let (root, sources) = match dir {
        Some(dir) => (dir.to_owned(), vec![Source { dir: dir.into(), slots: PathBuf::new() }]),
        None => registries()?,
    };
    let mut found = Vec::new();
    for source in &sources {
        found.extend(
            directories(&source.dir)?.map(|(dir, name)| Found { dir, slot: source.slots.join(name) }),
        );
    }
    found.sort_unstable_by(|a, b| a.slot.cmp(&b.slot));
    if found.is_empty() { Err(Error::NoPackages(root)) } else { Ok(found) }
}

/// `$CARGO_HOME/registry/src`, which has a directory for each registry.
fn registries() -> Result<(PathBuf, Vec<Source>), Error> {
    let home = env::var_os("CARGO_HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
    let home = home.or_else(|| Some(env::home_dir()?.join(".cargo"))).unwrap_or_default();
    let root = home.join("registry").join("src");
    let registries = match directories(&root) {
        Err(Error::NoSource(root)) => return Err(Error::NoRegistry(root)),
        registries => registries?,
    };
    let sources: Vec<_> = registries.map(|(dir, name)| Source { dir, slots: name.into() }).collect();
    if sources.is_empty() { Err(Error::NoRegistry(root)) } else { Ok((root, sources)) }
}

/// The directories in `dir` and their names. Files and symlinks are skipped.
fn directories(dir: &Path) -> Result<impl Iterator<Item = (PathBuf, OsString)>, Error> {
    let entries = match fs::read_dir(dir).and_then(Iterator::collect::<Result<Vec<DirEntry>, _>>) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Err(Error::NoSource(dir.into())),
        entries => entries.map_err(Error::read(dir))?,
    };
    let is_dir = |entry: &DirEntry| entry.file_type().is_ok_and(|kind| kind.is_dir());
    Ok(entries.into_iter().filter(is_dir).map(|entry| (entry.path(), entry.file_name())))
}
