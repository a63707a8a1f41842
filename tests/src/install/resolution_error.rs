//! `ResolutionError`: why there is no lockfile.

use crate::net::FetchError;
use crate::package::ManifestError;
use crate::resolution_server::AskError;
use crate::resolver::ResolveError;
use std::path::PathBuf;

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
    /// The lockfile was resolved with other overrides than the settings have.
    #[error(
        "the `overrides` in {} are not those of the settings: run `pnpm install --lockfile-only`, and install what it locked",
        lockfile.display()
    )]
    Overrides {
        /// The lockfile.
        lockfile: PathBuf,
    },
}
