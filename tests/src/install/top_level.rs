//! The symlinks that lead into the virtual store: of the projects, and of what is hoisted.

use super::InstallError;
use super::modules::ModulesDir;
use super::paths::{clean, relative};
use super::plan::Plan;
use super::symlink::make_symlink;
use super::top_link::TopLink;
use crate::package::PackageName;
use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Makes the `node_modules` of each project, and the hoisted names, what the plan says: names that are not in it go, those
/// in `gone` (whose slots could not be filled) too.
pub(super) fn link(
    plan: &Plan,
    old: Option<&Plan>,
    modules: &ModulesDir,
    gone: &[String],
) -> Result<(), InstallError> {
    let is_there = |directory: &str| !gone.iter().any(|gone| gone == directory);
    let root = modules.root().canonicalize().map_err(InstallError::write(modules.root()))?;
    for (importer, links) in &plan.importers {
        let project = clean(&root.join(importer));
        let to_virtual_store = to_virtual_store(importer);
        let own =
            links.iter().filter(|link| importer == "." || !plan.of_root.contains(&link.leads_to(importer)));
        let wanted = own.filter_map(|link| match link {
            TopLink::Slot { link, .. } => {
                is_there(&link.directory).then(|| (link.alias.as_str(), link.target(&to_virtual_store)))
            }
            TopLink::Directory { alias, to } => {
                Some((alias.as_str(), to_directory(alias, &project.join("node_modules"), &project.join(to))))
            }
        });
        let mut wanted: BTreeMap<&str, String> = wanted.collect();
        let modules_dir = project.join("node_modules");
        let old_links = old.and_then(|old| old.importers.get(importer)).into_iter().flatten();
        let mut old_names: HashSet<&str> = old_links.map(TopLink::alias).collect();
        if importer == "." {
            old_names.extend(old.iter().flat_map(|old| &old.hoisted.public).map(TopLink::alias));
            let is_free = |link: &TopLink| {
                !wanted.contains_key(link.alias())
                    && is_ours_or_free(&modules_dir.join(link.alias()), &old_names, link)
            };
            let public: Vec<&TopLink> = plan.hoisted.public.iter().filter(|link| is_free(link)).collect();
            wanted.extend(
                public.into_iter().filter_map(|link| hoisted(link, &root, &modules_dir, ".pnpm/", is_there)),
            );
        }
        make(&modules_dir, wanted, |name| old_names.contains(name))?;
    }
    let modules_dir = root.join("node_modules/.pnpm/node_modules");
    let private =
        plan.hoisted.private.iter().filter_map(|link| hoisted(link, &root, &modules_dir, "../", is_there));
    make(&modules_dir, private.collect(), |_| true)
}

/// A name that is hoisted, and the target of its symlink.
fn hoisted<'a>(
    link: &'a TopLink,
    root: &Path,
    modules_dir: &Path,
    to_virtual_store: &str,
    is_there: impl Fn(&str) -> bool,
) -> Option<(&'a str, String)> {
    match link {
        TopLink::Slot { link, .. } => {
            is_there(&link.directory).then(|| (link.alias.as_str(), link.target(to_virtual_store)))
        }
        TopLink::Directory { alias, to } => {
            Some((alias.as_str(), to_directory(alias, modules_dir, &root.join(to))))
        }
    }
}

/// Whether a hoisted name can have this place: what somebody else put there comes first, as pnpm has it.
fn is_ours_or_free(at: &Path, old_names: &HashSet<&str>, link: &TopLink) -> bool {
    match fs::read_link(at) {
        Ok(to) => old_names.contains(link.alias()) || leads_to_a_slot(&to),
        Err(error) => error.kind() == ErrorKind::NotFound,
    }
}

fn leads_to_a_slot(target: &Path) -> bool {
    target.components().any(|part| part.as_os_str() == ".pnpm")
}

/// The target of a symlink at `modules_dir/<alias>` that leads to a directory.
fn to_directory(alias: &PackageName, modules_dir: &Path, directory: &Path) -> String {
    let at = modules_dir.join(alias.as_str());
    relative(at.parent().unwrap_or(modules_dir), directory).display().to_string()
}

/// From the `node_modules` of a project to the virtual store.
fn to_virtual_store(importer: &str) -> String {
    if importer == "." {
        return ".pnpm/".into();
    }
    format!("{}node_modules/.pnpm/", "../".repeat(Path::new(importer).components().count() + 1))
}

/// Makes a directory of symlinks what it should be. Of those that are not wanted the ones that an install made go; one that
/// someone put there (`npm link`) stays.
fn make(
    dir: &Path,
    wanted: BTreeMap<&str, String>,
    is_ours: impl Fn(&str) -> bool,
) -> Result<(), InstallError> {
    for (name, at) in symlinks(dir)? {
        let is_slot = || fs::read_link(&at).is_ok_and(|to| leads_to_a_slot(&to));
        if !wanted.contains_key(name.as_str()) && (is_ours(&name) || is_slot()) {
            fs::remove_file(&at).map_err(InstallError::write(&at))?;
        }
    }
    for (name, target) in wanted {
        let at = dir.join(name);
        match fs::read_link(&at) {
            Ok(old) if old == Path::new(&target) => continue,
            Ok(_) => fs::remove_file(&at).map_err(InstallError::write(&at))?,
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(_) => return Err(InstallError::Occupied { path: at }),
        }
        make_symlink(&target, &at).map_err(InstallError::write(&at))?;
    }
    Ok(())
}

/// The symlinks in a directory and in the directories of its scopes, by name.
fn symlinks(dir: &Path) -> Result<Vec<(String, PathBuf)>, InstallError> {
    let mut found = Vec::new();
    let mut look = |dir: &Path, prefix: &str| -> Result<Vec<PathBuf>, InstallError> {
        let entries = match fs::read_dir(dir) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(InstallError::write(dir))?,
        };
        let mut scopes = Vec::new();
        for entry in entries {
            let entry = entry.map_err(InstallError::write(dir))?;
            let kind = entry.file_type().map_err(InstallError::write(dir))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if kind.is_symlink() {
                found.push((format!("{prefix}{name}"), entry.path()));
            } else if kind.is_dir() && name.starts_with('@') {
                scopes.push(entry.path());
            }
        }
        Ok(scopes)
    };
    for scope in look(dir, "")? {
        let name = scope.file_name().unwrap_or_default().to_string_lossy().into_owned();
        look(&scope, &format!("{name}/"))?;
    }
    Ok(found)
}
