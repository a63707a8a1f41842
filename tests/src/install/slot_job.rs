//! `SlotJob`: a slot that is to be filled, and the function that fills it.

use super::error::InstallError;
use super::site::LinkSite;
use super::slot::Slot;
use super::symlink::make_symlink;
use crate::store::PackageFiles;
use concurrency_probe::{Lane, concurrency_probe, must_run_parallel};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A slot that is to be filled, and what filling it needs.
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
    let staging = site.modules.stage(&slot.package)?;
    {
        let _turn = site.turns.wait();
        site.disk.seek(&site.stop);
    }
    // The wait for the disk ends when the install is stopped.
    site.stop.check()?;
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
