//! `TopLink`: a name in a project's `node_modules`.

use super::paths::clean;
use super::slot::SlotLink;
use crate::package::PackageName;
use std::path::{Path, PathBuf};

/// A name in a project's `node_modules`.
#[derive(Debug)]
pub(super) enum TopLink {
    /// A package, and whether it has commands.
    Slot { link: SlotLink, has_bin: bool },
    /// Another directory of the machine, relative to the project.
    Directory { alias: PackageName, to: PathBuf },
}

impl TopLink {
    /// Where it leads to from a project: below the root, or as a path that leads out of it.
    pub(super) fn leads_to(&self, importer: &str) -> PathBuf {
        match self {
            TopLink::Slot { link, .. } => {
                Path::new(&link.directory).join("node_modules").join(link.name.as_str())
            }
            TopLink::Directory { to, .. } => clean(&Path::new(importer).join(to)),
        }
    }

    /// The name.
    pub(super) fn alias(&self) -> &str {
        match self {
            TopLink::Slot { link, .. } => link.alias.as_str(),
            TopLink::Directory { alias, .. } => alias.as_str(),
        }
    }
}
