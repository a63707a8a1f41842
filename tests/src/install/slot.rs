//! `Slot`: a package's place in the virtual store, and the function that fills it.

use super::{InstallError, LinkSite};
use crate::package::{PackageId, PackageName};
use crate::store::PackageFiles;
use concurrency_probe::{Lane, concurrency_probe, must_run_parallel};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use url::Url;

/// A package's place in the virtual store: `node_modules/.pnpm/<directory>/node_modules/<name>`, with symlinks to its
/// dependencies beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// The package.
    pub package: PackageId,
    /// The integrity of its tarball.
    pub integrity: String,
    /// Where its tarball is, if that is not the usual place.
    pub tarball: Option<Url>,
    /// Its directory in the virtual store.
    pub directory: String,
    /// Its dependencies.
    pub links: Vec<SlotLink>,
    /// Projects that are its peers: the name it finds each by, and the directory below the root's.
    pub projects: Vec<(PackageName, String)>,
    /// Whether the install may go on without it.
    pub optional: bool,
    /// Whether it has commands.
    pub has_bin: bool,
    /// Whether packages that it needs are in its tarball.
    pub has_bundled: bool,
}

impl Slot {
    /// Where its package is, below its directory.
    pub(super) fn package_dir(&self) -> PathBuf {
        Path::new("node_modules").join(self.package.name.as_str())
    }

    /// Where the symlink to a dependency is, below the slot's directory, and its target. One that has the package's own
    /// name is inside of the package, because its place is taken; pnpm does the same.
    pub(super) fn symlink(&self, link: &SlotLink) -> (PathBuf, String) {
        if link.alias != self.package.name {
            return (Path::new("node_modules").join(link.alias.as_str()), link.target("../../"));
        }
        let modules = self.package_dir().join("node_modules");
        let up = "../".repeat(modules.components().count() + 1);
        (modules.join(link.alias.as_str()), link.target(&up))
    }
}

/// A dependency of a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotLink {
    /// The name it is required by.
    pub alias: PackageName,
    /// Its directory in the virtual store.
    pub directory: String,
    /// Its name.
    pub name: PackageName,
}

impl SlotLink {
    /// The target of a symlink at `node_modules/<alias>`, where `up` leads from that `node_modules` to the virtual store.
    pub(super) fn target(&self, up: &str) -> String {
        // A scope is a directory more.
        let up = if self.alias.scope().is_some() { format!("../{up}") } else { up.to_owned() };
        format!("{up}{}/node_modules/{}", self.directory, self.name)
    }
}

/// A slot that is to be filled, with everything that takes.
#[derive(Clone, Debug)]
pub struct SlotJob {
    /// The slot.
    pub slot: Arc<Slot>,
    /// The files of its package.
    pub files: Arc<PackageFiles>,
    /// Where it is made.
    pub site: Arc<LinkSite>,
}

/// Fills one slot, whole or not at all: the files of its package, linked from the store, and symlinks to its dependencies.
///
/// It blocks, and it is parallel inside. Called from a future it would keep all siblings of that future from being polled:
/// the [`Lane`] makes that a compile error. It uses rayon as any function would, because the scope has a pool of its own; on
/// a shared pool the parts would go through [`Lane::join`], to keep their scope.
///
/// # Errors
///
/// If the file system says no, naming the package and the file.
#[concurrency_probe(scope = "install")]
#[must_run_parallel]
pub fn create_virtual_dir_by_snapshot(_lane: Lane<'_>, job: &SlotJob) -> Result<(), InstallError> {
    let SlotJob { slot, files, site } = job;
    site.stop.check()?;
    {
        let _turn = site.turns.wait();
        site.disk.seek(&site.stop);
    }
    let staging = site.modules.stage(&slot.package)?;
    let package = staging.path().join(slot.package_dir());
    make_directories(&package, files)
        .map_err(|(dir, error)| InstallError::link(&slot.package, &dir)(error))?;
    files.files.par_iter().try_for_each(|file| {
        let from = site.store.content().path(file);
        let to = package.join(&file.path);
        if !site.store.content().has(file) {
            return Err(InstallError::Lost {
                package: slot.package.clone(),
                file: file.path.clone(),
                path: from,
            });
        }
        site.importer.import(&from, &to, file).map_err(InstallError::link(&slot.package, &to))
    })?;
    for link in &slot.links {
        let (at, target) = slot.symlink(link);
        let at = staging.path().join(at);
        make_symlink(&target, &at).map_err(InstallError::link(&slot.package, &at))?;
    }
    for (alias, project) in &slot.projects {
        let at = staging.path().join("node_modules").join(alias.as_str());
        // From the slot's `node_modules` to the root project, and one more for a scope.
        let up = "../".repeat(4 + usize::from(alias.scope().is_some()));
        let target = if project == "." { up.trim_end_matches('/').to_owned() } else { up + project };
        make_symlink(&target, &at).map_err(InstallError::link(&slot.package, &at))?;
    }
    staging.publish(&slot.directory)?;
    site.linked();
    Ok(())
}

/// The package's directory and those in it, parents first.
fn make_directories(package: &Path, files: &PackageFiles) -> Result<(), (PathBuf, std::io::Error)> {
    fs::create_dir_all(package).map_err(|error| (package.into(), error))?;
    let parents: BTreeSet<&Path> = files
        .files
        .iter()
        .flat_map(|file| Path::new(&file.path).ancestors().skip(1))
        .filter(|dir| !dir.as_os_str().is_empty())
        .collect();
    for dir in parents {
        let dir = package.join(dir);
        fs::create_dir(&dir).map_err(|error| (dir, error))?;
    }
    Ok(())
}

/// Makes a symlink, and the directory of a scope that it is in.
pub(super) fn make_symlink(target: &str, at: &Path) -> std::io::Result<()> {
    match symlink(target, at) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            fs::create_dir_all(at.parent().unwrap_or(at))?;
            symlink(target, at)
        }
        made => made,
    }
}

#[cfg(unix)]
fn symlink(target: &str, at: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(target, at)
}

/// Elsewhere a symlink needs a privilege; pnpm makes junctions, which this does not.
#[cfg(not(unix))]
fn symlink(_target: &str, _at: &Path) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}
