//! `version`: which Node there is.

use nodejs_semver::Version;
use std::path::Path;
use std::process::{Command, Stdio};

/// The version of the Node that a project would run: of the `node` in the path, as seen from the project, because some tools
/// choose one for each directory. `None` if there is none, or it does not say. pnpm itself runs on Node, and so it always
/// knows one; where there is none, nothing can be said against a package.
pub(super) fn version(project: &Path) -> Option<Version> {
    let node =
        Command::new("node").arg("--version").current_dir(project).stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8(node.stdout).ok()?;
    Version::parse(text.trim().trim_start_matches('v')).ok()
}
