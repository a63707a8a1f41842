//! `ModulesDir`: a project's `node_modules`, which one install changes at a time.

use super::InstallError;
use super::layout::Layout;
use super::made::Made;
use super::plan::Plan;
use super::symlink::make_symlink;
use super::top_link::TopLink;
use crate::lockfile::Lockfile;
use crate::package::PackageId;
use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

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
    made: Made,
    lock: File,
    under_construction: Mutex<UnderConstruction>,
    /// A slot is under construction no more.
    finished: Condvar,
}

/// The slots that threads are about to make.
#[derive(Debug, Default)]
struct UnderConstruction {
    slots: usize,
    /// No other is begun.
    is_closed: bool,
}

impl ModulesDir {
    /// Whether a project can be opened, before anything is made there.
    pub(super) fn check(root: &Path) -> Result<(), InstallError> {
        let modules = root.join("node_modules");
        let virtual_store = modules.join(".pnpm");
        check_directory(&modules)?;
        check_directory(&virtual_store)?;
        if is_foreign(&modules) {
            return Err(InstallError::Foreign { path: modules });
        }
        // Shared: whoever wants it for himself tells another one that only looks from one that works.
        match File::open(virtual_store.join(LOCK)).map(|lock| lock.try_lock_shared()) {
            Ok(Err(fs::TryLockError::WouldBlock)) => Err(InstallError::Busy { path: modules }),
            _ => Ok(()),
        }
    }

    /// Whether a plan can be carried out in a project, before anything is made there.
    pub(super) fn check_plan(root: &Path, plan: &Plan, layout: &Layout) -> Result<(), InstallError> {
        let virtual_store = root.join("node_modules/.pnpm");
        check_projects(root, plan, old_plan(&virtual_store, layout).as_ref())?;
        for (importer, links) in &plan.importers {
            let modules = root.join(importer).join("node_modules");
            check_directory(&modules)?;
            check_directory(&modules.join(".bin"))?;
            check_links(&modules, links.iter().map(TopLink::alias))?;
        }
        check_links(&virtual_store.join("node_modules"), plan.hoisted.private.iter().map(TopLink::alias))
    }

    /// Locks the `node_modules` of a project.
    ///
    /// # Errors
    ///
    /// If another tool made it, another install works on it, or it cannot be written.
    pub fn open(root: &Path) -> Result<Self, InstallError> {
        ModulesDir::check(root)?;
        let virtual_store = root.join("node_modules/.pnpm");
        let mut made = Made::default();
        let lock = lock(root, &virtual_store, &mut made)?;
        let modules = ModulesDir {
            root: root.into(),
            virtual_store,
            staged: AtomicU64::new(0),
            made,
            lock,
            under_construction: Mutex::default(),
            finished: Condvar::new(),
        };
        modules.clear_staging()?;
        Ok(modules)
    }

    /// Takes away what was made for nothing, and lets the next install begin. No slot is begun any more, and those that are under
    /// construction are waited for: of an install that is stopped early, threads may still be making some.
    pub(super) fn close(&self) {
        let mut under_construction = self.under_construction();
        // Once: what is there after it is another install's.
        if std::mem::replace(&mut under_construction.is_closed, true) {
            return;
        }
        while under_construction.slots > 0 {
            under_construction =
                self.finished.wait(under_construction).unwrap_or_else(PoisonError::into_inner);
        }
        drop(under_construction);
        // Empty, unless slots were given up, and each of those said so.
        let _ = fs::remove_dir(self.staging());
        self.made.take_away();
        // Closing the file would do it too, and there is nothing to do about an error.
        let _ = self.lock.unlock();
    }

    fn under_construction(&self) -> MutexGuard<'_, UnderConstruction> {
        // It is whole between any two statements.
        self.under_construction.lock().unwrap_or_else(PoisonError::into_inner)
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
        let old_plan = old_plan(&self.virtual_store, layout);
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
        self.made.keep();
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
    ///
    /// # Errors
    ///
    /// If no slot is begun any more, or the file system says no.
    pub(super) fn stage(&self, package: &PackageId) -> Result<Staging<'_>, InstallError> {
        let path = self.next_staging();
        {
            let mut under_construction = self.under_construction();
            if under_construction.is_closed {
                return Err(InstallError::Stopped);
            }
            under_construction.slots += 1;
        }
        let staging = Staging { modules: self, package: package.clone(), path };
        fs::create_dir(&staging.path).map_err(InstallError::link(package, &staging.path))?;
        Ok(staging)
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
        self.close();
    }
}

/// What was there before.
#[derive(Debug)]
pub(super) struct Adopted {
    /// For each slot of the plan, whether it is there.
    pub(super) there: Vec<bool>,
    /// The plan of the last install.
    pub(super) old: Option<Plan>,
}

