//! How an install gets its lockfile.

use super::downloads::{Downloads, Wanted};
use super::overrides::{self, Overrides};
use super::paths::relative;
use super::progress::Progress;
use super::resolution_error::ResolutionError;
use super::settings::Settings;
use super::{InstallError, Options};
use crate::lockfile::{DirectDependency, Importer, Lockfile, LockfileError, LockfileFault};
use crate::package::{ProjectManifest, Section};
use crate::resolution_server::ResolutionClient;
use crate::resolver::{ResolvedPackage, resolve as resolve_directly};
use crate::store::StoreError;
use concurrency_probe::Scope;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What says which packages are installed.
#[derive(Clone, Debug)]
pub enum Source {
    /// This lockfile.
    Lockfile(PathBuf),
    /// The `package.json` of the project, resolved anew by the packuments of the registry. The lockfile is written to this
    /// file.
    Registry(PathBuf),
    /// The same, by a server that does it.
    Server(Box<ResolutionClient>, PathBuf),
}

impl Source {
    /// The lockfile.
    pub fn path(&self) -> &Path {
        match self {
            Source::Lockfile(path) | Source::Registry(path) | Source::Server(_, path) => path,
        }
    }
}

/// What an install begins with.
pub(super) enum Input {
    /// All of it.
    Lockfile(Arc<Lockfile>),
    /// What is to be resolved.
    Manifest(ProjectManifest),
}

/// Reads what an install begins with, and refuses what cannot be installed. It makes nothing.
pub(super) fn read(options: &Options) -> Result<Input, InstallError> {
    let manifest = options.project.join("package.json");
    if let Source::Lockfile(path) = &options.source {
        let mut lockfile = Lockfile::read(path)?;
        if lockfile.settings.as_ref().is_some_and(|settings| settings.exclude_links_from_lockfile) {
            add_links(&mut lockfile, &options.project)?;
        }
        if manifest.exists() {
            is_current(&lockfile, path, &options.project)?;
        }
        return Ok(Input::Lockfile(Arc::new(lockfile)));
    }
    // Without a list of projects it is a file of settings.
    if Settings::load(&options.project)?.has("packages") {
        let workspace = options.project.join("pnpm-workspace.yaml");
        return Err(ResolutionError::Workspace { workspace }.into());
    }
    let path = options.source.path();
    if path.is_dir() {
        let fault = LockfileFault::Write(std::io::ErrorKind::IsADirectory.into());
        return Err(LockfileError { path: path.into(), line: None, fault }.into());
    }
    Ok(Input::Manifest(ProjectManifest::read(&manifest).map_err(ResolutionError::from)?))
}

/// Finds out which packages to install. While a project is resolved, its packages are downloaded as they become known.
pub(super) async fn resolve(
    install: &Scope,
    options: &Options,
    input: Input,
    downloads: &Downloads,
    progress: &Progress,
) -> Result<Arc<Lockfile>, InstallError> {
    let manifest = match input {
        Input::Lockfile(lockfile) => return Ok(lockfile),
        Input::Manifest(manifest) => manifest,
    };
    let prefetched = install.batch("prefetch");
    let mut failed: Option<StoreError> = None;
    let prefetch = |resolved: ResolvedPackage| {
        progress.resolved();
        let ResolvedPackage { id, tarball, integrity, .. } = resolved;
        let wanted = Wanted { package: id, integrity, tarball };
        if let Err(error) = downloads.start(&prefetched, &wanted) {
            failed.get_or_insert(error);
        }
    };
    let lockfile = if let Source::Server(server, _) = &options.source {
        server.resolve(&manifest, prefetch).await.map_err(ResolutionError::from)?
    } else {
        resolve_directly(&options.registry, &manifest, prefetch).await.map_err(ResolutionError::from)?
    };
    if let Some(error) = failed {
        return Err(error.into());
    }
    Ok(Arc::new(lockfile))
}

/// Adds the links of all projects, which this lockfile leaves out: they are in the `package.json`, and lead where that says.
fn add_links(lockfile: &mut Lockfile, root: &Path) -> Result<(), ResolutionError> {
    for (dir, importer) in &mut lockfile.importers {
        let project = root.join(dir);
        let path = project.join("package.json");
        if !path.exists() {
            continue;
        }
        let manifest = ProjectManifest::read(&path)?;
        for wanted in manifest.wanted() {
            let Some(to) = wanted.specifier.strip_prefix("link:") else { continue };
            let absolute = project.canonicalize().unwrap_or_else(|_| project.clone());
            let to = relative(&absolute, &absolute.join(to));
            let link = DirectDependency {
                specifier: wanted.specifier.to_owned(),
                version: format!("link:{}", to.display()),
            };
            let section = match wanted.section {
                Section::Dependencies => &mut importer.dependencies,
                Section::Dev => &mut importer.dev_dependencies,
                Section::Optional => &mut importer.optional_dependencies,
            };
            section.insert(wanted.alias.to_owned(), link);
        }
    }
    Ok(())
}

/// Keeps the lockfile of a project that was resolved.
pub(super) fn write(options: &Options, lockfile: &Lockfile) -> Result<(), LockfileError> {
    match &options.source {
        Source::Lockfile(_) => Ok(()),
        Source::Registry(path) | Source::Server(_, path) => lockfile.write(path),
    }
}

/// Whether a lockfile is of this `package.json`, with these settings.
fn is_current(lockfile: &Lockfile, path: &Path, project: &Path) -> Result<(), InstallError> {
    let manifest_path = project.join("package.json");
    let mut manifest = ProjectManifest::read(&manifest_path).map_err(ResolutionError::from)?;
    if lockfile.settings.as_ref().is_some_and(|settings| !settings.auto_install_peers) {
        manifest.peer_dependencies.clear();
    }
    let set = Settings::load(project)?.overrides()?;
    let is_locked = |set| overrides::resolved(set, &manifest).is_none_or(|set| set == lockfile.overrides);
    if !set.iter().any(is_locked) {
        return Err(ResolutionError::Overrides { lockfile: path.to_owned() }.into());
    }
    let overrides = Overrides::new(&lockfile.overrides, manifest.name.as_deref());
    let locked: BTreeMap<&str, &str> = lockfile
        .importers
        .get(".")
        .into_iter()
        .flat_map(Importer::all)
        .map(|(alias, locked)| (alias.as_str(), locked.specifier.as_str()))
        .collect();
    let wanted = manifest.wanted();
    let is_locked = |alias: &str, specifier: &str| {
        let locked = locked.get(alias).copied();
        // An optional one that could not be resolved is not in the lockfile.
        let is_left_out = locked.is_none() && manifest.optional_dependencies.contains_key(alias);
        is_left_out || overrides.lead_to(alias, specifier, locked)
    };
    let missing = wanted.iter().find(|wanted| !is_locked(wanted.alias, wanted.specifier));
    let extra = locked.keys().find(|alias| !wanted.iter().any(|wanted| wanted.alias == **alias));
    let change = missing
        .map(|wanted| format!("`{}` {}", wanted.alias, wanted.specifier))
        .or_else(|| extra.map(|alias| format!("no `{alias}`")));
    match change {
        Some(wanted) => {
            Err(ResolutionError::Outdated { lockfile: path.to_owned(), manifest: manifest_path, wanted }
                .into())
        }
        None => Ok(()),
    }
}
