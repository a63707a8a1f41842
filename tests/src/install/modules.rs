//! `ModulesDir`: a project's `node_modules`, which one install changes at a time.

use super::InstallError;
use super::layout::Layout;
use super::plan::Plan;
use super::slot::make_symlink;
use crate::lockfile::Lockfile;
use crate::package::PackageId;
use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Locked while an install runs, and the sign that a `node_modules` is ours.
const LOCK: &str = ".testbed.lock";
/// The lockfile that the slots are of. Written before the first of them, so that it holds for those of an interrupted
/// install too.
const CURRENT: &str = ".testbed-lock.yaml";
/// Where slots are made, and unmade.
const STAGING: &str = ".staging";

/// A project's `node_modules`, locked for one install.
///
/// Slots appear in one step, by a rename, and go in one step. So whatever is there is whole, also after a crash, and belongs
/// to the lockfile beside it: an install that is run again goes on where the last one stopped.
#[derive(Debug)]
pub struct ModulesDir {
    /// The project.
    root: PathBuf,
    /// `node_modules/.pnpm`.
    virtual_store: PathBuf,
    staged: AtomicU64,
    /// Unlocked when it is closed.
    _lock: File,
}

impl ModulesDir {
    /// Whether a project can be opened, before anything is made there.
    pub(super) fn check(root: &Path) -> Result<(), InstallError> {
        let modules = root.join("node_modules");
        if is_foreign(&modules) {
            return Err(InstallError::Foreign { path: modules });
        }
        let lock = File::open(modules.join(".pnpm").join(LOCK));
        match lock.map(|lock| lock.try_lock()) {
            Ok(Err(fs::TryLockError::WouldBlock)) => Err(InstallError::Busy { path: modules }),
            _ => Ok(()),
        }
    }

    /// Whether the projects of a workspace are there, and their `node_modules` are ours to change: those that the last
    /// lockfile had are.
    pub(super) fn check_projects(root: &Path, plan: &Plan, layout: &Layout) -> Result<(), InstallError> {
        let old = old_plan(&root.join("node_modules/.pnpm").join(CURRENT), layout);
        for importer in plan.importers.keys().filter(|importer| *importer != ".") {
            let project = root.join(importer);
            if !project.is_dir() {
                return Err(InstallError::NoProject { path: project });
            }
            let modules = project.join("node_modules");
            let is_ours = old.as_ref().is_some_and(|old| old.importers.contains_key(importer));
            let is_empty = fs::read_dir(&modules).map_or(true, |mut entries| entries.next().is_none());
            if modules.join(".pnpm").exists() || !(is_ours || is_empty) {
                return Err(InstallError::Foreign { path: modules });
            }
        }
        Ok(())
    }

    /// Locks the `node_modules` of a project.
    ///
    /// # Errors
    ///
    /// If another tool made it, another install works on it, or it cannot be written.
    pub fn open(root: &Path) -> Result<Self, InstallError> {
        ModulesDir::check(root)?;
        let modules = root.join("node_modules");
        let virtual_store = modules.join(".pnpm");
        fs::create_dir_all(&virtual_store).map_err(InstallError::write(&virtual_store))?;
        let lock = virtual_store.join(LOCK);
        let file =
            File::options().create(true).append(true).open(&lock).map_err(InstallError::write(&lock))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Err(InstallError::Busy { path: modules }),
            Err(fs::TryLockError::Error(error)) => return Err(InstallError::write(&lock)(error)),
        }
        let modules = ModulesDir { root: root.into(), virtual_store, staged: AtomicU64::new(0), _lock: file };
        modules.clear_staging()?;
        Ok(modules)
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Takes away what is not of the plan. From then on the slots are those of `lockfile`.
    pub(super) fn adopt(
        &self,
        plan: &Plan,
        lockfile: &Lockfile,
        layout: &Layout,
    ) -> Result<Adopted, InstallError> {
        let current = self.virtual_store.join(CURRENT);
        let old_plan = old_plan(&current, layout);
        let old: HashMap<&str, _> =
            old_plan.iter().flat_map(|old| &old.slots).map(|slot| (slot.directory.as_str(), slot)).collect();
        let new: HashMap<&str, _> = plan.slots.iter().map(|slot| (slot.directory.as_str(), slot)).collect();
        let mut there = HashSet::new();
        for entry in fs::read_dir(&self.virtual_store).map_err(InstallError::write(&self.virtual_store))? {
            let entry = entry.map_err(InstallError::write(&self.virtual_store))?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name == "node_modules" || [LOCK, CURRENT, STAGING].contains(&&*name) {
                continue;
            }
            let is_dir = entry.file_type().is_ok_and(|kind| kind.is_dir());
            let is_same = is_dir && new.get(&*name).is_some_and(|slot| old.get(&*name) == Some(slot));
            if is_same {
                there.insert(name.into_owned());
            } else {
                self.remove(&entry.path())?;
            }
        }
        lockfile.write(&current)?;
        let there = plan.slots.iter().map(|slot| there.contains(&slot.directory)).collect();
        Ok(Adopted { there, old: old_plan })
    }

