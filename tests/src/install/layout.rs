//! `Layout`: what besides the lockfile decides how a project is laid out.

use super::import::ImportMethod;
use super::pattern::Patterns;
use super::setting::SettingsError;
use super::settings::Settings;
use super::{InstallError, node};
use crate::lockfile::Lockfile;
use crate::package::{Machine, PackageName, Platform};
use std::collections::BTreeMap;
use std::path::Path;

/// What besides the lockfile decides how a project is laid out: the machine, pnpm's settings, and the names of projects.
#[derive(Debug)]
pub(super) struct Layout {
    /// What packages are installed for.
    pub(super) machine: Machine,
    /// Whether a needed package that is not for the machine is an error, and no warning.
    pub(super) is_strict: bool,
    /// Which names are hoisted.
    pub(super) hoist: Hoist,
    /// The projects in the order in which pnpm installs them, which decides between versions that are hoisted.
    pub(super) importers: Vec<String>,
    /// The projects whose names are hoisted, by their directory below the root.
    pub(super) projects: BTreeMap<String, PackageName>,
    /// Whether what the root has too is left out of the other projects.
    pub(super) dedupe_direct: bool,
    /// How commands are linked.
    pub(super) commands: CommandLinks,
    /// How files come from the store.
    pub(super) import: ImportMethod,
}

/// Which names are hoisted.
#[derive(Debug)]
pub(super) struct Hoist {
    /// Into `node_modules/.pnpm/node_modules`.
    pub(super) private: Patterns,
    /// Into the root's `node_modules`, which comes first.
    pub(super) public: Patterns,
}

/// How commands are linked.
#[derive(Clone, Copy, Debug)]
pub(super) struct CommandLinks {
    /// By symlinks, and not by scripts.
    pub(super) are_symlinks: bool,
    /// Whether a script finds what is hoisted.
    pub(super) find_hoisted: bool,
}

impl Layout {
    /// Reads the settings of a project, and what else there is to know for this lockfile.
    pub(super) fn load(project: &Path, lockfile: &Lockfile) -> Result<Self, InstallError> {
        let settings = Settings::load(project)?;
        let mut layout = Layout::of(&settings)?;
        layout.importers = order(project, lockfile);
        for importer in layout.importers.iter().filter(|importer| *importer != ".") {
            let project = project.join(importer);
            Settings::of_project(&project)?.check(&project, false)?;
        }
        if settings.flag("hoist-workspace-packages", true)? {
            layout.projects = names(project, lockfile);
        }
        if layout.machine.node.is_none()
            && lockfile.packages.values().any(|package| package.engines.contains_key("node"))
        {
            layout.machine.node = node::version(project);
        }
        Ok(layout)
    }

    /// Whether the settings of a project can be followed. `resolving`: there is no lockfile.
    pub(super) fn check(project: &Path, resolving: bool) -> Result<(), InstallError> {
        let settings = Settings::load(project)?;
        settings.check(project, resolving)?;
        settings.flag("hoist-workspace-packages", true)?;
        Layout::of(&settings)?;
        Ok(())
    }

    /// What the settings alone say.
    fn of(settings: &Settings) -> Result<Self, SettingsError> {
        let private = if settings.flag("hoist", true)? {
            settings.list("hoist-pattern")?.unwrap_or_else(|| vec!["*".to_owned()])
        } else {
            Vec::new()
        };
        let is_shameful = settings.optional_flag("shamefully-hoist")?;
        let is_shameful = is_shameful.or(settings.optional_flag("shamefully-flatten")?.filter(|is| *is));
        let public = match is_shameful {
            Some(true) => vec!["*".to_owned()],
            Some(false) => Vec::new(),
            None => settings.list("public-hoist-pattern")?.unwrap_or_default(),
        };
        let [private, public] = [private, public].map(|list| Patterns::new(list.iter().map(String::as_str)));
        Ok(Layout {
            machine: machine(settings)?,
            is_strict: settings.flag("engine-strict", false)?,
            importers: Vec::new(),
            projects: BTreeMap::new(),
            dedupe_direct: settings.flag("dedupe-direct-deps", false)?,
            commands: CommandLinks {
                are_symlinks: settings.flag("prefer-symlinked-executables", false)?,
                find_hoisted: settings.flag("extend-node-path", true)? && !private.is_empty(),
            },
            import: settings.import_method()?,
            hoist: Hoist { private, public },
        })
    }
}

/// This machine, or those that `supportedArchitectures` names.
fn machine(settings: &Settings) -> Result<Machine, SettingsError> {
    let mut machine = Machine::from(Platform::current());
    let named = |part: &str, current: &[String]| -> Result<Option<Vec<String>>, SettingsError> {
        let Some(named) = settings.part("supported-architectures", part)? else { return Ok(None) };
        let expand = |name: String| if name == "current" { current.to_vec() } else { vec![name] };
        Ok(Some(named.into_iter().flat_map(expand).collect()))
    };
    if let Some(os) = named("os", &machine.os)? {
        machine.os = os;
    }
    if let Some(cpu) = named("cpu", &machine.cpu)? {
        machine.cpu = cpu;
    }
    // Where there is one C library only, pnpm does not ask for it.
    if let Some(current) = &machine.libc
        && let Some(libc) = named("libc", current)?
    {
        machine.libc = Some(libc);
    }
    machine.node = match settings.version("node-version")? {
        Some(version) => Some(version),
        None => settings.version("use-node-version")?,
    };
    Ok(machine)
}

/// pnpm looks for an `.npmrc` in each project, in the order of their names, and goes on with each when it has read it: those that have
/// none come first.
fn order(root: &Path, lockfile: &Lockfile) -> Vec<String> {
    let has_settings = |importer: &&String| root.join(importer).join(".npmrc").exists();
    let (with, without): (Vec<_>, Vec<_>) = lockfile.importers.keys().partition(has_settings);
    without.into_iter().chain(with).cloned().collect()
}

/// The names of the projects, but for the root's.
fn names(root: &Path, lockfile: &Lockfile) -> BTreeMap<String, PackageName> {
    let importers = lockfile.importers.keys().filter(|importer| *importer != ".");
    let name = |importer: &String| {
        let text = std::fs::read(root.join(importer).join("package.json")).ok()?;
        let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&text);
        let manifest: serde_json::Value = serde_json::from_slice(text).ok()?;
        Some((importer.clone(), manifest["name"].as_str()?.parse().ok()?))
    };
    importers.filter_map(name).collect()
}
