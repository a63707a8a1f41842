//! `Lockfile`: what is in a `pnpm-lock.yaml`.

use crate::package::{OneOrMany, PeerMeta};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A `pnpm-lock.yaml` of version 9, as pnpm writes it (<https://pnpm.io/lockfile-format>). Also what a resolution server
/// answers with, as JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Lockfile {
    /// `9.0`.
    pub lockfile_version: String,
    /// How it was resolved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<Settings>,
    /// pnpm's `overrides` that it was resolved with, `$name` replaced by what that stands for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub overrides: BTreeMap<String, String>,
    /// The projects, by their directory: `.` for the root.
    #[serde(default)]
    pub importers: BTreeMap<String, Importer>,
    /// `name@version` to what is known of it anywhere.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub packages: BTreeMap<String, LockedPackage>,
    /// `name@version(peers)` to what it is linked to.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub snapshots: BTreeMap<String, Snapshot>,
}

/// How a lockfile was resolved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// pnpm's `auto-install-peers`.
    #[serde(default)]
    pub auto_install_peers: bool,
    /// pnpm's `exclude-links-from-lockfile`.
    #[serde(default)]
    pub exclude_links_from_lockfile: bool,
}

/// A project's direct dependencies, by alias.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Importer {
    /// What it needs.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dependencies: BTreeMap<String, DirectDependency>,
    /// What it needs to be worked on.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dev_dependencies: BTreeMap<String, DirectDependency>,
    /// What it can do without.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub optional_dependencies: BTreeMap<String, DirectDependency>,
}

impl Importer {
    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = (&String, &DirectDependency)> {
        self.dependencies.iter().chain(&self.dev_dependencies).chain(&self.optional_dependencies)
    }
}

/// What a project asked for, and what it got.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectDependency {
    /// As in its `package.json`.
    pub specifier: String,
    /// `1.2.3(peers)`, `other@1.2.3(peers)` under an alias, or `link:../dir`.
    pub version: String,
}

/// What is known of a package in one version.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LockedPackage {
    /// Where it is from.
    #[serde(default)]
    pub resolution: Resolution,
    /// The Node versions it is for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub engines: BTreeMap<String, String>,
    /// The processors it is for.
    #[serde(default, skip_serializing_if = "OneOrMany::is_empty")]
    pub cpu: OneOrMany,
    /// The operating systems it is for.
    #[serde(default, skip_serializing_if = "OneOrMany::is_empty")]
    pub os: OneOrMany,
    /// The C libraries it is for.
    #[serde(default, skip_serializing_if = "OneOrMany::is_empty")]
    pub libc: OneOrMany,
    /// Why it should not be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<serde_json::Value>,
    /// Whether it has commands.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_bin: bool,
    /// The ranges of its peers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub peer_dependencies: BTreeMap<String, String>,
    /// Which of them are optional.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub peer_dependencies_meta: BTreeMap<String, PeerMeta>,
    /// The dependencies that are in the tarball: their names, or `true` for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bundled_dependencies: Option<serde_json::Value>,
}

/// Where a package is from. Only a registry is supported: another kind has other keys, and no `integrity`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolution {
    /// `sha512-..` in base 64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub integrity: Option<String>,
    /// Where the tarball is, where it is not in the usual place of the registry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tarball: Option<String>,
    /// The kind, where it is not a registry's: `git`, `directory`, ..
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
}

/// What a package in one version, with its peers, is linked to: alias to `1.2.3(peers)` or `other@1.2.3(peers)`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    /// What it needs.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dependencies: BTreeMap<String, String>,
    /// What it can do without.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub optional_dependencies: BTreeMap<String, String>,
    /// Peers of what is below it that it does not provide itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transitive_peer_dependencies: Vec<String>,
    /// Whether only optional dependencies lead to it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
}