    /// Makes the symlinks to optional slots what came of those: of the `gone` ones there are none. A slot that was kept from an
    /// earlier install may have been made when it was the other way round.
    pub(super) fn settle(&self, plan: &Plan, gone: &[String]) -> Result<(), InstallError> {
        let optional: HashSet<&str> =
            plan.slots.iter().filter(|slot| slot.optional).map(|slot| slot.directory.as_str()).collect();
        for slot in plan.slots.iter().filter(|slot| !gone.contains(&slot.directory)) {
            for link in slot.links.iter().filter(|link| optional.contains(link.directory.as_str())) {
                let (at, target) = slot.symlink(link);
                let at = self.virtual_store.join(&slot.directory).join(at);
                let settled = match (gone.contains(&link.directory), at.is_symlink()) {
                    (true, true) => fs::remove_file(&at),
                    (false, false) => make_symlink(&target, &at),
                    _ => Ok(()),
                };
                settled.map_err(InstallError::write(&at))?;
            }
        }
        Ok(())
    }

    /// Begins a slot.
    pub(super) fn stage(&self, package: &PackageId) -> Result<Staging<'_>, InstallError> {
        let path = self.next_staging();
        fs::create_dir(&path).map_err(InstallError::link(package, &path))?;
        Ok(Staging { modules: self, package: package.clone(), path })
    }

    /// A directory of this file system, which the next install empties.
    pub(super) fn staging(&self) -> PathBuf {
        self.virtual_store.join(STAGING)
    }

    fn next_staging(&self) -> PathBuf {
        let number = self.staged.fetch_add(1, Ordering::Relaxed);
        self.staging().join(number.to_string())
    }

    fn remove(&self, path: &Path) -> Result<(), InstallError> {
        let staging = self.next_staging();
        fs::rename(path, &staging).map_err(InstallError::write(path))?;
        let removed = if staging.is_dir() { fs::remove_dir_all(&staging) } else { fs::remove_file(&staging) };
        removed.map_err(InstallError::write(&staging))
    }

    /// What an interrupted install left.
    fn clear_staging(&self) -> Result<(), InstallError> {
        let staging = self.staging();
        let cleared = match fs::remove_dir_all(&staging) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => fs::create_dir(&staging),
        };
        cleared.map_err(InstallError::write(&staging))
    }
}

impl Drop for ModulesDir {
    fn drop(&mut self) {
        // Empty, unless slots were given up, and each of those said so.
        let _ = fs::remove_dir(self.staging());
    }
}

/// What the last install laid out. What cannot be read says nothing of it.
fn old_plan(current: &Path, layout: &Layout) -> Option<Plan> {
    Plan::new(&Lockfile::read(current).ok()?, current, layout).ok()
}

/// What was there before.
#[derive(Debug)]
pub(super) struct Adopted {
    /// For each slot of the plan, whether it is there.
    pub(super) there: Vec<bool>,
    /// The plan of the last install.
    pub(super) old: Option<Plan>,
}

/// Whether a `node_modules` holds anything, and we did not make it. Of an install that was killed at its very beginning there
/// is an empty virtual store.
fn is_foreign(modules: &Path) -> bool {
    let is_empty = |dir: &Path| fs::read_dir(dir).map_or(true, |mut entries| entries.next().is_none());
    let virtual_store = modules.join(".pnpm");
    let has_others = fs::read_dir(modules)
        .is_ok_and(|entries| entries.flatten().any(|entry| entry.file_name() != ".pnpm"));
    !virtual_store.join(LOCK).exists() && (has_others || !is_empty(&virtual_store))
}

/// A slot under construction: it becomes one in one step, or goes away, on an error and on a panic too.
#[derive(Debug)]
#[must_use = "what is not published goes away"]
pub(super) struct Staging<'modules> {
    modules: &'modules ModulesDir,
    package: PackageId,
    path: PathBuf,
}

impl Staging<'_> {
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes it the slot.
    pub(super) fn publish(self, directory: &str) -> Result<(), InstallError> {
        let slot = self.modules.virtual_store.join(directory);
        fs::rename(&self.path, &slot).map_err(InstallError::link(&self.package, &slot))
    }
}

impl Drop for Staging<'_> {
    fn drop(&mut self) {
        // After `publish` there is nothing, and what cannot be removed now is by the next install.
        let _ = fs::remove_dir_all(&self.path);
    }
}
