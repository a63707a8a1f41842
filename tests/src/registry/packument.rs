//! `Packument`: what a registry says of a package.

use crate::package::PackageName;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// What a registry says of a package: all of its versions. Each version is kept as it came, because a resolver looks at one
/// of many, and old ones are full of surprises.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Packument {
    /// The package.
    pub name: PackageName,
    /// Names for versions: `latest` and others.
    #[serde(rename = "dist-tags", default)]
    pub dist_tags: BTreeMap<String, String>,
    /// The versions, each a [`VersionManifest`](crate::package::VersionManifest).
    #[serde(default)]
    pub versions: BTreeMap<String, Box<RawValue>>,
}
