//! `Slot`: a package's place in the virtual store.

use crate::package::{PackageId, PackageName};
use std::path::{Path, PathBuf};
use url::Url;

/// A package's place in the virtual store: `node_modules/.pnpm/<directory>/node_modules/<name>`, with symlinks to its
/// dependencies beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// The package.
    pub package: PackageId,
    /// The integrity of its tarball.
    pub integrity: String,
    /// Where its tarball is, if that is not the usual place.
    pub tarball: Option<Url>,
    /// Its directory in the virtual store.
    pub directory: String,
    /// Its dependencies.
    pub links: Vec<SlotLink>,
    /// Projects that are its peers: the name it finds each by, and the directory below the root's.
    pub projects: Vec<(PackageName, String)>,
    /// Whether the install may go on without it.
    pub optional: bool,
    /// Whether it has commands.
    pub has_bin: bool,
    /// Whether packages that it needs are in its tarball.
    pub has_bundled: bool,
}

impl Slot {
    /// Where its package is, below its directory.
    pub(super) fn package_dir(&self) -> PathBuf {
        Path::new("node_modules").join(self.package.name.as_str())
    }

    /// Where the symlink to a dependency is, below the slot's directory, and its target. One that has the package's own
    /// name is inside of the package, because its place is taken; pnpm does the same.
    pub(super) fn symlink(&self, link: &SlotLink) -> (PathBuf, String) {
        if link.alias != self.package.name {
            return (Path::new("node_modules").join(link.alias.as_str()), link.target("../../"));
        }
        let modules = self.package_dir().join("node_modules");
        let up = "../".repeat(modules.components().count() + 1);
        (modules.join(link.alias.as_str()), link.target(&up))
    }
}

/// A dependency of a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotLink {
    /// The name it is required by.
    pub alias: PackageName,
    /// Its directory in the virtual store.
    pub directory: String,
    /// Its name.
    pub name: PackageName,
}

impl SlotLink {
    /// The target of a symlink at `node_modules/<alias>`, where `up` leads from that `node_modules` to the virtual store.
    pub(super) fn target(&self, up: &str) -> String {
        // A scope is a directory more.
        let up = if self.alias.scope().is_some() { format!("../{up}") } else { up.to_owned() };
        format!("{up}{}/node_modules/{}", self.directory, self.name)
    }
}