/// Whether the projects of a workspace are there, and their `node_modules` are ours to change: those that the last
/// lockfile had are.
fn check_projects(root: &Path, plan: &Plan, old: Option<&Plan>) -> Result<(), InstallError> {
    for importer in plan.importers.keys().filter(|importer| *importer != ".") {
        let project = root.join(importer);
        if !project.is_dir() {
            return Err(InstallError::NoProject { path: project });
        }
        let modules = project.join("node_modules");
        let is_ours = old.is_some_and(|old| old.importers.contains_key(importer));
        let is_empty = fs::read_dir(&modules).map_or(true, |mut entries| entries.next().is_none());
        if modules.join(".pnpm").exists() || !(is_ours || is_empty) {
            return Err(InstallError::Foreign { path: modules });
        }
    }
    Ok(())
}

/// What the slots that are there are of. What cannot be read says nothing of them.
fn old_plan(virtual_store: &Path, layout: &Layout) -> Option<Plan> {
    let current = virtual_store.join(CURRENT);
    Plan::new(&Lockfile::read(&current).ok()?, &current, layout).ok()
}

/// Whether there is a directory, or nothing.
fn check_directory(path: &Path) -> Result<(), InstallError> {
    match fs::metadata(path) {
        Ok(there) if !there.is_dir() => Err(InstallError::NoDirectory { path: path.into() }),
        Err(error) if error.kind() == ErrorKind::NotADirectory => {
            Err(InstallError::NoDirectory { path: path.parent().unwrap_or(path).into() })
        }
        _ => Ok(()),
    }
}

/// Whether symlinks can be made under these names: what someone else put there stays.
fn check_links<'a>(modules: &Path, names: impl Iterator<Item = &'a str>) -> Result<(), InstallError> {
    for name in names {
        let at = modules.join(name);
        match fs::symlink_metadata(&at) {
            Ok(there) if !there.is_symlink() => return Err(InstallError::Occupied { path: at }),
            Err(error) if error.kind() == ErrorKind::NotADirectory => check_directory(&at)?,
            _ => {}
        }
    }
    Ok(())
}

/// Makes what is missing, and locks it.
fn lock(root: &Path, virtual_store: &Path, made: &mut Made) -> Result<File, InstallError> {
    /// Each time an install has just been refused, and taken away what was to be locked: more than that is a riddle.
    const TRIES: usize = 100;
    let modules = root.join("node_modules");
    let path = virtual_store.join(LOCK);
    let mut tried = 0;
    loop {
        tried += 1;
        for path in [&modules, virtual_store, &path] {
            made.note(path);
        }
        fs::create_dir_all(virtual_store).map_err(InstallError::write(virtual_store))?;
        let file = match File::options().create(true).append(true).open(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound && tried < TRIES => continue,
            file => file.map_err(InstallError::write(&path))?,
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => {
                // One that only looks has it shared, and not for long.
                if file.try_lock_shared().is_ok() {
                    let _ = file.unlock();
                    std::thread::yield_now();
                    tried -= 1;
                    continue;
                }
                // What is there is the other one's.
                made.keep();
                return Err(InstallError::Busy { path: modules });
            }
            Err(fs::TryLockError::Error(error)) => return Err(InstallError::write(&path)(error)),
        }
        if is_at(&file, &path) || tried >= TRIES {
            if made.has(&path) {
                // It will be made before the first package, and belongs to this install as the lock does.
                made.note(&virtual_store.join(CURRENT));
            }
            return Ok(file);
        }
    }
}

/// Whether an open file is still the one of this path: one that was taken away locks nothing.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let id = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    matches!((file.metadata(), fs::metadata(path)), (Ok(file), Ok(there)) if id(file.clone()) == id(there.clone()))
}

/// Elsewhere a file that is open cannot be taken away.
#[cfg(not(unix))]
fn is_at(_file: &File, _path: &Path) -> bool {
    true
}

/// Whether a `node_modules` holds anything, and we did not make it. Of an install that was killed at its very beginning there
/// is an empty virtual store.
fn is_foreign(modules: &Path) -> bool {
    let names = |dir: &Path| -> Vec<OsString> {
        fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.file_name()).collect()
    };
    let virtual_store = modules.join(".pnpm");
    let others = names(modules).iter().any(|name| name != ".pnpm");
    let slots = names(&virtual_store);
    let is_ours = |name: &OsString| [LOCK, CURRENT, STAGING].iter().any(|ours| name == ours);
    if slots.iter().any(is_ours) || (!others && slots.is_empty()) {
        return false;
    }
    // Of an install that begins meanwhile the lock is there before anything else.
    !virtual_store.join(LOCK).exists()
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
        self.modules.made.keep();
        fs::rename(&self.path, &slot).map_err(InstallError::link(&self.package, &slot))
    }
}

impl Drop for Staging<'_> {
    fn drop(&mut self) {
        // After `publish` there is nothing, and what cannot be removed now is by the next install.
        let _ = fs::remove_dir_all(&self.path);
        self.modules.under_construction().slots -= 1;
        self.modules.finished.notify_all();
    }
}
