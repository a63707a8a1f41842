//! How an install gets its lockfile.

use super::downloads::{Downloads, Wanted};
use super::modules::ModulesDir;
use super::plan::Plan;
use super::progress::Progress;
use super::{InstallError, Options};
use crate::lockfile::{Importer, Lockfile, LockfileError, LockfileFault};
use crate::net::FetchError;
use crate::package::{ManifestError, ProjectManifest};
use crate::resolution_server::{AskError, ResolutionClient};
use crate::resolver::{ResolveError, ResolvedPackage, resolve as resolve_directly};
use crate::store::StoreError;
use concurrency_probe::Scope;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

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

/// Why there is no lockfile.
#[derive(Debug, thiserror::Error)]
pub enum ResolutionError {
    /// The project's `package.json` cannot be read.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A dependency cannot be resolved.
    #[error(transparent)]
    Resolve(#[from] ResolveError<FetchError>),
    /// The server has not resolved the project.
    #[error(transparent)]
    Ask(#[from] AskError),
    /// The project is one of several.
    #[error(
        "{} is that of several projects, which only pnpm resolves: run `pnpm install --lockfile-only` there, and install \
         what it locked",
        workspace.display()
    )]
    Workspace {
        /// The file that says so.
        workspace: PathBuf,
    },
    /// The lockfile is of another `package.json`.
    #[error(
        "{} is out of date: {} asks for {wanted}; make it anew (`--fresh`), or undo the change",
        lockfile.display(),
        manifest.display()
    )]
    Outdated {
        /// The lockfile.
        lockfile: PathBuf,
        /// The `package.json`.
        manifest: PathBuf,
        /// What is not in the lockfile.
        wanted: String,
    },
}

/// What an install begins with.
pub(super) enum Input {
    /// All of it.
    Lockfile(Lockfile),
    /// What is to be resolved.
    Manifest(ProjectManifest),
}

/// Reads what an install begins with, and refuses what cannot be installed. It makes nothing.
pub(super) fn read(options: &Options) -> Result<Input, InstallError> {
    let manifest = options.project.join("package.json");
    if let Source::Lockfile(path) = &options.source {
        let lockfile = Lockfile::read(path)?;
        if manifest.exists() {
            is_current(&lockfile, path, &manifest)?;
        }
        ModulesDir::check_plan(&options.project, &Plan::new(&lockfile, path)?)?;
        return Ok(Input::Lockfile(lockfile));
    }
    let workspace = options.project.join("pnpm-workspace.yaml");
    if workspace.exists() {
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
) -> Result<Lockfile, InstallError> {
    let manifest = match input {
        Input::Lockfile(lockfile) => return Ok(lockfile),
        Input::Manifest(manifest) => manifest,
    };
    let mut failed: Option<StoreError> = None;
    let prefetch = |resolved: ResolvedPackage| {
        progress.resolved();
        let ResolvedPackage { id, tarball, integrity, .. } = resolved;
        let wanted = Wanted { package: id, integrity, tarball };
        if let Err(error) = downloads.start(install, &wanted) {
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
    ModulesDir::check_plan(&options.project, &Plan::new(&lockfile, options.source.path())?)?;
    Ok(lockfile)
}

/// Keeps the lockfile of a project that was resolved.
pub(super) fn write(options: &Options, lockfile: &Lockfile) -> Result<(), LockfileError> {
    match &options.source {
        Source::Lockfile(_) => Ok(()),
        Source::Registry(path) | Source::Server(_, path) => lockfile.write(path),
    }
}

/// Whether a lockfile is of this `package.json`.
fn is_current(lockfile: &Lockfile, path: &Path, manifest: &Path) -> Result<(), ResolutionError> {
    let manifest_path = manifest;
    let manifest = ProjectManifest::read(manifest_path)?;
    let wanted: BTreeMap<&str, &str> =
        manifest.wanted().iter().map(|wanted| (wanted.alias, wanted.specifier)).collect();
    let locked: BTreeMap<&str, &str> = lockfile
        .importers
        .get(".")
        .into_iter()
        .flat_map(Importer::all)
        .map(|(alias, locked)| (alias.as_str(), locked.specifier.as_str()))
        .collect();
    // An optional one that could not be resolved is not in the lockfile.
    let is_left_out =
        |alias: &str| !locked.contains_key(alias) && manifest.optional_dependencies.contains_key(alias);
    let missing =
        wanted.iter().find(|(alias, specifier)| locked.get(*alias) != Some(specifier) && !is_left_out(alias));
    let extra = locked.keys().find(|alias| !wanted.contains_key(*alias));
    let change = missing
        .map(|(alias, specifier)| format!("`{alias}` {specifier}"))
        .or_else(|| extra.map(|alias| format!("no `{alias}`")));
    if let Some(wanted) = change {
        let (lockfile, manifest) = (path.to_owned(), manifest_path.to_owned());
        return Err(ResolutionError::Outdated { lockfile, manifest, wanted });
    }
    Ok(())
}
