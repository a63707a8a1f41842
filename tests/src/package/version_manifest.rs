//! `VersionManifest`: what a registry says of one version of a package.

use super::PackageName;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use url::Url;

/// What a registry says of one version: the fields of its `package.json` that an installer needs, and where its tarball is.
/// See <https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md>.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VersionManifest {
    /// The package.
    pub name: PackageName,
    /// The version.
    pub version: String,
    /// Alias to specifier (`^1.2.3`, `npm:other@1`, a tag).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dependencies: BTreeMap<String, String>,
    /// As `dependencies`; they may fail. npm's registry repeats them in `dependencies`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub optional_dependencies: BTreeMap<String, String>,
    /// Name to the range that whoever depends on this is to provide.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub peer_dependencies: BTreeMap<String, String>,
    /// Which of the peers are optional.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub peer_dependencies_meta: BTreeMap<String, PeerMeta>,
    /// Its commands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bin: Option<Bin>,
    /// Where its files are, by their kind: those of `bin` are its commands if it names no others. Old packages have all
    /// kinds of shapes here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub directories: Option<serde_json::Value>,
    /// The Node versions it is for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub engines: BTreeMap<String, String>,
    /// The operating systems it is for, `!` for not.
    #[serde(default, skip_serializing_if = "OneOrMany::is_empty")]
    pub os: OneOrMany,
    /// The processors it is for.
    #[serde(default, skip_serializing_if = "OneOrMany::is_empty")]
    pub cpu: OneOrMany,
    /// The C libraries it is for.
    #[serde(default, skip_serializing_if = "OneOrMany::is_empty")]
    pub libc: OneOrMany,
    /// Why it should not be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<serde_json::Value>,
    /// Whether it has a script that runs at its installation. None is ever run here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_install_script: Option<bool>,
    /// Its tarball.
    pub dist: Dist,
}

/// Where the tarball is, and what it must hash to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Dist {
    /// Where it is.
    pub tarball: Url,
    /// `sha512-..` in base 64; very old versions have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub integrity: Option<String>,
    /// The number of its files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_count: Option<u64>,
    /// The bytes of its files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unpacked_size: Option<u64>,
}

/// Whether a peer is optional.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerMeta {
    /// Whether it is.
    #[serde(default)]
    pub optional: bool,
}

/// The commands of a package: one of its own name, or several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Bin {
    /// The file of the command that has the package's (bare) name.
    One(String),
    /// Commands and their files.
    Many(BTreeMap<String, String>),
}

impl Bin {
    /// The commands and their files.
    pub fn commands(&self, name: &PackageName) -> BTreeMap<String, String> {
        match self {
            Bin::One(file) => BTreeMap::from([(name.bare().to_owned(), file.clone())]),
            Bin::Many(commands) => commands.clone(),
        }
    }
}

/// A list that may be written as its only element.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum OneOrMany {
    /// One.
    One(String),
    /// Any number.
    Many(Vec<String>),
}

impl OneOrMany {
    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.as_slice().is_empty()
    }

    /// The elements.
    pub fn as_slice(&self) -> &[String] {
        match self {
            OneOrMany::One(one) => std::slice::from_ref(one),
            OneOrMany::Many(many) => many,
        }
    }
}

impl Default for OneOrMany {
    fn default() -> Self {
        OneOrMany::Many(Vec::new())
    }
}
