//! `Slot`: the place of a package in the store, and the pass that links slots.

use crate::checksum::Checksum;
use crate::error::Error;
use crate::interrupt::Interrupt;
use crate::package::{FileKind, Package, PackageFile};
use crate::staging::Staging;
use crate::tally::Tally;
use concurrency_probe::{Lane, Pass, concurrency_probe, must_run_parallel};
use indicatif::ProgressBar;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// A part with at most so many files is linked by one thread. It is enough work to make the cost of a [`Lane::join`]
/// small.
const FILES_AT_ONCE: usize = 8;

/// A package to link, and its place.
#[derive(Debug)]
pub(crate) struct Slot<'run> {
    pub(crate) package: &'run Package,
    pub(crate) path: PathBuf,
    pub(crate) number: usize,
    /// Verified by an earlier install, so that its files need not be read.
    pub(crate) is_warm: bool,
    pub(crate) interrupt: &'run Interrupt,
    pub(crate) progress: &'run ProgressBar,
}

/// Links many slots. The [`Pass`] is the right to run one parallel pass.
pub(crate) fn link_slots_parallel(pass: Pass<'_>, slots: &[Slot<'_>]) -> Result<Tally, Error> {
    let linked = pass.try_map(slots, |lane, slot| link_slot(lane, slot))?;
    Ok(linked.into_iter().sum())
}

/// Links one slot, completely or not at all. It blocks, and it is parallel inside. The [`Lane`] proves that it is called inside a
/// pass.
#[concurrency_probe(scope = "install")]
#[must_run_parallel]
pub(crate) fn link_slot(lane: Lane<'_>, slot: &Slot<'_>) -> Result<Tally, Error> {
    let staging = Staging::beside(&slot.path, slot.number)?;
    for dir in &slot.package.dirs {
        let dir = staging.path().join(dir);
        fs::create_dir(&dir).map_err(Error::write(&dir))?;
    }
    let files = link_files(lane, slot, staging.path(), &slot.package.files)?;
    staging.publish(&slot.path)?;
    slot.progress.inc(1);
    Ok(Tally { packages: 1, ..files })
}

/// Halves the files until a part is small, as rayon does, and offers one half to other threads. It uses `lane.join` and not
/// `rayon::join`, so that the scope is current in each half, and `busy_ns` includes both.
fn link_files(lane: Lane<'_>, slot: &Slot<'_>, to: &Path, files: &[PackageFile]) -> Result<Tally, Error> {
    if files.len() <= FILES_AT_ONCE {
        return files.iter().map(|file| place(slot, to, file)).sum();
    }
    let (left, right) = files.split_at(files.len() / 2);
    let (left, right) =
        lane.join(|lane| link_files(lane, slot, to, left), |lane| link_files(lane, slot, to, right));
    Ok(left? + right?)
}

/// Puts one file in its place, after reading it if the slot is cold.
fn place(slot: &Slot<'_>, to: &Path, file: &PackageFile) -> Result<Tally, Error> {
    slot.interrupt.check()?;
    let (from, to) = (slot.package.dir.join(&file.path), to.join(&file.path));
    match &file.kind {
        FileKind::Symlink { target } => {
            symlink(target, &to).map_err(Error::link(&from, &to))?;
            Ok(Tally { symlinks: 1, ..Tally::default() })
        }
        FileKind::Regular { bytes } => {
            let checksum = if slot.is_warm { 0 } else { verify(&from, &file.path, *bytes)? };
            let linked = link_or_copy(&from, &to, *bytes)?;
            Ok(Tally { bytes: *bytes, checksum, ..linked })
        }
    }
}

/// Reads and hashes the whole file.
fn verify(from: &Path, name: &Path, listed: u64) -> Result<u64, Error> {
    let mut checksum = Checksum::of(name);
    let mut file = File::open(from).map_err(Error::read(from))?;
    let read = io::copy(&mut file, &mut checksum).map_err(Error::read(from))?;
    expect_length(from, listed, read)?;
    Ok(checksum.finish())
}

/// A hard link, or a copy where no hard link can be made: across devices, on a file system without hard links, for
/// a file of another user (`fs.protected_hardlinks`), or for a file that has the maximum number of links.
fn link_or_copy(from: &Path, to: &Path, listed: u64) -> Result<Tally, Error> {
    use ErrorKind::{CrossesDevices, PermissionDenied, TooManyLinks, Unsupported};
    match fs::hard_link(from, to) {
        Ok(()) => Ok(Tally { hard_links: 1, ..Tally::default() }),
        Err(error)
            if matches!(error.kind(), CrossesDevices | PermissionDenied | TooManyLinks | Unsupported) =>
        {
            let copied = fs::copy(from, to).map_err(Error::copy(from, to))?;
            expect_length(from, listed, copied)?;
            Ok(Tally { copies: 1, ..Tally::default() })
        }
        Err(error) => Err(Error::link(from, to)(error)),
    }
}

fn expect_length(file: &Path, listed: u64, read: u64) -> Result<(), Error> {
    if listed == read { Ok(()) } else { Err(Error::Changed { file: file.into(), listed, read }) }
}

#[cfg(unix)]
fn symlink(target: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

/// On other systems, making a symlink needs the kind of its target, and mostly a privilege.
#[cfg(not(unix))]
fn symlink(_target: &Path, _link: &Path) -> io::Result<()> {
    Err(ErrorKind::Unsupported.into())
}
